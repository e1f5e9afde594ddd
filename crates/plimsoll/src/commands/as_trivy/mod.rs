//! `plimsoll as-trivy`, and the program called as `trivy`: scripts written for Trivy go on
//! working. Same names of commands and flags, same exit codes, same formats, `TRIVY_*` variables.
//!
//! What would give another answer than the script expects is refused, with what to say instead;
//! what makes no difference here (where Trivy's database comes from) is accepted and does nothing.

mod arguments;
mod flags;
mod select;

use std::io::Write;
use std::path::{Path, PathBuf};

use plimsoll_core::{Escaped, Report, Support};
use plimsoll_engine::judge::{self, Answers};
use plimsoll_engine::suppress::suppress;
use plimsoll_registry::{Login, Secret};

use self::arguments::Asked;
use self::select::Selection;
use super::scan::{database, say_what_is_missing};
use super::source::scan_with_login;
use super::{db, foreign, output};
use crate::cli::Places;
use crate::cli::database::{DbArgs, DbCommand, DbUpdateArgs};
use crate::cli::shared::{RegistryArgs, SourceArgs, SuppressArgs};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Trivy ends with 1 whatever the error.
const ERROR_CODE: u8 = 1;

/// Does what the arguments say.
pub fn run(arguments: &[String], places: Places) -> Result<Status, Failure> {
    run_command(arguments, places).map_err(|failure| failure.with_code(ERROR_CODE))
}

fn run_command(arguments: &[String], places: Places) -> Result<Status, Failure> {
    let asked = Asked::parse(arguments, surroundings::variable)?;
    match asked.command.as_str() {
        "" | "help" => help(),
        "version" => version(),
        _ if asked.is("help") => help(),
        "image" | "fs" | "rootfs" | "sbom" => scan(&asked, places),
        other => Err(Failure::misuse(format!("`{}` is no command that is understood", Escaped(other)))
            .hint(flags::instead_of_command(other))),
    }
}

fn help() -> Result<Status, Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "Usage: trivy image|fs|rootfs|sbom|version [flags] TARGET\n\nThis is Plimsoll. Of Trivy's flags it understands:"
    )?;
    for flag in flags::FLAGS {
        let short = flag.short.map(|it| format!("-{it}, ")).unwrap_or_default();
        writeln!(out, "  {short:>4}--{:<24} {}", flag.name, flag.about())?;
    }
    Ok(Status::Clean)
}

fn version() -> Result<Status, Failure> {
    writeln!(anstream::stdout(), "Version: {} (Plimsoll)", env!("CARGO_PKG_VERSION"))?;
    Ok(Status::Clean)
}

fn scan(asked: &Asked, mut places: Places) -> Result<Status, Failure> {
    no_settings_file()?;
    places.cache_dir = asked.value("cache-dir").map(PathBuf::from).or(places.cache_dir);
    surroundings::guard(&places)?;
    say(asked, &asked.notes);
    if asked.is("download-db-only") {
        let update = DbUpdateArgs { quiet: asked.is("quiet"), ..DbUpdateArgs::default() };
        return db::run(DbArgs { command: DbCommand::Update(update) }, places);
    }
    let selection = Selection::of(asked)?;
    if let Some(missing) = select::missing_scanners(asked) {
        let _ = writeln!(anstream::stderr(), "plimsoll: {}", Escaped(&missing));
    }
    let file = asked.value("output").map(PathBuf::from);
    let format = output::format(format_name(asked)?)?;
    let suppress_args = suppress_args(asked)?;
    let suppressors = foreign::suppressors(&suppress_args)?;
    let open = database(&places, None)?.ok_or_else(|| {
        Failure::unanswered("there is no vulnerability database").hint("`plimsoll db update` builds one")
    })?;
    let (source, login) = source(asked)?;
    let scan = scan_with_login(&target(asked)?, &source, login, places.cache_dir)?;
    let suppressors = foreign::with_attached(&suppressors, &suppress_args, &scan);
    let now = surroundings::now();
    let answers = Answers { snapshot: &open.snapshot, info: &open.info, informational: false, texts: true };
    let mut report = judge::judge(scan, Some(&answers), now);
    suppress(&mut report, &suppressors, now);
    selection.apply(&mut report);
    let mut text = Vec::new();
    format.render(&report, &output::style(file.as_deref()), &mut text)?;
    output::write(&text, file.as_deref())?;
    conclude(asked, &report)
}

/// 0 even with findings, unless a code is asked for. An answer with gaps is an error where the
/// script asks for a gate: nobody knows whether it may pass.
fn conclude(asked: &Asked, report: &Report) -> Result<Status, Failure> {
    let (on_findings, on_end_of_life) = (asked.code("exit-code")?, asked.code("exit-on-eol")?);
    if report.images.iter().any(|image| image.support == Support::Ended) && on_end_of_life > 0 {
        return Ok(Status::Code(on_end_of_life));
    }
    if on_findings > 0 && report.findings().any(|(finding, _)| finding.counts()) {
        return Ok(Status::Code(on_findings));
    }
    if plimsoll_report::is_complete(report) {
        return Ok(Status::Clean);
    }
    say_what_is_missing(report, &mut anstream::stderr().lock());
    Ok(if on_findings > 0 { Status::Code(ERROR_CODE) } else { Status::Clean })
}

/// Trivy reads its settings from a file of this name, whoever put it there; as with `--config`, what
/// it says is not known here.
fn no_settings_file() -> Result<(), Failure> {
    const SETTINGS: &str = "trivy.yaml";
    if !Path::new(SETTINGS).exists() {
        return Ok(());
    }
    Err(Failure::misuse(format!("{SETTINGS} of the current directory has settings, which are not read"))
        .hint("write the settings as flags or TRIVY_ variables, and call it from another directory"))
}

fn say(asked: &Asked, notes: &[String]) {
    if asked.is("quiet") {
        return;
    }
    let mut err = anstream::stderr().lock();
    for note in notes {
        let _ = writeln!(err, "plimsoll: {}", Escaped(note));
    }
}

/// Trivy's names of formats as ours.
fn format_name(asked: &Asked) -> Result<&'static str, Failure> {
    Ok(match asked.value("format").unwrap_or("table") {
        "table" => "table",
        "json" => "trivy",
        "sarif" => "sarif",
        "cyclonedx" => "cyclonedx",
        "spdx" => "spdx",
        "spdx-json" => "spdx-json",
        "github" => "github",
        "cosign-vuln" => "cosign-vuln",
        other => {
            return Err(Failure::misuse(format!("there is no format `{}`", Escaped(other)))
                .hint("a template of your own: see `plimsoll scan --help`"));
        }
    })
}

/// The target in the words of `plimsoll scan`.
fn target(asked: &Asked) -> Result<String, Failure> {
    let target = match (asked.value("input"), asked.targets.as_slice()) {
        (Some(file), []) if asked.command == "image" => file.to_owned(),
        (None, [target]) => target.clone(),
        (None, []) => return Err(Failure::misuse("the target is missing")),
        _ => return Err(Failure::misuse("there is more than one target")),
    };
    Ok(match (asked.command.as_str(), asked.value("image-src")) {
        ("fs" | "rootfs", _) => format!("dir:{target}"),
        ("sbom", _) => format!("sbom:{target}"),
        (_, Some(first)) if first.starts_with("docker") => format!("docker-daemon:{target}"),
        _ => target,
    })
}

fn source(asked: &Asked) -> Result<(SourceArgs, Option<Login>), Failure> {
    let host = asked.targets.first().and_then(|it| it.split_once('/')).map(|(host, _)| host.to_owned());
    let login = match (asked.value("username"), asked.value("password")) {
        (Some(username), Some(password)) => {
            Some(Login { username: username.to_owned(), password: Secret::new(password.to_owned()) })
        }
        _ => None,
    };
    let insecure = if asked.is("insecure") { host.into_iter().collect() } else { Vec::new() };
    let source = SourceArgs {
        platform: asked.value("platform").map(str::to_owned),
        registry: RegistryArgs { insecure, ..RegistryArgs::default() },
        timeout: Some(asked.seconds("timeout")?.unwrap_or(300)),
        quiet: asked.is("quiet") || asked.is("no-progress"),
        ..SourceArgs::default()
    };
    Ok((source, login))
}

/// The default ignore file is read where it lies in the current directory, as Trivy does; it takes
/// no other unasked.
fn suppress_args(asked: &Asked) -> Result<SuppressArgs, Failure> {
    let vex = asked.list("vex");
    if let Some(kind) = vex.iter().find(|it| matches!(it.as_str(), "repo" | "sbom-ref")) {
        return Err(
            Failure::misuse(format!("VEX from `{kind}` is not fetched")).hint("--vex takes files, and `oci`")
        );
    }
    let ignore_file = match asked.value("ignorefile") {
        Some(file) => vec![PathBuf::from(file)],
        None => {
            let others =
                [".trivyignore.yaml", ".grype.yaml"].into_iter().filter(|it| Path::new(it).is_file());
            let note = |it| format!("{it} is not read unless it is asked for: --ignorefile {it}");
            say(asked, &others.map(note).collect::<Vec<_>>());
            Some(PathBuf::from(".trivyignore")).filter(|it| it.is_file()).into_iter().collect()
        }
    };
    Ok(SuppressArgs { vex: vex.iter().map(PathBuf::from).collect(), ignore_file })
}
