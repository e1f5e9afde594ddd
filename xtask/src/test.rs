//! `cargo xtask test`: everything that must pass before a change is handed over.
//!
//! What cannot run here is said loudly, and again at the end; it never counts as passed.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::shell::{self, Result};
use crate::{conformance, console, fuzz, screenshots, tidy, validators};

pub(crate) const USAGE: &str = "\
  --quick   no corpus, no fuzzing, nothing installed: what one runs between two commits

  cargo xtask test
  cargo xtask test --quick

As root on Debian the real components that tests talk to are installed with apt. The corpus of
real and hostile images is built once from ../shared/corpus (or $PLIMSOLL_SHARED/corpus);
$PLIMSOLL_CORPUS names one that exists already.
";

/// Real components that tests run against: (program, or a file by its whole path, and Debian's
/// package).
const COMPONENTS: &[(&str, &str)] = &[
    ("docker-registry", "docker-registry"),
    ("skopeo", "skopeo"),
    ("buildah", "buildah"),
    ("rpm", "rpm"),
    ("dpkg", "dpkg"),
    // What orders versions, for the comparison with ours.
    ("python3", "python3-packaging"),
    ("node", "nodejs"),
    ("/usr/share/nodejs/semver/functions/compare.js", "node-semver"),
    ("ruby", "ruby"),
    ("php", "php-cli"),
    ("/usr/share/php/Composer/Semver/autoload.php", "php-composer-semver"),
    ("java", "default-jre-headless"),
    ("/usr/share/maven/lib/maven-artifact-3.x.jar", "maven"),
    ("perl", "perl"),
    ("nix-instantiate", "nix-bin"),
    ("luarocks", "luarocks"),
    // The other database of the store; Debian keeps the server itself out of the path.
    ("pg_createcluster", "postgresql"),
    // What shows the page.
    ("chromium", "chromium"),
    // What builds the console, and what its Chinese is written in.
    ("npm", "npm"),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "fonts-wqy-microhei"),
];

/// Seconds that each fuzz target gets; the long runs are `cargo xtask fuzz`.
const FUZZ_SECONDS: u64 = 5;

pub(crate) enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// The steps so far, for the summary.
#[derive(Default)]
struct Steps(Vec<Step>);

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Outcome>) {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(Outcome::Failed);
        match &outcome {
            Outcome::Passed => (),
            Outcome::Skipped(why) => println!("SKIPPED: {name}: {why}"),
            Outcome::Failed(why) => println!("FAILED: {name}: {why}"),
        }
        self.0.push(Step { name, outcome, took: started.elapsed() });
    }

    fn command(&mut self, name: &'static str, command: &mut std::process::Command) {
        self.step(name, || shell::run(command).map(|()| Outcome::Passed));
    }

    fn summary(&self) -> Result {
        println!("\n== summary");
        for step in &self.0 {
            let (word, why) = match &step.outcome {
                Outcome::Passed => ("passed", String::new()),
                Outcome::Skipped(why) => ("SKIPPED", format!(": {why}")),
                Outcome::Failed(why) => ("FAILED", format!(": {why}")),
            };
            println!("{word:8} {:5.0} s  {}{why}", step.took.as_secs_f64(), step.name);
        }
        let count = |wanted: fn(&Outcome) -> bool| self.0.iter().filter(|it| wanted(&it.outcome)).count();
        let failed = count(|it| matches!(it, Outcome::Failed(_)));
        let skipped = count(|it| matches!(it, Outcome::Skipped(_)));
        println!("{} steps, {failed} failed, {skipped} skipped", self.0.len());
        if failed == 0 { Ok(()) } else { Err("not everything passed".to_owned()) }
    }
}

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let quick = shell::take_flag(&mut arguments, "--quick");
    shell::nothing_left(&arguments)?;

    let mut steps = Steps::default();
    if !quick {
        steps.step("real components", components);
    }
    if !quick {
        steps.step("validators of formats", validators::install);
    }
    steps.command("formatting", &mut shell::cargo(&["fmt", "--all", "--check"]));
    steps.step("tidy", || tidy::run(&[]).map(|()| Outcome::Passed));
    // Before the server is built: it carries what stands in the console's folder.
    steps.step("console", console::step);
    let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    steps.command("lints", &mut shell::cargo(&lints));

    let mut corpus = corpus_given();
    if !quick && corpus.is_none() {
        steps.step("corpus", || build_corpus(&mut corpus));
    }
    let mut tests = shell::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(corpus) = &corpus {
        tests.env("PLIMSOLL_CORPUS", corpus);
    }
    if let Some(shared) = shell::shared() {
        tests.env("PLIMSOLL_SHARED", shared);
    }
    steps.command("tests", &mut tests);
    if !quick {
        steps.step("conformance of the registry", conformance::step);
        steps.step("journeys through the console", screenshots::step);
    }
    if !quick {
        steps.step("fuzzing, a few seconds each", || {
            fuzz::smoke(Duration::from_secs(FUZZ_SECONDS)).map(|how| {
                println!("{how}");
                Outcome::Passed
            })
        });
    }
    steps.summary()
}

/// Installs what is missing where we may; what then is still missing is told.
fn components() -> Result<Outcome> {
    let missing = || COMPONENTS.iter().filter(|(program, _)| !shell::have(program));
    let packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
    if packages.is_empty() {
        return Ok(Outcome::Passed);
    }
    if shell::may_install() {
        let mut install = vec!["install", "-y", "--no-install-recommends"];
        install.extend(&packages);
        let quiet = |arguments: &[&str]| {
            let mut command = shell::command("apt-get", arguments);
            command.env("DEBIAN_FRONTEND", "noninteractive").stdout(std::process::Stdio::null());
            shell::run(&mut command)
        };
        let installed = quiet(&install).or_else(|_| quiet(&["update"]).and_then(|()| quiet(&install)));
        if let Err(error) = installed {
            println!("{error}; one after the other then");
            // One that cannot be had must not keep out the others.
            for package in &packages {
                if let Err(error) = quiet(&["install", "-y", "--no-install-recommends", package]) {
                    println!("{error}");
                }
            }
        }
    }
    let missing: Vec<&str> = missing().map(|(program, _)| *program).collect();
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    Ok(Outcome::Skipped(format!(
        "{} not there and not to be had; the tests that talk to them are skipped",
        missing.join(", ")
    )))
}

/// A corpus that exists: the one that was named, or the one built before.
fn corpus_given() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PLIMSOLL_CORPUS") {
        return Some(PathBuf::from(named));
    }
    let built = shell::target_directory().join("corpus");
    built.join("complete").is_file().then_some(built)
}

fn build_corpus(corpus: &mut Option<PathBuf>) -> Result<Outcome> {
    let Some(build) = shell::shared().map(|it| it.join("corpus/build.sh")).filter(|it| it.is_file()) else {
        return Ok(Outcome::Skipped(
            "there is no ../shared/corpus here; the tests over real and hostile images are skipped"
                .to_owned(),
        ));
    };
    if !shell::may_install() {
        return Ok(Outcome::Skipped("building it needs root on Debian".to_owned()));
    }
    let folder = shell::target_directory().join("corpus");
    let mut command = shell::command(&build, &[]);
    command.arg(&folder).arg("--hostile").stdout(std::process::Stdio::null());
    shell::run(&mut command)?;
    std::fs::write(folder.join("complete"), "").map_err(|error| format!("{}: {error}", folder.display()))?;
    *corpus = Some(folder);
    Ok(Outcome::Passed)
}
