//! What the parsers accept, and every way in which a document disappoints them.

use plimsoll_core::Limits;

use super::*;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OCI: &str = "application/vnd.oci.image";

fn descriptor(media_type: &str) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"{DIGEST}","size":7}}"#)
}

fn manifest(config: &str, layers: &[&str]) -> String {
    let layers: Vec<String> = layers.iter().map(|it| descriptor(it)).collect();
    format!(r#"{{"schemaVersion":2,"config":{},"layers":[{}]}}"#, descriptor(config), layers.join(","))
}

/// What becomes of a document: `image`, `index of N`, `no image: …` or the error.
#[track_caller]
fn check(document: &str, expected: &str) {
    check_with(document, None, &Limits::standard(), expected);
}

#[track_caller]
fn check_with(document: &str, hint: Option<&str>, limits: &Limits, expected: &str) {
    let actual = match parse_document(document.as_bytes(), hint, limits) {
        Ok(Document::Index(index)) => format!("index of {}", index.manifests.len()),
        Ok(Document::Manifest(manifest)) => match manifest.why_no_image() {
            None => format!("image of {}", manifest.layers.len()),
            Some(why) => why,
        },
        Err(error) => format!("error: {error}"),
    };
    assert_eq!(actual, expected);
}

#[test]
fn images_of_both_families_are_images() {
    let layer = &format!("{OCI}.layer.v1.tar+gzip");
    check(&manifest(&format!("{OCI}.config.v1+json"), &[layer, layer]), "image of 2");
    check(&manifest(&format!("{OCI}.config.v1+json"), &[]), "image of 0");
    check(
        &manifest(
            "application/vnd.docker.container.image.v1+json",
            &["application/vnd.docker.image.rootfs.diff.tar.gzip"],
        ),
        "image of 1",
    );
}

#[test]
fn artifacts_say_what_they_are() {
    check(
        &manifest(
            "application/vnd.cncf.helm.config.v1+json",
            &["application/vnd.cncf.helm.chart.content.v1.tar+gzip"],
        ),
        "an artifact of type `application/vnd.cncf.helm.config.v1+json`, which is no container image",
    );
    check(
        &manifest(&format!("{OCI}.config.v1+json"), &["application/vnd.in-toto+json"]),
        "an artifact whose content is of type `application/vnd.in-toto+json`, which is no container image's layer",
    );
    check(
        r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"x/y","blobs":[]}"#,
        "an artifact of type `x/y`, which is no container image",
    );
}

#[test]
fn a_document_is_one_thing_only() {
    check(
        &format!(r#"{{"schemaVersion":2,"config":{},"manifests":[]}}"#, descriptor("x")),
        "error: the document is a manifest and an index at once; it is refused, since readers would disagree about it",
    );
    check(
        r#"{"schemaVersion":2}"#,
        "error: the manifest cannot be read: it has neither `config` and `layers` nor `manifests`",
    );
    check_with(
        r#"{"manifests":[]}"#,
        Some("application/vnd.oci.image.manifest.v1+json; charset=utf-8"),
        &Limits::standard(),
        "error: the manifest cannot be read: its media type says manifest, but it is an index",
    );
    check_with(r#"{"manifests":[]}"#, Some("application/json"), &Limits::standard(), "index of 0");
}

#[test]
fn schema_1_is_named() {
    let expected = "error: the manifest has Docker's old schema 1, which is not supported; push the image again with a current client";
    check(r#"{"schemaVersion":1,"fsLayers":[{"blobSum":"x"}]}"#, expected);
    check(r#"{"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}"#, expected);
}

#[test]
fn keys_that_readers_disagree_about_are_refused() {
    check(
        r#"{"manifests":[],"manifests":[]}"#,
        "error: the manifest cannot be read: the key `manifests` occurs twice at line 1 column 27",
    );
    check(
        r#"{"manifests":[],"Manifests":[]}"#,
        "error: the manifest cannot be read: the key `Manifests` would be read as `manifests` by some and not by others at line 1 column 27",
    );
    check(
        &format!(r#"{{"manifests":[{{"digest":"{DIGEST}","digest":"{DIGEST}","size":1}}]}}"#),
        "error: the manifest cannot be read: the key `digest` occurs twice at line 1 column 106",
    );
    check(
        &format!(
            r#"{{"manifests":[{{"digest":"{DIGEST}","size":1,"annotations":{{"Size":"x","size":"y"}}}}]}}"#
        ),
        "index of 1",
    );
}

#[test]
fn sizes_and_digests_are_believed_only_if_possible() {
    let with =
        |digest: &str, size: &str| format!(r#"{{"manifests":[{{"digest":"{digest}","size":{size}}}]}}"#);
    check(
        &with(DIGEST, "-5"),
        "error: the index cannot be read: the size of an entry of `manifests` is -5, which no blob can have",
    );
    check(
        &with(DIGEST, "18446744073709551615"),
        "error: the index cannot be read: the size of an entry of `manifests` is 18446744073709551615, which no blob can have",
    );
    check(
        &with("sha256:../../etc/passwd", "1"),
        "error: the index cannot be read: the digest `sha256:../../etc/passwd` of an entry of `manifests` is wrong: a digest ends in 64 (sha256) or 128 (sha512) lower-case hex digits",
    );
    let huge = manifest(&format!("{OCI}.config.v1+json"), &[&format!("{OCI}.layer.v1.tar")])
        .replace(r#""size":7}]"#, r#""size":9223372036854775807}]"#);
    check(&huge, "error: layer 1 claims 9223372036854775807 bytes, more than the limit of 34359738368");
}

#[test]
fn limits_are_limits() {
    let limits = Limits { manifest_bytes: 400, index_entries: 1, layers: 1, ..Limits::standard() };
    let entry = descriptor("x");
    let (two, three) = (
        format!(r#"{{"manifests":[{entry},{entry}]}}"#),
        format!(r#"{{"manifests":[{entry},{entry},{entry},{entry}]}}"#),
    );
    check_with(&two, None, &limits, "error: the document lists 2 manifests, more than the limit of 1");
    check_with(&three, None, &limits, "error: the manifest has 455 bytes, more than the limit of 400");
}

#[test]
fn what_is_not_json_is_described() {
    check("<html>", "error: the manifest is not JSON but a web page or XML");
    check("", "error: the manifest is not JSON but empty");
    check("\u{1b}[2Jhello", "error: the manifest is not JSON but text that begins `\\u{1b}[2Jhello`");
    check("{\"a\":", "error: the manifest cannot be read: EOF while parsing a value at line 1 column 5");
    let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
    check(&deep, "error: the manifest cannot be read: recursion limit exceeded at line 1 column 132");
}

#[test]
fn a_configuration_gives_platform_layers_and_instructions() {
    let config = format!(
        r##"{{"os":"linux","architecture":"arm64","variant":"v8","config":{{"Labels":{{"OS":"x","os":"y"}}}},
        "rootfs":{{"type":"layers","diff_ids":["{DIGEST}"]}},
        "history":[{{"created_by":"/bin/sh -c #(nop)  ENV A=b","empty_layer":true}},{{"created_by":"COPY a b # buildkit"}},
            {{"created_by":"CMD [\"a\"]","empty_layer":true}}]}}"##
    );
    let config = parse_config(config.as_bytes(), &Limits::standard()).unwrap();
    assert_eq!(config.platform.as_ref().unwrap().to_string(), "linux/arm64/v8");
    let settings = vec!["ENV A=b".to_owned(), "CMD [\"a\"]".to_owned()];
    let expected = Made { instruction: Some("COPY a b".to_owned()), from_base: None, settings };
    assert_eq!(made(&config), [expected]);
    let unfitting = ImageConfig { history: vec![], ..config };
    assert_eq!(made(&unfitting), [Made::default()]);
}

#[test]
fn configurations_are_refused_for_the_same_reasons() {
    let error = |text: &str| parse_config(text.as_bytes(), &Limits::standard()).unwrap_err().to_string();
    assert_eq!(error("[]"), "the configuration is not JSON but a list");
    assert_eq!(
        error(r#"{"rootfs":{"diff_ids":[]},"RootFS":{}}"#),
        "the configuration cannot be read: the key `RootFS` would be read as `rootfs` by some and not by others at line 1 column 34"
    );
    assert!(error(r#"{"rootfs":{"diff_ids":["md5:00"]}}"#).contains("the diff_id `md5:00` is wrong"));
    let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
    assert!(error(&deep).contains("recursion limit"));
}
