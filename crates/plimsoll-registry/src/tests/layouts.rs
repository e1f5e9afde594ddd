//! OCI layouts in folders.

use super::*;

const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

#[track_caller]
fn check(blobs: &Blobs, entries: &[String], select: Option<&str>, platforms: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    blobs.write_layout(folder.path(), entries);
    check_folder(folder.path(), select, platforms, expected);
}

#[track_caller]
fn check_folder(folder: &Path, select: Option<&str>, platforms: &str, expected: &str) {
    let location = crate::Location::OciLayout { path: folder.to_owned(), select: select.map(str::to_owned) };
    let opened = crate::open(&location, &options(platforms), &limits());
    assert_eq!(summary(&opened).replace(folder.to_str().unwrap(), "DIR"), expected);
}

#[test]
fn a_layout_with_one_image_needs_no_choice() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"one", b"two"], &tag("latest"));
    check(&blobs, std::slice::from_ref(&image), None, "linux/amd64", "linux/amd64[one,two]");
    check(&blobs, std::slice::from_ref(&image), Some("latest"), "linux/s390x", "linux/amd64[one,two]");
    let digest = digest_in(&image);
    check(
        &blobs,
        std::slice::from_ref(&image),
        Some(&format!("@{digest}")),
        "linux/amd64",
        "linux/amd64[one,two]",
    );
    let expected =
        format!("Usage: layout `DIR` has no image with the tag `x`; it has latest ({})", digest.short());
    check(&blobs, &[image], Some("x"), "linux/amd64", &expected);
}

#[test]
fn several_images_need_a_choice() {
    let mut blobs = Blobs::default();
    let one = blobs.image("linux/amd64", &[b"1"], &tag("one"));
    let two = blobs.image("linux/amd64", &[b"2"], &tag("two"));
    let entries = [one.clone(), two];
    check(&blobs, &entries, Some("two"), "linux/amd64", "linux/amd64[2]");
    let folder = tempfile::tempdir().unwrap();
    blobs.write_layout(folder.path(), &entries);
    let location = crate::Location::OciLayout { path: folder.path().to_owned(), select: None };
    let error = summary(&crate::open(&location, &options("linux/amd64"), &limits()));
    assert!(error.starts_with("Usage: ") && error.contains("one (") && error.contains("two ("), "{error}");
    let again = one.replace("\"one\"", "\"also\"");
    check(&blobs, &[one, again], None, "linux/amd64", "linux/amd64[1]");
}

#[test]
fn what_is_attached_to_an_image_is_not_meant() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"1"], "");
    let config = blobs.put("application/vnd.oci.empty.v1+json", b"{}", "");
    let layer = blobs.put("application/spdx+json", b"{}", "");
    let untold = blobs.manifest(&config, std::slice::from_ref(&layer), "");
    let told = blobs.manifest(&config, &[layer], r#","artifactType":"application/spdx+json""#);
    check(&blobs, &[image.clone(), told.clone()], None, "linux/amd64", "linux/amd64[1]");
    check(&blobs, &[untold, image], None, "linux/amd64", "linux/amd64[1]");
    check(
        &blobs,
        &[told],
        None,
        "linux/amd64",
        "not supported: an artifact of type `application/vnd.oci.empty.v1+json`, which is no container image",
    );
}

#[test]
fn an_index_gives_the_platform_that_is_asked_for() {
    let mut blobs = Blobs::default();
    let amd = blobs.image("linux/amd64", &[b"a"], &platform("linux/amd64"));
    let arm = blobs.image("linux/arm64", &[b"b"], &platform("linux/arm64"));
    let attestation = blobs.image("unknown/unknown", &[b"x"], &platform("unknown/unknown"));
    let inner = blobs.index(&[amd, attestation.clone(), arm.clone(), arm]);
    let outer = blobs.index(&[inner.clone(), inner]);
    let entries = [outer];
    check(&blobs, &entries, None, "linux/arm64/v8", "linux/arm64[b]");
    check(&blobs, &entries, None, "all", "linux/amd64[a] linux/arm64[b]");
    check(
        &blobs,
        &entries,
        None,
        "linux/s390x",
        "Usage: the index has no image for linux/s390x; it has linux/amd64, linux/arm64",
    );
}

#[test]
fn a_platform_that_the_index_leaves_out_is_in_the_configuration() {
    let mut blobs = Blobs::default();
    let (amd, arm) = (blobs.image("linux/amd64", &[b"a"], ""), blobs.image("linux/arm64", &[b"b"], ""));
    let entries = [blobs.index(&[amd, arm])];
    check(&blobs, &entries, None, "linux/arm64", "linux/arm64[b]");
    check(
        &blobs,
        &entries,
        None,
        "linux/s390x",
        "Usage: the index has no image for linux/s390x; it has linux/amd64, linux/arm64",
    );
}

#[test]
fn a_word_that_hides_an_image_from_us_only_does_not() {
    let mut blobs = Blobs::default();
    let more = format!(r#"{},"artifactType":"x/y""#, platform("linux/amd64"));
    let image = blobs.image("linux/amd64", &[b"evil"], &more);
    let entries = [blobs.index(&[image])];
    check(&blobs, &entries, None, "linux/amd64", "linux/amd64[evil]");
}

#[test]
fn one_image_of_all_that_cannot_be_read_is_a_problem() {
    let mut blobs = Blobs::default();
    let amd = blobs.image("linux/amd64", &[b"a"], &platform("linux/amd64"));
    let missing = descriptor(MANIFEST, &digest_of(Algorithm::Sha256, b"-"), 1, &platform("linux/arm64"));
    let hex = digest_in(&missing).hex();
    let entries = [blobs.index(&[amd, missing])];
    let expected = format!(
        "linux/amd64[a] ! the image for linux/arm64 cannot be read: manifest `blobs/sha256/{hex}` is missing from layout `DIR`"
    );
    check(&blobs, &entries, None, "all", &expected);
}

#[test]
fn damage_is_told_before_a_layer_is_read() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"one"], "");
    let layer = digest_of(Algorithm::Sha256, b"one");
    let entries = std::slice::from_ref(&image);
    let mut longer = blobs.clone();
    longer.0.insert(layer, b"longer".to_vec());
    let name = format!("blobs/sha256/{}", layer.hex());
    let size = format!("Malformed: layer `{name}` in layout `DIR` has 6 bytes, but its descriptor says 3");
    check(&longer, entries, None, "linux/amd64", &size);
    let mut without = blobs.clone();
    without.0.remove(&layer);
    let missing = format!("Malformed: layer `{name}` is missing from layout `DIR`");
    check(&without, entries, None, "linux/amd64", &missing);
    let mut exchanged = blobs.clone();
    let manifest = digest_in(&image);
    let bytes = exchanged.0.get_mut(&manifest).unwrap();
    *bytes.last_mut().unwrap() = b' ';
    let actual = digest_of(Algorithm::Sha256, bytes);
    let damaged = format!(
        "Malformed: manifest {manifest} is damaged or was exchanged: its content has the digest {actual}"
    );
    check(&exchanged, entries, None, "linux/amd64", &damaged);
}

#[test]
fn links_to_the_host_are_not_followed() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"one"], "");
    let layer = digest_of(Algorithm::Sha256, b"one").hex();
    let folder = tempfile::tempdir().unwrap();
    blobs.write_layout(folder.path(), &[image]);
    let blob = folder.path().join("blobs/sha256").join(&layer);
    std::fs::remove_file(&blob).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &blob).unwrap();
    let expected = format!(
        "Malformed: `blobs/sha256/{layer}` in layout `DIR` is a symbolic link, which is not followed"
    );
    check_folder(folder.path(), None, "linux/amd64", &expected);
}

#[test]
fn nesting_ends() {
    let mut blobs = Blobs::default();
    let mut entry = blobs.image("linux/amd64", &[b"x"], "");
    for _ in 0..limits().index_depth {
        entry = blobs.index(&[entry]);
    }
    let deepest = [entry.clone()];
    check(&blobs, &deepest, None, "linux/amd64", "linux/amd64[x]");
    let deeper = blobs.index(&[entry]);
    let expected = format!("Limit: index {} is nested deeper than the limit of 8", digest_in(&deeper));
    check(&blobs, &[deeper], None, "linux/amd64", &expected);
}

#[test]
fn artifacts_say_so() {
    let mut blobs = Blobs::default();
    let config = blobs.put(HELM, b"{}", "");
    let layer = blobs.put("application/vnd.cncf.helm.chart.content.v1.tar+gzip", b"x", "");
    let chart = blobs.manifest(&config, &[layer], "");
    check(
        &blobs,
        &[chart],
        None,
        "linux/amd64",
        "not supported: an artifact of type `application/vnd.cncf.helm.config.v1+json`, which is no container image",
    );
}

#[test]
fn layers_that_nobody_can_read_are_problems() {
    let mut blobs = Blobs::default();
    let (plain, other) = (blobs.put(LAYER, b"one", ""), blobs.put("application/x-new", b"two", ""));
    let secret = blobs.put(&format!("{LAYER}+encrypted"), b"secret", "");
    let foreign = descriptor(
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        &digest_of(Algorithm::Sha256, b"-"),
        1,
        r#","urls":["http://169.254.169.254/"]"#,
    );
    let diff_id = digest_in(&plain);
    let config = |count: usize| {
        let diff_ids = vec![format!("\"{diff_id}\""); count];
        format!(r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":[{}]}}}}"#, diff_ids.join(","))
    };
    let four = blobs.put(CONFIG, config(4).as_bytes(), "");
    let image = blobs.manifest(&four, &[plain, foreign, secret.clone(), other], "");
    check(
        &blobs,
        &[image],
        None,
        "linux/amd64",
        "linux/amd64[one,-,-,-] \
         ! layer 2 is a foreign layer that is not stored with the image; what it points to is never fetched \
         ! layer 3 is encrypted, so that its packages are not known \
         ! layer 4 is of the unknown type `application/x-new` and was not read",
    );
    let one = blobs.put(CONFIG, config(1).as_bytes(), "");
    let encrypted = blobs.manifest(&one, &[secret], "");
    check(
        &blobs,
        &[encrypted],
        None,
        "linux/amd64",
        "NotSupported: the image is encrypted (every layer's media type ends in `+encrypted`), which is not supported",
    );
}

#[test]
fn a_layout_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Blobs::default().write_layout(folder.path(), &[]);
    check_folder(folder.path(), None, "linux/amd64", "Malformed: `index.json` in layout `DIR` lists nothing");
    std::fs::write(folder.path().join("oci-layout"), r#"{"imageLayoutVersion":"9.9.9"}"#).unwrap();
    let expected = "NotSupported: layout `DIR` has version 9.9.9; only version 1 is supported";
    check_folder(folder.path(), None, "linux/amd64", expected);
    std::fs::remove_file(folder.path().join("index.json")).unwrap();
    std::fs::remove_file(folder.path().join("oci-layout")).unwrap();
    check_folder(folder.path(), None, "linux/amd64", "Malformed: `index.json` is missing from layout `DIR`");
}
