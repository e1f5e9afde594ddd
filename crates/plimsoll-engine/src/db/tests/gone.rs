//! What vendors, mirrors and disks lose: nothing that was known vanishes with it in silence.

use super::server::Manner::Status;
use super::vendors::{OSV, archive, list, osv, put, secdb};
use super::{DAY, KEV, NOW, Outcome, Site, kev};
use crate::db::FeedHealth;

fn rows(site: &Site, realm: &str, package: &str) -> usize {
    site.database().open().unwrap().snapshot.rows(realm, package).count()
}

fn alpine(site: &Site, releases: &[&str]) {
    let links: String = releases.iter().map(|it| format!("<a href=\"{it}/\">{it}</a>")).collect();
    site.server.put("/secdb.alpinelinux.org/", links);
    for release in releases {
        for repository in ["main", "community"] {
            let path = format!("/secdb.alpinelinux.org/{release}/{repository}.json");
            site.server.put(&path, secdb(release, repository));
        }
    }
}

#[test]
fn a_part_that_is_not_there_any_more_keeps_its_rows_and_is_named() {
    let site = Site::new();
    alpine(&site, &["v3.17", "v3.18", "edge"]);
    assert_eq!(site.update("alpine", NOW), Outcome::Updated);
    site.server.remove("/secdb.alpinelinux.org/v3.18/main.json");
    let summary = site.try_update("alpine", NOW + DAY).unwrap();
    assert_eq!((summary.notes.len(), summary.troubles()), (1, 1));
    assert!(summary.notes[0].1.contains("v3.18/main.json is not there any more"), "{:?}", summary.notes);
    assert_eq!(rows(&site, "apk/alpine:v3.18", "zlib"), 1);
    // A release that is not even listed any more, likewise.
    alpine(&site, &["v3.18", "edge"]);
    site.try_update("alpine", NOW + 2 * DAY).unwrap();
    assert_eq!(rows(&site, "apk/alpine:v3.17", "zlib"), 1);
    let health = site.database().feed_state("alpine").unwrap().health();
    assert!(matches!(&health, FeedHealth::Bad(why) if why.contains("v3.17")), "{health:?}");
    // And once it is there again all is well.
    alpine(&site, &["v3.17", "v3.18", "edge"]);
    assert_eq!(site.try_update("alpine", NOW + 3 * DAY).unwrap().troubles(), 0);
    assert_eq!(site.database().feed_state("alpine").unwrap().health(), FeedHealth::Good);
}

/// Debian's list with a row of each of these releases.
fn debian(releases: &[&str]) -> String {
    let release = |it: &&str| {
        (
            (*it).to_owned(),
            serde_json::json!({ "status": "resolved", "urgency": "low", "fixed_version": "2",
                "repositories": { *it: "1" } }),
        )
    };
    let releases: serde_json::Map<String, serde_json::Value> = releases.iter().map(release).collect();
    serde_json::json!({ "zlib": { "CVE-2022-37434": { "scope": "local", "releases": releases } } })
        .to_string()
}

#[test]
fn a_release_that_leaves_a_file_keeps_its_last_word() {
    const PATH: &str = "/security-tracker.debian.org/tracker/data/json";
    let site = Site::new();
    site.server.put(PATH, debian(&["bullseye", "bookworm"]));
    assert_eq!(site.update("debian", NOW), Outcome::Updated);
    assert_eq!(rows(&site, "deb/debian:11", "zlib"), 1);
    site.server.put(PATH, debian(&["bookworm", "trixie"]));
    assert_eq!(site.update("debian", NOW + DAY), Outcome::Updated);
    for release in ["11", "12", "13"] {
        assert_eq!(rows(&site, &format!("deb/debian:{release}"), "zlib"), 1, "{release}");
    }
    let state = site.database().feed_state("debian").unwrap();
    assert_eq!((state.kept_realms, state.last), (vec!["deb/debian:11".to_owned()], Some(Outcome::Updated)));
    // What it was built from comes to the same again.
    let recipe = site.database().recipe(2).unwrap().unwrap();
    for from_raw in [false, true] {
        site.database().rebuild(&recipe, from_raw).unwrap();
    }
}

#[test]
fn a_feed_that_moved_away_is_a_failure_and_no_absence() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[]);
    assert_eq!(site.update("osv-hackage", NOW), Outcome::Updated);
    site.server.remove(&format!("{OSV}/all.zip"));
    site.server.remove(&format!("{OSV}/modified_id.csv"));
    let summary = site.try_update("osv-hackage", NOW + 8 * DAY).unwrap();
    assert_eq!(summary.troubles(), 1, "{summary:?}");
    assert_eq!(rows(&site, "hackage", "p11"), 1);
}

#[test]
fn a_mirror_that_is_empty_today_is_a_failure() {
    let site = Site::new();
    let mirror = site.folder.path().join("mirror");
    let folder = mirror.join("kev");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("known_exploited_vulnerabilities.json"), kev(&["CVE-2024-0001"])).unwrap();
    let update = |now| site.update_from(mirror.to_str(), "cisa-kev", now).unwrap();
    assert_eq!(update(NOW).feeds[0].1, Outcome::Updated);
    std::fs::remove_dir_all(&folder).unwrap();
    let outcome = update(NOW + DAY).feeds.remove(0).1;
    assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("not there any more")), "{outcome:?}");
    assert_eq!(site.ids(), ["CVE-2024-0001"]);
}

#[test]
fn what_is_no_document_neither_replaces_nor_removes_one() {
    for body in ["", "<html>try again later</html>"] {
        let site = Site::new();
        archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
        list(&site, &[]);
        site.update("osv-hackage", NOW);
        list(&site, &[("2026-11-01T01:00:00Z", "HSEC-2026-0010")]);
        put(&site, "HSEC-2026-0010", body.to_owned());
        site.update("osv-hackage", NOW + 3 * 3600);
        assert_eq!(rows(&site, "hackage", "p10"), 1, "{body}");
        // It is asked for until it is one.
        put(&site, "HSEC-2026-0010", osv("HSEC-2026-0010", "other", ""));
        assert_eq!(site.update("osv-hackage", NOW + 4 * 3600), Outcome::Updated);
        assert_eq!((rows(&site, "hackage", "p10"), rows(&site, "hackage", "other")), (0, 1));
    }
}

#[test]
fn a_date_in_the_future_hides_no_change_before_it() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    let odd = ("2031-01-01T00:00:00Z", "HSEC-2026-0011");
    put(&site, "HSEC-2026-0011", osv("HSEC-2026-0011", "p11", ""));
    list(&site, &[odd]);
    site.update("osv-hackage", NOW);
    put(&site, "HSEC-2026-0090", osv("HSEC-2026-0090", "new", ""));
    list(&site, &[odd, ("2026-11-01T02:00:00Z", "HSEC-2026-0090")]);
    assert_eq!(site.update("osv-hackage", NOW + 3 * 3600), Outcome::Updated);
    assert_eq!(rows(&site, "hackage", "new"), 1);
}

#[test]
fn an_archive_that_cannot_be_had_today_stops_no_changes() {
    let site = Site::new();
    archive(&site, "Sat, 31 Oct 2026 22:00:00 GMT");
    list(&site, &[]);
    site.update("osv-hackage", NOW);
    put(&site, "HSEC-2026-0090", osv("HSEC-2026-0090", "new", ""));
    list(&site, &[("2026-11-08T00:00:00Z", "HSEC-2026-0090")]);
    site.server.behave(&format!("{OSV}/all.zip"), [Status(403, "")]);
    let summary = site.try_update("osv-hackage", NOW + 8 * DAY).unwrap();
    assert_eq!(summary.feeds[0].1, Outcome::Updated);
    assert!(summary.notes[0].1.contains("403"), "{:?}", summary.notes);
    assert_eq!((rows(&site, "hackage", "new"), rows(&site, "hackage", "p10")), (1, 1));
}

#[test]
fn a_mirror_is_searched_by_its_listings_and_its_login_is_nowhere() {
    let site = Site::new();
    site.server.put("/feeds/alpine/secdb/", "<a href=\"v3.18/\">x</a><a href=\"v3.19/\">x</a>");
    for release in ["v3.18", "v3.19", "edge"] {
        for repository in ["main", "community"] {
            let path = format!("/feeds/alpine/secdb/{release}/{repository}.json");
            site.server.put(&path, secdb(release, repository));
        }
    }
    let address = site.server.address();
    let mirror = address.replacen("://", "://robot:geheim-wort@", 1) + "/feeds";
    let summary = site.update_from(Some(&mirror), "alpine", NOW).unwrap();
    assert_eq!(summary.feeds[0].1, Outcome::Updated, "{summary:?}");
    for release in ["v3.18", "v3.19", "edge"] {
        assert_eq!(rows(&site, &format!("apk/alpine:{release}"), "zlib"), 1, "{release}");
    }
    site.server.remove("/feeds/alpine/secdb/edge/main.json");
    let summary = site.update_from(Some(&mirror), "alpine", NOW + DAY).unwrap();
    let said = format!("{summary:?}");
    assert!(said.contains("edge/main.json") && !said.contains("geheim"), "{said}");
    let database = site.folder.path().join("db");
    for folder in ["feeds", "recipes", "snapshots"] {
        for file in std::fs::read_dir(database.join(folder)).unwrap() {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!content.windows(6).any(|it| it == b"geheim"), "{folder}");
        }
    }
}

#[test]
fn a_state_or_a_recipe_that_cannot_be_read_stops_no_update() {
    let site = Site::new();
    site.server.put(KEV, kev(&["CVE-2024-0001"]));
    assert_eq!(site.update("cisa-kev", NOW), Outcome::Updated);
    let database = site.folder.path().join("db");
    std::fs::write(database.join("feeds/cisa-kev.json"), "{\"feed\": 7}").unwrap();
    // Even where the vendor is away: what the recipe names is still there.
    site.server.behave(KEV, [Status(403, "")]);
    let _ = site.try_update("cisa-kev", NOW + DAY);
    assert_eq!(site.ids(), ["CVE-2024-0001"]);
    std::fs::write(database.join("recipes/00000001.json"), "nothing").unwrap();
    site.server.put(KEV, kev(&["CVE-2024-0001", "CVE-2024-0002"]));
    assert_eq!(site.update("cisa-kev", NOW + 2 * DAY), Outcome::Updated);
    assert_eq!(site.ids(), ["CVE-2024-0001", "CVE-2024-0002"]);
}
