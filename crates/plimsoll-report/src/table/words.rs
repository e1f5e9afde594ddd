//! Words for people: states, severities, counts, ages.

use plimsoll_core::{
    Distro, Epss, Finding, FindingClass, ImageReport, InstalledPackage, Reachable, Severity, Status, Support,
    Timestamp,
};

use super::page::{Look, NO_BREAK, Span};

/// `1 package`, `2 packages`.
pub(super) fn counted(count: usize, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => format!("1{NO_BREAK}{one}"),
        (_, Some(stem)) => format!("{count}{NO_BREAK}{stem}ies"),
        (_, None) => format!("{count}{NO_BREAK}{one}s"),
    }
}

/// `CRITICAL 2`, one span for each severity that occurs.
pub(super) fn severity_counts(counts: [usize; 6]) -> Vec<Span> {
    let occurring = Severity::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    occurring
        .map(|(severity, count)| {
            let text = format!("{}{NO_BREAK}{count}{NO_BREAK}", upper(severity));
            Span::new(Look::Severity(severity), text)
        })
        .collect()
}

/// `CRITICAL`.
pub(super) fn upper(severity: Severity) -> String {
    severity.name().to_uppercase()
}

/// The version that fixes it, or why there is none.
pub(super) fn fix(finding: &Finding) -> Span {
    let Some(version) = &finding.fixed_version else {
        return match finding.class {
            FindingClass::Malware => Span::new(Look::Alarm, "remove the package"),
            // RustSec's own word: `unmaintained`, `unsound` or `notice`.
            FindingClass::Informational => {
                Span::new(Look::Faint, finding.note.as_deref().unwrap_or("no fix"))
            }
            _ => Span::new(Look::Faint, no_fix(finding.status)),
        };
    };
    match &finding.fix_channel {
        Some(channel) => Span::new(Look::Caution, format!("{version} (needs {channel})")),
        None => Span::new(Look::Good, version),
    }
}

/// Whether the vulnerable code is part of the program, where that is known.
pub(super) fn linked(finding: &Finding) -> Option<Span> {
    match finding.reachable {
        Reachable::Yes => Some(Span::new(Look::Caution, "vulnerable code linked")),
        Reachable::No => Some(Span::new(Look::Faint, "vulnerable code not linked")),
        Reachable::Unknown => None,
    }
}

fn no_fix(status: Status) -> &'static str {
    match status {
        Status::Fixed => "fixed, version not said",
        Status::Affected => "no fix yet",
        Status::WillNotFix => "will not be fixed",
        Status::FixDeferred => "fix deferred",
        Status::EndOfLife => "end of life, no fix",
        Status::UnderInvestigation => "under investigation",
        Status::NotAffected => "not affected",
    }
}

/// The probability of exploitation as a percentage of at most five columns.
pub(super) fn epss(epss: &Epss) -> String {
    let millionths = epss.score_millionths;
    match millionths {
        0..1_000 => "<0.1%".to_owned(),
        1_000..100_000 => format!("{}.{}%", millionths / 10_000, millionths / 1_000 % 10),
        _ => format!("{}%", millionths / 10_000),
    }
}

/// Extractors of the operating system's own package database are called `os/...`; its file says
/// nothing about a package, whereas the file of any other shows where the package lies.
const OPERATING_SYSTEM: &str = "os/";

/// The file that is the package, or lists it, where that says something.
pub(super) fn place(installed: &InstalledPackage) -> Option<String> {
    let origin = &installed.origin;
    let says_something = !origin.path.is_root() && !origin.extractor.starts_with(OPERATING_SYSTEM);
    says_something.then(|| format!("in /{}", origin.path))
}

/// How old something is at `now`, in words.
pub(super) fn age(then: Timestamp, now: Timestamp) -> String {
    match days(then, now) {
        i64::MIN..0 => "dated after this report".to_owned(),
        0 => "less than a day old".to_owned(),
        1 => "1 day old".to_owned(),
        days => format!("{days} days old"),
    }
}

/// Whole days from one time to the other, rounded down.
pub(super) fn days(then: Timestamp, now: Timestamp) -> i64 {
    now.0.saturating_sub(then.0).div_euclid(86_400)
}

/// The platforms of these images; `all` where that is what they are.
pub(super) fn platforms(indexes: &[usize], images: &[ImageReport]) -> String {
    if indexes.len() == images.len() {
        return "all".to_owned();
    }
    let names = indexes.iter().filter_map(|index| Some(platform(*index, images.get(*index)?)));
    names.collect::<Vec<_>>().join(", ")
}

/// The platform of an image, or its place in the report where it has none.
pub(super) fn platform(index: usize, image: &ImageReport) -> String {
    image.platform.as_ref().map_or_else(|| format!("image {index}"), ToString::to_string)
}

/// The distribution's name for people.
pub(super) fn distro(distro: &Distro) -> String {
    match &distro.pretty_name {
        Some(name) => name.clone(),
        None => format!("{} {}", distro.id, distro.version_id),
    }
}

/// Whether the distribution is still looked after.
pub(super) fn support(image: &ImageReport) -> Span {
    let date = image.support_ends.map(Timestamp::date_text);
    let dated =
        |without: &str, with: &str| date.as_ref().map_or(without.to_owned(), |it| format!("{with} {it}"));
    match image.support {
        Support::Supported => Span::new(Look::Plain, dated("supported", "supported until")),
        Support::ExtendedOnly => {
            let ended = dated("ordinary support has ended", "ordinary support ended");
            Span::new(Look::Caution, format!("{ended}; only extended updates come"))
        }
        Support::Ended => Span::new(Look::Alarm, dated("END OF LIFE", "END OF LIFE since")),
        Support::Unknown => Span::new(Look::Faint, "support not known"),
    }
}
