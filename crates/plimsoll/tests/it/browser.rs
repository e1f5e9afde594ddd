//! The page, as a real browser shows it: Debian's Chromium, which `cargo xtask test` installs.
//!
//! Every request that the browser makes goes to a proxy of ours, which answers none and tells
//! whom it was asked for.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use crate::sandbox::{Ran, Sandbox, finished};

/// The page with every kind of finding and hostile text.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../plimsoll-report/testdata/everything.html");

/// Whom Chromium asks of its own accord, whatever it is told: for the time, updates, an account.
const BROWSERS_OWN: &[&str] = &["google.com", "googleapis.com", "gstatic.com", "gvt1.com"];

/// A page that does what ours must not.
const CARELESS: &str = "<!DOCTYPE html><img src=\"http://example.invalid/picture.png\">\
                        <script>console.error('a fault')</script>";

#[test]
fn the_page_is_shown_without_a_fault_and_asks_nobody_for_anything() {
    let Some(browser) = Browser::find() else { return };
    let (shown, asked) = browser.shows(Path::new(PAGE));
    assert!(shown.out.contains("NOT COMPLETE") && shown.out.contains("CVE-2024-0001"), "{}", shown.out);
    assert_eq!((faults(&shown), asked), (Vec::new(), Vec::new()));
}

#[test]
fn a_careless_page_is_caught() {
    let Some(browser) = Browser::find() else { return };
    let page = browser.sandbox.path("careless.html");
    std::fs::write(&page, CARELESS).unwrap();
    let (shown, asked) = browser.shows(&page);
    assert!(faults(&shown).iter().any(|it| it.contains("a fault")), "{}", shown.err);
    assert_eq!(asked, ["example.invalid"]);
}

#[test]
fn the_page_is_printed() {
    let Some(browser) = Browser::find() else { return };
    let file = browser.sandbox.path("page.pdf");
    let print = format!("--print-to-pdf={}", file.display());
    let ran = finished(browser.command(Path::new(PAGE)).arg(print).output().unwrap());
    let pdf = std::fs::read(&file).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000, "{} bytes", pdf.len());
}

fn faults(shown: &Ran) -> Vec<&str> {
    shown.err.lines().filter(|line| line.contains(":CONSOLE")).collect()
}

struct Browser {
    program: PathBuf,
    sandbox: Sandbox,
}

impl Browser {
    /// Says loudly where there is none.
    fn find() -> Option<Browser> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path).map(|it| it.join("chromium")).find(|it| it.is_file());
        if program.is_none() {
            eprintln!("SKIPPED: there is no chromium; `cargo xtask test` installs it");
        }
        Some(Browser { program: program?, sandbox: Sandbox::new() })
    }

    fn command(&self, page: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"]);
        // As root, and in containers, its own sandbox cannot be set up; the page is ours.
        command.args(["--no-sandbox", "--disable-dev-shm-usage", "--no-pdf-header-footer"]);
        command.arg(format!("--user-data-dir={}", self.sandbox.path("profile").display()));
        command.arg(format!("file://{}", page.canonicalize().unwrap().display()));
        command
    }

    /// The page as the browser understood it, what it said of it, and whom it asked for more.
    fn shows(&self, page: &Path) -> (Ran, Vec<String>) {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = proxy.local_addr().unwrap();
        let (sender, asked) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in proxy.incoming() {
                let host = stream.map(host).unwrap_or_default();
                if sender.send(host).is_err() {
                    return;
                }
            }
        });
        let mut command = self.command(page);
        command.arg(format!("--proxy-server={address}")).args(["--enable-logging=stderr", "--dump-dom"]);
        let shown = finished(command.output().unwrap());
        let is_own = |host: &String| BROWSERS_OWN.iter().any(|own| host.ends_with(own));
        let mut asked: Vec<String> = asked.try_iter().filter(|host| !is_own(host)).collect();
        asked.dedup();
        (shown, asked)
    }
}

/// The host of a request to a proxy: `GET http://HOST/… HTTP/1.1` or `CONNECT HOST:443 HTTP/1.1`.
fn host(mut stream: TcpStream) -> String {
    let mut bytes = [0; 512];
    let read = stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .and_then(|()| stream.read(&mut bytes))
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let authority = target.split("://").last().unwrap_or_default();
    authority.split(['/', ':']).next().unwrap_or_default().to_owned()
}
