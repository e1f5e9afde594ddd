//! Pulls through the gate, as clients see them.

use plimsoll_core::Severity;
use plimsoll_store::{ArtifactId, Configure, ManifestReference, NamespaceId, Pull, Read};

use super::clients::run;
use super::*;
use crate::gate::Gate;
use crate::gate::tests::{options, scan, summary};
use crate::oci::registry::now;

/// A registry whose namespace `team` has a policy.
struct Guarded {
    registry: TestRegistry,
    gate: Arc<Gate>,
    namespace: NamespaceId,
}

impl Guarded {
    async fn start(policy: &str, refusal: RefusalForm) -> Guarded {
        let mut gate = None;
        let registry = TestRegistry::start_with(|registry| {
            let new = Arc::new(Gate::new(registry.store.clone(), options(), None));
            new.database_changed(Some(now()));
            gate = Some(Arc::clone(&new));
            registry.guarded_by(new)
        })
        .await;
        let store = &registry.registry.store;
        let name = NamespaceName::parse("team").unwrap();
        let access = store.authoriser().system_in::<Read>(&name).await.unwrap();
        let mut settings = store.namespace(&access).await.unwrap().settings;
        settings.policy = Some(policy.to_owned());
        settings.refusal = refusal;
        let namespace = access.namespace();
        let access = store.authoriser().system::<Configure>().within(namespace);
        store.change_namespace(&access, &settings).await.unwrap();
        Guarded { gate: gate.unwrap(), namespace, registry }
    }

    /// Scans what a tag points at.
    async fn found(&self, repository: &str, reference: &str, findings: &[(&str, Severity)]) {
        let store = &self.registry.registry.store;
        let repository = plimsoll_store::RepositoryName::parse(repository).unwrap();
        let reference = match reference.parse() {
            Ok(digest) => ManifestReference::Digest(digest),
            Err(_) => ManifestReference::Tag(plimsoll_store::TagName::parse(reference).unwrap()),
        };
        let access = store.authoriser().system::<Pull>().within(self.namespace);
        let artifact: ArtifactId = store.artifact(&access, &repository, &reference).await.unwrap().id;
        scan(store, &self.gate, self.namespace, (artifact, &summary(findings)), now()).await;
    }

    /// A bearer token for these actions on `team/app`.
    async fn token(&self, who: &str, actions: &str) -> String {
        let line = format!("GET /v2/token?service=plimsoll&scope=repository:team/app:{actions}");
        let answer = self.registry.call(who, &line, "", "").await;
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    async fn bearer(&self, token: &str, line: &str) -> Answer {
        self.registry.call("", line, &format!("authorization: Bearer {token}"), "").await
    }
}

const HIGH: &str = r#"{"severity":"high"}"#;
const BAD: &[(&str, Severity)] = &[("CVE-2026-1", Severity::Critical)];

#[tokio::test]
async fn a_denied_image_is_refused_by_tag_and_by_digest_and_the_answer_says_why() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    let digest = t.registry.image("team/app", "v1", "layer", "").await;
    t.found("app", "v1", BAD).await;
    for reference in ["v1", &digest.to_string()] {
        let answer = t.registry.anna(&format!("GET /v2/team/app/manifests/{reference}")).await;
        answer.is(403, "DENIED");
        let error = &answer.json()["errors"][0];
        let message = error["message"].as_str().unwrap();
        for part in
            [reference, "the policy of team", "CVE-2026-1 (critical) in libfoo 1, fixed in 2", "see https://"]
        {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert_eq!(error["detail"]["digest"], digest.to_string());
        assert!(message.contains(error["detail"]["page"].as_str().unwrap()));
    }
    // Blobs are no images, and whoever has none of the manifest finds none.
    t.found("app", "v1", &[]).await;
    assert_eq!(t.registry.anna("GET /v2/team/app/manifests/v1").await.status, 200);
}

#[tokio::test]
async fn a_namespace_can_answer_as_harbor_does() {
    let t = Guarded::start(HIGH, RefusalForm::Harbor).await;
    t.registry.image("team/app", "v1", "layer", "").await;
    t.registry.anna("GET /v2/team/app/manifests/v1").await.is(412, "PROJECTPOLICYVIOLATION");
}

#[tokio::test]
async fn a_look_is_refused_to_who_pulls_and_answered_to_who_pushes() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    t.registry.image("team/app", "v1", "layer", "").await;
    t.found("app", "v1", BAD).await;
    let (pulls, pushes) = (t.token("anna", "pull").await, t.token("anna", "pull,push").await);
    let line = "HEAD /v2/team/app/manifests/v1";
    let refused = t.bearer(&pulls, line).await;
    assert_eq!((refused.status, refused.body.as_str()), (403, ""));
    assert_eq!(t.bearer(&pushes, line).await.status, 200);
    // Without a token: anna may push, ben may not.
    assert_eq!(t.registry.call("anna", line, "", "").await.status, 200);
    assert_eq!(t.registry.call("ben", line, "", "").await.status, 403);
    // The image itself is refused to both.
    for token in [&pulls, &pushes] {
        t.bearer(token, "GET /v2/team/app/manifests/v1").await.is(403, "DENIED");
    }
    // And the fix goes in under the same tag.
    t.registry.image("team/app", "v1", "mended", "").await;
    t.found("app", "v1", &[]).await;
    assert_eq!(t.bearer(&pulls, "GET /v2/team/app/manifests/v1").await.status, 200);
}

#[tokio::test]
async fn referrers_pass_and_an_image_that_says_it_is_one_does_not() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    let digest = t.registry.image("team/app", "v1", "layer", "").await;
    let subject = format!(r#","subject":{{"mediaType":"{OCI}","digest":"{digest}","size":1}}"#);
    let more = format!(r#"{subject},"artifactType":"application/vnd.in-toto+json""#);
    t.registry.image("team/app", "sly", "layer", &more).await;
    t.registry.anna("GET /v2/team/app/manifests/sly").await.is(403, "DENIED");
    let config = t.registry.blob("team/app", b"{}").await;
    let referrer = format!(
        r#"{{"mediaType":"{OCI}","config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{config}"}},"layers":[]{subject}}}"#
    );
    assert_eq!(t.registry.manifest("team/app", "sbom", referrer).await.status, 201);
    assert_eq!(t.registry.anna("GET /v2/team/app/manifests/sbom").await.status, 200);
}

#[tokio::test]
async fn a_namespace_without_a_policy_refuses_nothing() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    t.registry.image("open/app", "v1", "layer", "").await;
    assert_eq!(t.registry.anna("GET /v2/open/app/manifests/v1").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skopeo_and_curl_show_why_a_pull_is_refused() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    t.registry.image("team/app", "v1", "layer", "").await;
    t.found("app", "v1", BAD).await;
    let address = t.registry.listen().await;
    let there = format!("docker://{address}/team/app:v1");
    let arguments = ["inspect", "--raw", "--tls-verify=false", "--creds=ben:secret", &there];
    if let Some((success, text)) = run("skopeo", &arguments).await {
        assert!(!success && text.contains("CVE-2026-1 (critical) in libfoo 1"), "{text}");
    }
    let url = format!("http://{address}/v2/team/app/manifests/v1");
    if let Some((_, text)) = run("curl", &["-s", "-u", "ben:secret", &url]).await {
        assert!(
            text.contains("\"DENIED\"") && text.contains("may not be pulled by the policy of team"),
            "{text}"
        );
    }
    t.found("app", "v1", &[]).await;
    if let Some((success, text)) = run("skopeo", &arguments).await {
        assert!(success, "{text}");
    }
}

#[tokio::test]
async fn a_moved_tag_takes_its_exception_with_it() {
    let t = Guarded::start(HIGH, RefusalForm::Denied).await;
    let store = t.registry.registry.store.clone();
    let exception = plimsoll_store::NewException {
        vulnerability: "cve-2026-*",
        package: Some("libfoo"),
        repository: None,
        tags: Some("dev"),
        paths: None,
        reason: "only there",
        expires_at: None,
    };
    let access = store.authoriser().system::<Configure>().within(t.namespace);
    store.create_exception(&access, &exception, now()).await.unwrap();
    t.gate.rules_changed(t.namespace);
    let digest = t.registry.image("team/app", "dev", "layer", "").await;
    t.found("app", "dev", BAD).await;
    let line = format!("GET /v2/team/app/manifests/{digest}");
    assert_eq!(t.registry.anna(&line).await.status, 200);
    t.registry.image("team/app", "dev", "another", "").await;
    t.registry.anna(&line).await.is(403, "DENIED");
}
