//! VEX that is attached to an image: in envelopes, in bundles, plain; and what is none.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::super::*;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

const VEX: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","statements":[
    {"vulnerability":{"name":"CVE-1"},"products":[{"@id":"pkg:npm/a"}],"status":"fixed"}]}"#;

fn statement(hex: &str, predicate: &str) -> String {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"x","digest":{{"sha256":"{hex}"}}}}],
            "predicateType":"https://openvex.dev/ns","predicate":{predicate}}}"#
    )
}

fn envelope(payload: &str, kind: &str) -> String {
    format!(r#"{{"payloadType":"{kind}","payload":"{payload}","signatures":[{{"sig":"eA=="}}]}}"#)
}

const STATEMENT: &str = "application/vnd.in-toto+json";

/// The statements and problems of an attachment; `none`, or why not.
#[track_caller]
fn check(document: &str, expected: &str) {
    let text = match read_attached("it", document.as_bytes(), &DIGEST.parse().expect("a digest")) {
        Ok(Some(read)) => {
            let count = read.statements.len();
            read.problems
                .iter()
                .fold(format!("{count} statements"), |text, it| format!("{text}; {}", it.what))
        }
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(text, expected);
}

#[test]
fn an_attachment_is_read_plain_in_an_envelope_or_in_a_bundle() {
    let own = statement(&DIGEST[7..], VEX);
    check(VEX, "1 statements");
    check(&own, "1 statements");
    let signed = envelope(&STANDARD.encode(&own), STATEMENT);
    check(&signed, "1 statements");
    check(&envelope(&URL_SAFE_NO_PAD.encode(&own), STATEMENT), "1 statements");
    let bundle =
        format!(r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{signed}}}"#);
    check(&bundle, "1 statements");
}

#[test]
fn an_attestation_about_another_image_is_not_used() {
    let other = statement(&"b".repeat(64), VEX);
    check(&envelope(&STANDARD.encode(&other), STATEMENT), "it is an attestation about something else");
    let nobody = format!(r#"{{"predicate":{VEX}}}"#);
    check(&nobody, "it is an attestation about something else");
}

#[test]
fn other_attachments_are_passed_over_and_broken_ones_named() {
    check(r#"{"bomFormat":"CycloneDX","components":[]}"#, "none");
    check(r#"{"spdxVersion":"SPDX-2.3"}"#, "none");
    check(&envelope(&STANDARD.encode(statement(&DIGEST[7..], "{}")), STATEMENT), "none");
    check(&envelope("%", STATEMENT), "it is an envelope whose payload is not base64");
    check(&envelope("eA==", "text/plain"), "it is an envelope around `text/plain`, not around a statement");
    check(&envelope(&STANDARD.encode("x"), STATEMENT), "it is no JSON object");
    check("[]", "it is no JSON object");
    let error = "it is no readable envelope: missing field `payload`";
    let actual = read_attached("it", br#"{"payloadType":"x"}"#, &DIGEST.parse().expect("a digest"));
    assert!(actual.is_err_and(|it| it.to_string().starts_with(error)));
}

#[test]
fn a_signed_file_is_read_and_its_signature_said_to_be_unverified() {
    let signed = envelope(&STANDARD.encode(statement(&"b".repeat(64), VEX)), STATEMENT);
    let read = read("doc", signed.as_bytes()).expect("it can be read");
    assert_eq!(read.statements.len(), 1);
    let problems: Vec<&str> = read.problems.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(problems, ["doc: it is signed, and its signatures are not verified"]);
    assert!(!read.problems.iter().any(|it| it.hides_findings));
}

#[test]
fn what_may_be_vex_is_told_by_its_label() {
    let in_toto = "application/vnd.in-toto+json";
    for (media_type, artifact_type, predicate, expected) in [
        ("application/vnd.openvex+json", None, None, true),
        ("application/json", Some("application/csaf+json"), None, true),
        ("application/vnd.cyclonedx+json; version=1.5", None, None, true),
        (in_toto, None, None, true),
        (in_toto, None, Some("https://openvex.dev/ns/v0.2.0"), true),
        (in_toto, None, Some("https://cyclonedx.org/bom"), true),
        (in_toto, None, Some("https://slsa.dev/provenance/v1"), false),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", None, None, true),
        ("application/vnd.dev.cosign.simplesigning.v1+json", None, None, false),
        ("text/spdx+json", Some("text/spdx+json"), None, false),
    ] {
        let actual = may_be_vex(media_type, artifact_type, predicate);
        assert_eq!(actual, expected, "{media_type} {artifact_type:?} {predicate:?}");
    }
}
