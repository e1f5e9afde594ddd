//! Writes the kept seeds that are made rather than written: archives, documents and snapshots.
//! Run once after a format has changed: `cargo run --no-default-features --bin seeds`.
//!
//! Seeds that are text, and inputs that once broke something, lie in `seeds/` as they are.

use std::fs;
use std::io;
use std::path::Path;

use plimsoll_core::{ImagePath, Observations, Package, Timestamp};
use plimsoll_ecosystems::{ECOSYSTEMS, extractors};
use plimsoll_engine::db::{
    ArchiveSource, BundleSource, Database, ExportOptions, Hosts, UpdateOptions, export, update, write_archive,
};
use plimsoll_engine::facts::{self, FileFacts, LayerFacts, Section};
use plimsoll_fuzz::targets::SEPARATOR;
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_testkit::{Image, write_docker_archive};
use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::{BuildInput, FEEDS, FeedMeta, FeedOutput, Part, build};

const IMAGE: &str = "
//- layer FROM debian:12
//- /etc/os-release
ID=debian
VERSION_ID=\"12\"
//- /var/lib/dpkg/status
Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl (3.0.9-1)
Version: 3.0.9-1+b1

//- symlink /lib -> usr/lib
//- /usr/lib/a-rather-long-folder-name/and-another-rather-long-folder-name/so-that-the-path-needs-an-extension-header/x
x
//- layer(zstd) RUN ln
//- hardlink /etc/also -> /etc/os-release
//- symlink /loop -> loop
//- whiteout /var/lib/dpkg/status
//- layer(none) RUN rm
//- opaque /etc
//- /lib/through-a-link
x
";

fn main() -> io::Result<()> {
    let image = Image::from_text(IMAGE);
    let tars: Vec<&[u8]> = image.layers.iter().map(|it| it.tar.bytes.as_slice()).collect();
    for (index, tar) in tars.iter().enumerate() {
        put("layers", &format!("layer-{index}"), tar)?;
    }
    put("layers", "image", &tars.join(SEPARATOR))?;
    for layer in &image.layers {
        put("streams", &format!("{:?}", layer.compression).to_lowercase(), &layer.stored.bytes)?;
    }
    put("documents", "manifest", &image.manifest().bytes)?;
    put("documents", "config", &image.config.bytes)?;
    archive_seeds(&image)?;
    fact_seeds()?;
    extractor_seeds()?;
    version_seeds()?;
    feed_seeds()?;
    update_seeds()?;
    bundle_seeds()
}

/// A database of one record as a file, and as the manifest, recipe and layer of an artifact.
fn bundle_seeds() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let (mirror, file) = (folder.path().join("mirror"), folder.path().join("db.tar"));
    fs::create_dir_all(mirror.join("debian/tracker"))?;
    fs::write(
        mirror.join("debian/tracker/data.json"),
        r#"{"openssl":{"CVE-2023-5363":{"scope":"remote","description":"Wrong keys.","releases":{"bookworm":{"status":"resolved","repositories":{"bookworm":"3.0.11-1"},"fixed_version":"3.0.11-1","urgency":"high"}}}}}"#,
    )?;
    let database = Database::in_directory(folder.path().join("db"));
    let options = UpdateOptions {
        mirror: Some(mirror.display().to_string()),
        hosts: Hosts::new(Vec::new()),
        feeds: vec!["debian".to_owned()],
        accept_shrunk: Vec::new(),
        keep_days: 14,
        now: Timestamp(1_793_491_200),
        listener: &|_| (),
    };
    update(&database, &options).map_err(io::Error::other)?;
    let options = ExportOptions { feeds: &[], since: None, key: None, listener: &|_| () };
    let bundle = export(&database, &options).map_err(io::Error::other)?;
    write_archive(&bundle, &file).map_err(io::Error::other)?;
    put("bundles", "archive", &[b"\0", fs::read(&file)?.as_slice()].concat())?;
    let source = ArchiveSource::open(&file).map_err(io::Error::other)?;
    let manifest = source.manifest().map_err(io::Error::other)?;
    let mut parts = vec![[b"\x01", manifest.as_slice()].concat()];
    // The configuration, then the layers.
    for descriptor in String::from_utf8_lossy(&manifest).split("\"digest\": \"").skip(1) {
        let digest = descriptor.split('"').next().and_then(|it| it.parse().ok());
        let size = descriptor.split("\"size\": ").nth(1);
        let size = size.and_then(|it| it.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        if let (Some(digest), Some(size)) = (digest, size) {
            parts.push(source.blob(&digest, size).map_err(io::Error::other)?);
        }
    }
    put("bundles", "artifact", &parts.join(SEPARATOR))
}

/// Two documents of the OSV row, a patch between two texts, and a list of each kind.
fn update_seeds() -> io::Result<()> {
    let record =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/demo/feed/CVE-2023-5363.json"))?;
    let feed =
        plimsoll_vulndb::feeds::by_id("osv-local").expect("the feed of one's own records is always there");
    let mut reading = Reading::new(feed, None, ["a.json", "b.json"].into_iter());
    for (fingerprint, name) in [(1, "a.json"), (2, "b.json")] {
        let read: Result<_, io::Error> = reading.part(name, name, fingerprint, || Ok(record.clone()));
        read?.map_err(io::Error::other)?;
    }
    put("shards", "sample", &reading.finish(1, true).bytes())?;
    let (old, new) = (b"advisory one, advisory two".repeat(20), b"advisory one, advisory 2".repeat(20));
    let patch = plimsoll_vulndb::delta::diff(&old, &new, 9)?;
    put("patches", "patch", &[&old, SEPARATOR, &patch].concat())?;
    put("patches", "new", &[&old, SEPARATOR, &new].concat())?;
    put("lists", "osv", b"\x002025-02-15T05:30:25.681979Z,GHSA-m85c-9mf8-m2m6\n")?;
    put("lists", "red-hat", b"\x01\"2023/cve-2023-6240.json\",\"2024-08-04T10:17:22+00:00\"\n")?;
    put("lists", "mirrors", b"\x02https://cdn.amazonlinux.com/2/core/2.0/x86_64/abc\n")?;
    let index = br#"<repomd><data type="updateinfo"><checksum type="sha256">2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824</checksum><location href="repodata/u.xml.gz"/></data></repomd>"#;
    put("lists", "repository", &[b"\x03", index.as_slice()].concat())
}

fn put(target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}

fn archive_seeds(image: &Image) -> io::Result<()> {
    let file = tempfile::NamedTempFile::new()?;
    write_docker_archive(file.path(), "sample:latest", image)?;
    put("archives", "docker", &fs::read(file.path())?)
}

fn fact_seeds() -> io::Result<()> {
    let package = Package {
        kind: "deb".to_owned(),
        name: "a".to_owned(),
        version: "1".to_owned(),
        ..Package::default()
    };
    let file = FileFacts {
        path: ImagePath::new("var/lib/dpkg/status"),
        companions: vec![ImagePath::new("var/lib/dpkg/x")],
        observations: Observations { packages: vec![package], ..Observations::default() },
    };
    let section = Section { extractor: "os/dpkg".to_owned(), version: 1, files: vec![file] };
    let facts = LayerFacts {
        index: LayerIndex::empty(HashKey([7; 16])),
        problems: Vec::new(),
        sections: vec![section],
        owned: None,
    };
    put("facts", "sample", &facts::encode(&facts))
}

/// A selector byte for each row, in front of a text in its format.
fn extractor_seeds() -> io::Result<()> {
    for (index, extractor) in extractors().enumerate() {
        let text: &[u8] = match extractor.id() {
            "os/dpkg" => b"Package: a\nStatus: install ok installed\nSource: b (1:2)\nVersion: 1:2-3\nDescription: c\n more\n\nPackage: d\nVersion: 1\n",
            "os/apk" => b"C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nL:MIT\nF:lib\nR:ld.so\n\nP:busybox\nV:1\n",
            "os/distro" => b"ID=debian\nVERSION_ID='12'\nPRETTY_NAME=\"De\\\"bian\"\nID_LIKE=\"a b\"\n",
            _ => b"/etc\n/etc/x\n",
        };
        let mut seed = vec![u8::try_from(index).unwrap_or(0)];
        seed.extend_from_slice(text);
        put("extractors", &extractor.id().replace('/', "-"), &seed)?;
    }
    Ok(())
}

fn version_seeds() -> io::Result<()> {
    for (index, ecosystem) in ECOSYSTEMS.iter().enumerate() {
        let mut seed = vec![u8::try_from(index).unwrap_or(0)];
        seed.extend_from_slice(b"1:1.0~rc1-1\n1.0-r0\n1.0.1_p2^git-2.el9");
        put("versions", ecosystem.purl_type(), &seed)?;
    }
    Ok(())
}

/// The sample feed of the demonstration for the OSV rows, and a snapshot made of it.
fn feed_seeds() -> io::Result<()> {
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/demo/feed");
    let record = fs::read(records.join("CVE-2023-5363.json"))?;
    for (index, feed) in FEEDS.iter().enumerate() {
        let text: &[u8] = match feed.id() {
            "debian" => br#"{"bash":{"CVE-2014-6271":{"description":"d","scope":"remote","releases":{"bookworm":{"status":"resolved","repositories":{"bookworm":"5.2-1"},"fixed_version":"4.3-9.1","urgency":"high"},"sid":{"status":"open","urgency":"unimportant","nodsa":"n","nodsa_reason":"ignored"}}}}}"#,
            "alpine" | "wolfi" | "chainguard" => br#"{"distroversion":"v3.18","reponame":"main","packages":[{"pkg":{"name":"zlib","secfixes":{"1.2.12-r2":["CVE-2022-37434"],"0":["CVE-2018-1 XSA-1"]}}}]}"#,
            "cisa-kev" => br#"{"catalogVersion":"2024.05.31","dateReleased":"2024-05-31T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2014-6271","dateAdded":"2022-01-28","dueDate":"2022-07-28","knownRansomwareCampaignUse":"Unknown"}]}"#,
            "epss" => b"#model_version:v2023.03.01,score_date:2024-05-31T00:00:00+0000\ncve,epss,percentile\nCVE-2014-6271,0.97,0.99\n",
            "endoflife" => br#"[{"cycle":"12","eol":"2026-06-10","extendedSupport":false,"latest":"12.5"}]"#,
            "ubuntu-tracker" => b"Candidate: CVE-2014-6271\nPublicDate: 2014-09-24 00:00:00 UTC\nDescription:\n text\nPriority: high\nPatches_bash:\njammy_bash: released (5.1-6)\nesm-infra/xenial_bash: needed\n",
            "osv-local" | "ubuntu-osv" => &record,
            // The other OSV rows are the same parser.
            _ => continue,
        };
        let mut seed = vec![u8::try_from(index).unwrap_or(0)];
        seed.extend_from_slice(text);
        put("feeds", feed.id(), &seed)?;
    }
    put("snapshots", "sample", &snapshot(&record))
}

fn snapshot(record: &[u8]) -> Vec<u8> {
    let mut feeds = Vec::new();
    for feed in FEEDS {
        let mut out = FeedOutput::default();
        if feed.parse(&Part { name: "sample", file_name: "sample.json", bytes: record }, &mut out).is_ok() {
            feeds.push((FeedMeta::of(*feed, "seeds"), out));
        }
    }
    build(&BuildInput { sequence: 1, built: Timestamp(0), feeds }).expect("a small snapshot can be built")
}
