//! `cargo xtask conformance`: the OCI distribution specification's own tests, run against our registry,
//! and our interface against its own document.
//!
//! The first are a Go module; `xtask/conformance` says which version, with the checksums of all it needs.
//! Where Go is not installed, or the module cannot be had, that is said and nothing is tried.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bench::server::client::Client;
use crate::bench::server::process::{CREDENTIALS, LOGIN, Server, fresh};
use crate::shell::{self, Result};
use crate::test::Outcome;

pub(crate) const USAGE: &str = "\
  --api   try the server's interface against its own OpenAPI document instead (Schemathesis, from PyPI):
          some twenty thousand requests in six minutes

  cargo xtask conformance
  cargo xtask conformance --api

Builds the program and the OCI distribution specification's tests (Go, from its module proxy), starts a
server of its own and runs all four categories: pull, push, content discovery, content management. What
the tests say in full is in target/conformance/said.txt.
";

const SUITE: &str = "github.com/opencontainers/distribution-spec/conformance";
const CATEGORIES: [&str; 4] = ["PULL", "PUSH", "CONTENT_DISCOVERY", "CONTENT_MANAGEMENT"];

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let is_api = shell::take_flag(&mut arguments, "--api");
    shell::nothing_left(&arguments)?;
    match if is_api { interface() } else { step() }? {
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
    match build(&folder) {
        Ok(suite) => judge(&suite, &started(&folder)?, &folder),
        Err(why) => Ok(Outcome::Skipped(format!("the specification's tests cannot be had or built: {why}"))),
    }
}

/// A server of its own with two namespaces.
fn started(folder: &Path) -> Result<Server> {
    shell::run(&mut shell::cargo(&["build", "--locked", "-p", "plimsoll"]))?;
    let program = shell::target_directory().join("debug/plimsoll");
    let server = Server::plimsoll(&program, &fresh(folder, "data")?, &folder.join("db"))?.0;
    for namespace in ["conformance", "elsewhere"] {
        let body = format!("{{\"name\":\"{namespace}\",\"auto_scan\":true}}");
        let mut client = Client::connect(&server.address, LOGIN)?;
        client.expect(201, ("POST", "/api/v1/namespaces"), "application/json", body.as_bytes())?;
    }
    Ok(server)
}

/// Which of its checks hold of our interface. Left out is that what fits the document is taken: names that
/// are taken, addresses that lead nowhere and keys of other requests are refused, and no schema says it.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection";
/// What would end the session of whoever asks, never ends, or takes a database over the network.
const LEFT_OUT: &str = "session|sign-in|events/stream|account/password|database/(update|import)|users";

/// Holds the server's interface against its document.
fn interface() -> Result<Outcome> {
    if !shell::have("python3") {
        return Ok(Outcome::Skipped("python3 is not there".to_owned()));
    }
    let folder = shell::target_directory().join("conformance");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let venv = folder.join("venv");
    shell::run(shell::command("python3", &["-m", "venv"]).arg(&venv))?;
    shell::run(&mut shell::command(venv.join("bin/pip"), &["install", "--quiet", "schemathesis==4.32.5"]))?;
    let server = started(&folder)?;
    let document = Path::new(&shell::root()).join("docs/openapi.json");
    let mut tests = shell::command(venv.join("bin/st"), &["run"]);
    tests.arg(document).args(["--url", &format!("http://{}/api/v1", server.address)]);
    tests.args(["--auth", CREDENTIALS, "--checks", CHECKS, "--exclude-path-regex", LEFT_OUT]);
    tests.args(["--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--max-time", "360"]);
    tests.args(["--continue-on-failure", "--workers", "2", "--warnings", "off"]).current_dir(&folder);
    shell::run(&mut tests)?;
    Ok(Outcome::Passed)
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
