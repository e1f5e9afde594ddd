//! Why one vulnerability does or does not apply to one image: every package that any advisory
//! about it names, with the reason.
//!
//! Rules as [`crate::match_inventory`] does, by the same functions; goes through all keys of the
//! snapshot besides, so it is for people who ask, not for scans.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{
    Ecosystem, Inventory, NameKind, Package, PackageRef, Problem, ProblemKind, Reachable, Status,
    Vulnerability, is_answered,
};
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::snapshot::{Row, SnapshotError};

use crate::assess::{Assessed, Target, assess, realms};
use crate::context::{Context, Judges};
use crate::facts;
use crate::ruling::{Case, Group, Question, Ruling, rule};
use crate::words;

/// What is to be said of one vulnerability and one image.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Explained {
    /// What is known of the vulnerability; `None` where the database has never heard of it.
    pub vulnerability: Option<Vulnerability>,
    /// What is to be said of each package, by vulnerability and name. Empty where no advisory
    /// names anything in the image, or the release that it is.
    pub packages: Vec<Explanation>,
    /// What could not be looked up.
    pub problems: Vec<Problem>,
}

/// Why the vulnerability does or does not apply to one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The vulnerability's canonical id. An id that was asked for can name several (one
    /// announcement for many).
    pub vulnerability: String,
    /// The package; `None` where none of that name is installed.
    pub package: Option<PackageRef>,
    /// Its name, or the name that the advisories use.
    pub name: String,
    /// Whether it applies.
    pub answer: Answer,
    /// Why, in words.
    pub why: String,
    /// Whether the vulnerable code is linked into the program that the package was found in.
    pub reachable: Reachable,
}

/// Whether a vulnerability applies to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// It does.
    Affected,
    /// It may: a version cannot be read.
    PossiblyAffected,
    /// The advisories name the package, but not this one: another architecture or module stream,
    /// another release, or a package that somebody else built.
    Elsewhere,
    /// It does not.
    NotAffected,
    /// No package of that name is installed.
    NotInstalled,
}

impl Answer {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Affected => "affected",
            Answer::PossiblyAffected => "possibly affected",
            Answer::Elsewhere => "no statement",
            Answer::NotAffected => "not affected",
            Answer::NotInstalled => "not installed",
        }
    }
}

/// Explains the vulnerability with this id: its own, any alias, or that of a vendor's announcement.
pub fn explain<B: AsRef<[u8]>>(
    id: &str,
    inventory: &Inventory,
    snapshot: &Snapshot<B>,
    context: &Context<'_>,
) -> Explained {
    let mut explained = Explained::default();
    let mut errors = BTreeSet::new();
    match facts::vulnerability(id, snapshot) {
        Ok(found) => explained.vulnerability = found,
        Err(error) => drop(errors.insert(error.to_string())),
    }
    let asked = Asked::new(id, explained.vulnerability.as_ref());
    for (index, installed) in inventory.packages.iter().enumerate() {
        match of_package(PackageRef(index), &installed.package, &asked, snapshot, context) {
            Ok(explanations) => explained.packages.extend(explanations),
            Err(error) => drop(errors.insert(error.to_string())),
        }
    }
    heed_owners(&mut explained.packages, explained.vulnerability.as_ref(), inventory, context);
    let elsewhere = Elsewhere::new(inventory, context, &explained.packages);
    match elsewhere.look(&asked, snapshot) {
        Ok(explanations) => explained.packages.extend(explanations),
        Err(error) => drop(errors.insert(error.to_string())),
    }
    explained.packages.sort_by(|left, right| {
        let key = |it: &Explanation| (it.package.is_none(), it.answer, it.package);
        left.vulnerability
            .cmp(&right.vulnerability)
            .then_with(|| key(left).cmp(&key(right)))
            .then_with(|| left.name.cmp(&right.name))
    });
    let problem = |error: &String| {
        Problem::new(
            ProblemKind::Database,
            format!("part of the vulnerability database cannot be read: {error}"),
        )
    };
    explained.problems = errors.iter().map(problem).collect();
    explained
}

/// All names of what is asked about.
struct Asked<'q> {
    id: &'q str,
    names: BTreeSet<&'q str>,
}

impl<'q> Asked<'q> {
    fn new(id: &'q str, vulnerability: Option<&'q Vulnerability>) -> Asked<'q> {
        let mut names = BTreeSet::from([id]);
        if let Some(vulnerability) = vulnerability {
            names.insert(&vulnerability.id);
            names.extend(vulnerability.aliases.iter().map(String::as_str));
        }
        Asked { id, names }
    }

    fn means(&self, row: &Row<'_>) -> bool {
        self.names.contains(row.vulnerability) || row.advisory_ids().any(|it| it == self.id)
    }
}

fn of_package<B: AsRef<[u8]>>(
    reference: PackageRef,
    package: &Package,
    asked: &Asked<'_>,
    snapshot: &Snapshot<B>,
    context: &Context<'_>,
) -> Result<Vec<Explanation>, SnapshotError> {
    let Some(ecosystem) = (context.ecosystem)(&package.kind) else { return Ok(Vec::new()) };
    let judges = (context.judges)(package);
    let source = Target::source(package, ecosystem);
    let binary = Target::binary(package, ecosystem);
    let mut by_id: BTreeMap<&str, (Vec<Assessed<'_>>, Vec<Assessed<'_>>)> = BTreeMap::new();
    for realm in realms(judges, package) {
        for row in assess(snapshot, realm, &source, package, ecosystem) {
            let row = row?;
            if asked.means(&row.row) {
                by_id.entry(row.row.vulnerability).or_default().0.push(row);
            }
        }
        for row in assess(snapshot, realm, &binary, package, ecosystem) {
            let row = row?;
            if asked.means(&row.row) {
                by_id.entry(row.row.vulnerability).or_default().1.push(row);
            }
        }
    }
    let question = Question {
        ecosystem,
        vendor: matches!(judges, Judges::Vendor(_)),
        source_version: source.version,
        binary_version: binary.version,
        reach: &|channel| (context.reach)(package, channel),
        can_have: context.can_have,
    };
    let mut explanations = Vec::with_capacity(by_id.len());
    for (id, (source_rows, binary_rows)) in by_id {
        let group = Group { source: &source_rows, binary: &binary_rows };
        let target = |row: &Assessed<'_>| match row.row.name_kind {
            NameKind::Source => &source,
            NameKind::Binary => &binary,
        };
        let (answer, why) = match rule(group, &question) {
            Ruling::Affected(case) => (
                if case.certain { Answer::Affected } else { Answer::PossiblyAffected },
                affected(&case, &words::comparison(case.decisive, package, target(case.decisive))),
            ),
            Ruling::Unaffected(why, row) => {
                (Answer::NotAffected, words::unaffected(&why, row, package, target(row)))
            }
            Ruling::Silent => (Answer::Elsewhere, silent(group, package, target)),
        };
        explanations.push(Explanation {
            vulnerability: id.to_owned(),
            package: Some(reference),
            name: package.name.clone(),
            answer,
            why,
            reachable: reachable(id, package, snapshot)?,
        });
    }
    Ok(explanations)
}

fn reachable<B: AsRef<[u8]>>(
    id: &str,
    package: &Package,
    snapshot: &Snapshot<B>,
) -> Result<Reachable, SnapshotError> {
    if package.functions.is_none() {
        return Ok(Reachable::Unknown);
    }
    let code = snapshot.vulnerability(id)?.map(|it| it.code).unwrap_or_default();
    Ok(Reachable::of(&package.name, package.functions.as_ref(), &code))
}

fn affected(case: &Case<'_, '_>, comparison: &str) -> String {
    let mut text = comparison.to_owned();
    match (case.fixed, case.fix_channel) {
        (Some(fixed), Some(channel)) => text.push_str(&format!("; a fix needs {channel}: {fixed}")),
        (None, _) if case.status != Status::Affected => {
            text.push_str(&format!("; the vendor's state is {}", case.status.name()));
        }
        _ => (),
    }
    text
}

fn silent<'p>(
    group: Group<'_, '_>,
    package: &Package,
    target: impl Fn(&Assessed<'_>) -> &'p Target<'p>,
) -> String {
    let reasons: BTreeSet<String> = group
        .iter()
        .map(|row| match row.row.channel {
            Some(channel) => format!("the advisory speaks of {channel} only"),
            None => words::comparison(row, package, target(row)),
        })
        .collect();
    reasons.into_iter().collect::<Vec<_>>().join("; ")
}

/// What the vendor of the owning package says comes first (rules 48, 50, 51).
fn heed_owners(
    explanations: &mut [Explanation],
    known: Option<&Vulnerability>,
    inventory: &Inventory,
    context: &Context<'_>,
) {
    let denials: BTreeSet<(PackageRef, String)> = explanations
        .iter()
        .filter(|it| it.answer == Answer::NotAffected)
        .filter_map(|it| Some((it.package?, it.vulnerability.clone())))
        .collect();
    for explanation in explanations {
        let Some(package) = explanation.package else { continue };
        let Some(owner) = (context.owner)(package).filter(|owner| *owner != package) else { continue };
        let id = explanation.vulnerability.as_str();
        let aliases = known.filter(|it| it.id == id).map_or(&[][..], |it| &it.aliases);
        let spared = is_answered(id, aliases, |id| denials.contains(&(owner, id.to_owned())));
        if spared && explanation.answer < Answer::NotAffected {
            let name = inventory.packages.get(owner.0).map_or("", |it| &it.package.name);
            explanation.answer = Answer::NotAffected;
            explanation.why =
                format!("{name}, which ships it, is not affected; by itself: {}", explanation.why);
        }
    }
}

/// An installed package and who speaks about it.
#[derive(Clone, Copy)]
struct Installed<'q> {
    reference: PackageRef,
    package: &'q Package,
    judges: Judges<'q>,
}

/// What is said of packages that are not in the image, and of other releases and builders.
struct Elsewhere<'q> {
    /// The realms whose word counts in this image.
    own: BTreeSet<&'q str>,
    /// Every name under which something installed could be filed, by purl type.
    installed: BTreeMap<(&'q str, String), Vec<Installed<'q>>>,
    /// What has been said already.
    explained: BTreeSet<(PackageRef, String)>,
}

impl<'q> Elsewhere<'q> {
    fn new(inventory: &'q Inventory, context: &'q Context<'_>, explained: &[Explanation]) -> Elsewhere<'q> {
        let mut it = Elsewhere {
            own: BTreeSet::new(),
            installed: BTreeMap::new(),
            explained: explained
                .iter()
                .filter_map(|it| Some((it.package?, it.vulnerability.clone())))
                .collect(),
        };
        for (index, installed) in inventory.packages.iter().enumerate() {
            let package = &installed.package;
            let Some(ecosystem) = (context.ecosystem)(&package.kind) else { continue };
            let judges: Judges<'q> = (context.judges)(package);
            it.own.extend(realms(judges, package));
            for name in names(package, ecosystem) {
                let entry = it.installed.entry((package.kind.as_str(), name)).or_default();
                entry.push(Installed { reference: PackageRef(index), package, judges });
            }
        }
        it
    }

    fn look<B: AsRef<[u8]>>(
        &self,
        asked: &Asked<'_>,
        snapshot: &Snapshot<B>,
    ) -> Result<Vec<Explanation>, SnapshotError> {
        let mut absent: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut other: BTreeMap<(PackageRef, String), OthersWord<'_>> = BTreeMap::new();
        for key in snapshot.keys() {
            let (realm, name) = key?;
            let kind = realm.split('/').next().unwrap_or_default();
            let here = self.installed.get(&(kind, name.to_owned()));
            if here.is_none() && !self.own.contains(realm) {
                continue;
            }
            for row in snapshot.rows(realm, name) {
                let row = row?;
                if !asked.means(&row) {
                    continue;
                }
                for &Installed { reference, package, judges } in here.into_iter().flatten() {
                    let place = (reference, row.vulnerability.to_owned());
                    let own = realms(judges, package).any(|it| it == realm);
                    if !own && !self.explained.contains(&place) {
                        let said = other.entry(place);
                        said.or_insert_with(|| OthersWord { package, judges, realms: BTreeSet::new() })
                            .realms
                            .insert(realm.to_owned());
                    }
                }
                if here.is_none() && row.status != Status::NotAffected {
                    absent.insert((row.vulnerability.to_owned(), name.to_owned(), realm.to_owned()));
                }
            }
        }
        let absent = absent.into_iter().map(|(vulnerability, name, realm)| Explanation {
            vulnerability,
            package: None,
            why: format!("advisories for {realm} name {name}, which is not installed"),
            name,
            answer: Answer::NotInstalled,
            reachable: Reachable::Unknown,
        });
        let other = other.into_iter().map(|((package, vulnerability), said)| Explanation {
            vulnerability,
            package: Some(package),
            name: said.package.name.clone(),
            answer: Answer::Elsewhere,
            why: said.why(),
            reachable: Reachable::Unknown,
        });
        Ok(absent.chain(other).collect())
    }
}

/// A package that only others' advisories name.
struct OthersWord<'q> {
    package: &'q Package,
    judges: Judges<'q>,
    realms: BTreeSet<String>,
}

impl OthersWord<'_> {
    fn why(&self) -> String {
        if let Judges::Nobody(why) | Judges::Unspoken(why) = self.judges {
            return format!("advisories name it, but this package is not covered: {why}");
        }
        let own: Vec<&str> = realms(self.judges, self.package).collect();
        let others: Vec<&str> = self.realms.iter().map(String::as_str).collect();
        format!("no advisory for {} names it; there are some for {}", own.join(" or "), others.join(", "))
    }
}

fn names(package: &Package, ecosystem: &dyn Ecosystem) -> BTreeSet<String> {
    let (source, binary) = (Target::source(package, ecosystem), Target::binary(package, ecosystem));
    BTreeSet::from([source.name.into_owned(), binary.name.into_owned()])
}
