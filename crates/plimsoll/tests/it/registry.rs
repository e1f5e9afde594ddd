//! Pulling from Debian's own docker-registry: plainly, with a password, over TLS with a
//! certificate authority of our own. Pushed with skopeo.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{DEBIAN, Ran, Sandbox, finished};

/// `bob:secret`, as `htpasswd -B` writes it.
pub const HTPASSWD: &str = "bob:$2y$05$y0BQc/rHwj1vgekX.FvwE.BDz8xBuuDfCp8UtEAfUaNEWdHXEBb.q\n";

pub struct Registry {
    process: Child,
    pub port: u16,
}

impl Registry {
    /// Where skopeo puts an image with this tag.
    pub fn target(&self, tag: &str) -> String {
        format!("docker://127.0.0.1:{}/team/app:{tag}", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a registry; `None`, said loudly, where the programs are not there.
pub fn start(sandbox: &Sandbox, more: &str) -> Option<Registry> {
    for program in ["docker-registry", "skopeo"] {
        let found =
            Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: {program} is not installed; apt-get install {program}");
            return None;
        }
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = sandbox.path("registry.yml");
    let data = sandbox.path("registry");
    let text = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp:\n  addr: 127.0.0.1:{port}\n{more}",
        data.display()
    );
    std::fs::write(&config, text).unwrap();
    let log = std::fs::File::create(sandbox.path("registry.log")).unwrap();
    let process = Command::new("docker-registry")
        .arg("serve")
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let registry = Registry { process, port };
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "the registry does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(registry)
}

pub fn push(image: &str, registry: &Registry, more: &[&str]) {
    copy(&format!("{image}:latest"), &registry.target("1"), more);
}

/// Copies with skopeo.
pub fn copy(from: &str, to: &str, more: &[&str]) {
    let output = Command::new("skopeo")
        .args(["copy", "--quiet", "--dest-tls-verify=false"])
        .args(more)
        .args([from, to])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub fn with_password(sandbox: &Sandbox, arguments: &[&str], password: &str) -> Ran {
    let mut command = sandbox.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    finished(child.wait_with_output().unwrap())
}

#[test]
fn an_image_is_scanned_from_a_registry_and_known_layers_are_not_fetched_again() {
    let sandbox = Sandbox::new().with_database();
    let Some(registry) = start(&sandbox, "") else { return };
    let image = sandbox.image("image", DEBIAN);
    push(&image, &registry, &[]);
    let name = format!("127.0.0.1:{}/team/app:1", registry.port);
    let report = sandbox.report(0, &[&name]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 2);
    // Without its blobs the registry can still show the manifest; the layers are known already.
    for layer in report["layers"].as_array().unwrap() {
        let hex = layer["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap().to_owned();
        let blob = format!("registry/docker/registry/v2/blobs/sha256/{}/{hex}", &hex[..2]);
        std::fs::remove_dir_all(sandbox.path(&blob)).unwrap();
    }
    let again = sandbox.report(0, &[&name]);
    assert_eq!(again["packages"], report["packages"]);
    let cold = sandbox.run(&["scan", "--no-cache", &name]);
    assert_eq!(cold.status, 3, "{}", cold.err);
    let missing = sandbox.run(&["scan", &format!("127.0.0.1:{}/team/other", registry.port)]);
    assert_eq!(missing.status, 3);
    assert!(missing.err.contains("team/other"), "{}", missing.err);
}

#[test]
fn passwords_come_from_standard_input_or_a_configuration() {
    let sandbox = Sandbox::new().with_database();
    std::fs::write(sandbox.path("htpasswd"), HTPASSWD).unwrap();
    let auth = format!("auth:\n  htpasswd: {{realm: test, path: {}}}\n", sandbox.path("htpasswd").display());
    let Some(registry) = start(&sandbox, &auth) else { return };
    let image = sandbox.image("image", DEBIAN);
    push(&image, &registry, &["--dest-creds", "bob:secret"]);
    let name = format!("127.0.0.1:{}/team/app:1", registry.port);

    let anonymous = sandbox.run(&["scan", &name]);
    assert_eq!(anonymous.status, 3);
    let wrong = with_password(&sandbox, &["scan", "--username", "bob", "--password-stdin", &name], "wrong\n");
    assert_eq!(wrong.status, 3);
    let right =
        with_password(&sandbox, &["scan", "--username", "bob", "--password-stdin", &name], "secret\n");
    assert_eq!(right.status, 0, "{}", right.err);

    let docker = sandbox.path("home/.docker");
    std::fs::create_dir_all(&docker).unwrap();
    use base64::Engine;
    let login = base64::engine::general_purpose::STANDARD.encode("bob:secret");
    let config =
        serde_json::json!({ "auths": { (format!("127.0.0.1:{}", registry.port)): { "auth": login } } });
    std::fs::write(docker.join("config.json"), config.to_string()).unwrap();
    assert_eq!(sandbox.run(&["scan", &name]).status, 0);
}

#[test]
fn a_certificate_authority_of_ones_own_is_trusted_when_given() {
    let sandbox = Sandbox::new().with_database();
    let authority = certificate(&sandbox.path("tls.pem"), &sandbox.path("tls.key"), &sandbox.path("ca.pem"));
    let tls = format!(
        "  tls: {{certificate: {}, key: {}}}\n",
        sandbox.path("tls.pem").display(),
        sandbox.path("tls.key").display()
    );
    let Some(registry) = start(&sandbox, &tls) else { return };
    let image = sandbox.image("image", DEBIAN);
    push(&image, &registry, &[]);
    let name = format!("127.0.0.1:{}/team/app:1", registry.port);
    let distrusted = sandbox.run(&["scan", &name]);
    assert_eq!(distrusted.status, 3, "{}", distrusted.err);
    assert_eq!(sandbox.run(&["scan", "--ca-file", &authority, &name]).status, 0);
    assert_eq!(
        sandbox.run(&["scan", "--insecure", &format!("127.0.0.1:{}", registry.port), &name]).status,
        0
    );
}

/// Writes a certificate for 127.0.0.1, its key, and the authority that signed it.
fn certificate(certificate: &Path, key: &Path, authority: &Path) -> String {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let authority_key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = parameters.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(parameters, authority_key);
    let own_key = KeyPair::generate().unwrap();
    let own =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&own_key, &issuer).unwrap();
    std::fs::write(certificate, own.pem()).unwrap();
    std::fs::write(key, own_key.serialize_pem()).unwrap();
    std::fs::write(authority, root.pem()).unwrap();
    authority.display().to_string()
}
