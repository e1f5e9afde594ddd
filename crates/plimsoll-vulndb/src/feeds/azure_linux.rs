//! Azure Linux, and CBL-Mariner as it was called before: one OVAL file for each release.
//!
//! Names are those of source packages. A fix is `less than`; `less than or equal` says up to which
//! version there was none when it was written. The tag of the release (`.azl3`) may be missing in
//! a bound; rpm takes the installed one, which has it, for newer, as it should be.
//! Has no channels. Says nothing of its own severity: severities are NVD's.

use std::collections::BTreeSet;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};

use super::oval::{self, Check, Definition, Leaf, Operation, Oval, Role, clauses};
use super::shared::{cve, details, package_name, reference};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The files have below 10 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

const NOT_APPLICABLE: &str = "the vendor says that it never was or no longer is applicable";

/// The feed of one name of the distribution.
pub(super) struct AzureLinux {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    /// Its id in os-release.
    distro: &'static str,
    /// Releases, and the name of the file of each without `-oval.xml`.
    releases: &'static [(&'static str, &'static str)],
}

/// Azure Linux.
pub(super) static AZURE_LINUX: AzureLinux = AzureLinux {
    id: "azure-linux",
    title: "Azure Linux vulnerability data",
    says: "Fixed versions by source package, and what is affected in the version that there is.",
    is_silent_on: "Binary packages. It is partly made from the NVD, so that some of it is not triaged.",
    cadence_hours: 3,
    distro: "azurelinux",
    releases: &[("3.0", "azurelinux-3.0")],
};

/// CBL-Mariner; 2.0 ended in July 2025, 1.0 in 2023.
pub(super) static MARINER: AzureLinux = AzureLinux {
    id: "mariner",
    title: "CBL-Mariner vulnerability data",
    says: "The same for CBL-Mariner, whose releases are out of support.",
    is_silent_on: "Everything after its end, in July 2025.",
    cadence_hours: 24,
    distro: "mariner",
    releases: &[("2.0", "cbl-mariner-2.0"), ("1.0", "cbl-mariner-1.0")],
};

impl Feed for AzureLinux {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn says(&self) -> &'static str {
        self.says
    }

    fn is_silent_on(&self) -> &'static str {
        self.is_silent_on
    }

    fn cadence_hours(&self) -> u32 {
        self.cadence_hours
    }

    fn sources(&self) -> Vec<Source> {
        let base = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main";
        let source = |(_, file): &(&str, &str)| {
            let mirror = ["", ".gz"].map(|ending| format!("azure-linux/{file}-oval.xml{ending}")).into_iter();
            let excerpt = format!("azure-linux/{file}-oval.excerpt.xml");
            let source = Source::file(file, format!("{base}/{file}-oval.xml"), &[], SIZE_BYTES_MAX);
            let optional = self.distro == "mariner";
            Source { mirror: mirror.chain([excerpt]).collect(), optional, ..source }
        };
        self.releases.iter().map(source).collect()
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "MIT",
            attribution: "Microsoft, https://github.com/microsoft/AzureLinuxVulnerabilityData",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        // The file itself does not say of which release it is.
        let (release, _) = self
            .releases
            .iter()
            .find(|(_, file)| *file == part.name)
            .ok_or_else(|| format!("`{}` is no release", part.name))?;
        let realm = Realm::distro("rpm", self.distro, release);
        let (definitions, oval) = oval::read_whole(part.bytes, out)?;
        let mut rows = Vec::new();
        for definition in definitions {
            out.records_read += 1;
            self.definition(&realm, &definition, &oval, &mut rows, out);
        }
        out.advisories.extend(without_overruled(rows));
        Ok(())
    }
}

/// Two definitions may speak of one CVE in one package; where one of them knows a version, the
/// other's "not applicable" is about something else.
fn without_overruled(mut rows: Vec<Advisory>) -> Vec<Advisory> {
    let key = |row: &Advisory| (row.vulnerability.clone(), row.package.clone());
    let affected: BTreeSet<_> = rows.iter().filter(|it| it.status != Status::NotAffected).map(key).collect();
    rows.retain(|row| row.status != Status::NotAffected || !affected.contains(&key(row)));
    rows
}

impl AzureLinux {
    fn definition(
        &self,
        realm: &Realm,
        definition: &Definition,
        oval: &Oval,
        rows: &mut Vec<Advisory>,
        out: &mut FeedOutput,
    ) {
        let cve_ids: BTreeSet<String> = definition
            .references
            .iter()
            .filter(|it| it.source == "CVE")
            .filter_map(|it| cve(&it.id))
            .collect();
        let place = format!("{} {}", definition.id, cve_ids.first().map_or("", String::as_str));
        if let Some(why) = definition.damage {
            return out.quarantine(place, why);
        }
        let found = self.packages(realm, definition, oval, &place, out);
        if found.is_empty() || cve_ids.is_empty() {
            return out.quarantine(place, "it names no CVE, or no package with a version");
        }
        out.records_stored += 1;
        if let Some(date) = definition.issued {
            out.saw_date(date);
        }
        let is_single = cve_ids.len() == 1;
        for vulnerability in cve_ids {
            let row = |row: &Advisory| Advisory { vulnerability: vulnerability.clone(), ..row.clone() };
            rows.extend(found.iter().map(row));
            let links = definition.references.iter().filter_map(|it| reference(&it.url));
            out.records.push(Record {
                references: links.map(str::to_owned).collect(),
                details: details(&definition.description).filter(|_| is_single),
                published: definition.issued,
                modified: definition.updated,
                id: vulnerability,
                ..Record::default()
            });
        }
    }

    fn packages(
        &self,
        realm: &Realm,
        definition: &Definition,
        oval: &Oval,
        place: &str,
        out: &mut FeedOutput,
    ) -> Vec<Advisory> {
        let Some(criteria) = &definition.criteria else {
            return Vec::new();
        };
        let mut found: Vec<Advisory> = Vec::new();
        let severity = definition.severity.parse::<Severity>().ok();
        clauses(criteria, &|_| Role::Package, &mut |leaves, _| match range(leaves, oval) {
            Ok((package, range)) => found.push(Advisory {
                name_kind: NameKind::Source,
                severity,
                ..row(self.id, realm, package, range, &definition.patchable)
            }),
            Err(why) => out.quarantine_part(place, why),
        });
        found
    }
}

fn row(feed: &str, realm: &Realm, package: &str, range: Range, patchable: &str) -> Advisory {
    let row = oval::advisory(feed, realm, package);
    if patchable.eq_ignore_ascii_case("not applicable") {
        return Advisory { status: Status::NotAffected, note: Some(NOT_APPLICABLE.to_owned()), ..row };
    }
    let has_fix = matches!(range.end, End::Fixed(_)) && !patchable.eq_ignore_ascii_case("false");
    let status = if has_fix { Status::Fixed } else { Status::Affected };
    Advisory { status, ranges: vec![range], ..row }
}

/// The one range that states of one package come to together: `greater than X` and `less than Y`.
///
/// What comes behind `greater than` begins with that version itself here: a version too many,
/// never one too few.
fn range<'o>(leaves: &[Leaf], oval: &'o Oval) -> Result<(&'o str, Range), String> {
    let mut name = None;
    let mut range = Range { introduced: None, end: End::Open };
    for leaf in leaves {
        let Some(Check::Evr { package, operation, bound, .. }) = oval.check(leaf.test) else {
            return Err("a criterion whose test compares no version".to_owned());
        };
        let package = package_name(package).ok_or("a package name that cannot be one")?;
        if name.is_some_and(|it| it != package) {
            return Err("two packages that must both be there".to_owned());
        }
        name = Some(package);
        let bound = oval::plain_version(bound).ok_or("a version that cannot be one")?.to_owned();
        match operation {
            Operation::Less => range.end = End::Fixed(bound),
            Operation::LessOrEqual => range.end = End::LastAffected(bound),
            Operation::Greater | Operation::GreaterOrEqual => range.introduced = Some(bound),
            Operation::Equal | Operation::Other => return Err("an unexpected comparison".to_owned()),
        }
    }
    name.map(|name| (name, range)).ok_or_else(|| "no package".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One definition for each of these: whether it is patchable, and its states.
    fn rows(definitions: &[(&str, &[(&str, &str)])]) -> (Vec<String>, FeedOutput) {
        let (mut head, mut tests, mut states) = (String::new(), String::new(), String::new());
        for (number, (patchable, bounds)) in definitions.iter().enumerate() {
            let mut criteria = String::new();
            for (index, (operation, evr)) in bounds.iter().enumerate() {
                let id = format!("{number}.{index}");
                criteria += &format!(r#"<criterion test_ref="t{id}" comment="c"/>"#);
                tests += &format!(
                    r#"<l:rpminfo_test id="t{id}"><l:object object_ref="o"/><l:state state_ref="s{id}"/></l:rpminfo_test>"#
                );
                states += &format!(
                    r#"<l:rpminfo_state id="s{id}"><l:evr operation="{operation}">{evr}</l:evr></l:rpminfo_state>"#
                );
            }
            head += &format!(
                r#"<definition id="d{number}"><metadata><reference ref_id="CVE-2024-0001" source="CVE"/><patchable>{patchable}</patchable>
                <severity>High</severity></metadata><criteria operator="AND">{criteria}</criteria></definition>"#
            );
        }
        let xml = format!(
            r#"<oval_definitions><definitions>{head}</definitions><tests>{tests}</tests><objects>
            <l:rpminfo_object id="o"><l:name>golang</l:name></l:rpminfo_object></objects><states>{states}</states></oval_definitions>"#
        );
        let mut out = FeedOutput::default();
        let part = Part { name: "azurelinux-3.0", file_name: "x.xml", bytes: xml.as_bytes() };
        AZURE_LINUX.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        let shown = |it: &Advisory| format!("{} {} {:?}", it.realm, it.status.name(), it.ranges);
        (out.advisories.iter().map(shown).collect(), out)
    }

    fn range(introduced: Option<&str>, end: End) -> String {
        format!("{:?}", [Range { introduced: introduced.map(str::to_owned), end }])
    }

    #[test]
    fn what_has_no_fix_is_affected_up_to_the_version_that_was_looked_at() {
        let (rows, _) = rows(&[("false", &[("less than or equal", "0:9.16.33-1.azl3")])]);
        let expected = range(None, End::LastAffected("9.16.33-1.azl3".to_owned()));
        assert_eq!(rows, [format!("rpm/azurelinux:3.0 affected {expected}")]);
    }

    #[test]
    fn two_states_of_a_package_are_the_two_ends_of_one_range() {
        let (rows, out) = rows(&[("true", &[("less than", "0:1.20.7-1"), ("greater than", "0:1.19.0")])]);
        let expected = range(Some("1.19.0"), End::Fixed("1.20.7-1".to_owned()));
        assert_eq!(rows, [format!("rpm/azurelinux:3.0 fixed {expected}")]);
        assert_eq!(out.advisories[0].name_kind, NameKind::Source);
        assert_eq!(out.advisories[0].severity, Some(Severity::High));
    }

    #[test]
    fn not_applicable_is_a_denial_unless_another_definition_knows_better() {
        let denial: (&str, &[(&str, &str)]) = ("Not Applicable", &[("less than or equal", "0:2.35-4")]);
        assert_eq!(rows(&[denial]).0, ["rpm/azurelinux:3.0 not_affected []"]);
        let (rows, _) = rows(&[denial, ("true", &[("less than", "0:2.36-1")])]);
        let expected = range(None, End::Fixed("2.36-1".to_owned()));
        assert_eq!(rows, [format!("rpm/azurelinux:3.0 fixed {expected}")]);
    }

    #[test]
    fn a_test_that_says_nothing_of_versions_is_quarantined() {
        let (rows, out) = rows(&[("true", &[("pattern match", "0:1")]), ("true", &[])]);
        assert_eq!((rows.len(), out.records_quarantined), (0, 2));
    }
}
