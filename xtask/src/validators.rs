//! The programs of other people that say whether our output is what their formats ask for, and those
//! that we talk to.
//!
//! They are installed into the target folder, once, and only tests use them.

use crate::shell::{self, Result};
use crate::test::Outcome;

/// Python packages: CycloneDX's own, SPDX's own, a JSON Schema validator, OpenVEX, HTML; and an issuer
/// to sign in at.
const PYTHON: [&str; 6] = [
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "spdx-tools==0.8.5",
    "jsonschema",
    "vexipy==0.3.0",
    "html5lib",
    "oidc-provider-mock==0.3.4",
];

/// The package of Node's that has the schema of SARIF in it.
const SARIF: &str = "@microsoft/jest-sarif@1.0.0-beta.0";

/// The package of Node's that has GitHub's own description of its API in it, 29 MB.
const GITHUB: &str = "@octokit/openapi@23.0.2";

/// Keeps of it what the tests need, the schema of a dependency snapshot.
const KEEP_SNAPSHOT: &str = "\
import json, sys
api = json.load(open(sys.argv[1], encoding='utf-8'))
post = api['paths']['/repos/{owner}/{repo}/dependency-graph/snapshots']['post']
json.dump(post['requestBody']['content']['application/json']['schema'], open(sys.argv[2], 'w'))
";

/// Installs what is not there; without a network the tests that need it say that they are skipped.
pub(crate) fn install() -> Result<Outcome> {
    let folder = shell::target_directory().join("validators");
    let complete = folder.join("complete");
    let snapshot_schema = folder.join("github-snapshot.schema.json");
    let issuer = folder.join("bin/oidc-provider-mock");
    if complete.exists() && snapshot_schema.exists() && issuer.exists() {
        return Ok(Outcome::Passed);
    }
    if !shell::have("python3") || !shell::have("npm") {
        return Ok(Outcome::Skipped("python3 and npm are needed to install them".to_owned()));
    }
    let installed = shell::run(shell::command("python3", &["-m", "venv"]).arg(&folder))
        .and_then(|()| {
            let mut pip = shell::command(folder.join("bin/pip"), &["install", "--quiet"]);
            shell::run(pip.args(PYTHON))
        })
        .and_then(|()| {
            let mut npm = shell::command("npm", &["install", "--silent", "--ignore-scripts", "--prefix"]);
            shell::run(npm.arg(&folder).args([SARIF, GITHUB]))
        })
        .and_then(|()| {
            let package = folder.join("node_modules/@octokit");
            let api = package.join("openapi/generated/api.github.com.deref.json");
            let mut python = shell::command(folder.join("bin/python"), &["-c", KEEP_SNAPSHOT]);
            shell::run(python.arg(api).arg(&snapshot_schema))?;
            // Unpacked it has 400 MB, of which that was one part in ten thousand.
            std::fs::remove_dir_all(&package).map_err(|error| format!("{}: {error}", package.display()))
        });
    if let Err(error) = installed {
        return Ok(Outcome::Skipped(format!("they could not be installed: {error}")));
    }
    std::fs::write(&complete, "").map_err(|error| format!("{}: {error}", complete.display()))?;
    Ok(Outcome::Passed)
}
