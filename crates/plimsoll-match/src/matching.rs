//! Matches the packages of one inventory with a snapshot.
//!
//! Each distinct source package is looked up and compared once, whatever the number of its
//! binaries; nothing is allocated for rows that do not hold.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use plimsoll_core::{
    Ecosystem, Escaped, Finding, FindingClass, Inventory, NameKind, Package, PackageRef, Problem,
    ProblemKind, Vulnerability,
};
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::snapshot::SnapshotError;

use crate::assess::{Assessed, Target, assess, lacks_version, realms};
use crate::context::{Context, Judges};
use crate::deal::deal;
use crate::facts;
use crate::finding::{Parts, finding};
use crate::ruling::{Group, Question, Ruling, Unaffected, rule};

/// What an inventory comes to at a snapshot.
#[derive(Debug, Default)]
pub struct Matches<'a> {
    /// What applies or may apply: worst first, then known exploited, then by id, purl and path.
    pub findings: Vec<Finding>,
    /// What positively does not, by package and id.
    pub not_affected: Vec<NotAffected<'a>>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
}

/// A vulnerability that an advisory names together with a package, and that the package does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAffected<'a> {
    /// The package.
    pub package: PackageRef,
    /// The vulnerability's id, as the row has it.
    pub vulnerability: &'a str,
    /// Why not; displayed in words.
    pub why: Unaffected<'a>,
}

/// Compares every package with the advisories of those who speak about it.
///
/// Pure: the same arguments give the same result, in the same order.
pub fn match_inventory<'a, B: AsRef<[u8]> + Sync>(
    inventory: &'a Inventory,
    snapshot: &'a Snapshot<B>,
    context: &'a Context<'_>,
) -> Matches<'a> {
    let mut matcher = Matcher::new(inventory, snapshot, context);
    let mut jobs = matcher.jobs();
    jobs.sort_by(|left, right| left.key().cmp(&right.key()));
    jobs.iter().for_each(|job| matcher.check_versions(job));
    let alike = |left: &Job<'_>, right: &Job<'_>| left.key() == right.key() && left.judges == right.judges;
    let groups: Vec<&[Job<'a>]> = jobs.chunk_by(alike).collect();
    let shares = deal(jobs.len() / JOBS_EACH_MIN, groups.len(), |numbers| {
        let mut share = Matcher::new(inventory, snapshot, context);
        numbers.filter_map(|number| groups.get(number)).for_each(|group| share.source_package(group));
        share.into_found()
    });
    let found: usize = shares.iter().map(|share| share.findings.len() + share.too_many).sum();
    if found <= context.findings_max {
        shares.into_iter().for_each(|share| matcher.take(share));
    } else {
        // Which are left out must not depend on who was faster.
        groups.iter().for_each(|group| matcher.source_package(group));
    }
    matcher.finish()
}

/// With fewer packages for each, another thread costs more than it saves.
const JOBS_EACH_MIN: usize = 32;

/// What one thread found.
struct Share<'a> {
    findings: Vec<Found<'a>>,
    too_many: usize,
    not_affected: Vec<NotAffected<'a>>,
    database_errors: BTreeSet<String>,
}

/// A package that can be judged.
struct Job<'a> {
    reference: PackageRef,
    package: &'a Package,
    ecosystem: &'static dyn Ecosystem,
    judges: Judges<'a>,
    /// What rows under the source's name are compared with; the only target where source and
    /// binary are one.
    source: Target<'a>,
    /// What rows under the binary's name are compared with.
    binary: Target<'a>,
}

/// What the comparison with rows under the source's name depends on, besides the judges.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'j> {
    kind: &'j str,
    name: &'j str,
    version: &'j str,
    target: Option<NameKind>,
    architecture: Option<&'j str>,
    module: Option<&'j str>,
    lacks_version: bool,
}

impl<'a> Job<'a> {
    fn new(
        reference: PackageRef,
        package: &'a Package,
        ecosystem: &'static dyn Ecosystem,
        judges: Judges<'a>,
    ) -> Job<'a> {
        let mut source = Target::source(package, ecosystem);
        let binary = Target::binary(package, ecosystem);
        if source.name == binary.name && source.version == binary.version {
            source.kind = None;
        }
        Job { reference, package, ecosystem, judges, source, binary }
    }

    fn key(&self) -> Key<'_> {
        Key {
            kind: &self.package.kind,
            name: &self.source.name,
            version: self.source.version,
            target: self.source.kind,
            architecture: self.package.architecture.as_deref(),
            module: self.package.module.as_deref(),
            lacks_version: lacks_version(self.package, self.ecosystem),
        }
    }
}

struct Matcher<'a, 'c, B> {
    inventory: &'a Inventory,
    snapshot: &'a Snapshot<B>,
    context: &'a Context<'c>,
    vulnerabilities: HashMap<&'a str, Rc<Vulnerability>>,
    found: Vec<Found<'a>>,
    found_too_many: usize,
    not_affected: Vec<NotAffected<'a>>,
    problems: Vec<Problem>,
    database_errors: BTreeSet<String>,
    unreadable: BTreeSet<(&'a str, &'a str)>,
}

/// A finding, and the id of the rows it came from. Boxed, for findings are large, and lists of them
/// grow and change hands.
struct Found<'a> {
    finding: Box<Finding>,
    vulnerability: &'a str,
}

impl<'a, 'c, B: AsRef<[u8]>> Matcher<'a, 'c, B> {
    fn new(
        inventory: &'a Inventory,
        snapshot: &'a Snapshot<B>,
        context: &'a Context<'c>,
    ) -> Matcher<'a, 'c, B> {
        Matcher {
            inventory,
            snapshot,
            context,
            vulnerabilities: HashMap::new(),
            found: Vec::new(),
            found_too_many: 0,
            not_affected: Vec::new(),
            problems: Vec::new(),
            database_errors: BTreeSet::new(),
            unreadable: BTreeSet::new(),
        }
    }

    /// The packages that somebody speaks about; for the others a problem for each reason.
    fn jobs(&mut self) -> Vec<Job<'a>> {
        let mut jobs = Vec::with_capacity(self.inventory.packages.len());
        let mut uncovered = Uncovered::default();
        let mut unspoken = Uncovered::default();
        let mut covered = HashMap::new();
        let mut spared = 0;
        for (index, installed) in self.inventory.packages.iter().enumerate() {
            let package = &installed.package;
            let Some(ecosystem) = (self.context.ecosystem)(&package.kind) else {
                uncovered.note(package, || format!("Plimsoll knows no packages of kind {}", package.kind));
                continue;
            };
            let judges: Judges<'a> = (self.context.judges)(package);
            let is_spared = judges == Judges::Registry && lacks_version(package, ecosystem);
            spared += usize::from(is_spared);
            if let Judges::Nobody(why) = judges {
                uncovered.note(package, || why.to_owned());
                continue;
            }
            if let Judges::Unspoken(why) = judges {
                unspoken.note(package, || why.to_owned());
                continue;
            }
            let snapshot = self.snapshot;
            let mut is_covered =
                |realm: &'a str| *covered.entry(realm).or_insert_with(|| snapshot.covers(realm));
            if !realms(judges, package).any(&mut is_covered) {
                let realms: Vec<_> = realms(judges, package).collect();
                if !is_spared {
                    let why = || format!("the database has no advisories for {}", realms.join(" or "));
                    uncovered.note(package, why);
                }
                continue;
            }
            jobs.push(Job::new(PackageRef(index), package, ecosystem, judges));
        }
        self.problems.extend(uncovered.problems());
        self.problems.extend(unspoken.problems().map(Problem::harmless));
        self.problems.extend(only_with_all_versions(spared));
        jobs
    }

    /// Binaries of one version of one source, for one architecture and module.
    ///
    /// The source's rows are gone through once, a vulnerability at a time; each binary joins them
    /// with the rows under its own name, of which most have none.
    fn source_package(&mut self, jobs: &[Job<'a>]) {
        let Some(first) = jobs.first() else { return };
        let binary_rows: Vec<Vec<Assessed<'a>>> = jobs.iter().map(|job| self.binary_rows(job)).collect();
        let mut members: Vec<Member<'_, 'a>> =
            jobs.iter().zip(&binary_rows).map(|(job, rows)| Member { job, rest: rows }).collect();
        let mut group: Vec<Assessed<'a>> = Vec::new();
        let mut realms = realms(first.judges, first.package);
        match (realms.next(), realms.next()) {
            (Some(realm), None) => {
                for row in assess(self.snapshot, realm, &first.source, first.package, first.ecosystem) {
                    self.source_row(row, &mut group, &mut members);
                }
            }
            _ => {
                for row in self.all_rows(first, &first.source) {
                    self.source_row(Ok(row), &mut group, &mut members);
                }
            }
        }
        self.vulnerability_in_source(&group, &mut members);
        for member in &mut members {
            while let Some(binary) = member.next_rows() {
                self.package(member.job, Group { source: &[], binary });
            }
        }
    }

    /// Collects rows as long as they are about one vulnerability.
    fn source_row(
        &mut self,
        row: Result<Assessed<'a>, SnapshotError>,
        group: &mut Vec<Assessed<'a>>,
        members: &mut [Member<'_, 'a>],
    ) {
        match row {
            Ok(row) => {
                if group.first().is_some_and(|it| it.row.vulnerability != row.row.vulnerability) {
                    self.vulnerability_in_source(group, members);
                    group.clear();
                }
                group.push(row);
            }
            Err(error) => self.database_error(&error),
        }
    }

    /// Joins the source's rows about one vulnerability with those of each binary.
    fn vulnerability_in_source(&mut self, source: &[Assessed<'a>], members: &mut [Member<'_, 'a>]) {
        let Some(id) = source.first().map(|row| row.row.vulnerability) else { return };
        for member in members {
            while let Some(binary) = member.rows_before(id) {
                self.package(member.job, Group { source: &[], binary });
            }
            let binary = member.rows_about(id);
            self.package(member.job, Group { source, binary });
        }
    }

    /// The rows under a binary's own name, where that is not looked up with the source's.
    fn binary_rows(&mut self, job: &Job<'a>) -> Vec<Assessed<'a>> {
        if job.source.kind.is_none() { Vec::new() } else { self.all_rows(job, &job.binary) }
    }

    /// The rows of all realms, in the order of vulnerabilities.
    fn all_rows(&mut self, job: &Job<'a>, target: &Target<'a>) -> Vec<Assessed<'a>> {
        let mut rows = Vec::new();
        for realm in realms(job.judges, job.package) {
            for row in assess(self.snapshot, realm, target, job.package, job.ecosystem) {
                match row {
                    Ok(row) => rows.push(row),
                    Err(error) => self.database_error(&error),
                }
            }
        }
        rows.sort_by(|left, right| left.row.vulnerability.cmp(right.row.vulnerability));
        rows
    }

    /// An installed version that nobody can read is said once (rule 56); one that nobody says, where
    /// an advisory hangs on it.
    fn check_versions(&mut self, job: &Job<'a>) {
        for target in [&job.source, &job.binary].into_iter().filter(|it| !it.version.is_empty()) {
            let Err(unreadable) = job.ecosystem.compare(target.version, target.version) else { continue };
            if self.unreadable.insert((&job.package.name, target.version)) {
                let what = format!(
                    "{unreadable}; the advisories for package `{}` can be neither confirmed nor ruled out",
                    Escaped(&job.package.name)
                );
                self.problems.push(Problem::new(ProblemKind::UnreadableVersion, what));
            }
        }
    }

    /// Rules on one vulnerability in one package.
    fn package(&mut self, job: &Job<'a>, rows: Group<'_, 'a>) {
        let Some(id) = rows.iter().next().map(|row| row.row.vulnerability) else { return };
        let context = self.context;
        let question = Question {
            ecosystem: job.ecosystem,
            vendor: matches!(job.judges, Judges::Vendor(_)),
            source_version: job.source.version,
            binary_version: job.binary.version,
            reach: &|channel| (context.reach)(job.package, channel),
            can_have: context.can_have,
        };
        match rule(rows, &question) {
            Ruling::Silent => (),
            Ruling::Unaffected(why, _) => self.spare(job.reference, id, why),
            Ruling::Affected(_) if self.found.len() >= context.findings_max => self.found_too_many += 1,
            Ruling::Affected(case) => {
                let parts = Parts {
                    reference: job.reference,
                    package: job.package,
                    source: &job.source,
                    binary: &job.binary,
                    vendor: question.vendor,
                    rows,
                    case: &case,
                    vulnerability: &self.vulnerability(id),
                };
                let finding = finding(&parts, context);
                if context.informational || finding.class != FindingClass::Informational {
                    self.found.push(Found { finding: Box::new(finding), vulnerability: id });
                }
            }
        }
    }

    /// Notes what is not affected. Beyond the bound it is left out: that hides no finding.
    fn spare(&mut self, package: PackageRef, vulnerability: &'a str, why: Unaffected<'a>) {
        const PER_FINDING: usize = 4;
        if self.not_affected.len() < self.context.findings_max.saturating_mul(PER_FINDING) {
            self.not_affected.push(NotAffected { package, vulnerability, why });
        }
    }

    /// What is known of a vulnerability, fetched once for all packages that have it.
    fn vulnerability(&mut self, id: &'a str) -> Rc<Vulnerability> {
        if let Some(known) = self.vulnerabilities.get(id) {
            return Rc::clone(known);
        }
        let found = match facts::vulnerability(id, self.snapshot) {
            Ok(found) => found,
            Err(error) => {
                self.database_error(&error);
                None
            }
        };
        let unknown = || Vulnerability { id: id.to_owned(), ..Vulnerability::default() };
        let vulnerability = Rc::new(found.unwrap_or_else(unknown));
        self.vulnerabilities.insert(id, Rc::clone(&vulnerability));
        vulnerability
    }

    fn database_error(&mut self, error: &SnapshotError) {
        self.database_errors.insert(error.to_string());
    }

    /// What was found of the packages that this one was given, to be taken by another.
    fn into_found(self) -> Share<'a> {
        Share {
            findings: self.found,
            too_many: self.found_too_many,
            not_affected: self.not_affected,
            database_errors: self.database_errors,
        }
    }

    /// Takes what was found of other packages. All about one package is in one share and in order
    /// there, which is all that [`Matcher::finish`] needs.
    fn take(&mut self, mut share: Share<'a>) {
        self.found.append(&mut share.findings);
        self.found_too_many += share.too_many;
        self.not_affected.append(&mut share.not_affected);
        self.database_errors.append(&mut share.database_errors);
    }

    fn finish(mut self) -> Matches<'a> {
        // A package's own are in the order of vulnerabilities already, as the rows are.
        self.not_affected.sort_by_key(|it| it.package);
        self.drop_what_owners_answer_for();
        self.problems.extend(without_version(&self.found, self.inventory));
        for error in &self.database_errors {
            self.problems.push(unreadable_database(error));
        }
        if self.found_too_many > 0 {
            let what = format!(
                "only {} findings were kept, {} were left out",
                self.context.findings_max, self.found_too_many
            );
            self.problems.push(Problem::new(ProblemKind::Limit, what));
        }
        let findings = sorted(self.found, self.inventory);
        Matches { findings, not_affected: self.not_affected, problems: self.problems }
    }

    /// Rules 48, 50 and 51: the vendor of the package that ships another one has looked at it.
    fn drop_what_owners_answer_for(&mut self) {
        let mut dropped = Vec::new();
        let (context, not_affected) = (self.context, &self.not_affected);
        self.found.retain(|it| {
            let Some(owner) =
                (context.owner)(it.finding.package).filter(|owner| *owner != it.finding.package)
            else {
                return true;
            };
            let answered = it.finding.is_answered(|id| {
                not_affected.binary_search_by(|it| (it.package, it.vulnerability).cmp(&(owner, id))).is_ok()
            });
            if answered {
                dropped.push(NotAffected {
                    package: it.finding.package,
                    vulnerability: it.vulnerability,
                    why: Unaffected::Owner(owner),
                });
            }
            !answered
        });
        if !dropped.is_empty() {
            self.not_affected.append(&mut dropped);
            self.not_affected.sort_by_key(|it| (it.package, it.vulnerability));
        }
    }
}

/// A binary of the source that is gone through, and what is left of its own rows.
struct Member<'j, 'a> {
    job: &'j Job<'a>,
    rest: &'j [Assessed<'a>],
}

impl<'j, 'a> Member<'j, 'a> {
    /// The next rows, all about one vulnerability.
    fn next_rows(&mut self) -> Option<&'j [Assessed<'a>]> {
        let id = self.rest.first()?.row.vulnerability;
        let length = self.rest.iter().take_while(|row| row.row.vulnerability == id).count();
        let (group, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(group)
    }

    /// The same, if their vulnerability comes before this one.
    fn rows_before(&mut self, id: &str) -> Option<&'j [Assessed<'a>]> {
        if self.rest.first()?.row.vulnerability < id { self.next_rows() } else { None }
    }

    /// The same, if they are about this one.
    fn rows_about(&mut self, id: &str) -> &'j [Assessed<'a>] {
        match self.rest.first() {
            Some(next) if next.row.vulnerability == id => self.next_rows().unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Nobody says their version, and an advisory speaks of some versions.
fn without_version(found: &[Found<'_>], inventory: &Inventory) -> Option<Problem> {
    let uncertain = found.iter().filter(|it| !it.finding.why.certain).map(|it| it.finding.package);
    let packages: BTreeSet<PackageRef> = uncertain.collect();
    let mut names = BTreeSet::new();
    let mut count = 0;
    for installed in packages.into_iter().filter_map(|it| inventory.packages.get(it.0)) {
        if installed.package.version.is_empty() {
            count += 1;
            names.insert(installed.package.name.as_str());
        }
    }
    let dots = if Uncovered::NAMED_MAX < names.len() { ", …" } else { "" };
    let named: Vec<&str> = names.into_iter().take(Uncovered::NAMED_MAX).collect();
    let (noun, verb) = if count == 1 { ("package", "says") } else { ("packages", "say") };
    let what = format!(
        "{count} {noun} ({}{dots}) {verb} no version; \
         advisories that speak of some versions can be neither confirmed nor ruled out",
        named.join(", ")
    );
    (count > 0).then(|| Problem::new(ProblemKind::UnreadableVersion, what))
}

/// Nobody expects a version of them, and there is nothing to compare but what is said of all.
fn only_with_all_versions(count: usize) -> Option<Problem> {
    let (noun, verb) = if count == 1 { ("package", "says") } else { ("packages", "say") };
    let were = if count == 1 { "was" } else { "were" };
    let what = format!(
        "{count} {noun} {verb} no version and {were} compared only with what is said of every version"
    );
    (count > 0).then(|| Problem::new(ProblemKind::NotCovered, what).harmless())
}

pub(crate) fn unreadable_database(error: &str) -> Problem {
    Problem::new(ProblemKind::Database, format!("part of the vulnerability database cannot be read: {error}"))
}

/// Worst first, then known exploited, then by id, purl and path. Numbers are sorted, and the findings
/// moved once.
fn sorted(found: Vec<Found<'_>>, inventory: &Inventory) -> Vec<Finding> {
    let mut packages: Vec<usize> = (0..inventory.packages.len()).collect();
    packages.sort_by_key(|index| inventory.packages.get(*index).map(|it| (&it.purl, &it.origin.path)));
    let mut package_places = vec![0; packages.len()];
    for (place, index) in packages.into_iter().enumerate() {
        package_places[index] = place;
    }
    let ids: HashSet<&str> = found.iter().map(|it| it.finding.id.as_str()).collect();
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    let id_places: HashMap<&str, usize> = ids.into_iter().zip(0..).collect();
    let key = |it: &Finding| {
        let id_place = id_places.get(it.id.as_str()).copied();
        let package_place = package_places.get(it.package.0).copied();
        (Reverse(it.severity.severity), it.kev.is_none(), id_place, package_place)
    };
    let mut order: Vec<_> = found.iter().enumerate().map(|(index, it)| (key(&it.finding), index)).collect();
    order.sort_unstable();
    let mut found: Vec<Option<Box<Finding>>> = found.into_iter().map(|it| Some(it.finding)).collect();
    let mut findings = Vec::with_capacity(found.len());
    findings.extend(order.into_iter().filter_map(|(_, index)| found.get_mut(index)?.take().map(|it| *it)));
    findings
}

/// Packages that nobody speaks about, by the reason.
#[derive(Default)]
struct Uncovered<'a> {
    by_reason: BTreeMap<String, (usize, Vec<&'a str>)>,
}

impl<'a> Uncovered<'a> {
    /// How many packages are named; the others are counted.
    const NAMED_MAX: usize = 3;

    fn note(&mut self, package: &'a Package, reason: impl FnOnce() -> String) {
        let (count, names) = self.by_reason.entry(reason()).or_default();
        *count += 1;
        if names.len() < Uncovered::NAMED_MAX && !names.contains(&package.name.as_str()) {
            names.push(&package.name);
        }
    }

    fn problems(self) -> impl Iterator<Item = Problem> {
        self.by_reason.into_iter().map(|(reason, (count, names))| {
            let dots = if names.len() < count { ", …" } else { "" };
            let names = names.join(", ");
            let (noun, verb) = if count == 1 { ("package", "is") } else { ("packages", "are") };
            let what = format!("{count} {noun} ({names}{dots}) {verb} not covered: {reason}");
            Problem::new(ProblemKind::NotCovered, what)
        })
    }
}
