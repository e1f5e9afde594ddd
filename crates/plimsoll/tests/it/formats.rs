//! Every format against the validators of its own people.
//!
//! They are Python and Node packages that `cargo xtask test` installs into the target folder.
//! GitLab's, cosign's, Trivy's and Grype's formats have none that can be had as a package; their
//! golden documents are compared in the crate that writes them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sandbox::{DEBIAN, Sandbox, finished};

/// (format, how its file ends, which says what to ask of it).
const FORMATS: [(&str, &str); 10] = [
    ("cyclonedx", "cdx.json"),
    ("cyclonedx-sbom", "sbom.cdx.json"),
    ("spdx-json", "spdx.json"),
    ("spdx", "spdx"),
    ("sarif", "sarif"),
    ("github", "github.json"),
    ("openvex", "openvex.json"),
    ("junit", "junit.xml"),
    ("csv", "csv"),
    ("html", "html"),
];

/// What a build server says, for the format that is about a commit.
const COMMIT: [(&str, &str); 2] =
    [("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"), ("GITHUB_REF", "refs/heads/main")];

/// The package's documents with every kind of hostile text.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../plimsoll-report/testdata");

#[test]
fn every_format_is_valid_of_a_scan() {
    let Some(validators) = Validators::find() else { return };
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("debian", DEBIAN);
    let damaged = sandbox.image("damaged", &DEBIAN.replace("Version: 3.0.9-1", "Version: "));
    let mut files = Vec::new();
    for (name, image) in [("whole", &image), ("damaged", &damaged)] {
        for (format, ending) in FORMATS {
            let file = sandbox.path(&format!("{name}.{ending}"));
            let output = file.display().to_string();
            let mut command = sandbox.command(&["scan", "--format", format, "--output", &output, image]);
            let ran = finished(command.envs(COMMIT).output().unwrap());
            assert!(file.exists(), "{format}: {}", ran.err);
            files.push(file);
        }
    }
    validators.check(&files);
}

#[test]
fn the_golden_documents_are_valid() {
    let Some(validators) = Validators::find() else { return };
    let files: Vec<PathBuf> = std::fs::read_dir(GOLDEN)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            // GitHub's is about a commit, and this one about none.
            let is_whole = !name.ends_with(".github.json");
            is_whole && FORMATS.iter().any(|(_, ending)| name.ends_with(&format!(".{ending}")))
        })
        .collect();
    assert!(files.len() >= 8, "{files:?}");
    validators.check(&files);
}

#[test]
fn every_format_writes_every_kind_of_scan() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("debian", DEBIAN);
    for format in plimsoll_report::FORMATS {
        let ran = sandbox.run(&["scan", "--format", format.name(), &image]);
        assert!(
            ran.out.ends_with('\n') && ran.out.contains("CVE-") || is_sbom(format.name()),
            "{}",
            format.name()
        );
    }
}

fn is_sbom(format: &str) -> bool {
    ["cyclonedx-sbom", "spdx-json", "spdx", "github"].contains(&format)
}

/// Where the validators are installed.
struct Validators {
    python: PathBuf,
    sarif_schema: PathBuf,
    github_schema: PathBuf,
}

impl Validators {
    /// Beside the executable under test; says loudly where there are none.
    fn find() -> Option<Validators> {
        let target = Path::new(env!("CARGO_BIN_EXE_plimsoll")).ancestors().nth(2)?;
        let folder = target.join("validators");
        let found = Validators {
            python: folder.join("bin/python"),
            sarif_schema: folder
                .join("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"),
            github_schema: folder.join("github-snapshot.schema.json"),
        };
        if folder.join("complete").exists() && found.github_schema.exists() {
            return Some(found);
        }
        eprintln!(
            "SKIPPED: the formats' validators are not in {}; `cargo xtask test` installs them",
            folder.display()
        );
        None
    }

    #[track_caller]
    fn check(&self, files: &[PathBuf]) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/validate.py");
        let mut command = Command::new(&self.python);
        command.arg(script).args([&self.sarif_schema, &self.github_schema]).args(files);
        let ran = finished(command.output().unwrap());
        assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    }
}
