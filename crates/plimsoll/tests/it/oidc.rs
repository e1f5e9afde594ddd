//! Signing in at an issuer that somebody else wrote: `oidc-provider-mock` of PyPI, found in the path or
//! named by `PLIMSOLL_OIDC_MOCK`. What hostile issuers do is tried in the server's own tests.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, finished};
use crate::serve::Server;

/// The issuer; it ends with the value.
struct Issuer(Child);

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn issuer(port: u16) -> Option<Issuer> {
    // `cargo xtask test` installs it into the target folder.
    let beside = std::path::Path::new(env!("CARGO_BIN_EXE_plimsoll")).ancestors().nth(2);
    let installed = beside.map(|it| it.join("validators/bin/oidc-provider-mock")).filter(|it| it.is_file());
    let named = std::env::var_os("PLIMSOLL_OIDC_MOCK").map(std::path::PathBuf::from);
    let program = named.or(installed).unwrap_or_else(|| "oidc-provider-mock".into());
    let user = r#"{"sub":"0815","preferred_username":"vera","groups":["platform"]}"#;
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string(), "--user-claims", user, "--require-nonce", "true"]);
    let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
        eprintln!("SKIPPED: oidc-provider-mock is not installed; pip install oidc-provider-mock");
        return None;
    };
    let issuer = Issuer(child);
    let until = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the issuer does not answer");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(issuer)
}

/// A browser of sorts: it keeps cookies, and says where it is sent.
struct Browser<'a>(&'a Sandbox);

impl Browser<'_> {
    fn ask(&self, arguments: &[&str]) -> Ran {
        let jar = self.0.path("cookies").display().to_string();
        let mut command = Command::new("curl");
        command.args(["-sS", "-b", &jar, "-c", &jar]).args(arguments);
        finished(command.output().unwrap())
    }

    /// Where an answer sends it.
    #[track_caller]
    fn sent(&self, arguments: &[&str]) -> String {
        let to = ["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"];
        let ran = self.ask(&[&to, arguments].concat());
        let (status, place) = ran.out.split_once(' ').unwrap();
        assert!(["302", "303"].contains(&status), "{arguments:?}: {}{}", ran.out, ran.err);
        place.to_owned()
    }
}

#[test]
fn somebody_signs_in_at_a_real_issuer_and_may_what_their_group_may() {
    let sandbox = Sandbox::new();
    let (port, at) = (free_port(), free_port());
    let Some(_issuer) = issuer(port) else { return };
    let (issuer, url) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{at}"));
    let listen = format!("127.0.0.1:{at}");
    let flags = [
        ["--oidc-issuer", &issuer],
        ["--oidc-client-id", "plimsoll"],
        ["--external-url", &url],
        ["--oidc-grants", "platform=administrator"],
        ["--oidc-scopes", "openid profile email groups"],
        ["--listen", &listen],
    ];
    let environment =
        [("PLIMSOLL_ADMIN_PASSWORD", "correct horse"), ("PLIMSOLL_OIDC_CLIENT_SECRET", "hush hush")];
    let server = Server::start(&sandbox, &environment, &flags.concat());
    let browser = Browser(&sandbox);
    let login = browser.sent(&[&format!("{url}/auth/oidc/login?to=/namespaces")]);
    assert!(login.starts_with(&format!("{issuer}/")), "{login}");
    let back = browser.sent(&["-d", "sub=0815", &login]);
    assert!(back.starts_with(&format!("{url}/auth/oidc/callback?")), "{back}");
    assert_eq!(browser.sent(&[&back]), format!("{url}/namespaces"));
    let account = browser.ask(&[&format!("{url}/api/v1/account")]).out;
    let account: Value = serde_json::from_str(&account).unwrap();
    assert_eq!(account["name"], "vera");
    assert!(account["permissions"].to_string().contains("administer"), "{account}");
    // The same answer a second time is none.
    let again = browser.ask(&["-w", "%{http_code}", "-o", "/dev/null", &back]);
    assert_eq!(again.out, "400");
    let (status, log) = server.end();
    assert_eq!(status, 0);
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    assert!(!log.contains("hush") && !log.contains(code), "{log}");
}
