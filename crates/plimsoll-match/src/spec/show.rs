//! What a case comes to, in the words of a ```` ```matches ```` block. `match_inventory` and
//! `explain` are asked both, and must agree.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use plimsoll_core::{
    Ecosystem, Extractor, Finding, FindingClass, Package, PackageRef, Reachable, Severity, Status, Timestamp,
    Unreadable,
};
use plimsoll_ecosystems::redhat::Stand;
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::build::{BuildInput, FeedMeta, build};

use super::parse::{Case, Known};
use crate::{Answer, Context, FINDINGS_MAX, Judges, Matches, Reach, describe, explain, match_inventory};

/// An invented language, so that the rules of registries need no real one.
pub struct Lang;

impl Ecosystem for Lang {
    fn purl_type(&self) -> &'static str {
        "lang"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        let read = |version: &str| -> Result<Vec<u64>, Unreadable> {
            let numbers = version.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>();
            numbers.map_err(|error| Unreadable { version: version.to_owned(), why: error.to_string() })
        };
        Ok(read(left)?.cmp(&read(right)?))
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}

pub fn ecosystem(purl_type: &str) -> Option<&'static dyn Ecosystem> {
    match purl_type {
        "lang" => Some(&Lang),
        other => plimsoll_ecosystems::by_purl_type(other),
    }
}

/// Builds the snapshot and the context of a case, and hands them on.
pub fn with<T>(case: &Case, then: impl FnOnce(&Snapshot<Vec<u8>>, &Context<'_>) -> T) -> T {
    let input = BuildInput {
        sequence: 1,
        built: Timestamp(0),
        feeds: case.feeds.iter().map(|(id, out)| (FeedMeta::named(id.as_str()), out.clone())).collect(),
    };
    let snapshot = Snapshot::open(build(&input).unwrap()).unwrap();
    let known = |package: &Package| -> &Known {
        let at = case.inventory.packages.iter().position(|it| it.package == *package).unwrap();
        &case.known[at]
    };
    let trust: Vec<&str> = case.trust.iter().map(String::as_str).collect();
    let context = Context {
        ecosystem: &ecosystem,
        judges: &|package| {
            let known = known(package);
            match (&known.nobody, &known.realm) {
                _ if known.unspoken.is_some() => {
                    Judges::Unspoken(known.unspoken.as_deref().unwrap_or_default())
                }
                (Some(why), _) => Judges::Nobody(why),
                (None, Some(realm)) => Judges::Vendor(std::slice::from_ref(realm)),
                (None, None) => Judges::Registry,
            }
        },
        reach: &|package, channel| {
            if known(package).channel.as_deref() == Some(channel) {
                return Reach::Own;
            }
            match &case.red_hat {
                Some(channels) => of_red_hat(channels.stand(package, channel)),
                None if case.channels.iter().any(|open| open == channel) => Reach::Open,
                None => Reach::Closed,
            }
        },
        can_have: &|channel, version| {
            case.red_hat.as_ref().is_some_and(|channels| channels.can_have(channel, version))
        },
        is_kernel_header: &|package| known(package).headers,
        owner: &|PackageRef(index)| {
            let owner = case.known[index].owner.as_deref()?;
            case.inventory.packages.iter().position(|it| it.package.name == owner).map(PackageRef)
        },
        trust: &trust,
        informational: case.informational,
        findings_max: case.findings_max.unwrap_or(FINDINGS_MAX),
    };
    then(&snapshot, &context)
}

fn of_red_hat(stand: Stand) -> Reach {
    match stand {
        Stand::Ordinary => Reach::Ordinary,
        Stand::Open => Reach::Open,
        Stand::Related => Reach::Related,
        Stand::Closed => Reach::Closed,
        Stand::Foreign => Reach::Foreign,
    }
}

/// One line a finding, then one for each package that an advisory names and that is not affected
/// or not spoken of, then the problems.
pub fn matches(case: &Case) -> String {
    with(case, |snapshot, context| shown(case, snapshot, context))
}

fn shown(case: &Case, snapshot: &Snapshot<Vec<u8>>, context: &Context<'_>) -> String {
    let mut matches = match_inventory(&case.inventory, snapshot, context);
    assert_eq!(describe(&mut matches.findings, snapshot), []);
    let mut text = String::new();
    for finding in &matches.findings {
        let _ = writeln!(text, "{}", line(finding, case));
    }
    let advisories = case.feeds.iter().flat_map(|(_, out)| &out.advisories);
    let ids: BTreeSet<&str> = advisories.map(|it| it.vulnerability.as_str()).collect();
    let mut said = BTreeSet::new();
    for it in ids.into_iter().flat_map(|id| explain(id, &case.inventory, snapshot, context).packages) {
        let informational = snapshot.vulnerability(&it.vulnerability).unwrap();
        // Explained to those who ask for it by name; no finding, unless it is asked for.
        if context.informational || informational.is_none_or(|it| it.informational.is_none()) {
            agree(&it, &matches);
        }
        let name = it.package.map_or(it.name, |package| name(package, case));
        let answer = match it.answer {
            Answer::Affected | Answer::PossiblyAffected => continue,
            Answer::NotAffected => "no",
            Answer::Elsewhere | Answer::NotInstalled => "-",
        };
        said.insert(format!("{}  {name}  {answer}  ({})", it.vulnerability, it.why));
    }
    for line in said {
        let _ = writeln!(text, "{line}");
    }
    for problem in &matches.problems {
        let _ =
            writeln!(text, "! {}{}", problem.what, if problem.hides_findings { "" } else { " (harmless)" });
    }
    text
}

fn line(finding: &Finding, case: &Case) -> String {
    let mut line = format!("{}  {}", finding.id, name(finding.package, case));
    line.push_str(if finding.why.certain { "  yes" } else { "  maybe" });
    if finding.class != FindingClass::Vulnerability {
        let _ = write!(line, " {}", finding.class.name());
    }
    match finding.reachable {
        Reachable::Yes => line.push_str("  linked"),
        Reachable::No => line.push_str("  not-linked"),
        Reachable::Unknown => (),
    }
    if !matches!(finding.status, Status::Affected | Status::Fixed) {
        let _ = write!(line, "  {}", finding.status.name());
    }
    if let Some(fixed) = &finding.fixed_version {
        let _ = write!(line, "  fixed {fixed}");
    }
    if let Some(channel) = &finding.fix_channel {
        let out_of_reach = if finding.status == Status::Fixed { "" } else { "!" };
        let _ = write!(line, " in {channel}{out_of_reach}");
    }
    if finding.severity.severity != Severity::Unknown {
        let _ = write!(line, "  {} by {}", finding.severity.severity, finding.severity.source);
    }
    if finding.kev.is_some() {
        line.push_str("  kev");
    }
    if !finding.aliases.is_empty() {
        let _ = write!(line, "  aka {}", finding.aliases.join(","));
    }
    if let Some(note) = &finding.note {
        let _ = write!(line, "  \"{note}\"");
    }
    let _ = write!(line, "  ({})", finding.why.comparison);
    line
}

/// The package's name, with the architecture where that tells it from another.
fn name(PackageRef(index): PackageRef, case: &Case) -> String {
    let package = &case.inventory.packages[index].package;
    match &package.architecture {
        Some(architecture) => format!("{}:{architecture}", package.name),
        None => package.name.clone(),
    }
}

fn agree(explanation: &crate::Explanation, matches: &Matches<'_>) {
    let Some(package) = explanation.package else { return };
    let id = &explanation.vulnerability;
    let found = matches.findings.iter().find(|it| it.package == package && it.id == *id);
    let spared = matches.not_affected.iter().any(|it| it.package == package && it.vulnerability == id);
    if let Some(found) = found {
        assert_eq!(found.reachable, explanation.reachable, "{explanation:?}");
    }
    let left_out = matches.problems.iter().any(|it| it.kind == plimsoll_core::ProblemKind::Limit);
    match explanation.answer {
        Answer::Affected => assert!(found.is_some_and(|it| it.why.certain) || left_out, "{explanation:?}"),
        Answer::PossiblyAffected => assert!(found.is_some_and(|it| !it.why.certain), "{explanation:?}"),
        Answer::NotAffected => assert!(spared && found.is_none(), "{explanation:?}"),
        Answer::Elsewhere | Answer::NotInstalled => assert!(found.is_none() && !spared, "{explanation:?}"),
    }
}
