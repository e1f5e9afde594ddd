//! Images that lie in Debian's docker-registry, listed, scanned and judged by a server that copies none.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::registry::{HTPASSWD, Registry, copy, start};
use crate::remote::Remote;
use crate::sandbox::DEBIAN;

/// How long a busy machine may take for anything here.
const PATIENCE: Duration = Duration::from_secs(90);

impl Remote {
    /// Looks again and again until what is told is so.
    #[track_caller]
    fn until(&self, arguments: &[&str], is_so: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let found = self.json(arguments);
            if is_so(&found) {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "{arguments:?}: {found:#}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Has it looked anew, and waits for the end of that: times are of whole seconds.
    fn sync(&self) -> Value {
        let before = self.json(&["source", "far"])["synced_at"].clone();
        std::thread::sleep(Duration::from_millis(1_100));
        self.run(0, &["source", "far", "--sync"]);
        self.until(&["source", "far"], |it| it["synced_at"].as_str() > before.as_str())
    }

    fn artifacts(&self) -> Vec<Value> {
        self.json(&["artifacts", "far"]).as_array().unwrap().clone()
    }
}

/// A registry that wants a password, with an image of the sample system in two repositories.
fn registry(remote: &Remote) -> Option<Registry> {
    let sandbox = &remote.sandbox;
    std::fs::write(sandbox.path("htpasswd"), HTPASSWD).unwrap();
    let auth = format!("auth:\n  htpasswd: {{realm: test, path: {}}}\n", sandbox.path("htpasswd").display());
    let registry = start(sandbox, &auth)?;
    let image = format!("{}:latest", sandbox.image("image", DEBIAN));
    for place in ["team/app:1", "team/deep/app:1", "other/app:1"] {
        let there = format!("docker://127.0.0.1:{}/{place}", registry.port);
        copy(&image, &there, &["--dest-creds", "bob:secret"]);
    }
    Some(registry)
}

fn skopeo(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("skopeo").args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn images_of_a_registry_of_others_are_scanned_and_judged_where_they_lie() {
    let remote = Remote::start();
    let Some(registry) = registry(&remote) else { return };
    let host = format!("127.0.0.1:{}", registry.port);
    let make = |name: &str, password: &str| {
        let arguments = ["remote", "registries", "--create", name, "--host", &host, "--username", "bob"];
        let ran = remote.with_input(&arguments, password);
        assert_eq!(ran.status, 0, "{}", ran.err);
    };
    make("wrong", "geheim\n");
    let refused = remote.run(3, &["registries", "--check", "wrong"]);
    assert!(!refused.err.contains("geheim") && refused.err.contains("login"), "{}", refused.err);
    remote.run(0, &["registries", "--delete", "wrong"]);
    make("other", "secret\n");
    let checked = remote.run(0, &["registries", "--check", "other"]);
    assert!(checked.out.contains("distribution"), "{}", checked.out);

    remote.run(0, &["namespaces", "--create", "far"]);
    remote.run(0, &["source", "far", "--registry", "other", "--repository", "team/**"]);
    let source = remote.until(&["source", "far"], |it| it["images_seen"] == 2);
    assert_eq!((&source["problem"], &source["repositories_seen"]), (&Value::Null, &Value::from(2)));
    let state = |it: &Value| it["artifact"]["scan"]["state"] == "complete";
    let done = remote.until(&["status", "far/team/deep/app:1"], state);
    assert!(done["artifact"]["size_bytes"].as_u64().unwrap_or(0) > 100, "{done:#}");
    assert!(!remote.json(&["findings", "far/team/deep/app:1"]).as_array().unwrap().is_empty());
    let repositories: Vec<_> = remote.artifacts().iter().map(|it| it["repository"].clone()).collect();
    assert_eq!(repositories.len(), 2, "{repositories:?}");

    // Whoever pulls or pushes here is told where to.
    let here = format!("docker://{}/far/team/app:1", remote.server.address);
    let folder = format!("dir:{}", remote.sandbox.path("pulled").display());
    let creds = ["--src-tls-verify=false", "--src-creds=admin:correct horse"];
    let (pulled, why) = skopeo(&[&["copy"], &creds[..], &[&here, &folder]].concat());
    assert!(!pulled && why.contains(&format!("pull {host}/team/app:1")), "{why}");
    let image = format!("{}:latest", remote.sandbox.image("image", DEBIAN));
    let creds = ["--dest-tls-verify=false", "--dest-creds=admin:correct horse"];
    let (pushed, why) = skopeo(&[&["copy"], &creds[..], &[&image, &here]].concat());
    assert!(!pushed && why.contains(&format!("lie in {host} and are listed here; push there")), "{why}");
    let delete = ["delete", "--tls-verify=false", "--creds=admin:correct horse", &here];
    let (deleted, why) = skopeo(&delete);
    assert!(!deleted && why.contains("is listed here"), "{why}");

    // A tag that moves there moves here, and what it has left goes.
    let newer = format!("{}:latest", remote.sandbox.image("newer", &DEBIAN.replace("3.0.9-1", "3.0.12-1")));
    copy(&newer, &format!("docker://{host}/team/app:1"), &["--dest-creds", "bob:secret"]);
    let before = remote.json(&["status", "far/team/app:1"])["artifact"]["digest"].clone();
    remote.sync();
    let moved = |it: &Value| it["artifact"]["digest"] != before && state(it);
    remote.until(&["status", "far/team/app:1"], moved);
    assert_eq!(remote.artifacts().len(), 2);

    // Fewer are wanted; then the registry is gone, and what is listed stays.
    remote.run(0, &["source", "far", "--registry", "other", "--repository", "team/app"]);
    remote.until(&["source", "far"], |it| it["repositories_seen"] == 1);
    assert_eq!(remote.artifacts().len(), 1);
    drop(registry);
    let failed = remote.sync();
    assert!(failed["problem"].as_str().is_some_and(|it| it.contains("cannot be reached")), "{failed:#}");
    assert_eq!((remote.artifacts().len(), &failed["images_seen"]), (1, &Value::from(1)));
    remote.run(3, &["registries", "--delete", "other"]);
    remote.run(0, &["source", "far", "--remove"]);
    assert_eq!(remote.artifacts().len(), 0);
    remote.run(3, &["source", "far"]);
    remote.run(0, &["registries", "--delete", "other"]);
}
