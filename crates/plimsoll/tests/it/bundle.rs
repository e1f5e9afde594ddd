//! A database that travels: `db export`, `import`, `publish`, `pull` and `keygen`.

use std::process::{Command, Stdio};

use crate::registry::{HTPASSWD, start, with_password};
use crate::sandbox::{DEBIAN, Ran, Sandbox, sample_feed};

/// Records of Debian's tracker for the packages of the image.
fn tracker(fixed: &str, more: usize) -> serde_json::Value {
    let issue = |fixed: &str| {
        serde_json::json!({ "scope": "remote", "description": "Something.", "releases": { "bookworm": {
            "status": "resolved", "repositories": { "bookworm": fixed },
            "fixed_version": fixed, "urgency": "high",
        } } })
    };
    let mut packages = serde_json::Map::new();
    packages.insert("openssl".to_owned(), serde_json::json!({ "CVE-2023-0001": issue(fixed) }));
    packages.insert("curl".to_owned(), serde_json::json!({ "CVE-2023-0002": issue("7.88.1-10+deb12u5") }));
    for at in 0..more {
        let id = format!("CVE-2022-{at:04}");
        packages.insert(
            format!("other{at}"),
            serde_json::json!({ id: issue(&format!("1.{}", at * 7919 % 10007)) }),
        );
    }
    packages.into()
}

/// Writes a mirror with two feeds that may be passed on.
fn mirror(sandbox: &Sandbox, tracker: &serde_json::Value) -> String {
    let folder = sandbox.path("mirror");
    std::fs::create_dir_all(folder.join("debian/tracker")).unwrap();
    std::fs::create_dir_all(folder.join("kev")).unwrap();
    std::fs::write(folder.join("debian/tracker/data.json"), tracker.to_string()).unwrap();
    let catalogue = serde_json::json!({
        "catalogVersion": "2025.08.25", "dateReleased": "2025-08-25T17:04:19.9796Z", "count": 1,
        "vulnerabilities": [{
            "cveID": "CVE-2023-0001", "vendorProject": "x", "product": "y", "vulnerabilityName": "z",
            "dateAdded": "2023-03-01", "shortDescription": "", "requiredAction": "", "dueDate": "2023-03-22",
            "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": [],
        }],
    });
    std::fs::write(folder.join("kev/known_exploited_vulnerabilities.json"), catalogue.to_string()).unwrap();
    folder.display().to_string()
}

#[track_caller]
fn good(ran: &Ran) -> &Ran {
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    ran
}

fn update(sandbox: &Sandbox, mirror: &str) {
    good(&sandbox.run(&["db", "update", "--mirror", mirror]));
}

/// A sender with a database of the two feeds and keys.
fn sender(more: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let mirror = mirror(&sandbox, &tracker("3.0.11-1~deb12u2", more));
    update(&sandbox, &mirror);
    good(&sandbox.run(&["db", "keygen", "--output", sandbox.path("company").to_str().unwrap()]));
    sandbox
}

fn text(sandbox: &Sandbox, name: &str) -> String {
    sandbox.path(name).display().to_string()
}

fn export(sandbox: &Sandbox, name: &str, more: &[&str]) -> String {
    let (file, key) = (text(sandbox, name), text(sandbox, "company.key"));
    let arguments = [&["db", "export", "--output", &file, "--key", &key], more].concat();
    good(&sandbox.run(&arguments)).out.clone()
}

/// Takes a bundle of the sender's.
fn import(receiver: &Sandbox, sender: &Sandbox, name: &str, more: &[&str]) -> Ran {
    let (file, key) = (text(sender, name), text(sender, "company.pub"));
    receiver.run(&[&["db", "import", "--key", &key, &file], more].concat())
}

/// What a report says, but who was asked for it and when.
fn findings(sandbox: &Sandbox) -> serde_json::Value {
    let image = sandbox.image("image", DEBIAN);
    let report = sandbox.report(0, &[&image]);
    serde_json::json!([report["findings"], report["packages"]])
}

/// The snapshot's digest as `db status` has it.
fn snapshot(sandbox: &Sandbox) -> String {
    let status = sandbox.run(&["db", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    status["snapshot"]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn a_database_comes_through_an_air_gap_and_finds_the_same() {
    let sender = sender(0);
    let said = export(&sender, "db.tar", &[]);
    let receiver = Sandbox::new();
    let taken = import(&receiver, &sender, "db.tar", &[]);
    good(&taken);
    assert!(taken.out.contains("the same as there"), "{}", taken.out);
    assert!(said.contains(&snapshot(&receiver)), "{said}");
    let found = findings(&receiver);
    assert_eq!(found[0].as_array().unwrap().len(), 2);
    assert_eq!(found, findings(&sender));
    assert_eq!(receiver.run(&["db", "status"]).status, 0);
    good(&receiver.run(&["db", "rebuild", "1"]));
    // A second time there is nothing to do, and what was taken can be passed on.
    assert!(import(&receiver, &sender, "db.tar", &[]).out.contains("nothing changed"));
    let before = snapshot(&receiver);
    let onward = text(&receiver, "onward.tar");
    assert!(good(&receiver.run(&["db", "export", "--output", &onward])).out.contains(&before));
    let third = Sandbox::new();
    good(&third.run(&["db", "import", "--insecure-no-signature", &onward]));
    assert_eq!(snapshot(&third), before);
}

#[test]
fn the_same_snapshot_is_exported_as_the_same_bytes() {
    let sender = sender(20);
    export(&sender, "one.tar", &[]);
    export(&sender, "two.tar", &[]);
    let read = |name: &str| std::fs::read(sender.path(name)).unwrap();
    assert!(read("one.tar") == read("two.tar"));
}

#[test]
fn a_bundle_of_anyone_else_is_not_believed() {
    let sender = sender(0);
    export(&sender, "db.tar", &[]);
    let receiver = Sandbox::new();
    let stranger = Sandbox::new();
    good(&stranger.run(&["db", "keygen", "--output", &text(&stranger, "company")]));
    let (file, other) = (text(&sender, "db.tar"), text(&stranger, "company.pub"));
    let refused = receiver.run(&["db", "import", "--key", &other, &file]);
    assert_eq!(refused.status, 3);
    assert!(refused.err.contains("it was signed with the key"), "{}", refused.err);
    let unsigned = text(&sender, "unsigned.tar");
    good(&sender.run(&["db", "export", "--output", &unsigned]));
    let refused = receiver.run(&["db", "import", "--key", &other, &unsigned]);
    assert!(refused.err.contains("is not signed"), "{}", refused.err);
    // Whom to believe must be said.
    assert_eq!(receiver.run(&["db", "import", &file]).status, 2);
    assert!(!receiver.path("db/current").exists());
}

#[test]
fn a_key_is_never_written_over_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let sender = sender(0);
    let mode = std::fs::metadata(sender.path("company.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(sender.run(&["db", "keygen", "--output", &text(&sender, "company")]).status, 2);
}

#[test]
fn a_damaged_file_is_refused_wherever_it_is_damaged() {
    let sender = sender(5);
    export(&sender, "db.tar", &[]);
    let whole = std::fs::read(sender.path("db.tar")).unwrap();
    let receiver = Sandbox::new();
    // Every kind of place: headers, documents, layers, and the end.
    let places: Vec<usize> = (0..whole.len()).step_by(whole.len() / 40 + 1).collect();
    for place in places {
        for damage in ["changed", "cut"] {
            let mut bytes = whole.clone();
            match damage {
                "changed" => bytes[place] ^= 0x21,
                _ => bytes.truncate(place),
            }
            std::fs::write(sender.path("bad.tar"), &bytes).unwrap();
            let ran = import(&receiver, &sender, "bad.tar", &[]);
            assert!(ran.status == 3 || ran.status == 0, "{place} {damage}: {} {}", ran.status, ran.err);
            assert!(!ran.err.contains("panicked"), "{}", ran.err);
            // What is between the files does not count; then it is the database itself.
            if ran.status == 0 {
                assert!(findings(&receiver)[0].as_array().unwrap().len() == 2);
                std::fs::remove_dir_all(receiver.path("db")).unwrap();
            } else {
                assert!(!receiver.path("db/current").exists(), "{place} {damage}");
            }
        }
    }
}

#[test]
fn what_changed_is_small_and_needs_what_was_there() {
    let sender = sender(3000);
    export(&sender, "full.tar", &[]);
    let mirror = mirror(&sender, &tracker("3.0.12-1", 3000));
    update(&sender, &mirror);
    export(&sender, "delta.tar", &["--since", "1"]);
    let size = |name: &str| std::fs::metadata(sender.path(name)).unwrap().len();
    assert!(size("delta.tar") * 2 < size("full.tar"), "{} {}", size("delta.tar"), size("full.tar"));
    let receiver = Sandbox::new();
    let alone = import(&receiver, &sender, "delta.tar", &[]);
    assert_eq!(alone.status, 3);
    assert!(alone.err.contains("a whole one is needed"), "{}", alone.err);
    good(&import(&receiver, &sender, "full.tar", &[]));
    let taken = import(&receiver, &sender, "delta.tar", &[]);
    assert!(good(&taken).out.contains("snapshot 2 is in use"), "{}", taken.out);
    assert!(taken.out.contains("the same as there"), "{}", taken.out);
    assert_eq!(findings(&receiver), findings(&sender));
    assert_eq!(sender.run(&["db", "export", "--since", "77"]).status, 2);
}

#[test]
fn an_older_bundle_is_refused_unless_it_is_asked_for() {
    let sender = sender(0);
    export(&sender, "old.tar", &[]);
    // Times have seconds.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mirror = mirror(&sender, &tracker("3.0.12-1", 0));
    update(&sender, &mirror);
    export(&sender, "new.tar", &[]);
    let receiver = Sandbox::new();
    good(&import(&receiver, &sender, "new.tar", &[]));
    let older = import(&receiver, &sender, "old.tar", &[]);
    assert_eq!(older.status, 3);
    assert!(older.err.contains("--allow-older"), "{}", older.err);
    let allowed = import(&receiver, &sender, "old.tar", &["--allow-older"]);
    assert!(good(&allowed).out.contains("snapshot 3 is in use"), "{}", allowed.out);
}

#[test]
fn feeds_that_may_not_be_passed_on_stay_and_those_of_the_receiver_are_kept() {
    let sender = sender(0);
    let mirror = sender.mirror("mirror", &sample_feed());
    update(&sender, &mirror);
    let said = export(&sender, "db.tar", &[]);
    assert!(said.contains("left out") && said.contains("osv-local"), "{said}");
    let receiver = Sandbox::new().with_database();
    let taken = import(&receiver, &sender, "db.tar", &[]);
    assert!(good(&taken).out.contains("kept as they were here: osv-local"), "{}", taken.out);
    assert!(taken.out.contains("put together here"), "{}", taken.out);
    assert!(import(&receiver, &sender, "db.tar", &[]).out.contains("nothing changed"));
    // The next update of one's own builds on both.
    let own = text(&receiver, "mirror");
    let mut records = sample_feed();
    records[0]["modified"] = "2024-05-01T00:00:00Z".into();
    records[0]["summary"] = "Another word".into();
    receiver.mirror("mirror", &records);
    update(&receiver, &own);
    let status: serde_json::Value =
        serde_json::from_str(&receiver.run(&["db", "status", "--json"]).out).unwrap();
    let of = |id: &str| status["feeds"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap().clone();
    assert_eq!(of("debian")["source"], "a mirror");
    assert_eq!((&of("debian")["health"], &of("osv-local")["records"]), (&"good".into(), &3.into()));
    // Nothing but such feeds is nothing.
    let only = Sandbox::new().with_database();
    assert_eq!(only.run(&["db", "export"]).status, 2);
}

#[test]
fn a_single_feed_can_be_taken() {
    let sender = sender(0);
    export(&sender, "db.tar", &[]);
    let receiver = Sandbox::new();
    good(&import(&receiver, &sender, "db.tar", &["--only", "debian"]));
    let status = receiver.run(&["db", "status"]).out;
    assert!(
        status.lines().any(|line| line.starts_with("cisa-kev") && line.contains("never fetched")),
        "{status}"
    );
    assert_eq!(findings(&receiver)[0].as_array().unwrap().len(), 2);
    // The rest can follow, and then it is the same snapshot but for its number.
    assert!(good(&import(&receiver, &sender, "db.tar", &[])).out.contains("snapshot 2 is in use"));
    assert_eq!(import(&receiver, &sender, "db.tar", &["--only", "nonsense"]).status, 2);
    // An exporter can choose, too.
    export(&sender, "less.tar", &["--feed", "cisa-kev"]);
    let other = Sandbox::new();
    good(&import(&other, &sender, "less.tar", &[]));
}

#[test]
fn minisign_verifies_what_was_signed_and_signs_what_is_taken() {
    let found = Command::new("sh")
        .args(["-c", "command -v minisign && command -v tar"])
        .stdout(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: minisign is not installed; apt-get install minisign");
        return;
    }
    let sender = sender(0);
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(sender.path("")).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    export(&sender, "db.tar", &[]);
    run("tar", &["-xf", "db.tar"]);
    let manifest = |what: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(sender.path(what)).unwrap()).unwrap()
    };
    let blob = |digest: &serde_json::Value| format!("blobs/{}", digest.as_str().unwrap().replace(':', "/"));
    let recipe =
        blob(&manifest(&blob(&manifest("index.json")["manifests"][0]["digest"]))["config"]["digest"]);
    let said = run("minisign", &["-V", "-p", "company.pub", "-x", "recipe.minisig", "-m", &recipe]);
    assert!(said.contains("plimsoll database 1 of"), "{said}");
    // With our key, by minisign, and in its own later form.
    run("minisign", &["-S", "-s", "company.key", "-x", "other.minisig", "-t", "by hand", "-m", &recipe]);
    good(&sender.run(&["db", "export", "--output", &text(&sender, "unsigned.tar")]));
    let receiver = Sandbox::new();
    let taken = import(&receiver, &sender, "unsigned.tar", &["--signature", &text(&sender, "other.minisig")]);
    assert!(good(&taken).out.contains("by hand"), "{}", taken.out);
}

#[test]
fn a_registry_keeps_a_database_and_moves_only_what_is_missing() {
    let sender = sender(3000);
    std::fs::write(sender.path("htpasswd"), HTPASSWD).unwrap();
    let auth = format!("auth:\n  htpasswd: {{realm: test, path: {}}}\n", sender.path("htpasswd").display());
    let Some(registry) = start(&sender, &auth) else { return };
    let place = format!("127.0.0.1:{}/security/database:today", registry.port);
    let login = ["--username", "bob", "--password-stdin"];
    let (secret, public) = (text(&sender, "company.key"), text(&sender, "company.pub"));
    let publish = |more: &[&str]| {
        let arguments = [&["db", "publish", "--key", &secret], &login[..], more, &[&place]].concat();
        with_password(&sender, &arguments, "secret\n")
    };
    let pull = |receiver: &Sandbox, more: &[&str]| {
        let arguments = [&["db", "pull", "--key", &public], &login[..], more, &[&place]].concat();
        with_password(receiver, &arguments, "secret\n")
    };
    let anonymous = sender.run(&["db", "publish", "--key", &secret, &place]);
    assert_eq!(anonymous.status, 3, "{}", anonymous.out);
    good(&publish(&[]));
    assert!(good(&publish(&[])).out.contains("0.0 kB sent"));

    let receiver = Sandbox::new();
    let first = pull(&receiver, &[]);
    assert!(good(&first).out.contains("the same as there"), "{}", first.out);
    assert_eq!(findings(&receiver), findings(&sender));
    let single = Sandbox::new();
    good(&pull(&single, &["--only", "debian"]));
    assert_eq!(std::fs::read_dir(single.path("db/shards")).unwrap().count(), 1);

    let mirror = mirror(&sender, &tracker("3.0.12-1", 3000));
    update(&sender, &mirror);
    let both = good(&publish(&["--since", "1"])).out.clone();
    let moved = |ran: &Ran| -> String {
        good(ran).out.lines().find(|line| line.contains("had to be moved")).unwrap().to_owned()
    };
    let second = pull(&receiver, &[]);
    assert!(second.out.contains("the same as there"), "{}{both}", second.out);
    let fresh = pull(&Sandbox::new(), &[]);
    assert_ne!(moved(&second), moved(&fresh));
    assert_eq!(findings(&receiver), findings(&sender));
    // An image is no database.
    let nothing = receiver.run(&["db", "pull", "--insecure-no-signature", "127.0.0.1:1/x"]);
    assert_eq!(nothing.status, 3);
}

#[test]
fn a_scan_says_which_shards_it_misses() {
    let sender = sender(0);
    let announcements = sender.path("mirror/debian/security-tracker-git/data");
    for kind in ["DSA", "DLA"] {
        std::fs::create_dir_all(announcements.join(kind)).unwrap();
        let list = format!(
            "[07 Feb 2023] {kind}-5343-1 openssl - security update\n\t{{CVE-2023-0001}}\n\t[bookworm] - openssl 3.0.11-1~deb12u2\n"
        );
        std::fs::write(announcements.join(kind).join("list"), list).unwrap();
    }
    update(&sender, &text(&sender, "mirror"));
    export(&sender, "db.tar", &[]);
    let problems = |receiver: &Sandbox, status: i32| -> String {
        let report = receiver.report(status, &[&receiver.image("image", DEBIAN)]);
        report["images"][0]["problems"].to_string()
    };
    // Nothing of the distribution.
    let catalogue = Sandbox::new();
    good(&import(&catalogue, &sender, "db.tar", &["--only", "cisa-kev"]));
    assert!(problems(&catalogue, 3).contains("no advisories for deb/debian:12"));
    // A little of it.
    let little = Sandbox::new();
    good(&import(&little, &sender, "db.tar", &["--only", "debian-announcements,cisa-kev"]));
    let said = problems(&little, 3);
    assert!(said.contains("holds little about deb/debian:12: debian or debian-elts"), "{said}");
    // What it needs.
    good(&import(&little, &sender, "db.tar", &["--only", "debian"]));
    let said = problems(&little, 0);
    assert!(!said.contains("not_covered"), "{said}");
}
