//! Reasons in words, for people and for tests. The texts of images and feeds go in as they are:
//! whoever prints them escapes them.

use std::fmt;

use plimsoll_core::{NameKind, Package, Status};
use plimsoll_vulndb::snapshot::{EndRef, RangeRef};

use crate::assess::{Assessed, Standing, Target};
use crate::range::{Held, Hit, Miss, beginning};
use crate::ruling::Unaffected;

/// What was compared, displayed as `source openssl 3.0.9-1`.
struct Who<'a> {
    is_source: bool,
    target: &'a Target<'a>,
}

impl<'a> Who<'a> {
    fn of(kind: NameKind, package: &Package, target: &'a Target<'a>) -> Who<'a> {
        Who { is_source: kind == NameKind::Source && package.source.is_some(), target }
    }
}

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_source {
            f.write_str("source ")?;
        }
        f.write_str(&self.target.name)?;
        match self.target.version {
            "" => Ok(()),
            version => write!(f, " {version}"),
        }
    }
}

/// Why a row holds or does not, for the one it was compared with: `source openssl 3.0.9-1 <
/// 3.0.11-1~deb12u2 (fixed)`.
pub(crate) fn comparison(assessed: &Assessed<'_>, package: &Package, target: &Target<'_>) -> String {
    let who = Who::of(assessed.row.name_kind, package, target);
    match &assessed.standing {
        Standing::OtherArchitecture => {
            let speaks_of: Vec<&str> = assessed.row.architectures().collect();
            format!("the advisory speaks of {} only", speaks_of.join(", "))
        }
        Standing::OtherModule => match (assessed.row.module, &package.module) {
            (Some("*"), _) => {
                "the advisory speaks of packages of a module only; this one is of none".to_owned()
            }
            (Some(module), _) => format!("the advisory speaks of module {module} only"),
            (None, installed) => format!(
                "the advisory speaks of packages outside modules; this one is of {}",
                installed.as_deref().unwrap_or("none")
            ),
        },
        Standing::SomeVersions => {
            "nobody says which version it is, so that it is compared with none".to_owned()
        }
        Standing::Here(Held::Yes(hit)) => caught(assessed, &who, hit, target),
        Standing::Here(Held::Unknown(hit, unreadable)) => {
            format!("{unreadable}; this may hold: {}", caught(assessed, &who, hit, target))
        }
        Standing::Here(Held::No(Miss::Fixed(fixed))) => format!("{who} >= {fixed} (fixed)"),
        Standing::Here(Held::No(Miss::Outside)) => {
            format!("{who} is outside {}", affected_versions(assessed))
        }
    }
}

/// Why a package is not affected, by the row that decided.
pub(crate) fn unaffected(
    why: &Unaffected<'_>,
    assessed: &Assessed<'_>,
    package: &Package,
    target: &Target<'_>,
) -> String {
    match why {
        Unaffected::Fixed("0") | Unaffected::Vendor(_) | Unaffected::Owner(_) => why.to_string(),
        Unaffected::Fixed(fixed) => {
            format!("{} >= {fixed} (fixed)", Who::of(assessed.row.name_kind, package, target))
        }
        Unaffected::Outside => comparison(assessed, package, target),
    }
}

fn caught(assessed: &Assessed<'_>, who: &Who<'_>, hit: &Hit<'_>, target: &Target<'_>) -> String {
    let row = &assessed.row;
    if row.status == Status::NotAffected {
        return format!("the vendor says that {who} is not affected");
    }
    let without_fix = without_fix(row.status);
    let is = if row.status == Status::UnderInvestigation { "may be" } else { "is" };
    match hit {
        Hit::Listed(_) => format!("{who} is listed as affected"),
        Hit::Everything => format!("{without_fix}; every version of {} {is} affected", target.name),
        Hit::Range(RangeRef { introduced, end: EndRef::Open }) => match introduced.filter(|it| *it != "0") {
            None => format!("{without_fix}; every version of {} {is} affected", target.name),
            Some(introduced) => format!("{without_fix}; {who} >= {introduced} (introduced)"),
        },
        Hit::Range(range) => {
            // One text, written piece by piece: this runs for every finding.
            let mut text = who.to_string();
            let mut say = |words: &[&str]| words.iter().for_each(|it| text.push_str(it));
            if let Some(introduced) = beginning(range) {
                say(&[" >= ", introduced, " (introduced) and"]);
            }
            match range.end {
                EndRef::Fixed(fixed) if row.status == Status::Fixed => say(&[" < ", fixed, " (fixed)"]),
                // Announced and not yet there (rule 10), or only in the release to come (rule 12).
                EndRef::Fixed(fixed) => say(&[" < ", fixed, " (fixed, but not in this release)"]),
                EndRef::LastAffected(last) => say(&[" <= ", last, " (last affected)"]),
                EndRef::Limit(limit) => say(&[" < ", limit, " (limit)"]),
                EndRef::Open => (),
            }
            text
        }
    }
}

fn without_fix(status: Status) -> &'static str {
    match status {
        Status::Fixed | Status::Affected | Status::NotAffected => "no fixed version",
        Status::WillNotFix => "the vendor will not fix it",
        Status::FixDeferred => "the vendor put the fix off",
        Status::EndOfLife => "the vendor maintains it no more",
        Status::UnderInvestigation => "the vendor has not decided yet",
    }
}

/// All that a row says of versions: `>= 1.0, < 1.4 or >= 2.0, <= 2.1`.
fn affected_versions(assessed: &Assessed<'_>) -> String {
    const SHOWN_MAX: usize = 4;
    let ranges = assessed.row.ranges().map(|range| {
        let start = beginning(&range).map(|it| format!(">= {it}"));
        let end = match range.end {
            EndRef::Fixed(it) | EndRef::Limit(it) => Some(format!("< {it}")),
            EndRef::LastAffected(it) => Some(format!("<= {it}")),
            EndRef::Open => None,
        };
        [start, end].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let mut all = ranges.chain(assessed.row.versions().map(str::to_owned));
    let mut text = all.by_ref().take(SHOWN_MAX).collect::<Vec<_>>().join(" or ");
    if all.next().is_some() {
        text.push_str(" or others");
    }
    text
}
