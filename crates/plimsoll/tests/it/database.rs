//! `plimsoll db`: updates, refusals, snapshots.

use crate::sandbox::{Sandbox, sample_feed};

#[test]
fn an_update_builds_a_snapshot_only_when_something_changed() {
    let sandbox = Sandbox::new().with_database();
    let mirror = sandbox.path("mirror").display().to_string();
    let again = sandbox.run(&["db", "update", "--mirror", &mirror]);
    assert_eq!(again.status, 0, "{}", again.err);
    assert!(again.out.contains("nothing changed"), "{}", again.out);
    let mut records = sample_feed();
    records.push(serde_json::json!({ "id": "CVE-2023-0004", "modified": "2024-01-02T00:00:00Z", "affected": [
        { "package": { "ecosystem": "Debian:12", "name": "bash" }, "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }] }] }] }));
    sandbox.mirror("mirror", &records);
    assert!(sandbox.run(&["db", "update", "--mirror", &mirror]).out.contains("snapshot 2 is in use"));
    let list = sandbox.run(&["db", "list"]).out;
    assert!(list.contains("* 2") && list.contains("  1"), "{list}");
    assert_eq!(sandbox.run(&["db", "use", "1"]).status, 0);
    assert!(sandbox.run(&["db", "list"]).out.contains("* 1"));
    assert_eq!(sandbox.run(&["db", "use", "77"]).status, 2);
}

#[test]
fn a_feed_that_shrinks_or_is_cut_short_is_refused() {
    let sandbox = Sandbox::new().with_database();
    let folder = sandbox.path("mirror").join("osv-local");
    let mirror = sandbox.path("mirror").display().to_string();
    std::fs::remove_file(folder.join("CVE-2023-0003.json")).unwrap();
    let shrunk = sandbox.run(&["db", "update", "--mirror", &mirror]);
    assert_eq!(shrunk.status, 3);
    assert!(
        shrunk.out.contains("REFUSED") && shrunk.out.contains("it has 2 records where it had 3"),
        "{}",
        shrunk.out
    );
    let status = sandbox.run(&["db", "status"]);
    assert_eq!(status.status, 3);
    assert!(status.out.contains("refused: it has 2 records"), "{}", status.out);
    assert!(sandbox.run(&["db", "list"]).out.contains("* 1"));
    let accepted = sandbox.run(&["db", "update", "--mirror", &mirror, "--accept-shrunk", "osv-local"]);
    assert_eq!(accepted.status, 0, "{}", accepted.out);
    assert_eq!(sandbox.run(&["db", "status"]).status, 0);
}

#[test]
fn a_mirror_without_feeds_is_no_database() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let ran = sandbox.run(&["db", "update", "--mirror", sandbox.path("empty").to_str().unwrap()]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("no feed could be had"), "{}", ran.err);
    let ran = sandbox.run(&["db", "status"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("run `plimsoll db update`"), "{}", ran.err);
    assert_eq!(sandbox.run(&["db", "update", "--feed", "nonsense"]).status, 2);
}

#[test]
fn a_damaged_snapshot_is_said_to_be_damaged() {
    let sandbox = Sandbox::new().with_database();
    let file = sandbox.path("db").join("snapshots/00000001.snapshot");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&file, bytes).unwrap();
    let ran = sandbox.run(&["db", "status"]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("cannot be used"), "{}", ran.err);
    let list = sandbox.run(&["db", "list"]);
    assert_eq!(list.status, 0, "{}", list.err);
    assert!(list.out.contains("* 1       cannot be used"), "{}", list.out);
}

#[test]
fn the_status_is_there_for_machines() {
    let sandbox = Sandbox::new().with_database();
    let status: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["db", "status", "--json"]).out).unwrap();
    assert_eq!(status["snapshot"]["sequence"], 1);
    let feeds = status["feeds"].as_array().unwrap();
    let local = feeds.iter().find(|feed| feed["id"] == "osv-local").unwrap();
    assert_eq!((&local["records"], &local["health"]), (&serde_json::json!(3), &serde_json::json!("good")));
}

/// The only file in a folder of the database.
fn only_file(sandbox: &Sandbox, folder: &str) -> std::path::PathBuf {
    let mut files = std::fs::read_dir(sandbox.path("db").join(folder)).unwrap();
    let first = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none(), "{folder} has several files");
    first
}

#[test]
fn what_is_damaged_is_replaced_by_the_next_update() {
    let sandbox = Sandbox::new().with_database();
    let mirror = sandbox.path("mirror").display().to_string();
    let shard = only_file(&sandbox, "shards");
    std::fs::write(&shard, b"nothing").unwrap();
    std::fs::remove_file(only_file(&sandbox, "snapshots")).unwrap();
    let ran = sandbox.run(&["db", "update", "--mirror", &mirror]);
    assert_eq!(ran.status, 3, "{}", ran.out);
    assert!(ran.err.contains("feed osv-local cannot be read"), "{}", ran.err);
    let ran = sandbox.run(&["db", "update", "--mirror", &mirror]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(only_file(&sandbox, "shards"), shard);
    assert_eq!(sandbox.run(&["db", "status"]).status, 0);
}

#[test]
fn what_another_version_read_is_read_again_from_the_kept_files() {
    let sandbox = Sandbox::new().with_database();
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let empty = sandbox.path("empty").display().to_string();
    let state = sandbox.path("db").join("feeds/osv-local.json");
    let mut content: serde_json::Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    for (field, other) in [("form", 0), ("version", 0)] {
        content["shard"][field] = other.into();
        std::fs::write(&state, content.to_string()).unwrap();
        let ran = sandbox.run(&["db", "update", "--mirror", &empty]);
        assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
        content = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
        assert_ne!(content["shard"][field], 0, "{content}");
    }
}
