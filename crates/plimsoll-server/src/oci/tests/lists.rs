//! Tags, referrers and the catalogue, in pages.

use super::*;

#[tokio::test]
async fn tags_come_in_order_and_in_pages() {
    let registry = TestRegistry::start().await;
    for tag in ["b", "a", "C", "d"] {
        registry.image("team/app", tag, "layer", "").await;
    }
    let all = registry.anna("GET /v2/team/app/tags/list").await;
    assert_eq!(all.body, r#"{"name":"team/app","tags":["C","a","b","d"]}"#);
    assert_eq!(all.header("link"), "");
    let mut path = "/v2/team/app/tags/list?n=2".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = registry.anna(&format!("GET {path}")).await;
        pages.push(answer.json()["tags"].to_string());
        match answer.header("link").strip_prefix('<').and_then(|it| it.split_once(">; rel=\"next\"")) {
            Some((next, _)) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, [r#"["C","a"]"#, r#"["b","d"]"#]);
    assert_eq!(registry.anna("GET /v2/team/app/tags/list?n=0").await.json()["tags"], serde_json::json!([]));
    registry.anna("GET /v2/team/app/tags/list?n=-1").await.is(400, "PAGINATION_NUMBER_INVALID");
    registry.anna("GET /v2/team/none/tags/list").await.is(404, "NAME_UNKNOWN");
}

#[tokio::test]
async fn what_refers_to_a_manifest_is_listed_by_kind() {
    let registry = TestRegistry::start().await;
    let subject = registry.image("team/app", "v1", "layer", "").await;
    for (kind, layer) in [("sbom", "one"), ("signature", "two")] {
        let more = format!(
            r#","artifactType":"x/{kind}","annotations":{{"made":"now"}},"subject":{{"mediaType":"{OCI}","digest":"{subject}","size":1}}"#
        );
        registry.image("team/app", kind, layer, &more).await;
    }
    let all = registry.anna(&format!("GET /v2/team/app/referrers/{subject}")).await;
    assert_eq!(
        all.line(&["content-type", "oci-filters-applied"]),
        "200 application/vnd.oci.image.index.v1+json "
    );
    assert_eq!(all.json()["manifests"].as_array().unwrap().len(), 2);
    let one = registry.anna(&format!("GET /v2/team/app/referrers/{subject}?artifactType=x/sbom")).await;
    assert_eq!(one.header("oci-filters-applied"), "artifactType");
    let found = &one.json()["manifests"];
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["artifactType"], "x/sbom");
    assert_eq!(found[0]["annotations"]["made"], "now");
    let page = registry.anna(&format!("GET /v2/team/app/referrers/{subject}?n=1&artifactType=x/sbom")).await;
    assert_eq!(page.header("link"), "");
    let none = registry.anna(&format!("GET /v2/team/app/referrers/{}", sha256(b"none"))).await;
    assert_eq!((none.status, none.json()["manifests"].to_string()), (200, "[]".to_owned()));
}

#[tokio::test]
async fn a_manifest_with_a_subject_is_answered_with_it_even_if_that_is_not_there() {
    let registry = TestRegistry::start().await;
    registry.image("team/app", "v1", "layer", "").await;
    let manifest = registry.anna("GET /v2/team/app/manifests/v1").await.body;
    let subject = sha256(b"not there");
    let with = manifest.replacen('{', &format!(r#"{{"subject":{{"digest":"{subject}","size":1}},"#), 1);
    let answer = registry.manifest("team/app", "v2", with).await;
    assert_eq!(answer.line(&["oci-subject"]), format!("201 {subject}"));
}

#[tokio::test]
async fn the_catalogue_shows_everybody_what_he_may_pull() {
    let registry = TestRegistry::start().await;
    for repository in ["team/b", "team/a/x", "open/z"] {
        registry.image(repository, "v1", "layer", "").await;
    }
    let list = async |who: &str, query: &str| {
        registry.call(who, &format!("GET /v2/_catalog{query}"), "", "").await.json()["repositories"]
            .to_string()
    };
    assert_eq!(list("anna", "").await, r#"["open/z","team/a/x","team/b"]"#);
    assert_eq!(list("anna", "?n=2").await, r#"["open/z","team/a/x"]"#);
    assert_eq!(list("anna", "?n=2&last=team%2Fa%2Fx").await, r#"["team/b"]"#);
    assert_eq!(list("carl", "").await, r#"["open/z"]"#);
}
