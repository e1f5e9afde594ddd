//! `cargo xtask conformance`: the OCI distribution specification's own tests, run against our registry.
//!
//! They are a Go module; `xtask/conformance` says which version, with the checksums of all that it needs.
//! Where Go is not installed, or the module cannot be had, that is said and nothing is tried.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::server::client::Client;
use crate::bench::server::process::{CREDENTIALS, LOGIN, Server, fresh};
use crate::shell::{self, Result};
use crate::test::Outcome;

pub(crate) const USAGE: &str = "\
  cargo xtask conformance

Builds the program and the OCI distribution specification's tests (Go, from its module proxy), starts a
server of its own and runs all four categories: pull, push, content discovery, content management. What
the tests say in full is in target/conformance/said.txt.
";

const SUITE: &str = "github.com/opencontainers/distribution-spec/conformance";
const CATEGORIES: [&str; 4] = ["PULL", "PUSH", "CONTENT_DISCOVERY", "CONTENT_MANAGEMENT"];

pub(crate) fn run(arguments: &[String]) -> Result {
    shell::nothing_left(arguments)?;
    match step()? {
        Outcome::Skipped(why) => Err(why),
        _ => Ok(()),
    }
}

/// The step of `cargo xtask test`.
pub(crate) fn step() -> Result<Outcome> {
    if !shell::have("go") {
        return Ok(Outcome::Skipped(
            "go is not there; the specification's own tests were not run".to_owned(),
        ));
    }
    let folder = shell::target_directory().join("conformance");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let Ok(suite) = build(&folder) else {
        return Ok(Outcome::Skipped("the specification's tests cannot be had or built here".to_owned()));
    };
    shell::run(&mut shell::cargo(&["build", "--locked", "-p", "plimsoll"]))?;
    let program = shell::target_directory().join("debug/plimsoll");
    let server = Server::plimsoll(&program, &fresh(&folder, "data")?, &folder.join("db"))?.0;
    for namespace in ["conformance", "elsewhere"] {
        let body = format!("{{\"name\":\"{namespace}\",\"auto_scan\":true}}");
        let mut client = Client::connect(&server.address, LOGIN)?;
        client.expect(201, ("POST", "/api/v1/namespaces"), "application/json", body.as_bytes())?;
    }
    judge(&suite, &server, &folder)
}

fn build(folder: &Path) -> Result<PathBuf> {
    let suite = folder.join("suite");
    let mut go = shell::command("go", &["test", "-c", "-o"]);
    go.arg(&suite).arg(SUITE).current_dir(Path::new(&shell::root()).join("xtask/conformance"));
    // Exactly what stands in go.sum; the database of checksums does not know this module.
    go.env("GOFLAGS", "-mod=readonly").env("GONOSUMDB", SUITE).env("GOTOOLCHAIN", "local");
    shell::run(&mut go)?;
    Ok(suite)
}

fn judge(suite: &Path, server: &Server, folder: &Path) -> Result<Outcome> {
    let (name, password) = CREDENTIALS.split_once(':').unwrap_or_default();
    let mut tests = shell::command(suite, &["-ginkgo.no-color"]);
    tests.current_dir(folder).env("OCI_REPORT_DIR", "none");
    tests.env("OCI_ROOT_URL", format!("http://{}", server.address));
    tests.env("OCI_NAMESPACE", "conformance/app").env("OCI_CROSSMOUNT_NAMESPACE", "elsewhere/app");
    tests.env("OCI_USERNAME", name).env("OCI_PASSWORD", password);
    for category in CATEGORIES {
        tests.env(format!("OCI_TEST_{category}"), "1");
    }
    let ran = tests.output().map_err(|error| format!("{}: {error}", suite.display()))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    fs::write(folder.join("said.txt"), said.as_bytes()).map_err(|error| format!("said.txt: {error}"))?;
    let sums: Vec<&str> =
        said.lines().filter(|it| it.starts_with("Ran ") || it.contains("Passed |")).collect();
    sums.iter().for_each(|it| println!("{it}"));
    if ran.status.success() && !sums.is_empty() {
        return Ok(Outcome::Passed);
    }
    println!("{said}");
    Err("the registry is not what the specification says".to_owned())
}
