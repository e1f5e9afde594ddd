//! VEX documents that are attached to an image, in a layout and in Debian's own docker-registry:
//! used where they are asked for, and never otherwise.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::registry::{copy, push, start};
use crate::sandbox::{DEBIAN, Sandbox};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn vex() -> Value {
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": "Shop",
        "statements": [{
            "vulnerability": {"name": "CVE-2023-0001"},
            "products": [{"@id": "pkg:deb/debian/libssl3"}],
            "status": "not_affected",
            "justification": "component_not_present",
        }],
    })
}

/// The document as cosign attests it of a manifest.
fn signed(subject: &str) -> Value {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://openvex.dev/ns/v0.2.0",
        "subject": [{"name": "team/app", "digest": {"sha256": subject.strip_prefix("sha256:").unwrap()}}],
        "predicate": vex(),
    });
    json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": STANDARD.encode(statement.to_string()),
        "signatures": [{"sig": "bm9uZQ=="}],
    })
}

fn put(layout: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
    std::fs::write(layout.join("blobs/sha256").join(&hex), bytes).unwrap();
    json!({"mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len()})
}

/// Puts an artifact with one document into a layout; `more` goes into its entry in the index.
fn attach(layout: &Path, manifest: &Value, document: (&str, &Value), more: &Value) {
    let (media_type, document) = document;
    let mut manifest = manifest.clone();
    manifest["schemaVersion"] = json!(2);
    manifest["mediaType"] = json!(MANIFEST);
    manifest["config"] = put(layout, "application/vnd.oci.image.config.v1+json", b"{}");
    let mut layer = put(layout, media_type, document.to_string().as_bytes());
    layer["annotations"] = json!({"predicateType": "https://openvex.dev/ns/v0.2.0"});
    manifest["layers"] = json!([layer]);
    let mut entry = put(layout, MANIFEST, manifest.to_string().as_bytes());
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let file = layout.join("index.json");
    let mut index: Value = match std::fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(_) => json!({"schemaVersion": 2, "manifests": []}),
    };
    index["manifests"].as_array_mut().unwrap().push(entry);
    std::fs::write(file, index.to_string()).unwrap();
    std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

/// Without the option nothing is different; with it a finding is suppressed.
#[track_caller]
fn check(sandbox: &Sandbox, image: &str) {
    let without = sandbox.report(0, &[image]);
    assert_eq!((&without["summary"]["suppressed"], &without["problems"]), (&json!(0), &json!([])));
    let report = sandbox.report(0, &["--vex", "oci", image]);
    assert_eq!(report["summary"]["suppressed"], 1, "{}", report["problems"]);
    let findings = report["findings"].as_array().unwrap();
    let suppressed = &findings.iter().find(|it| it["id"] == "CVE-2023-0001").unwrap()["suppressed"];
    assert!(suppressed["source"].as_str().unwrap().starts_with("oci:sha256:"), "{suppressed}");
    assert_eq!(suppressed["justification"], "component_not_present");
    assert_ne!(report["digests"]["vex"], without["digests"]["vex"]);
    assert_eq!(report["complete"], true);
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        problems[0]["what"],
        "1 VEX documents attached to the image are believed; no signature is verified"
    );
}

#[test]
fn vex_attached_in_a_layout_suppresses_where_it_is_asked_for() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let subject = sandbox.report(0, &[&image])["subject"]["digest"].clone();
    let attached_to = |digest: &str| {
        let subject = json!({"mediaType": MANIFEST, "digest": digest, "size": 1});
        json!({"artifactType": "application/vnd.openvex+json", "subject": subject})
    };
    let more = json!({"artifactType": "application/vnd.openvex+json"});
    let layout = sandbox.path("image");
    attach(&layout, &attached_to(&format!("sha256:{}", "0".repeat(64))), ("application/json", &vex()), &more);
    let none = sandbox.report(0, &["--vex", "oci", &image]);
    assert_eq!(none["summary"]["suppressed"], 0);
    assert_eq!(
        none["problems"][0]["what"],
        "no VEX document attached to the image was found that can be used"
    );
    attach(&layout, &attached_to(subject.as_str().unwrap()), ("application/json", &vex()), &more);
    check(&sandbox, &image);
}

#[test]
fn what_cosign_attests_in_a_registry_is_used_where_it_is_asked_for() {
    let sandbox = Sandbox::new().with_database();
    let Some(registry) = start(&sandbox, "") else { return };
    push(&sandbox.image("image", DEBIAN), &registry, &[]);
    let name = format!("127.0.0.1:{}/team/app:1", registry.port);
    let subject = sandbox.report(0, &[&name])["subject"]["digest"].as_str().unwrap().to_owned();
    let tag = format!("{}.att", subject.replace(':', "-"));
    let layout = sandbox.path("attestation");
    let more = json!({"annotations": {"org.opencontainers.image.ref.name": tag}});
    let envelope = "application/vnd.dsse.envelope.v1+json";
    attach(&layout, &json!({}), (envelope, &signed(&subject)), &more);
    copy(&format!("oci:{}:{tag}", layout.display()), &registry.target(&tag), &["--preserve-digests"]);
    check(&sandbox, &name);
}

#[test]
fn what_keeps_no_attachments_is_said() {
    let sandbox = Sandbox::new().with_database();
    let report = sandbox.report(0, &["--vex", "oci", "purl:pkg:deb/debian/libssl3@9.9?distro=debian-12"]);
    let problems = report["problems"].to_string();
    assert!(problems.contains("only registries and OCI layouts keep documents"), "{problems}");
}
