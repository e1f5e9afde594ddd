//! The server as whoever runs it meets it: first start, real clients, restart, signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use serde_json::Value;

use crate::sandbox::{DEBIAN, Ran, Sandbox, finished};

/// How long a busy machine may take for anything here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs; killed with the value.
pub struct Server {
    process: Child,
    log: Receiver<Value>,
    pub address: String,
}

impl Server {
    /// Starts it on a port that is free; with what the environment says besides.
    #[track_caller]
    pub fn start(sandbox: &Sandbox, environment: &[(&str, &str)], more: &[&str]) -> Server {
        let data = sandbox.path("data").display().to_string();
        let mut command = sandbox.command(&["serve", "--data-dir", &data, "--update-feeds", "false"]);
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args(more).envs(environment.iter().copied());
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, log) = channel();
        let errors = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                eprintln!("{line}");
                let _ = lines.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        let mut server = Server { process, log, address: String::new() };
        let listening = server.wait_for("listening");
        let address = listening["address"].as_str().unwrap();
        server.address = address.split_once("://").unwrap().1.to_owned();
        server
    }

    /// The next line of the log with this message.
    #[track_caller]
    pub fn wait_for(&self, message: &str) -> Value {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|it| panic!("`{message}`: {it}"));
            if line["message"] == message {
                return line;
            }
        }
    }

    /// Ends it as a power cut does, but for the disk.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Ends it as an init system does; gives its status and the rest of its log.
    pub fn end(mut self) -> (i32, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.process.wait().unwrap().code().unwrap_or(-1);
        let rest = self.log.iter().map(|it| it.to_string() + "\n").collect();
        (status, rest)
    }

    /// `GET` by HTTP/1.1; status and body.
    pub fn get(&self, path: &str, login: Option<&str>) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let login = login.map_or_else(String::new, |login| {
            let basic = base64::engine::general_purpose::STANDARD.encode(login);
            format!("Authorization: Basic {basic}\r\n")
        });
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{login}Connection: close\r\n\r\n", self.address)
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a client; nothing, said loudly, where it is not installed.
fn client(program: &str, arguments: &[&str]) -> Option<Ran> {
    match Command::new(program).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => Some(finished(output)),
        Err(_) => {
            eprintln!("SKIPPED: {program} is not installed; apt-get install {program}");
            None
        }
    }
}

pub const GIVEN: &[(&str, &str)] = &[("PLIMSOLL_ADMIN_PASSWORD", "correct horse")];

#[test]
fn skopeo_pushes_and_pulls_and_a_restart_keeps_everything() {
    let sandbox = Sandbox::new();
    let image = format!("{}:latest", sandbox.image("image", DEBIAN));
    let server = Server::start(&sandbox, GIVEN, &[]);
    let there = |server: &Server| format!("docker://{}/team/app:1", server.address);
    let push = |server: &Server, login: &str| {
        let creds = format!("--dest-creds={login}");
        client("skopeo", &["copy", "--quiet", "--dest-tls-verify=false", &creds, &image, &there(server)])
    };
    let Some(refused) = push(&server, "admin:wrong horse") else { return };
    assert_ne!(refused.status, 0);
    assert!(refused.err.contains("unauthorized"), "{}", refused.err);
    let pushed = push(&server, "admin:correct horse").unwrap();
    assert_eq!(pushed.status, 0, "{}", pushed.err);
    let (status, log) = server.end();
    assert_eq!(status, 0, "{log}");
    // The second start is told another password, and keeps the first.
    let server = Server::start(&sandbox, &[("PLIMSOLL_ADMIN_PASSWORD", "another horse")], &[]);
    let back = format!("oci:{}:1", sandbox.path("back").display());
    let creds = "--src-creds=admin:correct horse";
    let pulled =
        client("skopeo", &["copy", "--quiet", "--src-tls-verify=false", creds, &there(&server), &back]);
    let pulled = pulled.unwrap();
    assert_eq!(pulled.status, 0, "{}", pulled.err);
    assert_eq!(server.get("/v2/", Some("admin:another horse")).0, 401);
    let (status, log) = server.end();
    assert_eq!(status, 0);
    assert!(!log.contains("horse"), "{log}");
}

#[test]
fn the_first_start_makes_a_password_up_and_logs_where_it_is_and_not_what() {
    let sandbox = Sandbox::new();
    let server = Server::start(&sandbox, &[], &[]);
    let file = sandbox.path("data/admin-password");
    let password = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    assert_eq!(password.len(), 24);
    use std::os::unix::fs::PermissionsExt;
    for file in [file, sandbox.path("data/token.key")] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(server.get("/v2/", Some(&format!("admin:{password}"))).0, 200);
    assert_eq!(server.get("/v2/", Some("admin:admin")).0, 401);
    let (status, token) = server.get(
        "/v2/token?service=plimsoll&scope=repository:team/app:pull,push",
        Some(&format!("admin:{password}")),
    );
    let token: Value = serde_json::from_str(&token).unwrap();
    assert_eq!((status, token["scope"].as_str().unwrap()), (200, "repository:team/app:pull,push"));
    let (status, log) = server.end();
    assert_eq!(status, 0);
    assert!(!log.contains(&password) && !log.contains(token["token"].as_str().unwrap()));
}

#[test]
fn it_says_how_it_is() {
    let sandbox = Sandbox::new();
    let server = Server::start(&sandbox, GIVEN, &[]);
    assert_eq!(server.get("/healthz", None), (200, "{\"status\":\"ok\"}\n".to_owned()));
    let (status, ready) = server.get("/readyz", None);
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!((status, ready["store"].as_str(), ready["blobs"].as_str()), (200, Some("ok"), Some("ok")));
    assert_eq!(ready["vulnerability_database"], "missing");
    let (status, metrics) = server.get("/metrics", None);
    assert_eq!(status, 200);
    let counted = "plimsoll_http_requests_total{kind=\"ready\",method=\"GET\",status=\"2xx\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    assert_eq!(server.end().0, 0);
    let server = Server::start(&sandbox, &[("PLIMSOLL_METRICS_TOKEN", "abc")], &[]);
    assert_eq!(server.get("/metrics", None).0, 401);
}

#[test]
fn one_process_has_the_data_directory() {
    let sandbox = Sandbox::new();
    let _server = Server::start(&sandbox, GIVEN, &[]);
    let data = sandbox.path("data").display().to_string();
    let ran = sandbox.run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("in use by another process"), "{}", ran.err);
}

#[test]
fn a_configuration_is_checked_and_shown() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("plimsoll.toml");
    std::fs::write(&file, "listen = \"here\"\nlisen = 1\n").unwrap();
    let path = file.display().to_string();
    let ran = sandbox.run(&["config", "check", "--config", &path]);
    let expected = format!(
        "error: {path}:2: there is no setting `lisen`; did you mean `listen`?\n\
         error: {path}:1: `listen`: `here` is no address with a port; write `127.0.0.1:8750` or `[::]:8750`\n"
    );
    assert_eq!((ran.status, ran.err), (2, expected));
    let wrong = sandbox.run(&["serve", "--config", &path]);
    assert_eq!(wrong.status, 2, "{}", wrong.err);
    std::fs::write(&file, "listen = \"0.0.0.0:80\"\nmetrics_token = \"hidden\"\n").unwrap();
    let ran = sandbox.run(&["config", "check", "--config", &path]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("without TLS"), "{}", ran.out);
    let ran = sandbox.run(&["config", "show", "--config", &path, "--listen", "127.0.0.1:81"]);
    assert!(ran.out.contains("127.0.0.1:81"), "{}", ran.out);
    assert!(ran.out.contains("file, line 2") && !ran.out.contains("hidden"), "{}", ran.out);
}

#[test]
fn tls_comes_from_files_and_is_read_anew() {
    let sandbox = Sandbox::new();
    let (certificate, key) = (sandbox.path("tls.crt"), sandbox.path("tls.key"));
    let make = || {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    };
    make();
    let files = [certificate.display().to_string(), key.display().to_string()];
    let server = Server::start(&sandbox, GIVEN, &["--tls-certificate", &files[0], "--tls-key", &files[1]]);
    let url = format!("https://{}/healthz", server.address);
    let get = || client("curl", &["-sS", "--fail", "--cacert", &files[0], &url]);
    let Some(ran) = get() else { return };
    assert_eq!(ran.status, 0, "{}", ran.err);
    make();
    server.wait_for("the certificate was read anew");
    let ran = get().unwrap();
    assert_eq!(ran.status, 0, "{}", ran.err);
    // One that does not fit leaves the one before in use.
    std::fs::write(&key, "nonsense").unwrap();
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(get().unwrap().status, 0);
    assert_eq!(server.end().0, 0);
}

#[test]
fn a_backup_of_a_running_server_is_restored() {
    let sandbox = Sandbox::new();
    let server = Server::start(&sandbox, GIVEN, &[]);
    let image = format!("{}:latest", sandbox.image("image", DEBIAN));
    let there = format!("docker://{}/team/app:1", server.address);
    let creds = "--dest-creds=admin:correct horse";
    let push = ["copy", "--quiet", "--dest-tls-verify=false", creds, &image, &there];
    let Some(pushed) = client("skopeo", &push) else { return };
    assert_eq!(pushed.status, 0, "{}", pushed.err);
    let text = |name: &str| sandbox.path(name).display().to_string();
    let ran = sandbox.run(&["backup", "--data-dir", &text("data"), &text("backup.tar")]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(server.end().0, 0);
    let ran = sandbox.run(&["restore", "--data-dir", &text("data"), &text("backup.tar")]);
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("is not empty"), "{}", ran.err);
    std::fs::remove_dir_all(sandbox.path("data")).unwrap();
    let ran = sandbox.run(&["restore", "--data-dir", &text("data"), &text("backup.tar")]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let server = Server::start(&sandbox, &[], &[]);
    let there = format!("docker://{}/team/app:1", server.address);
    let back = format!("oci:{}:1", text("back"));
    let creds = "--src-creds=admin:correct horse";
    let pulled = client("skopeo", &["copy", "--quiet", "--src-tls-verify=false", creds, &there, &back]);
    assert_eq!(pulled.unwrap().status, 0);
}

/// The same server with its state in PostgreSQL: pushed to, scanned, judged, restarted.
#[test]
fn on_postgresql_it_does_the_same() {
    let sandbox = Sandbox::new().with_database();
    let Some(database) = plimsoll_testkit::postgres_database() else { return };
    let environment = [("PLIMSOLL_ADMIN_PASSWORD", "correct horse"), ("PLIMSOLL_DATABASE", &database)];
    let server = Server::start(&sandbox, &environment, &[]);
    let image = format!("{}:latest", sandbox.image("image", DEBIAN));
    let there = |server: &Server| format!("docker://{}/team/app:1", server.address);
    let creds = "--dest-creds=admin:correct horse";
    let push = ["copy", "--quiet", "--dest-tls-verify=false", creds, &image, &there(&server)];
    let Some(pushed) = client("skopeo", &push) else { return };
    assert_eq!(pushed.status, 0, "{}", pushed.err);
    assert!(!sandbox.path("data/plimsoll.db").exists());
    let scanned = until_scanned(&server);
    assert_eq!(scanned["summary"]["critical"], 1, "{scanned}");
    let url = format!("http://{}/api/v1/namespaces/team/policy", server.address);
    let policy = r#"{"policy":{"mode":"block","severity":"high"}}"#;
    let json = "Content-Type: application/json";
    let put = ["-sS", "--fail", "-u", "admin:correct horse", "-X", "PUT", "-H", json, "-d", policy, &url];
    let Some(changed) = client("curl", &put) else { return };
    assert_eq!(changed.status, 0, "{}{}", changed.out, changed.err);
    let pull = |server: &Server| {
        let back = format!("oci:{}:1", sandbox.path("back").display());
        let creds = "--src-creds=admin:correct horse";
        client("skopeo", &["copy", "--quiet", "--src-tls-verify=false", creds, &there(server), &back])
            .unwrap()
    };
    let refused = pull(&server);
    assert!(refused.status != 0 && refused.err.contains("denied"), "{}", refused.err);
    let (status, log) = server.end();
    assert_eq!(status, 0, "{log}");
    let server = Server::start(&sandbox, &environment, &[]);
    assert_eq!(until_scanned(&server)["digest"], scanned["digest"]);
    let refused = pull(&server);
    assert!(refused.status != 0 && refused.err.contains("denied"), "{}", refused.err);
    let (status, log) = server.end();
    assert_eq!(status, 0);
    assert!(!log.contains(&database) && !log.contains("horse"), "{log}");
}

/// `team/app:1` once its scan is complete.
#[track_caller]
fn until_scanned(server: &Server) -> Value {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let path = "/api/v1/namespaces/team/repositories/app/artifacts/1";
        let (status, body) = server.get(path, Some("admin:correct horse"));
        assert_eq!(status, 200, "{body}");
        let mut found: Value = serde_json::from_str(&unchunked(&body)).unwrap();
        if found["artifact"]["scan"]["state"] == "complete" {
            return found["artifact"].take();
        }
        assert!(std::time::Instant::now() < until, "{found}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A body without the lengths of its pieces, where it came in pieces.
fn unchunked(body: &str) -> String {
    match (body.find('{'), body.rfind('}')) {
        (Some(first), Some(last)) => body[first..=last].to_owned(),
        _ => body.to_owned(),
    }
}
