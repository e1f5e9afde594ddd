//! Whole feeds in the ways in which vendors serve them: packed files, listings, repositories,
//! archives with lists of what changed.

use std::io::{Read, Write};

use super::server::Manner::{Cut, Slowly, Status, WrongLength};
use super::server::gzip;
use super::{DAY, KEV, NOW, Outcome, Site, kev};

pub(super) const OSV: &str = "/osv-vulnerabilities.storage.googleapis.com/Hackage";

/// A record about a package of Hackage, and `more` of it.
pub(super) fn osv(id: &str, package: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-10-01T00:00:00Z",{more}"affected":[{{
        "package":{{"ecosystem":"Hackage","name":"{package}"}},
        "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.2"}}]}}]}}]}}"#
    )
}

pub(super) fn zip(members: &[(&str, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Twenty records, so that one more or less is no suspicion.
pub(super) fn archive(site: &Site, made: &str) {
    let members: Vec<(String, String)> = (10..30)
        .map(|it| {
            (format!("HSEC-2026-00{it}.json"), osv(&format!("HSEC-2026-00{it}"), &format!("p{it}"), ""))
        })
        .collect();
    let members: Vec<(&str, String)> = members.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
    site.server.put_dated(&format!("{OSV}/all.zip"), zip(&members), made);
}

pub(super) fn list(site: &Site, lines: &[(&str, &str)]) {
    let text: String = lines.iter().map(|(time, id)| format!("{time},{id}\n")).collect();
    site.server.put(&format!("{OSV}/modified_id.csv"), text);
}

pub(super) fn put(site: &Site, id: &str, record: String) {
    site.server.put(&format!("{OSV}/{id}.json"), record);
}

/// The paths that were asked for, below the ecosystem's folder.
fn asked(site: &Site) -> Vec<String> {
    site.server.paths().into_iter().map(|it| it.replacen(&format!("{OSV}/"), "", 1)).collect()
}

#[test]
fn packed_files_are_unpacked_by_what_they_are_not_by_their_names() {
    let plain = kev(&["CVE-2024-0001"]);
    let mut xz = Vec::new();
    liblzma::read::XzEncoder::new(plain.as_slice(), 6).read_to_end(&mut xz).unwrap();
    let mut bz2 = Vec::new();
    bzip2::read::BzEncoder::new(plain.as_slice(), bzip2::Compression::best()).read_to_end(&mut bz2).unwrap();
    let zstd = zstd::encode_all(plain.as_slice(), 3).unwrap();
    for (form, bytes) in [("gzip", gzip(&plain)), ("zstd", zstd), ("xz", xz), ("bzip2", bz2)] {
        let site = Site::new();
        site.server.put(KEV, bytes.clone());
        assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated, "{form}");
        assert_eq!(site.ids(), ["CVE-2024-0001"], "{form}");
        // Cut short, with a length that says it is whole.
        site.server.put(KEV, &bytes[..bytes.len() / 2]);
        let outcome = site.update("cisa-kev", NOW + DAY);
        assert!(matches!(outcome, Outcome::Refused(_)), "{form}: {outcome:?}");
        assert_eq!(site.ids(), ["CVE-2024-0001"], "{form}");
    }
}

#[test]
fn a_server_that_breaks_off_or_lies_costs_an_attempt_and_no_data() {
    let site = Site::new();
    site.server.put_tagged(KEV, kev(&["CVE-2024-0001"]), "\"one\"");
    let slowly = Slowly(std::time::Duration::from_millis(1));
    site.server.behave(KEV, [Cut(20), WrongLength(7), Status(503, "Retry-After: 0\r\n"), slowly]);
    assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated);
    // A length that is too small cuts JSON, which the feed's reader sees.
    site.server.put(KEV, kev(&["CVE-2024-0001", "CVE-2024-0002"]));
    site.server.behave(KEV, [WrongLength(-3)]);
    assert!(matches!(site.update("cisa-kev", NOW), Outcome::Refused(_)));
    assert_eq!(site.ids(), ["CVE-2024-0001"]);
    assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated);
    site.server.remove(KEV);
    let outcome = site.update("cisa-kev", NOW);
    assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("not there any more")), "{outcome:?}");
    assert_eq!(site.ids(), ["CVE-2024-0001", "CVE-2024-0002"]);
}

#[test]
fn a_page_of_excuses_with_status_200_is_refused() {
    let site = Site::new();
    site.server.put(KEV, "<html><body>Access denied</body></html>");
    assert!(site.refusal("cisa-kev").contains("cisa-kev"));
}

pub(super) fn secdb(release: &str, repository: &str) -> String {
    format!(
        r#"{{"distroversion":"{release}","reponame":"{repository}","packages":[
        {{"pkg":{{"name":"zlib","secfixes":{{"1.2.12-r2":["CVE-2022-37434"]}}}}}}]}}"#
    )
}

#[test]
fn a_listing_is_followed_and_only_where_it_should() {
    let site = Site::new();
    let at = |path: &str| format!("/secdb.alpinelinux.org/{path}");
    site.server.put(
        &at(""),
        "<a href=\"../\">..</a><a href=\"v3.18/\">v3.18</a><a href='v3.2/'>x</a><a href=\"edge/\">e</a>\
         <a href=\"v9/../../etc/\">no</a><a href=\"https://evil.example/v1/\">no</a><a href=\"license.txt\">l</a>",
    );
    for (folder, release) in [("v3.18", "v3.18"), ("edge", "edge")] {
        for repository in ["main", "community"] {
            site.server.put(&at(&format!("{folder}/{repository}.json")), secdb(release, repository));
        }
    }
    // The oldest release has no community.
    site.server.put(&at("v3.2/main.json"), secdb("v3.2", "main"));
    assert_eq!(site.update("alpine", NOW), Outcome::Updated);
    let mut paths = site.server.paths();
    paths.sort();
    paths.dedup();
    let expected = ["", "edge/community.json", "edge/main.json", "v3.18/community.json", "v3.18/main.json"];
    let expected: Vec<String> =
        expected.iter().chain(&["v3.2/community.json", "v3.2/main.json"]).map(|it| at(it)).collect();
    assert_eq!(paths, expected);
    let open = site.database().open().unwrap();
    for release in ["v3.18", "v3.2", "edge"] {
        assert!(open.snapshot.covers(&plimsoll_core::Realm::distro("apk", "alpine", release).0), "{release}");
    }
    // A listing without a link is a page that changed its form, not a distribution without releases.
    site.server.put(&at(""), "<p>moved</p>");
    assert!(matches!(site.update("alpine", NOW), Outcome::Failed(why) if why.contains("lists nothing")));
}

#[test]
fn a_repository_is_found_by_its_list_of_mirrors_and_its_index() {
    let site = Site::new();
    let updates = "<updates><update type='security' status='final'><id>ALAS2-2024-1</id><title>a fix</title>\
         <severity>medium</severity><issued date='2024-01-02 03:04'/>\
         <references><reference id='CVE-2024-0001' type='cve' href='https://example.com/1'/></references>\
         <pkglist><collection short='amazon-linux-2---core'><package name='curl' epoch='0' version='1' release='1' arch='x86_64'/></collection></pkglist>\
         </update></updates>";
    let packed = gzip(updates.as_bytes());
    let digest = plimsoll_core::Digest::sha256(<sha2::Sha256 as sha2::Digest>::digest(&packed).into());
    let base = "/cdn.amazonlinux.com/2/core/2.0/x86_64/abc";
    let mirrors = "https://cdn.amazonlinux.com/2/core/2.0/x86_64/abc\n";
    site.server.put("/cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list", mirrors);
    site.server.put("/cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list", mirrors);
    let index = format!(
        "<repomd><data type=\"updateinfo\"><checksum type=\"sha256\">{}</checksum><location href=\"repodata/updateinfo.xml.gz\"/></data></repomd>",
        digest.hex()
    );
    site.server.put(&format!("{base}/repodata/repomd.xml"), index);
    site.server.put(&format!("{base}/repodata/updateinfo.xml.gz"), packed);
    assert_eq!(site.update("amazon", NOW), Outcome::Updated);
    assert_eq!(site.ids(), ["ALAS2-2024-1", "CVE-2024-0001"]);
    // Between an old index and a new file nothing fits.
    site.server.put(&format!("{base}/repodata/updateinfo.xml.gz"), gzip(b"<updates/>"));
    assert!(matches!(site.update("amazon", NOW), Outcome::Failed(why) if why.contains("another SHA-256")));
    assert_eq!(site.ids(), ["ALAS2-2024-1", "CVE-2024-0001"]);
}

#[test]
fn after_the_archive_only_what_a_list_names_is_fetched() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[]);
    assert_eq!(site.update("osv-hackage", NOW), Outcome::Updated);
    assert_eq!(asked(&site), ["modified_id.csv", "all.zip"]);
    assert_eq!(site.update("osv-hackage", NOW + 3600), Outcome::Unchanged);
    assert_eq!(asked(&site), ["modified_id.csv"]);

    list(&site, &[("2026-11-01T02:00:00Z", "HSEC-2026-0090"), ("2026-11-01T01:00:00Z", "HSEC-2026-0010")]);
    put(&site, "HSEC-2026-0090", osv("HSEC-2026-0090", "new", ""));
    put(&site, "HSEC-2026-0010", osv("HSEC-2026-0010", "p10", "\"withdrawn\":\"2026-11-01T00:00:00Z\","));
    assert_eq!(site.update("osv-hackage", NOW + 3 * 3600), Outcome::Updated);
    let mut paths = asked(&site);
    paths.sort();
    assert_eq!(paths, ["HSEC-2026-0010.json", "HSEC-2026-0090.json", "modified_id.csv"]);
    let open = site.database().open().unwrap();
    assert_eq!(open.snapshot.rows("hackage", "new").count(), 1);
    assert_eq!(open.snapshot.rows("hackage", "p10").count(), 0);
    assert_eq!(open.snapshot.rows("hackage", "p11").count(), 1);
    drop(open);
    assert_eq!(site.update("osv-hackage", NOW + 4 * 3600), Outcome::Unchanged);
    assert_eq!(asked(&site), ["modified_id.csv"]);
}

#[test]
fn an_archive_that_stays_the_same_for_weeks_keeps_what_changed_since() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[("2026-10-01T00:00:00Z", "HSEC-2026-0010")]);
    site.update("osv-hackage", NOW);
    list(&site, &[("2026-11-01T02:00:00Z", "HSEC-2026-0090")]);
    put(&site, "HSEC-2026-0090", osv("HSEC-2026-0090", "new", ""));
    site.update("osv-hackage", NOW + DAY);
    for week in 1..4 {
        list(
            &site,
            &[("2026-11-03T00:00:00Z", "HSEC-2026-0091"), ("2026-11-01T02:00:00Z", "HSEC-2026-0090")],
        );
        put(&site, "HSEC-2026-0091", osv("HSEC-2026-0091", "newer", ""));
        site.update("osv-hackage", NOW + week * 8 * DAY);
        let open = site.database().open().unwrap();
        for package in ["new", "newer", "p10"] {
            assert_eq!(open.snapshot.rows("hackage", package).count(), 1, "{package} in week {week}");
        }
    }
}

#[test]
fn an_archive_older_than_its_list_is_brought_up_to_date_by_it() {
    let site = Site::new();
    // Made in September, and nobody has made a newer one.
    archive(&site, "Tue, 01 Sep 2026 00:00:00 GMT");
    list(&site, &[("2026-10-31T00:00:00Z", "HSEC-2026-0091"), ("2026-09-20T00:00:00Z", "HSEC-2026-0090")]);
    put(&site, "HSEC-2026-0090", osv("HSEC-2026-0090", "new", ""));
    put(&site, "HSEC-2026-0091", osv("HSEC-2026-0091", "newer", ""));
    site.update("osv-hackage", NOW);
    let open = site.database().open().unwrap();
    for package in ["new", "newer"] {
        assert_eq!(open.snapshot.rows("hackage", package).count(), 1, "{package}");
    }
}

#[test]
fn changes_that_were_refused_are_refused_again_and_not_forgotten() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[]);
    site.update("osv-hackage", NOW);
    let ids: Vec<String> = (10..20).map(|it| format!("HSEC-2026-00{it}")).collect();
    let lines: Vec<(&str, &str)> = ids.iter().map(|id| ("2026-11-01T02:00:00Z", id.as_str())).collect();
    list(&site, &lines);
    // Half of all records are said to be gone: their files are.
    for now in [NOW + DAY, NOW + 2 * DAY] {
        let outcome = site.update("osv-hackage", now);
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }
    for id in &ids {
        put(&site, id, osv(id, "back", ""));
    }
    assert_eq!(site.update("osv-hackage", NOW + 3 * DAY), Outcome::Updated);
    assert_eq!(site.database().open().unwrap().snapshot.rows("hackage", "back").count(), 10);
}

#[test]
fn a_list_that_cannot_be_read_is_no_list() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[]);
    site.update("osv-hackage", NOW);
    for broken in ["<html>", "2026-11-01T00:00:00Z,../../x\n", "2026-11-01T00:00:00Z"] {
        site.server.put(&format!("{OSV}/modified_id.csv"), broken);
        asked(&site);
        assert_eq!(site.update("osv-hackage", NOW + DAY), Outcome::Unchanged, "{broken}");
        assert_eq!(asked(&site), ["modified_id.csv", "all.zip"], "{broken}");
    }
}

/// A document of Red Hat's about one flaw in curl.
pub(super) fn vex(id: &str) -> String {
    format!(
        r#"{{"document":{{"title":"a flaw","tracking":{{"current_release_date":"2026-05-07T12:22:18+00:00"}}}},
        "product_tree":{{"branches":[
        {{"product":{{"product_id":"R9","product_identification_helper":{{"cpe":"cpe:/o:redhat:enterprise_linux:9"}}}}}},
        {{"product":{{"product_id":"curl","product_identification_helper":{{"purl":"pkg:rpm/redhat/curl?arch=src"}}}}}}],
        "relationships":[{{"full_product_name":{{"product_id":"R9:curl"}},"product_reference":"curl","relates_to_product_reference":"R9"}}]}},
        "vulnerabilities":[{{"cve":"{id}","product_status":{{"known_affected":["R9:curl"]}}}}]}}"#
    )
}

#[test]
fn red_hats_lists_of_changes_and_deletions_are_followed() {
    let site = Site::new();
    let folder = "/security.access.redhat.com/data/csaf/v2/vex-feed";
    let mut tar = tarball(
        &(10..40)
            .map(|it| (format!("2024/cve-2024-00{it}.json"), vex(&format!("CVE-2024-00{it}"))))
            .collect::<Vec<_>>(),
    );
    tar = zstd::encode_all(tar.as_slice(), 3).unwrap();
    site.server.put_dated(&format!("{folder}/vex-archive.tar.zst"), tar, "Sat, 31 Oct 2026 22:00:00 GMT");
    site.server
        .put(&format!("{folder}/changes.csv"), "\"2024/cve-2024-0010.json\",\"2026-10-01T00:00:00+00:00\"\n");
    site.server.put(&format!("{folder}/deletions.csv"), "");
    assert_eq!(site.update("redhat-vex", NOW), Outcome::Updated);
    assert_eq!(site.ids().len(), 30);
    site.server
        .put(&format!("{folder}/changes.csv"), "\"2024/cve-2024-0099.json\",\"2026-11-01T01:00:00+00:00\"\n");
    site.server.put(
        &format!("{folder}/deletions.csv"),
        "\"2024/cve-2024-0011.json\",\"2026-11-01T01:00:00+00:00\"\n",
    );
    site.server.put(&format!("{folder}/2024/cve-2024-0099.json"), vex("CVE-2024-0099"));
    site.server.requests();
    assert_eq!(site.update("redhat-vex", NOW + 3600), Outcome::Updated);
    assert_eq!(site.server.requests().len(), 3);
    let ids = site.ids();
    assert!(
        ids.contains(&"CVE-2024-0099".to_owned()) && !ids.contains(&"CVE-2024-0011".to_owned()),
        "{ids:?}"
    );
    assert_eq!(ids.len(), 30);
    // What is listed as changed and not there yet says what it said before.
    site.server
        .put(&format!("{folder}/changes.csv"), "\"2024/cve-2024-0012.json\",\"2026-11-01T02:00:00+00:00\"\n");
    assert_eq!(site.update("redhat-vex", NOW + 7200), Outcome::Unchanged);
    assert_eq!(site.ids(), ids);
}

#[test]
fn a_snapshot_in_use_without_a_recipe_is_not_taken_for_the_one_before() {
    let site = Site::new();
    site.server.put(KEV, kev(&["CVE-2024-0001"]));
    site.update("cisa-kev", NOW);
    site.server.put(KEV, kev(&["CVE-2024-0002"]));
    site.update("cisa-kev", NOW + 1);
    // The update was killed before it wrote down what the snapshot was built from; then the vendor takes
    // back what it said.
    std::fs::remove_file(site.folder.path().join("db/recipes/00000002.json")).unwrap();
    site.server.put(KEV, kev(&["CVE-2024-0001"]));
    site.update("cisa-kev", NOW + 2);
    assert_eq!(site.ids(), ["CVE-2024-0001"]);
    assert_eq!(site.database().current().unwrap(), Some(3));
}

#[test]
fn what_killed_updates_left_is_swept_away_and_what_is_new_is_not() {
    let site = Site::new();
    site.server.put(KEV, kev(&["CVE-2024-0001"]));
    site.update("cisa-kev", NOW);
    let folder = site.folder.path().join("db");
    let left = [
        "snapshots/.unfinished-a",
        "feeds/.unfinished-b",
        "partial/0123",
        ".unfinished-c",
        "blobs/.unfinished-d",
    ];
    let put = || {
        std::fs::create_dir_all(folder.join("partial")).unwrap();
        for name in left {
            std::fs::write(folder.join(name), "x").unwrap();
        }
    };
    let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let today = i64::try_from(today).unwrap();
    for (now, stay) in [(today, 4), (today + 30 * DAY, 0)] {
        put();
        site.update("cisa-kev", now);
        assert_eq!(left.iter().filter(|name| folder.join(name).exists()).count(), stay);
    }
    assert_eq!(site.ids(), ["CVE-2024-0001"]);
}

/// An archive of plain files, as `tar` writes it (POSIX ustar).
pub(super) fn tarball(members: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[136..147].copy_from_slice(b"00000000000");
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[263..265].copy_from_slice(b"00");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(content.as_bytes());
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}
