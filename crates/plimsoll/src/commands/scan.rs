//! `plimsoll scan`: scans an image, matches what is installed, writes the report, and judges it
//! by the level that was asked for.

use std::io::{BufWriter, Write};
use std::path::Path;

use plimsoll_core::{Escaped, Outcome, Report, SubjectKind, Verdict};
use plimsoll_ecosystems::ECOSYSTEMS;
use plimsoll_engine::db::{DatabaseError, OpenSnapshot};
use plimsoll_engine::judge::{self, Answers};
use plimsoll_policy::{Exception, Policy};
use plimsoll_report::{Format, Style};

use super::source::{open_database, scan_image};
use crate::cli::{Places, ScanArgs};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Scans, reports and judges.
pub fn run(args: &ScanArgs, places: Places) -> Result<Status, Failure> {
    let format = plimsoll_report::format_named(&args.format).ok_or_else(|| unknown_format(&args.format))?;
    let database = if args.packages { None } else { database(&places, args)? };
    let scan = scan_image(&args.image, &args.source, places.cache_dir)?;
    let answers = database.as_ref().map(|open| Answers { snapshot: &open.snapshot, info: &open.info });
    let report = if args.packages {
        judge::packages_only(scan, surroundings::now())
    } else {
        judge::judge(scan, answers.as_ref(), surroundings::now())
    };
    let verdict = plimsoll_policy::evaluate(&policy(args), &report, report.created);
    write(&report, format, args)?;
    Ok(conclude(&report, &verdict, args))
}

/// The database; `None` where there is none yet, which the report then says.
fn database(places: &Places, args: &ScanArgs) -> Result<Option<OpenSnapshot>, Failure> {
    match open_database(places, args.snapshot) {
        Ok(open) => Ok(Some(open)),
        Err(DatabaseError::Missing(_)) => Ok(None),
        Err(error @ DatabaseError::NoSnapshot(_)) if args.snapshot.is_some() => Err(Failure::misuse(error)),
        Err(error) => Err(Failure::unanswered(error)),
    }
}

fn policy(args: &ScanArgs) -> Policy {
    Policy {
        fail_on: args.fail_on,
        only_fixable: args.only_fixable,
        exceptions: args.ignore.iter().map(|id| Exception::of(id)).collect(),
    }
}

fn write(report: &Report, format: &dyn Format, args: &ScanArgs) -> Result<(), Failure> {
    let to_file = args.output.is_some();
    let style = Style {
        color: !to_file && surroundings::color(),
        width_columns: if to_file { 140 } else { surroundings::width_columns() },
        show_kernel_headers: args.kernel_headers,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        next_steps: next_steps(report, args),
        ecosystems: ECOSYSTEMS,
        list_packages: args.packages,
        commit: None,
    };
    let render = |out: &mut dyn Write| {
        if args.packages && format.name() == "table" {
            plimsoll_report::render_packages(report, &style, out)
        } else {
            format.render(report, &style, out)
        }
    };
    let Some(path) = &args.output else {
        let mut out = BufWriter::with_capacity(OUTPUT_BUFFER_BYTES, std::io::stdout().lock());
        render(&mut out)?;
        return Ok(out.flush()?);
    };
    let mut text = Vec::new();
    render(&mut text)?;
    write_file(path, &text).map_err(|error| {
        Failure::unanswered(format!("the report cannot be written to {}: {error}", path.display()))
    })
}

const OUTPUT_BUFFER_BYTES: usize = 256 << 10;

/// Writes the whole report or nothing: half a report could be taken for one.
fn write_file(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !path.try_exists()? || path.is_file() {
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(directory)?;
        file.write_all(text)?;
        file.persist(path)?;
        return Ok(());
    }
    // A device or a pipe, which can only be written to.
    std::fs::write(path, text)
}

/// The most upgrades that are spelled out as commands.
const COMMANDS_MAX: usize = 5;

fn next_steps(report: &Report, args: &ScanArgs) -> Vec<String> {
    let mut steps = Vec::new();
    for image in report.images.iter().take(1) {
        let remedies = judge::remedies(image);
        for remedy in remedies.iter().filter(|it| it.channel.is_none()).take(COMMANDS_MAX) {
            if let Some(command) = &remedy.command {
                let clears = remedy.clears.len();
                let what = if clears == 1 { "vulnerability" } else { "vulnerabilities" };
                steps.push(format!("RUN {command}    # clears {clears} {what} of {}", remedy.name));
            }
        }
        if let Some(worst) = image.findings.first() {
            steps.push(format!("plimsoll explain {} {}    # why it applies", worst.id, args.image));
        }
    }
    if report.snapshot.is_none() && !args.packages && report.subject.kind != SubjectKind::NotSupported {
        steps.push("plimsoll db update    # build the vulnerability database".to_owned());
    }
    steps
}

/// The exit status, and on standard error the reasons for it.
fn conclude(report: &Report, verdict: &Verdict, args: &ScanArgs) -> Status {
    let mut err = anstream::stderr().lock();
    for reason in verdict.reasons.iter().filter(|it| it.outcome == Outcome::Deny && it.rule != "incomplete") {
        let _ = writeln!(err, "plimsoll: {reason}");
    }
    if args.fail_on.is_some()
        && verdict.reasons.iter().any(|it| it.outcome == Outcome::Deny && it.rule != "incomplete")
    {
        return Status::Found;
    }
    if !plimsoll_report::is_complete(report) {
        let problems = report.problems.iter().chain(report.images.iter().flat_map(|image| &image.problems));
        let hiding: Vec<_> = problems.filter(|problem| problem.hides_findings).collect();
        match hiding.first() {
            Some(first) if hiding.len() > 1 => {
                let _ = writeln!(
                    err,
                    "plimsoll: the answer is not complete: {first} (and {} more)",
                    hiding.len() - 1
                );
            }
            Some(first) => {
                let _ = writeln!(err, "plimsoll: the answer is not complete: {first}");
            }
            None => {
                let _ = writeln!(
                    err,
                    "plimsoll: nothing was scanned: {} is no image",
                    Escaped(&report.subject.name)
                );
            }
        }
        return Status::Incomplete;
    }
    Status::Clean
}

fn unknown_format(name: &str) -> Failure {
    let known: Vec<&str> = plimsoll_report::FORMATS.iter().map(|format| format.name()).collect();
    Failure::misuse(format!("there is no report format `{}`", Escaped(name)))
        .hint(format!("known are {}", known.join(", ")))
}
