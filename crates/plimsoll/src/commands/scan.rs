//! `plimsoll scan`: scans an image, matches what is installed, writes the report, and judges it
//! by the level that was asked for.

use std::io::Write;
use std::mem::ManuallyDrop;

use plimsoll_core::{Escaped, Outcome, Report, SubjectKind, Verdict};
use plimsoll_engine::db::{AsOf, DatabaseError, OpenSnapshot};
use plimsoll_engine::judge::{self, Answers, Remedy};
use plimsoll_engine::suppress::suppress;
use plimsoll_policy::{Exception, Policy};
use plimsoll_report::{Format, Style};

use super::source::{open_database, scan_image};
use super::{foreign, output};
use crate::cli::Places;
use crate::cli::image::ScanArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Scans, reports and judges.
pub fn run(args: &ScanArgs, places: Places) -> Result<Status, Failure> {
    let format = output::format(&args.format)?;
    let suppressors = foreign::suppressors(&args.suppress)?;
    let database = if args.packages { None } else { database(&places, args.as_of)? };
    let scan = scan_image(&args.image, &args.source, places.cache_dir)?;
    let answers = database.as_ref().map(|open| Answers {
        snapshot: &open.snapshot,
        info: &open.info,
        informational: args.informational,
        texts: args.template.is_some() || format.prints_texts(),
    });
    let now = surroundings::now();
    let report = if args.packages {
        judge::packages_only(scan, now)
    } else {
        let suppressors = foreign::with_attached(&suppressors, &args.suppress, &scan);
        let mut report = judge::judge(scan, answers.as_ref(), now);
        suppress(&mut report, &suppressors, now);
        report
    };
    // Without a level nothing is asked of the findings.
    let verdict = args.fail_on.map(|level| {
        let exceptions = args.ignore.iter().map(|id| Exception::of(id)).collect();
        let policy = Policy::of_command_line(Some(level), args.only_fixable);
        plimsoll_policy::evaluate_report(&policy, exceptions, &report, report.created)
    });
    // The process ends here: to free its some ten thousand texts one by one would only take time.
    let report = ManuallyDrop::new(report);
    write(&report, format, args)?;
    Ok(conclude(&report, verdict.as_ref()))
}

/// The database; `None` where there is none yet, which the report then says.
pub fn database(places: &Places, as_of: Option<AsOf>) -> Result<Option<OpenSnapshot>, Failure> {
    match open_database(places, as_of) {
        Ok(open) => Ok(Some(open)),
        Err(DatabaseError::Missing(_)) => Ok(None),
        Err(error @ (DatabaseError::NoSnapshot(_) | DatabaseError::NoneThen { .. })) if as_of.is_some() => {
            Err(Failure::misuse(error))
        }
        Err(error) => Err(Failure::unanswered(error)),
    }
}

fn write(report: &Report, format: &dyn Format, args: &ScanArgs) -> Result<(), Failure> {
    let style = Style {
        show_kernel_headers: args.kernel_headers,
        next_steps: if args.template.is_none() && format.prints_next_steps() {
            next_steps(report, args)
        } else {
            Vec::new()
        },
        list_packages: args.packages,
        ..output::style(args.output.as_deref())
    };
    if let Some(template) = &args.template {
        return output::with_template(template, report, &style, args.output.as_deref());
    }
    output::render(args.output.as_deref(), |out| {
        if args.packages && format.name() == "table" {
            plimsoll_report::render_packages(report, &style, out)
        } else {
            format.render(report, &style, out)
        }
    })
}

/// The most upgrades that are spelled out as commands.
const COMMANDS_MAX: usize = 5;

fn next_steps(report: &Report, args: &ScanArgs) -> Vec<String> {
    let mut steps = Vec::new();
    for image in report.images.iter().take(1) {
        let remedies = judge::remedies(image);
        for remedy in remedies.iter().filter(|it| it.channel.is_none()).take(COMMANDS_MAX) {
            steps.extend(next_step(remedy));
        }
        if let Some(worst) = image.findings.iter().find(|it| it.counts()) {
            steps.push(format!("plimsoll explain {} {}    # why it applies", worst.id, args.image));
        }
    }
    if report.snapshot.is_none() && !args.packages && report.subject.kind != SubjectKind::NotSupported {
        steps.push("plimsoll db update    # build the vulnerability database".to_owned());
    }
    steps
}

/// An upgrade as an instruction for a Dockerfile, or as a sentence for whoever builds the application.
fn next_step(remedy: &Remedy) -> Option<String> {
    let clears = remedy.clears.len();
    let what = if clears == 1 { "vulnerability" } else { "vulnerabilities" };
    match (&remedy.command, &remedy.hint) {
        (Some(command), _) => Some(format!("RUN {command}    # clears {clears} {what} of {}", remedy.name)),
        (None, Some(hint)) => Some(format!("{}: {hint}    # clears {clears} {what}", remedy.name)),
        (None, None) => None,
    }
}

/// The exit status, and on standard error the reasons for it.
fn conclude(report: &Report, verdict: Option<&Verdict>) -> Status {
    let mut err = anstream::stderr().lock();
    let reasons = verdict.iter().flat_map(|it| &it.reasons);
    let mut found = false;
    for reason in reasons.filter(|it| it.outcome == Outcome::Deny && it.rule != "incomplete") {
        let _ = writeln!(err, "plimsoll: {reason}");
        found = true;
    }
    if found {
        return Status::Found;
    }
    if !plimsoll_report::is_complete(report) {
        say_what_is_missing(report, &mut err);
        return Status::Incomplete;
    }
    Status::Clean
}

/// Why the answer is not complete, in a line.
pub fn say_what_is_missing(report: &Report, err: &mut impl Write) {
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
            let _ =
                writeln!(err, "plimsoll: nothing was scanned: {} is no image", Escaped(&report.subject.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::Severity;
    use plimsoll_engine::judge::Place;

    use super::*;

    #[test]
    fn only_a_command_for_a_dockerfile_is_an_instruction() {
        let remedy = |command: Option<&str>, hint: Option<&str>| Remedy {
            name: "lodash".to_owned(),
            packages: Vec::new(),
            from: "1".to_owned(),
            to: "2".to_owned(),
            channel: None,
            clears: vec!["CVE-1".to_owned()],
            findings: 1,
            worst: Severity::High,
            layer: None,
            place: Place::Unknown,
            command: command.map(str::to_owned),
            hint: hint.map(str::to_owned),
        };
        let step = |command, hint| next_step(&remedy(command, hint));
        assert_eq!(
            step(Some("apk add a"), None).unwrap(),
            "RUN apk add a    # clears 1 vulnerability of lodash"
        );
        assert_eq!(step(None, Some("change it")).unwrap(), "lodash: change it    # clears 1 vulnerability");
        assert_eq!(step(None, None), None);
    }
}
