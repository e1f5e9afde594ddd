//! The programs of other people that say whether our output is what their formats ask for.
//!
//! They are installed into the target folder, once, and only tests use them.

use crate::shell::{self, Result};
use crate::test::Outcome;

/// Python packages: CycloneDX's own, SPDX's own, a JSON Schema validator, OpenVEX, HTML.
const PYTHON: [&str; 5] = [
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "spdx-tools==0.8.5",
    "jsonschema",
    "vexipy==0.3.0",
    "html5lib",
];

/// The package of Node's that has the schema of SARIF in it.
const SARIF: &str = "@microsoft/jest-sarif@1.0.0-beta.0";

/// Installs what is not there; without a network the tests that need it say that they are skipped.
pub(crate) fn install() -> Result<Outcome> {
    let folder = shell::target_directory().join("validators");
    let complete = folder.join("complete");
    if complete.exists() {
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
            shell::run(npm.arg(&folder).arg(SARIF))
        });
    if let Err(error) = installed {
        return Ok(Outcome::Skipped(format!("they could not be installed: {error}")));
    }
    std::fs::write(&complete, "").map_err(|error| format!("{}: {error}", complete.display()))?;
    Ok(Outcome::Passed)
}
