//! Docker archives and OCI layouts in tar files.

use std::io::Write;

use super::*;

/// A tar file: `name = content`, `name -> symbolic link`, `name => hard link`.
fn tar(members: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in members {
        let mut header = tar::Header::new_ustar();
        let target = std::str::from_utf8(content).unwrap_or_default();
        // Written into the block itself: the writer refuses names that lead out.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        let link = |header: &mut tar::Header, kind| {
            header.set_entry_type(kind);
            header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
            header.set_size(0);
        };
        match *kind {
            "->" => link(&mut header, tar::EntryType::Symlink),
            "=>" => link(&mut header, tar::EntryType::Link),
            _ => header.set_size(u64::try_from(content.len()).unwrap()),
        }
        header.set_cksum();
        builder.append(&header, if *kind == "=" { *content } else { b"" }).unwrap();
    }
    builder.into_inner().unwrap()
}

fn config(layers: &[&[u8]]) -> String {
    let diff_ids: Vec<String> =
        layers.iter().map(|it| format!("\"{}\"", digest_of(Algorithm::Sha256, it))).collect();
    format!(r#"{{"os":"linux","architecture":"amd64","rootfs":{{"diff_ids":[{}]}}}}"#, diff_ids.join(","))
}

fn entry(config: &str, tags: &str, layers: &[&str]) -> String {
    let layers: Vec<String> = layers.iter().map(|it| format!("\"{it}\"")).collect();
    format!(r#"{{"Config":"{config}","RepoTags":{tags},"Layers":[{}]}}"#, layers.join(","))
}

/// Opens `bytes` as the file of `text`, where FILE stands for it.
#[track_caller]
fn check(bytes: &[u8], text: &str, expected: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let path = file.path().to_str().unwrap();
    let location = crate::locate(&text.replace("FILE", path)).unwrap();
    let opened = crate::open(&location, &options("linux/amd64"), &limits());
    assert_eq!(summary(&opened).replace(path, "FILE"), expected);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Stored blocks (RFC 1951, 3.2.4): a gzip file without a compressor.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks: Vec<&[u8]> = bytes.chunks(0xffff).collect();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(at + 1 == blocks.len()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(*block);
    }
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    out.extend((!crc).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

#[test]
fn docker_save_old_and_new() {
    let config = config(&[b"one", b"one"]);
    let manifest = format!("[{}]", entry("c.json", r#"["a:1"]"#, &["a/layer.tar", "b/layer.tar"]));
    for link in [("b/layer.tar", "->", &b"../a/layer.tar"[..]), ("b/layer.tar", "=>", b"a/layer.tar")] {
        let archive = tar(&[
            ("c.json", "=", config.as_bytes()),
            ("a/layer.tar", "=", b"one"),
            link,
            ("manifest.json", "=", manifest.as_bytes()),
        ]);
        check(&archive, "docker-archive:FILE", "linux/amd64[one,one]");
        check(&archive, "docker-archive:FILE:a:1", "linux/amd64[one,one]");
        check(&archive, "docker-archive:FILE:docker.io/library/a:1", "linux/amd64[one,one]");
        check(&archive, "FILE", "linux/amd64[one,one]");
        check(&gzip(&archive), "FILE", "linux/amd64[one,one]");
        check(&archive, "docker-archive:FILE:b", "Usage: archive `FILE` has no image `b`; it has @0 a:1");
    }
    let digest = digest_of(Algorithm::Sha256, config.as_bytes()).hex();
    let (layer, blob) = (digest_of(Algorithm::Sha256, b"one").hex(), format!("blobs/sha256/{digest}"));
    let layer = format!("blobs/sha256/{layer}");
    let manifest = format!("[{}]", entry(&blob, "null", &[&layer, &layer]));
    let new = tar(&[
        (&blob, "=", config.as_bytes()),
        (&layer, "=", b"one"),
        ("manifest.json", "=", manifest.as_bytes()),
    ]);
    check(&new, "FILE", "linux/amd64[one,one]");
    let exchanged = tar(&[(&blob, "=", b"{}"), ("manifest.json", "=", manifest.as_bytes())]);
    let actual = digest_of(Algorithm::Sha256, b"{}");
    let expected = format!(
        "Malformed: the configuration `{blob}` in archive `FILE` is damaged or was exchanged: its content has the digest {actual}"
    );
    check(&exchanged, "FILE", &expected);
}

#[test]
fn nothing_outside_the_archive_is_read() {
    let config = config(&[b"one"]);
    let with = |config_name: &str, layer: &str, members: &[(&str, &str, &[u8])]| {
        let manifest = format!("[{}]", entry(config_name, "[]", &[layer]));
        let mut all = vec![("c.json", "=", config.as_bytes()), ("manifest.json", "=", manifest.as_bytes())];
        all.extend(members);
        tar(&all)
    };
    let outside = "Malformed: `/etc/passwd` would lie outside archive `FILE`";
    check(&with("/etc/passwd", "a", &[]), "FILE", outside);
    check(&with("c.json", "/etc/passwd", &[]), "FILE", outside);
    check(&with("c.json", "../x", &[]), "FILE", "Malformed: `../x` would lie outside archive `FILE`");
    check(&with("c.json", "a", &[]), "FILE", "Malformed: layer `a` is missing from archive `FILE`");
    for target in ["/etc/passwd", "../../etc/passwd"] {
        let expected =
            format!("Malformed: `a/layer.tar` is a link to `{target}`, which lies outside archive `FILE`");
        check(&with("c.json", "a/layer.tar", &[("a/layer.tar", "->", target.as_bytes())]), "FILE", &expected);
    }
    check(
        &with("c.json", "a", &[("a", "->", b"b"), ("b", "->", b"a")]),
        "FILE",
        "Malformed: `a` in archive `FILE` is a link that leads to no end",
    );
}

#[test]
fn several_images_need_a_choice() {
    let config = config(&[b"one"]);
    let manifest =
        format!("[{},{}]", entry("c.json", r#"["one:1"]"#, &["a"]), entry("c.json", r#"["two:2"]"#, &["a"]));
    let archive = tar(&[
        ("c.json", "=", config.as_bytes()),
        ("a", "=", b"one"),
        ("manifest.json", "=", manifest.as_bytes()),
    ]);
    check(
        &archive,
        "FILE",
        "Usage: archive `FILE` holds 2 images; say which with `docker-archive:FILE:NAME` or `docker-archive:FILE:@NUMBER`: @0 one:1, @1 two:2",
    );
    check(&archive, "docker-archive:FILE:two:2", "linux/amd64[one]");
    check(&archive, "docker-archive:FILE:@0", "linux/amd64[one]");
}

#[test]
fn a_layout_in_a_tar_file() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"one"], &tag("v1"));
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{image}]}}"#);
    let names: Vec<String> = blobs.0.keys().map(|it| format!("./blobs/sha256/{}", it.hex())).collect();
    let mut members: Vec<(&str, &str, &[u8])> =
        names.iter().zip(blobs.0.values()).map(|(name, it)| (name.as_str(), "=", it.as_slice())).collect();
    members.push(("./index.json", "=", index.as_bytes()));
    let archive = tar(&members);
    check(&archive, "FILE", "linux/amd64[one]");
    check(&archive, "oci-archive:FILE:v1", "linux/amd64[one]");
    check(&gzip(&archive), "oci-archive:FILE", "linux/amd64[one]");
}

#[test]
fn what_is_no_archive_says_so() {
    check(b"", "FILE", "Malformed: archive `FILE` is empty");
    check(b"hello", "FILE", "Malformed: archive `FILE` is no tar file");
    check(&[b'x'; 1024], "docker-archive:FILE", "Malformed: archive `FILE` is no tar file");
    check(
        &tar(&[("manifest.json", "=", b"null")]),
        "docker-archive:FILE",
        "Malformed: `manifest.json` in archive `FILE` names no image",
    );
    check(
        &tar(&[("x", "=", b"y")]),
        "FILE",
        "Malformed: archive `FILE` is neither what `docker save` writes (it has no manifest.json) nor an OCI layout (no index.json); unpack it and write `dir:` to scan a root file system",
    );
    let cut = &tar(&[("manifest.json", "=", &[b'x'; 2000])])[..1000];
    check(
        cut,
        "FILE",
        "Malformed: archive `FILE` is a damaged tar file: it is cut off, or a member claims more bytes than there are (at byte 512)",
    );
    let squeezed = gzip(&tar(&[("x", "=", b"y")]));
    check(
        &squeezed[..squeezed.len() - 20],
        "FILE",
        "Malformed: archive `FILE` is cut off in the middle of its compressed data",
    );
}
