//! One test over all rows of each table.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use plimsoll_core::{Files, ImagePath, Input, Observations, Pattern};
use plimsoll_ecosystems::{DISTROS, ECOSYSTEMS, by_any_name, by_purl_type, extractors, table_digest_input};

#[test]
fn rows_have_names_of_their_own() {
    let mut types = BTreeSet::new();
    for ecosystem in ECOSYSTEMS {
        assert!(types.insert(ecosystem.purl_type()), "{}", ecosystem.purl_type());
        assert_eq!(by_purl_type(ecosystem.purl_type()).unwrap().purl_type(), ecosystem.purl_type());
        for alias in ecosystem.aliases() {
            assert_eq!(by_any_name(alias).unwrap().purl_type(), ecosystem.purl_type(), "{alias}");
        }
    }
    let mut ids = BTreeSet::new();
    for extractor in extractors() {
        assert!(ids.insert(extractor.id()), "{}", extractor.id());
        assert!(!extractor.wants().is_empty() || extractor.reads_in_flight(), "{}", extractor.id());
        assert!(extractor.version() > 0, "{}", extractor.id());
    }
    assert!(ids.len() < 128, "the image crate's sets hold 64 extractors");
    for row in DISTROS {
        assert!(by_purl_type(row.purl_type).is_some(), "{}", row.id);
        assert_eq!(by_any_name(row.id).unwrap().purl_type(), row.purl_type, "{}", row.id);
    }
}

#[test]
fn ecosystems_are_found_by_every_name_people_use() {
    for (name, expected) in [
        ("deb", "deb"),
        ("debian", "deb"),
        ("dpkg", "deb"),
        ("Ubuntu:22.04:LTS", "deb"),
        ("APK", "apk"),
        ("Alpine:v3.18", "apk"),
        ("wolfi", "apk"),
        ("rpm", "rpm"),
        ("Red Hat:enterprise_linux:8::baseos", "rpm"),
        ("Rocky Linux:9", "rpm"),
        ("rhel", "rpm"),
    ] {
        assert_eq!(by_any_name(name).map(|it| it.purl_type()), Some(expected), "{name}");
    }
    assert!(by_any_name("").is_none());
    assert!(by_any_name("fortran").is_none());
}

#[test]
fn names_are_as_advisories_file_them() {
    for (ecosystem, name, expected) in [
        ("pypi", "oslo_utils", "oslo-utils"),
        ("pypi", "Oslo._Utils", "oslo-utils"),
        ("pypi", "django", "django"),
        ("nuget", "Newtonsoft.Json", "newtonsoft.json"),
        ("composer", "Symfony/Http-Kernel", "symfony/http-kernel"),
        ("hex", "Phoenix", "phoenix"),
        ("pub", "HTTP", "http"),
        ("swift", "https://github.com/apple/swift-nio.git", "github.com/apple/swift-nio"),
        ("npm", "JSONStream", "JSONStream"),
        ("golang", "github.com/BurntSushi/toml", "github.com/BurntSushi/toml"),
        ("maven", "org.A:b", "org.A:b"),
    ] {
        assert_eq!(by_purl_type(ecosystem).unwrap().normalize(name), expected, "{ecosystem} {name}");
    }
}

#[test]
fn ordering_is_an_ordering() {
    let samples = [
        "0",
        "1",
        "1.0",
        "1.0.1",
        "2",
        "10",
        "1.2-1",
        "1:1",
        "1.0~rc1",
        "1.0_rc1",
        "1.0_p1-r2",
        "x",
        "",
        "é",
        "1 2",
        "1.0^git1",
        "01.02",
        "1.0.001",
        "v1.0",
        "1.0.0-rc.1",
        "1.0.0+build",
        "go1.21rc1",
        "(devel)",
        "1.x-dev",
        "dev-main",
        "1!1.0.post1",
        "1.",
    ];
    for ecosystem in ECOSYSTEMS {
        for (a, b) in samples.iter().flat_map(|a| samples.map(|b| (*a, b))) {
            let there = ecosystem.compare(a, b);
            let back = ecosystem.compare(b, a).map(Ordering::reverse);
            assert_eq!(there.is_ok(), back.is_ok(), "{a} {b}");
            if there.is_ok() {
                assert_eq!(there, back, "{a} {b}");
            }
        }
    }
}

/// The same garbage at every path.
struct Garbage<'a>(&'a [u8]);

impl Files for Garbage<'_> {
    fn get(&self, _path: &ImagePath) -> Option<&[u8]> {
        Some(self.0)
    }
}

#[test]
fn no_garbage_makes_an_extractor_panic_or_differ() {
    let mut garbage: Vec<Vec<u8>> = [
        &b""[..],
        b"\n",
        b"\0",
        b"\xff\xfe\n\n",
        b":\n:",
        b"Package:",
        b"Package: a\nVersion:",
        b"P:\nV:\n\n",
        b"F:\nR:\n",
        b"P:a\nF:..\nR:..\n",
        b"=\n=",
        b"ID=\"",
        b"ID='\\",
        b"\\",
        b"http://a/edge/main",
        b"cpe:/",
        b"cpe:2.3:o:",
        b"-/sid",
        b"SQLite format 3\0",
        b"RpmP",
        "Package: \u{202e}\nVersion: \u{1b}[2J\n".as_bytes(),
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    garbage.push(b"a:".repeat(10_000));
    garbage.push(b"P:x\nV:1\n\n".repeat(2_000));
    garbage.push(b"Package: x\n\n".repeat(2_000));
    garbage.push([&b"Package: a\nVersion: 1\nDescription: "[..], &b"x".repeat(1_000_000), b"\n"].concat());
    for extractor in extractors() {
        for content in &garbage {
            for path in paths(extractor.wants()) {
                let run = || {
                    let mut out = Observations::default();
                    extractor.extract(Input { path: &path, content, others: &Garbage(content) }, &mut out);
                    out
                };
                assert_eq!(run(), run(), "{} {path}", extractor.id());
                let _ = extractor.companions(&path);
            }
        }
    }
}

/// A path that each pattern takes, and one that none does.
fn paths(patterns: &[Pattern]) -> Vec<ImagePath> {
    let mut paths = vec![ImagePath::root(), ImagePath::new("elsewhere")];
    paths.extend(patterns.iter().map(|pattern| match pattern {
        Pattern::Path(path) => ImagePath::new(path),
        Pattern::In(folder, ending) => ImagePath::new(&format!("{folder}/x{ending}")),
        Pattern::Name(name) => ImagePath::new(&format!("a/{name}")),
        Pattern::Ending(ending) => ImagePath::new(&format!("a/x{ending}")),
        Pattern::InAny(folder, ending) => ImagePath::new(&format!("a/x{folder}/x{ending}")),
    }));
    paths
}

#[test]
fn the_digest_names_every_row() {
    let text = table_digest_input();
    assert_eq!(text, table_digest_input());
    for extractor in extractors() {
        assert!(text.contains(&format!("extractor {} {}\n", extractor.id(), extractor.version())));
    }
}
