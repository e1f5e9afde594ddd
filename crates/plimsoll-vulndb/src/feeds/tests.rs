use super::*;
use crate::Remote;

#[test]
fn every_row_of_the_table_is_named_once_and_legally() {
    let mut seen = std::collections::HashSet::new();
    for feed in FEEDS {
        let id = feed.id();
        assert!(seen.insert(id), "{id} twice");
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        assert!(!id.is_empty() && id.bytes().all(legal), "{id}");
        assert!(!feed.title().is_empty() && !feed.licence().name.is_empty(), "{id}");
        assert!(by_id(id).is_some());
    }
}

#[test]
fn every_source_can_be_fetched_from_a_vendor_or_a_mirror() {
    for feed in FEEDS {
        let sources = feed.sources();
        assert!(!sources.is_empty(), "{}", feed.id());
        let mut names = std::collections::HashSet::new();
        for source in sources {
            assert!(names.insert(source.name.clone()), "{} {}", feed.id(), source.name);
            assert!(!source.mirror.is_empty() && source.size_bytes_max > 0);
            for path in &source.mirror {
                assert!(!path.starts_with('/') && !path.contains(".."), "{path}");
            }
            let url = match source.remote {
                Remote::File(url) => url,
                Remote::Changing(changing) => {
                    assert!(changing.changed.starts_with("https://") && changing.documents.ends_with('/'));
                    assert!(changing.folder.is_empty() || changing.folder.ends_with('/'));
                    changing.archive
                }
                Remote::Listing { index, .. } => index,
                Remote::Repository { address, .. } => address,
                Remote::Standing { url, changes, .. } => {
                    assert!(names.contains(&changes), "{changes} comes before what it changes");
                    url
                }
                Remote::Pages(pages) => pages.address,
                Remote::MirrorOnly => continue,
            };
            assert!(url.starts_with("https://") && !url.contains(' '), "{url}");
        }
    }
}

#[test]
fn strange_bytes_are_no_reason_to_panic() {
    for bytes in [
        b"".as_slice(),
        b"{",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"\x1f\x8b\x08\x00",
        b"\x28\xb5\x2f\xfd\x00",
        b"\xfd7zXZ\x00",
        b"PK\x03\x04",
        b"PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"BZh91AY",
        b"---\nreleases:\n  - \n---\n",
        b"#\n",
        "é".repeat(300).as_bytes(),
        "[".repeat(100_000).as_bytes(),
        r#"{"a":"#.repeat(100_000).as_bytes(),
    ] {
        parse_with_every_feed(bytes);
    }
}
