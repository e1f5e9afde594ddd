//! `plimsoll login` and `plimsoll remote` against a server that runs.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::sandbox::{DEBIAN, Ran, Sandbox, finished};
use crate::serve::Server;

const GIVEN: &[(&str, &str)] = &[("PLIMSOLL_ADMIN_PASSWORD", "correct horse")];

/// A server, and somebody who has signed in.
pub struct Remote {
    pub sandbox: Sandbox,
    pub server: Server,
}

impl Remote {
    pub fn start() -> Remote {
        let sandbox = Sandbox::new().with_database();
        let server = Server::start(&sandbox, GIVEN, &[]);
        let remote = Remote { sandbox, server };
        let arguments = ["login", &remote.address(), "--username", "admin", "--password-stdin"];
        let ran = remote.with_input(&arguments, "correct horse\n");
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.contains("as admin"), "{}", ran.out);
        remote
    }

    fn address(&self) -> String {
        format!("http://{}", self.server.address)
    }

    pub fn with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.sandbox.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        finished(process.wait_with_output().unwrap())
    }

    #[track_caller]
    pub fn run(&self, status: i32, arguments: &[&str]) -> Ran {
        let ran = self.sandbox.run(&[&["remote"], arguments].concat());
        assert_eq!(ran.status, status, "{arguments:?}: {}{}", ran.out, ran.err);
        ran
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(0, &[&["--format", "json"], arguments].concat());
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Pushes the sample image; nothing where no client is installed.
    fn push(&self) -> Option<()> {
        let image = format!("{}:latest", self.sandbox.image("image", DEBIAN));
        let there = format!("docker://{}/team/deep/app:1", self.server.address);
        let creds = "--dest-creds=admin:correct horse";
        let arguments = ["copy", "--quiet", "--dest-tls-verify=false", creds, &image, &there];
        match Command::new("skopeo").args(arguments).status() {
            Ok(status) => assert!(status.success()),
            Err(_) => {
                eprintln!("SKIPPED: skopeo is not installed; apt-get install skopeo");
                return None;
            }
        }
        Some(())
    }
}

#[test]
fn an_image_is_scanned_shown_and_reported_from_elsewhere() {
    let remote = Remote::start();
    let Some(()) = remote.push() else { return };
    // It is scanned as it is pushed; asking once more is refused while that goes on.
    let mut state = Value::Null;
    for _ in 0..300 {
        state = remote.json(&["status", "team/deep/app:1"])["artifact"]["scan"]["state"].clone();
        if state == "complete" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(state, "complete");
    remote.run(0, &["scan", "team/deep/app:1"]);
    remote.run(1, &["scan", "team/deep/app:1", "--fail-on", "low"]);
    let listed = remote.json(&["artifacts", "team", "--sort", "severity"]);
    assert_eq!(listed[0]["repository"], "deep/app");
    assert!(remote.run(0, &["artifacts"]).out.contains("team/deep/app"));
    assert!(!remote.json(&["findings", "team/deep/app:1"]).as_array().unwrap().is_empty());
    let report = remote.run(0, &["report", "team/deep/app:1", "--form", "sarif"]);
    assert!(report.out.contains("\"2.1.0\""), "{}", report.out);
    remote.run(2, &["report", "team/deep/app:1", "--form", "poem"]);
    remote.run(3, &["status", "team/none:1"]);
    remote.run(2, &["status", "team"]);
}

#[test]
fn namespaces_exceptions_tokens_and_users_are_managed() {
    let remote = Remote::start();
    remote.run(0, &["namespaces", "--create", "other", "--public"]);
    remote.run(3, &["namespaces", "--create", "other"]);
    assert_eq!(remote.json(&["namespaces"])[0]["public"], true);
    remote.run(0, &["exceptions", "other", "--add", "CVE-2024-1,CVE-2024-2", "--reason", "not reachable"]);
    assert_eq!(remote.json(&["exceptions", "other"]).as_array().unwrap().len(), 2);
    remote.run(2, &["exceptions", "other", "--add", "CVE-2024-1"]);
    assert_eq!(remote.json(&["tokens"])[0]["name"], "plimsoll login");
    let made = remote.with_input(&["remote", "users", "--create", "dora"], "battery staple\n");
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(remote.run(0, &["users"]).out.contains("dora"));
    remote.run(0, &["namespaces", "--delete", "other"]);
}

#[test]
fn who_signs_out_has_no_token_any_more() {
    let remote = Remote::start();
    let kept = remote.sandbox.path("home/.config/plimsoll/servers.json");
    assert!(std::fs::read_to_string(&kept).unwrap().contains("plim_"));
    let ran = remote.sandbox.run(&["logout"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!std::fs::read_to_string(&kept).unwrap().contains("plim_"));
    let address = remote.address();
    remote.run(3, &["--server", &address, "namespaces"]);
    remote.run(2, &["namespaces"]);
    let arguments = ["login", &address, "--username", "admin", "--password-stdin"];
    assert_eq!(remote.with_input(&arguments, "wrong horse\n").status, 3);
}
