//! What a report says, in the sentences that the formats for other programs share.
//!
//! It judges nothing: whether a finding counts is said by the finding, and only worded here.

use std::fmt::Write as _;

use plimsoll_core::{
    Finding, FindingClass, ImagePath, InstalledPackage, Problem, Report, Severity, Status, SubjectKind,
    Suppression, SuppressionKind,
};

pub(crate) use crate::vocabulary::id_link;

use crate::markup::is_web_link;
use crate::{is_complete, union};

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing<'a> {
    /// It does.
    Counted,
    /// Nobody knows yet: the vendor is still looking, or a version could not be read. It
    /// counts, and a format that has a word for doubt says so.
    InDoubt,
    /// It is kept apart, for this reason.
    Apart(&'a str),
}

/// Said of findings in the headers of a kernel.
pub(crate) const KERNEL_HEADERS: &str =
    "the package has the headers of a kernel, which does not run in a container";

/// Said of advisories that are about no vulnerability.
pub(crate) const INFORMATIONAL: &str = "the advisory is informational: it is about no vulnerability";

/// Whether a finding counts, or why not.
pub(crate) fn standing(finding: &Finding) -> Standing<'_> {
    if let Some(suppression) = &finding.suppressed {
        return Standing::Apart(reason(suppression));
    }
    stated(finding)
}

/// The same in documents that say what is so, to others: there an exception of the user's own is
/// no statement about the package, but a VEX document's word is.
pub(crate) fn stated_standing(finding: &Finding) -> Standing<'_> {
    match &finding.suppressed {
        Some(suppression) if suppression.kind == SuppressionKind::Vex => Standing::Apart(reason(suppression)),
        _ => stated(finding),
    }
}

/// Why somebody wants a finding not to count, in their own words where they gave any.
fn reason(suppression: &Suppression) -> &str {
    let words = suppression.text.as_deref().or(suppression.justification.as_deref());
    words.unwrap_or(&suppression.source)
}

fn stated(finding: &Finding) -> Standing<'_> {
    match (finding.class, finding.status) {
        (FindingClass::KernelHeaders, _) => Standing::Apart(KERNEL_HEADERS),
        (FindingClass::Informational, _) => Standing::Apart(INFORMATIONAL),
        (_, Status::NotAffected) => Standing::Apart("the vendor says that the package is not affected"),
        (_, Status::UnderInvestigation) => Standing::InDoubt,
        _ if !finding.why.certain => Standing::InDoubt,
        _ => Standing::Counted,
    }
}

/// Whether it is about a vulnerability; formats that know nothing else leave the others out.
pub(crate) fn is_vulnerability(finding: &Finding) -> bool {
    finding.class != FindingClass::Informational
}

/// What the doubt about a finding is.
pub(crate) fn doubt(finding: &Finding) -> String {
    match (finding.status, finding.why.certain) {
        (Status::UnderInvestigation, _) => "the vendor has not decided yet whether it is affected".to_owned(),
        (_, false) => finding.why.comparison.clone(),
        (_, true) => String::new(),
    }
}

/// Whether the operating system's package manager installed it.
pub(crate) fn is_operating_system(installed: &InstalledPackage) -> bool {
    installed.origin.extractor.starts_with("os/")
}

/// The file from the image's root; bytes that are no UTF-8 become U+FFFD.
pub(crate) fn path(path: &ImagePath) -> String {
    format!("/{}", String::from_utf8_lossy(path.as_bytes()))
}

/// The addresses that may be links.
pub(crate) fn links(finding: &Finding) -> impl Iterator<Item = &str> {
    finding.references.iter().map(String::as_str).filter(|it| is_web_link(it))
}

/// The page of a vulnerability in the catalogue that gave the id, else the best reference.
pub(crate) fn primary_link(finding: &Finding) -> Option<String> {
    id_link(&finding.id).or_else(|| links(finding).next().map(str::to_owned))
}

/// `left-pad 1.0.0`, or the name alone where no version is known.
pub(crate) fn named(installed: &InstalledPackage) -> String {
    let package = &installed.package;
    match package.version.as_str() {
        "" => package.name.clone(),
        version => format!("{} {version}", package.name),
    }
}

/// One sentence: what is wrong with what.
pub(crate) fn headline(finding: &Finding, installed: &InstalledPackage) -> String {
    match finding.class {
        FindingClass::Malware => format!("{}: {} is malware", finding.id, named(installed)),
        _ => format!("{} in {}", finding.id, named(installed)),
    }
}

/// What to do about a finding.
pub(crate) fn action(finding: &Finding, installed: &InstalledPackage) -> String {
    let name = &installed.package.name;
    if let Some(version) = &finding.fixed_version {
        let mut action = format!("Update {name} to {version}");
        if let Some(channel) = &finding.fix_channel {
            let _ = write!(action, " (needs {channel})");
        }
        return action;
    }
    match (finding.class, finding.status) {
        (FindingClass::Malware, _) => format!("Remove {name}"),
        (FindingClass::Informational, _) => {
            format!("See the advisory about {name} ({})", finding.note.as_deref().unwrap_or("a notice"))
        }
        (_, Status::Fixed) => format!("Update {name}; the fixed version is not said"),
        (_, Status::WillNotFix) => format!("The vendor will not fix {name}; remove or replace it"),
        (_, Status::FixDeferred) => format!("The vendor has put the fix of {name} off"),
        (_, Status::EndOfLife) => format!("{name} is no longer maintained; move to a supported release"),
        _ => format!("There is no fix of {name} yet"),
    }
}

/// A problem as one sentence, with its place.
pub(crate) fn problem(problem: &Problem) -> String {
    let mut sentence = problem.what.clone();
    if let Some(place) = &problem.path {
        let _ = write!(sentence, " ({})", path(place));
    }
    if let Some(layer) = &problem.layer {
        let _ = write!(sentence, " in layer {}", layer.short());
    }
    sentence
}

/// Said of a report that may lack something; `None` where nothing is known to be missing.
pub(crate) fn incomplete(report: &Report) -> Option<String> {
    if is_complete(report) {
        return None;
    }
    if report.subject.kind == SubjectKind::NotSupported || report.images.is_empty() {
        return Some("NOT COMPLETE: nothing was scanned".to_owned());
    }
    let hiding = union::problems(report).into_iter().filter(|it| it.hides_findings).count();
    Some(format!("NOT COMPLETE: findings may be missing because of {hiding} problem(s)"))
}

/// `Critical`: the word with a capital, as many formats write it.
pub(crate) fn capitalised(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Negligible => "Negligible",
        Severity::Unknown => "Unknown",
    }
}

/// The place in [`Severity::ALL`], worst first.
pub(crate) fn rank(severity: Severity) -> usize {
    Severity::ALL.iter().position(|it| *it == severity).unwrap_or(Severity::ALL.len())
}
