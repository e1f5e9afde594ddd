//! `plimsoll scan` and `explain` on images of our own.

use std::process::Stdio;

use crate::sandbox::{DEBIAN, Sandbox, finished};

#[test]
fn a_scan_finds_what_applies_and_says_where_it_came_from() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let report = sandbox.report(0, &[&image]);
    assert_eq!(report["complete"], true);
    assert_eq!(report["packages"].as_array().unwrap().len(), 3);
    let findings = report["findings"].as_array().unwrap();
    let ids: Vec<_> = findings.iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CVE-2023-0002", "CVE-2023-0001"]);
    assert_eq!(findings[0]["severity"], "critical");
    assert_eq!(findings[0]["status"], "affected");
    assert_eq!(findings[0]["summary"], "Something about curl");
    assert_eq!(findings[0]["references"][0], "https://example.org/advisory");
    assert_eq!(findings[0]["package"]["layer"]["index"], 1);
    assert_eq!(findings[1]["fixed_version"], "3.0.11-1~deb12u2");
    assert_eq!(findings[1]["package"]["layer"]["index"], 0);
    let purl = findings[1]["package"]["purl"].as_str().unwrap();
    assert!(purl.starts_with("pkg:deb/debian/libssl3@3.0.9-1?"), "{purl}");
    for digest in ["inventory", "snapshot", "vex", "matcher"] {
        assert!(report["digests"][digest].as_str().unwrap().starts_with("sha256:"), "{digest}");
    }
}

#[test]
fn a_reader_that_goes_away_does_not_change_the_verdict() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    for arguments in [&["scan", "--fail-on", "critical"][..], &["as-trivy", "image", "--exit-code", "1"]] {
        let mut command = sandbox.command(&[arguments, &[&image]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = finished(child.wait_with_output().unwrap());
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.err);
    }
}

/// An image whose inventory takes all there is to do: a database that only a link leads to, a
/// language's package that belongs to one of the distribution's, an archive that nobody names, and
/// a file that cannot be read.
const MANIFOLD: &str = "\
//- layer FROM debian:12
//- /usr/lib/os-release
ID=debian
VERSION_ID=12
//- symlink /etc/os-release -> ../usr/lib/os-release
//- /srv/dpkg/status
Package: python3-six
Source: six
Status: install ok installed
Architecture: all
Version: 1.16.0-4

Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.9-1

Package: broken
Status: install ok installed

//- /srv/dpkg/info/python3-six.list
/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO
//- /usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO
Metadata-Version: 1.2
Name: six
Version: 1.16.0

//- layer RUN ln -s
//- symlink /var/lib/dpkg -> ../../srv/dpkg
//- /app/package-lock.json
{ this is no JSON
//- /app/node_modules/left-pad/package.json
{\"name\": \"left-pad\", \"version\": \"1.0.0\"}
";

#[test]
fn the_same_scan_gives_the_same_answer_cold_warm_and_from_its_inventory() {
    let sandbox = Sandbox::new().with_database();
    for (name, text) in [("debian", DEBIAN), ("manifold", MANIFOLD)] {
        let image = sandbox.image(name, text);
        for format in ["json", "table"] {
            let scan = |arguments: &[&str]| {
                let arguments = [&["scan", "--format", format, &image], arguments].concat();
                let ran = sandbox.run(&arguments);
                let created = |line: &&str| !line.trim_start().starts_with("\"created\": ");
                let out: Vec<&str> = ran.out.lines().filter(created).collect();
                (ran.status, out.join("\n"), ran.err)
            };
            let inventories = sandbox.path("cache/inventories");
            let cold = scan(&["--no-cache"]);
            assert!(cold.1.contains("openssl") || name == "debian", "{}", cold.1);
            assert_eq!(scan(&[]), cold, "{name}, for the first time");
            assert!(std::fs::read_dir(&inventories).unwrap().count() > 0, "{name} has no inventory");
            assert_eq!(scan(&[]), cold, "{name}, from its inventory");
            std::fs::remove_dir_all(&inventories).unwrap();
            assert_eq!(scan(&[]), cold, "{name}, from its layers' facts");
            for file in std::fs::read_dir(&inventories).unwrap() {
                std::fs::write(file.unwrap().path(), b"PLMINVT1 damaged").unwrap();
            }
            assert_eq!(scan(&[]), cold, "{name}, from a damaged inventory");
        }
    }
}

#[test]
fn fail_on_decides_the_exit_status() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    assert_eq!(sandbox.run(&["scan", "--fail-on", "critical", &image]).status, 1);
    assert_eq!(sandbox.run(&["scan", "--fail-on", "critical", "--only-fixable", &image]).status, 0);
    assert_eq!(sandbox.run(&["scan", "--fail-on", "high", "--only-fixable", &image]).status, 1);
    assert_eq!(
        sandbox.run(&["scan", "--fail-on", "critical", "--ignore", "CVE-2023-0002", &image]).status,
        0
    );
    let ran = sandbox.run(&["scan", "--fail-on", "high", &image]);
    assert!(ran.err.contains("2 vulnerabilities are high or worse"), "{}", ran.err);
}

#[test]
fn without_a_database_nothing_reads_as_clean() {
    let sandbox = Sandbox::new();
    let image = sandbox.image("image", DEBIAN);
    let ran = sandbox.run(&["scan", &image]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("plimsoll db update"), "{}", ran.err);
    assert!(!ran.out.contains("No known vulnerabilities"), "{}", ran.out);
    assert_eq!(sandbox.run(&["scan", "--packages", &image]).status, 0);
}

#[test]
fn a_report_goes_to_a_file_whole() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let file = sandbox.path("report.json");
    let ran = sandbox.run(&["scan", "--format", "json", "--output", file.to_str().unwrap(), &image]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(report["complete"], true);
}

#[test]
fn a_docker_archive_is_read_from_a_file_and_from_standard_input() {
    let sandbox = Sandbox::new().with_database();
    let file = sandbox.path("app.tar");
    let image = plimsoll_testkit::Image::from_text(DEBIAN);
    plimsoll_testkit::write_docker_archive(&file, "app:1", &image).unwrap();
    let report = sandbox.report(0, &[file.to_str().unwrap()]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 2);
    let mut command = sandbox.command(&["scan", "--format", "json", "docker-archive:-"]);
    let ran = finished(command.stdin(Stdio::from(std::fs::File::open(&file).unwrap())).output().unwrap());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let piped: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(piped["packages"], report["packages"]);
}

#[test]
fn a_directory_is_a_root_file_system() {
    let sandbox = Sandbox::new().with_database();
    let root = sandbox.path("root");
    std::fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::create_dir_all(root.join("usr/lib")).unwrap();
    std::fs::write(root.join("usr/lib/os-release"), "ID=debian\nVERSION_ID=12\n").unwrap();
    std::os::unix::fs::symlink("/usr/lib/os-release", root.join("etc/os-release")).unwrap();
    let status = "Package: openssl\nStatus: install ok installed\nVersion: 3.0.9-1\nArchitecture: amd64\n\n";
    std::fs::write(root.join("var/lib/dpkg/status"), status).unwrap();
    let report = sandbox.report(0, &[&format!("dir:{}", root.display())]);
    assert_eq!(report["subject"]["kind"], "root_file_system");
    assert_eq!(report["findings"][0]["id"], "CVE-2023-0001");
    assert_eq!(report["packages"][0]["layer"], serde_json::Value::Null);
}

#[test]
fn explain_says_why_and_why_not() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let yes = sandbox.run(&["explain", "CVE-2023-0001", &image]);
    assert_eq!(yes.status, 0, "{}", yes.err);
    assert!(yes.out.contains("3.0.9-1 < 3.0.11-1~deb12u2"), "{}", yes.out);
    assert!(yes.out.contains("ADD rootfs.tar /"), "{}", yes.out);
    let no = sandbox.run(&["explain", "CVE-2023-0003", &image]);
    assert!(no.out.contains("not affected"), "{}", no.out);
    let never = sandbox.run(&["explain", "CVE-1999-9999", &image]);
    assert!(never.out.contains("never heard of it"), "{}", never.out);
}
