//! Which of a vendor's or a registry's statements about one vulnerability has the last word for
//! one installed package.
//!
//! Pure precedence over rows that [`crate::assess`] has evaluated; nothing is looked up here.

use std::fmt;

use plimsoll_core::{Ecosystem, Escaped, NameKind, PackageRef, Status};

use crate::assess::{Assessed, Standing};
use crate::context::Reach;
use crate::fix::fixed_version;
use crate::minor_release::fixed_in_own_minor;
use crate::range::{Held, Hit, Miss, fixed_end};

/// Why a package is positively not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unaffected<'a> {
    /// Its version is this, in which it is fixed, or later.
    Fixed(&'a str),
    /// Its version lies outside everything the advisories name.
    Outside,
    /// The vendor says so, perhaps with a note.
    Vendor(Option<&'a str>),
    /// The vendor's package that owns its files is not affected.
    Owner(PackageRef),
}

impl fmt::Display for Unaffected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unaffected::Fixed("0") => f.write_str("never affected in this release"),
            Unaffected::Fixed(version) => write!(f, "fixed since {}", Escaped(version)),
            Unaffected::Outside => f.write_str("outside the affected versions"),
            Unaffected::Vendor(None) => f.write_str("the vendor says that it is not affected"),
            Unaffected::Vendor(Some(note)) => {
                write!(f, "the vendor says that it is not affected: {}", Escaped(note))
            }
            Unaffected::Owner(_) => f.write_str("the vendor's package that ships it is not affected"),
        }
    }
}

/// The rows about one vulnerability: those under the source's name and those under the binary's,
/// kept where they are.
#[derive(Clone, Copy)]
pub(crate) struct Group<'r, 'a> {
    pub source: &'r [Assessed<'a>],
    pub binary: &'r [Assessed<'a>],
}

impl<'r, 'a> Group<'r, 'a> {
    pub fn iter(&self) -> impl Iterator<Item = &'r Assessed<'a>> + Clone + use<'r, 'a> {
        self.source.iter().chain(self.binary)
    }

    /// Those that speak of this build of the package, with what they come to.
    pub fn here(&self) -> impl Iterator<Item = (&'r Assessed<'a>, &'r Held<'a>)> + Clone + use<'r, 'a> {
        self.iter().filter_map(|row| match &row.standing {
            Standing::Here(held) => Some((row, held)),
            Standing::OtherArchitecture | Standing::OtherModule | Standing::SomeVersions => None,
        })
    }
}

/// What is asked of the rows of one vulnerability.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub ecosystem: &'q dyn Ecosystem,
    /// Whether all rows are one vendor's.
    pub vendor: bool,
    pub source_version: &'q str,
    pub binary_version: &'q str,
    pub reach: &'q dyn Fn(&str) -> Reach,
    pub can_have: &'q dyn Fn(&str, &str) -> bool,
}

impl Question<'_> {
    /// The installed version that goes with a kind of name.
    pub(crate) fn version_of(&self, kind: NameKind) -> &str {
        match kind {
            NameKind::Source => self.source_version,
            NameKind::Binary => self.binary_version,
        }
    }
}

/// The answer.
#[derive(Clone)]
pub(crate) enum Ruling<'r, 'a> {
    /// No row speaks of this build of the package.
    Silent,
    Unaffected(Unaffected<'a>, &'r Assessed<'a>),
    Affected(Case<'r, 'a>),
}

/// A package is affected, or may be.
#[derive(Clone)]
pub(crate) struct Case<'r, 'a> {
    /// The row that decided.
    pub decisive: &'r Assessed<'a>,
    /// False where all that speaks for it hangs on a version that cannot be read.
    pub certain: bool,
    pub status: Status,
    pub fixed: Option<&'a str>,
    pub fix_channel: Option<&'a str>,
    /// Whether `fix_channel` is one that the image does not have.
    pub fix_out_of_reach: bool,
}

/// Channels first (rule 15): a package that was built in a channel is judged by that channel; any
/// other by the ordinary rows, to which a channel can only add a fix. Channels that the image does
/// not have are heard where its own are silent (rule 36).
pub(crate) fn rule<'r, 'a>(rows: Group<'r, 'a>, question: &Question<'_>) -> Ruling<'r, 'a> {
    if let Some((fixed, row)) = fixed_in_own_minor(rows, question) {
        return Ruling::Unaffected(Unaffected::Fixed(fixed), row);
    }
    if rows.iter().all(|row| row.row.channel.is_none()) {
        return lane(rows, None, question);
    }
    let mut channels: Vec<(&'a str, Reach)> =
        rows.iter().filter_map(|row| row.row.channel).map(|it| (it, (question.reach)(it))).collect();
    channels.sort_unstable_by_key(|(name, _)| *name);
    channels.dedup();
    let best = |reach| best(rows, &channels, reach, question);
    match best(Reach::Own) {
        Ruling::Silent => (),
        ruling => return ruling,
    }
    let own = match better(lane(rows, None, question), best(Reach::Ordinary)) {
        Ruling::Silent => best(Reach::Open),
        Ruling::Affected(case) if case.fixed.is_none() => with_open_fix(case, best(Reach::Open)),
        ruling => ruling,
    };
    match own {
        Ruling::Silent => match best(Reach::Related) {
            Ruling::Affected(case) => Ruling::Affected(if_it_can_be_had(case, question)),
            ruling => ruling,
        },
        Ruling::Affected(case) if case.fixed.is_none() => {
            let elsewhere = better(best(Reach::Related), best(Reach::Closed));
            Ruling::Affected(with_fix_elsewhere(case, elsewhere, question))
        }
        ruling => ruling,
    }
}

/// An ordinary row without a fix, and what the image's channels have to say to it.
fn with_open_fix<'r, 'a>(case: Case<'r, 'a>, open: Ruling<'r, 'a>) -> Ruling<'r, 'a> {
    match open {
        Ruling::Affected(open) if open.fixed.is_some() => Ruling::Affected(open),
        Ruling::Unaffected(why @ Unaffected::Fixed(_), row) => Ruling::Unaffected(why, row),
        _ => Ruling::Affected(case),
    }
}

/// A fix in a channel that the image does not have.
fn if_it_can_be_had<'r, 'a>(mut case: Case<'r, 'a>, question: &Question<'_>) -> Case<'r, 'a> {
    let within_reach = |channel: &str, fixed: &str| (question.can_have)(channel, fixed);
    match (case.fix_channel, case.fixed) {
        (Some(channel), Some(fixed)) if within_reach(channel, fixed) => case.fix_channel = None,
        (Some(_), Some(_)) => {
            case.status = Status::Affected;
            case.fix_out_of_reach = true;
        }
        _ => (),
    }
    case
}

/// No channel of the image has a fix; another one may.
fn with_fix_elsewhere<'r, 'a>(
    mut case: Case<'r, 'a>,
    elsewhere: Ruling<'r, 'a>,
    question: &Question<'_>,
) -> Case<'r, 'a> {
    let Ruling::Affected(other) = elsewhere else { return case };
    if other.fixed.is_some() {
        let other = if_it_can_be_had(other, question);
        if !other.fix_out_of_reach {
            return other;
        }
        case.fixed = other.fixed;
        case.fix_channel = other.fix_channel;
        case.fix_out_of_reach = true;
    }
    case
}

/// The better news of two; the first of equals.
fn better<'r, 'a>(first: Ruling<'r, 'a>, second: Ruling<'r, 'a>) -> Ruling<'r, 'a> {
    if news(&first) < news(&second) { second } else { first }
}

/// The best news that channels within the same reach have: not affected, then a fix, then any.
fn best<'r, 'a>(
    rows: Group<'r, 'a>,
    channels: &[(&'a str, Reach)],
    reach: Reach,
    question: &Question<'_>,
) -> Ruling<'r, 'a> {
    let mut best = Ruling::Silent;
    for (channel, _) in channels.iter().filter(|(_, it)| *it == reach) {
        let ruling = match lane(rows, Some(channel), question) {
            Ruling::Affected(mut case) => {
                case.fix_channel = case.fixed.and(Some(*channel)).filter(|_| reach != Reach::Ordinary);
                Ruling::Affected(case)
            }
            ruling => ruling,
        };
        best = better(best, ruling);
    }
    best
}

fn news(ruling: &Ruling<'_, '_>) -> u8 {
    match ruling {
        Ruling::Silent => 0,
        Ruling::Affected(case) if case.fixed.is_none() => 1,
        Ruling::Affected(_) => 2,
        Ruling::Unaffected(..) => 3,
    }
}

/// The rows of one channel alone.
///
/// A vendor's "not affected" beats its other rows, and its fixes beat its rows without one, which
/// are older news (rules 7, 31). Independent feeds can only take back their own words (rule 65).
fn lane<'r, 'a>(rows: Group<'r, 'a>, channel: Option<&str>, question: &Question<'_>) -> Ruling<'r, 'a> {
    let here = || rows.here().filter(|(row, _)| row.row.channel == channel);
    let denies = |row: &Assessed<'_>, held: &Held<'_>| {
        row.row.status == Status::NotAffected && matches!(held, Held::Yes(_))
    };
    let denial = here().find(|(row, held)| denies(row, held)).map(|(row, _)| row);
    if let Some(row) = denial
        && question.vendor
    {
        return Ruling::Unaffected(Unaffected::Vendor(row.row.note), row);
    }
    let is_fix = |row: &Assessed<'_>| row.row.status == Status::Fixed;
    let has_fix = question.vendor && here().any(|(row, _)| is_fix(row));
    // A vendor that says in which version a binary is fixed means that and not its source.
    let has_own_fix =
        question.vendor && here().any(|(row, _)| is_fix(row) && row.row.name_kind == NameKind::Binary);
    let is_of_source = |row: &Assessed<'_>| has_own_fix && row.row.name_kind == NameKind::Source;
    let is_taken_back = |row: &Assessed<'_>| {
        denial.is_some() && here().any(|(it, held)| it.row.feed == row.row.feed && denies(it, held))
    };
    let speaking = || {
        here()
            .filter(|(row, _)| row.row.status != Status::NotAffected)
            .filter(|(row, _)| !has_fix || is_fix(row))
            .filter(|(row, _)| !is_of_source(row))
            .filter(|(row, _)| !is_taken_back(row))
    };
    let mut yes: Option<&'r Assessed<'a>> = None;
    let mut unknown: Option<&'r Assessed<'a>> = None;
    let mut no: Option<(Unaffected<'a>, &'r Assessed<'a>)> = None;
    for (row, held) in speaking() {
        match held {
            Held::Yes(_) => yes = Some(worse(yes, row)),
            Held::Unknown(..) => unknown = Some(worse(unknown, row)),
            Held::No(Miss::Fixed(fixed)) => no = Some((Unaffected::Fixed(fixed), row)),
            Held::No(Miss::Outside) => no = no.or(Some((Unaffected::Outside, row))),
        }
    }
    match (yes.or(unknown), no, denial) {
        (Some(decisive), ..) => {
            let speaking = speaking().map(|(row, _)| row);
            Ruling::Affected(case(decisive, yes.is_some(), speaking, question))
        }
        (None, Some((why, row)), _) => Ruling::Unaffected(why, row),
        (None, None, Some(row)) => Ruling::Unaffected(Unaffected::Vendor(row.row.note), row),
        (None, None, None) => Ruling::Silent,
    }
}

/// Of two rows that hold, the one whose status comes first in [`Status::ALL`]; of equals the first.
fn worse<'r, 'a>(known: Option<&'r Assessed<'a>>, row: &'r Assessed<'a>) -> &'r Assessed<'a> {
    match known {
        Some(known) if known.row.status <= row.row.status => known,
        _ => row,
    }
}

fn case<'r, 'a>(
    decisive: &'r Assessed<'a>,
    certain: bool,
    speaking: impl Iterator<Item = &'r Assessed<'a>>,
    question: &Question<'_>,
) -> Case<'r, 'a> {
    // A vendor's row that is not "fixed" may still name a version: one that is announced and not
    // yet to be had (rule 10). A registry has no such thing; what it names is published.
    let counts = |row: &Assessed<'_>| !question.vendor || row.row.status == Status::Fixed;
    let of_this_name: Vec<&'r Assessed<'a>> =
        speaking.filter(|row| row.row.name_kind == decisive.row.name_kind && counts(row)).collect();
    let installed = question.version_of(decisive.row.name_kind);
    let fixed = fixed_version(installed, &of_this_name, question.ecosystem);
    let status = match (fixed, decisive.row.status) {
        (Some(_), _) => Status::Fixed,
        (None, Status::Fixed) => Status::Affected,
        (None, status) => status,
    };
    let names_the_fix = of_this_name.into_iter().find(|row| fixed.is_some() && hit_fix(row) == fixed);
    Case {
        decisive: names_the_fix.unwrap_or(decisive),
        certain,
        status,
        fixed,
        fix_channel: None,
        fix_out_of_reach: false,
    }
}

/// The fix at the end of the range that certainly caught the version.
fn hit_fix<'a>(row: &Assessed<'a>) -> Option<&'a str> {
    match &row.standing {
        Standing::Here(Held::Yes(Hit::Range(range))) => fixed_end(range),
        _ => None,
    }
}
