//! How each vendor says what changed since: names of archives, indexes, logs, files of the last days,
//! pages; and that a day's change costs a small part of the whole.

use super::server::Manner::Status;
use super::server::gzip;
use super::vendors::{tarball, vex, zip};
use super::{DAY, NOW, Outcome, Site};
use crate::db::FeedHealth;

/// The paths that were asked for below a folder, in order.
fn asked(site: &Site, folder: &str) -> Vec<String> {
    let mut paths: Vec<String> =
        site.server.paths().into_iter().map(|it| it.replacen(&format!("{folder}/"), "", 1)).collect();
    paths.sort();
    paths
}

/// Puts twenty documents into an archive, so that one more or less is no suspicion.
fn twenty(document: impl Fn(u32) -> (String, String)) -> Vec<(String, String)> {
    (10..30).map(document).collect()
}

fn zipped(members: &[(String, String)]) -> Vec<u8> {
    let members: Vec<(&str, String)> = members.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
    zip(&members)
}

#[test]
fn a_file_names_the_archive_of_the_day() {
    const FOLDER: &str = "/security.access.redhat.com/data/csaf/v2/vex-feed";
    let site = Site::new();
    let documents = twenty(|it| (format!("2024/cve-2024-00{it}.json"), vex(&format!("CVE-2024-00{it}"))));
    let archive = zstd::encode_all(tarball(&documents).as_slice(), 3).unwrap();
    let put = |name: &str, body: &[u8]| site.server.put(&format!("{FOLDER}/{name}"), body);
    put("csaf_vex_2026-10-31.tar.zst", &archive);
    put("archive_latest.txt", b"csaf_vex_2026-10-31.tar.zst\n");
    put("changes.csv", b"");
    put("deletions.csv", b"");
    assert_eq!(site.update("redhat-vex", NOW), Outcome::Updated);
    assert_eq!(site.ids().len(), 20);
    asked(&site, FOLDER);
    // The next day the lists are enough, whatever the archive is called then.
    put("archive_latest.txt", b"csaf_vex_2026-11-01.tar.zst");
    assert_eq!(site.update("redhat-vex", NOW + DAY), Outcome::Unchanged);
    assert_eq!(asked(&site, FOLDER), ["changes.csv", "deletions.csv"]);
    put("csaf_vex_2026-11-01.tar.zst", &archive);
    assert_eq!(site.update("redhat-vex", NOW + 8 * DAY), Outcome::Unchanged);
    let archive_of_the_day = "csaf_vex_2026-11-01.tar.zst";
    assert_eq!(
        asked(&site, FOLDER),
        ["archive_latest.txt", "changes.csv", archive_of_the_day, "deletions.csv"]
    );
    // A page of excuses is no name; where the file is gone, the archive may have a name without a date.
    for excuse in ["<html>", "../../etc/passwd", "", ".."] {
        put("archive_latest.txt", excuse.as_bytes());
        // The lists go on meanwhile, and it is said.
        assert_eq!(site.update("redhat-vex", NOW + 30 * DAY), Outcome::Unchanged);
        let health = site.database().feed_state("redhat-vex").unwrap().health();
        assert!(matches!(&health, FeedHealth::Bad(why) if why.contains("no name")), "{excuse}: {health:?}");
    }
    site.server.remove(&format!("{FOLDER}/archive_latest.txt"));
    put("vex-archive.tar.zst", &archive);
    assert_eq!(site.update("redhat-vex", NOW + 30 * DAY), Outcome::Unchanged);
    assert_eq!(site.ids().len(), 20);
}

fn go(id: &str, module: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-10-01T00:00:00Z","affected":[{{
        "package":{{"ecosystem":"Go","name":"{module}"}},
        "ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.2.0"}}]}}]}}]}}"#
    )
}

#[test]
fn the_index_of_gos_database_says_which_reports_changed() {
    const FOLDER: &str = "/vuln.go.dev";
    let site = Site::new();
    let put = |name: &str, body: Vec<u8>| site.server.put(&format!("{FOLDER}/{name}"), body);
    let index = |changed: &[(&str, &str)]| {
        let old = (10..27).map(|it| (format!("GO-2024-00{it}"), format!("20{it}-05-20T16:03:47Z")));
        let new = changed.iter().map(|(id, time)| ((*id).to_owned(), (*time).to_owned()));
        let reports: Vec<serde_json::Value> =
            old.chain(new).map(|(id, time)| serde_json::json!({ "id": id, "modified": time })).collect();
        serde_json::to_vec(&reports).unwrap()
    };
    let mut members = twenty(|it| {
        (format!("ID/GO-2024-00{it}.json"), go(&format!("GO-2024-00{it}"), &format!("m.io/p{it}")))
    });
    members.push(("index/vulns.json".to_owned(), "[]".to_owned()));
    put("vulndb.zip", zipped(&members));
    put("index/vulns.json", index(&[]));
    assert_eq!(site.update("go-vulndb", NOW), Outcome::Updated);
    // The newest once more: the archive may not have it yet.
    assert_eq!(asked(&site, FOLDER), ["ID/GO-2024-0026.json", "index/vulns.json", "vulndb.zip"]);
    put(
        "index/vulns.json",
        index(&[("GO-2026-0090", "2026-11-01T01:00:00Z"), ("GO-2024-0010", "2026-11-01T02:00:00Z")]),
    );
    put("ID/GO-2026-0090.json", go("GO-2026-0090", "m.io/new").into_bytes());
    put("ID/GO-2024-0010.json", go("GO-2024-0010", "m.io/other").into_bytes());
    assert_eq!(site.update("go-vulndb", NOW + 3 * 3600), Outcome::Updated);
    let expected = ["ID/GO-2024-0010.json", "ID/GO-2026-0090.json", "index/vulns.json"];
    assert_eq!(asked(&site, FOLDER), expected);
    let open = site.database().open().unwrap();
    let rows = |module: &str| open.snapshot.rows("golang", module).count();
    assert_eq!([rows("m.io/new"), rows("m.io/other"), rows("m.io/p10"), rows("m.io/p11")], [1, 1, 0, 1]);
    // A report that is named and not there has not come yet, and is not gone.
    put("index/vulns.json", index(&[("GO-2024-0011", "2026-11-01T03:00:00Z")]));
    assert_eq!(site.update("go-vulndb", NOW + 4 * 3600), Outcome::Unchanged);
    assert_eq!(site.database().open().unwrap().snapshot.rows("golang", "m.io/p11").count(), 1);
    // It is asked for until it comes.
    put("ID/GO-2024-0011.json", go("GO-2024-0011", "m.io/late").into_bytes());
    assert_eq!(site.update("go-vulndb", NOW + 5 * 3600), Outcome::Updated);
    assert_eq!(site.database().open().unwrap().snapshot.rows("golang", "m.io/late").count(), 1);
}

const CVES: &str = "/raw.githubusercontent.com/CVEProject/cvelistV5/main";
const CVE_ARCHIVE: &str = "/github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip";

fn cve(id: &str, text: &str) -> String {
    format!(
        r#"{{"cveMetadata":{{"cveId":"{id}","state":"PUBLISHED","dateUpdated":"2026-11-01T00:00:00.000Z"}},
        "containers":{{"cna":{{"descriptions":[{{"lang":"en","value":"{text}"}}]}}}}}}"#
    )
}

/// The log that goes back to a time, with one look that brought these records.
fn delta_log(site: &Site, begin: &str, time: &str, ids: &[&str]) {
    let changed: Vec<serde_json::Value> = ids.iter().map(|id| serde_json::json!({ "cveId": id })).collect();
    let log = serde_json::json!([
        { "fetchTime": time, "numberOfChanges": ids.len(), "new": [], "updated": changed, "error": [] },
        { "fetchTime": begin, "numberOfChanges": 0, "new": [], "updated": [], "error": [] },
    ]);
    site.server.put(&format!("{CVES}/cves/deltaLog.json"), log.to_string());
}

fn cve_archive(site: &Site) {
    let member = |it: u32| {
        let id = format!("CVE-2024-30{it}");
        (format!("cvelistV5-main/cves/2024/3xxx/{id}.json"), cve(&id, "old"))
    };
    site.server.put(CVE_ARCHIVE, zipped(&twenty(member)));
}

/// What a feed's shard says of a vulnerability: feeds without packages are in no snapshot alone.
fn text_of(site: &Site, feed: &str, id: &str) -> Option<String> {
    let state = site.database().feed_state(feed).unwrap();
    let shard = site.database().shard(&state.shard?.digest).unwrap();
    let details = shard.details_of(id).unwrap();
    assert!(details.len() < 2, "{id} is there twice");
    details.first().copied()?.map(str::to_owned)
}

#[test]
fn the_log_of_the_cve_list_takes_the_place_of_the_archive() {
    let site = Site::new();
    cve_archive(&site);
    delta_log(&site, "2026-10-02T00:00:00Z", "2026-10-20T00:00:00Z", &[]);
    assert_eq!(site.update("cve-list", NOW), Outcome::Updated);
    site.server.requests();
    delta_log(
        &site,
        "2026-10-02T00:00:00Z",
        "2026-11-01T02:00:00.000Z",
        &["CVE-2024-3010", "CVE-2026-12345"],
    );
    for (path, id) in [("2024/3xxx", "CVE-2024-3010"), ("2026/12xxx", "CVE-2026-12345")] {
        site.server.put(&format!("{CVES}/cves/{path}/{id}.json"), cve(id, "new"));
    }
    assert_eq!(site.update("cve-list", NOW + 3 * 3600), Outcome::Updated);
    let expected =
        ["cves/2024/3xxx/CVE-2024-3010.json", "cves/2026/12xxx/CVE-2026-12345.json", "cves/deltaLog.json"];
    assert_eq!(asked(&site, CVES), expected);
    assert_eq!(text_of(&site, "cve-list", "CVE-2024-3010").as_deref(), Some("new"));
    assert_eq!(text_of(&site, "cve-list", "CVE-2026-12345").as_deref(), Some("new"));
    assert_eq!(text_of(&site, "cve-list", "CVE-2024-3011").as_deref(), Some("old"));
}

#[test]
fn a_log_that_does_not_go_back_far_enough_is_not_relied_upon() {
    let site = Site::new();
    cve_archive(&site);
    delta_log(&site, "2026-10-02T00:00:00Z", "2026-10-20T00:00:00Z", &[]);
    site.update("cve-list", NOW);
    site.server.requests();
    delta_log(&site, "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", &[]);
    site.update("cve-list", NOW + 3 * DAY);
    assert!(site.server.paths().contains(&CVE_ARCHIVE.to_owned()));
}

#[test]
fn who_refuses_single_documents_is_asked_for_the_archive() {
    let site = Site::new();
    cve_archive(&site);
    delta_log(&site, "2026-10-02T00:00:00Z", "2026-10-20T00:00:00Z", &[]);
    site.update("cve-list", NOW);
    site.server.requests();
    delta_log(&site, "2026-10-02T00:00:00Z", "2026-11-01T02:00:00Z", &["CVE-2024-3010"]);
    let document = format!("{CVES}/cves/2024/3xxx/CVE-2024-3010.json");
    site.server.put(&document, cve("CVE-2024-3010", "new"));
    site.server.behave(&document, [Status(403, "")]);
    assert!(matches!(site.update("cve-list", NOW + DAY), Outcome::Updated | Outcome::Unchanged));
    assert!(site.server.paths().iter().any(|path| path == CVE_ARCHIVE));
    // And again for documents, once they are given.
    site.update("cve-list", NOW + DAY + 3600);
    assert_eq!(text_of(&site, "cve-list", "CVE-2024-3010").as_deref(), Some("new"));
}

const NVD: &str = "/nvd.nist.gov/feeds/json/cve/2.0";

/// A file of the NVD with these records, each `(id, last modified, text)`.
fn nvd(site: &Site, name: &str, records: &[(&str, &str, &str)]) {
    let item = |(id, modified, text): &(&str, &str, &str)| {
        serde_json::json!({ "cve": { "id": id, "lastModified": modified, "vulnStatus": "Modified",
            "descriptions": [{ "lang": "en", "value": text }] } })
    };
    let items: Vec<serde_json::Value> = records.iter().map(item).collect();
    let page = serde_json::json!({ "format": "NVD_CVE", "version": "2.0", "vulnerabilities": items });
    site.server.put(&format!("{NVD}/nvdcve-2.0-{name}.json.gz"), gzip(page.to_string().as_bytes()));
}

#[test]
fn the_file_of_the_last_days_takes_the_place_of_the_years() {
    let site = Site::new();
    nvd(&site, "2023", &[("CVE-2023-0001", "2023-01-01T00:00:00.000", "old")]);
    nvd(
        &site,
        "2024",
        &[
            ("CVE-2024-0001", "2024-01-01T00:00:00.000", "old"),
            ("CVE-2024-0002", "2024-01-01T00:00:00.000", "old"),
        ],
    );
    nvd(&site, "modified", &[]);
    assert_eq!(site.update("nvd", NOW), Outcome::Updated);
    assert!(site.server.requests().len() > 30, "every year is asked for once");
    let new = ("CVE-2024-0001", "2026-11-01T01:00:00.000", "new");
    nvd(&site, "modified", &[new, ("CVE-2026-9999", "2026-11-01T01:00:00.000", "new")]);
    assert_eq!(site.update("nvd", NOW + 7200), Outcome::Updated);
    assert_eq!(asked(&site, NVD), ["nvdcve-2.0-modified.json.gz"]);
    let texts = || {
        ["CVE-2023-0001", "CVE-2024-0001", "CVE-2024-0002", "CVE-2026-9999"]
            .map(|id| text_of(&site, "nvd", id))
    };
    let some = |texts: [&str; 4]| texts.map(|it| Some(it.to_owned()));
    assert_eq!(texts(), some(["old", "new", "old", "new"]));
    // After a week the years have it; what was passed over in them counts again.
    nvd(&site, "2024", &[new, ("CVE-2024-0002", "2024-01-01T00:00:00.000", "old")]);
    nvd(&site, "2026", &[("CVE-2026-9999", "2026-11-01T01:00:00.000", "new")]);
    site.update("nvd", NOW + 7 * DAY);
    nvd(&site, "modified", &[]);
    site.update("nvd", NOW + 9 * DAY);
    assert_eq!(texts(), some(["old", "new", "old", "new"]));
    assert_eq!(site.server.paths().iter().filter(|it| it.contains("2024")).count(), 1);
}

#[test]
fn years_that_nobody_brings_up_to_date_are_asked_for_themselves() {
    let site = Site::new();
    nvd(&site, "2024", &[("CVE-2024-0001", "2024-01-01T00:00:00.000", "old")]);
    site.update("nvd", NOW);
    nvd(&site, "2024", &[("CVE-2024-0001", "2026-11-01T00:00:00.000", "new")]);
    site.update("nvd", NOW + 7200);
    assert_eq!(text_of(&site, "nvd", "CVE-2024-0001").as_deref(), Some("new"));
}

const APOLLO: &str = "/apollo.build.resf.org/api/v3/advisories";

/// Serves announcements, newest first, `(number, published, fixed version)`, three a page.
fn apollo(site: &Site, announcements: &[(u32, String, &str)]) {
    let item = |(number, published, fixed): &(u32, String, &str)| {
        serde_json::json!({ "name": format!("RLSA-2026:{number}"), "kind": "Security", "severity": "Moderate",
            "published_at": published, "updated_at": published, "synopsis": format!("fixed in {fixed}"),
            "cves": [{ "cve": format!("CVE-2026-{number}") }],
            "packages": [{ "nevra": format!("p{number}-0:{fixed}-2.el9.x86_64.rpm"), "product_name": "Rocky Linux 9 x86_64" }] })
    };
    for (index, page) in announcements.chunks(3).enumerate() {
        let items: Vec<serde_json::Value> = page.iter().map(item).collect();
        let page = serde_json::json!({ "advisories": items, "total": announcements.len(), "page": index + 1, "size": 3 });
        site.server.put(&format!("{APOLLO}/?size=100&page={}", index + 1), page.to_string());
    }
}

#[test]
fn pages_are_read_until_they_hold_nothing_new() {
    let site = Site::new();
    let all = || -> Vec<(u32, String, &str)> {
        (1001..1031)
            .rev()
            .map(|it| {
                (it, format!("2026-{:02}-{:02}T00:00:00+00:00", (it - 1000) / 4 + 1, it % 4 + 1), "1.0")
            })
            .collect()
    };
    apollo(&site, &all());
    assert_eq!(site.update("rocky", NOW), Outcome::Updated);
    assert_eq!(site.server.requests().len(), 10);
    let rows = |package: &str| site.database().open().unwrap().snapshot.rows("rpm/rocky:9", package).count();
    assert_eq!((rows("p1001"), rows("p1030")), (1, 1));
    // Two new ones shift all others; one of the others says something else now.
    let mut more = vec![
        (1032, "2026-11-02T00:00:00+00:00".to_owned(), "1.0"),
        (1031, "2026-11-01T00:00:00+00:00".to_owned(), "1.0"),
    ];
    more.extend(all());
    more[2].2 = "1.1";
    apollo(&site, &more);
    assert_eq!(site.update("rocky", NOW + 2 * DAY), Outcome::Updated);
    let pages = site.server.requests().len();
    assert!(pages <= 2, "{pages} pages");
    assert_eq!([rows("p1001"), rows("p1030"), rows("p1031"), rows("p1032")], [1; 4]);
    // Where one page cannot be had, what was there stays whole, and what is newer still comes.
    more.insert(0, (1033, "2026-11-08T00:00:00+00:00".to_owned(), "1.0"));
    apollo(&site, &more);
    site.server.behave(&format!("{APOLLO}/?size=100&page=4"), [Status(403, "")]);
    assert_eq!(site.update("rocky", NOW + 8 * DAY), Outcome::Updated);
    assert_eq!(rows("p1033"), 1);
    assert_eq!([rows("p1001"), rows("p1032")], [1; 2]);
    site.server.requests();
    site.update("rocky", NOW + 8 * DAY);
    assert_eq!(site.server.requests().len(), 11, "all are read again after a week");
    assert_eq!([rows("p1001"), rows("p1030"), rows("p1032")], [1; 3]);
}

#[test]
fn a_folder_is_listed_for_files_that_have_no_row_of_their_own() {
    const FOLDER: &str = "/ftp.suse.com/pub/projects/security/oval";
    let site = Site::new();
    let oval = |product: &str| {
        format!(
            r#"<oval_definitions><definitions><definition id="oval:org.opensuse.security:def:1" class="vulnerability"><metadata>
            <title>CVE-2026-0001</title><description>d</description></metadata>
            <criteria operator="AND"><criterion test_ref="t:1" comment="{product} is installed"/>
            <criterion test_ref="t:2" comment="curl is affected"/></criteria></definition></definitions></oval_definitions>"#
        )
    };
    site.server.put(
        &format!("{FOLDER}/"),
        "<a href=\"opensuse.leap.15.6-affected.xml.bz2\">a</a><a href=\"opensuse.leap.16.1-affected.xml.bz2\">b</a>\
         <a href=\"opensuse.leap.16.1-patch.xml.bz2\">c</a><a href=\"opensuse.leap.42.3-affected.xml.bz2\">d</a>",
    );
    for (name, product) in [
        ("suse.linux.enterprise.server.15-affected", "SUSE Linux Enterprise Server 15 SP6"),
        ("opensuse.leap.15.6-affected", "openSUSE Leap 15.6"),
        ("opensuse.leap.16.1-affected", "openSUSE Leap 16.1"),
    ] {
        site.server.put(&format!("{FOLDER}/{name}.xml.bz2"), oval(product));
    }
    assert_eq!(site.update("suse", NOW), Outcome::Updated);
    let paths = site.server.paths();
    let times = |name: &str| paths.iter().filter(|it| it.contains(name)).count();
    assert_eq!(
        [times("leap.15.6-affected"), times("leap.16.1-affected"), times("patch"), times("42.3")],
        [1, 1, 0, 0]
    );
    let state = site.database().feed_state("suse").unwrap();
    assert!(state.parts.iter().any(|part| part.name == "opensuse.leap.16.1-affected"), "{:?}", state.parts);
}
