//! OSV: a zip of JSON records for each ecosystem, and records of one's own in the same format.
//!
//! A row for an ecosystem takes from its zip what speaks of that ecosystem; the same record
//! stands in the zips of the others. Distributions whose own feeds say more (Debian, Ubuntu,
//! Alpine, Red Hat, SUSE) have no row, but [`LOCAL`] takes any ecosystem.

mod documents;
mod place;
mod ranges;
mod record;
mod rows;
mod subject;

use crate::{Changing, Feed, FeedOutput, Licence, ListForm, Part, Remote, Source};

pub(super) use documents::{each_record, each_record_in};
pub(super) use place::{Place, place};
pub(super) use record::{OsvRecord, only_on, read};
pub(super) use rows::{Rows, add, finish, simplify, store, withdraw};
pub(super) use subject::Subject;

/// The largest zip, npm's, has some 200 MB.
const SIZE_BYTES_MAX: u64 = 2 << 30;

/// Ecosystems with a handful of records, without which an update is still whole.
const SMALL: &[&str] = &["Hackage", "CRAN", "Bioconductor", "Julia", "openEuler"];

/// One ecosystem of OSV, or all of them.
pub(super) struct Osv {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    /// The folder in OSV's bucket, which is the ecosystem's name; `None` takes every ecosystem.
    ecosystem: Option<&'static str>,
    licence: Licence,
}

/// Declares the feed of an ecosystem.
macro_rules! ecosystem {
    (
        $name:ident,
        $id:literal,
        $title:literal,
        $says:literal,
        $is_silent_on:literal,
        $cadence_hours:literal,
        $ecosystem:literal,
        $licence:literal,
        $attribution:literal
    ) => {
        #[doc = $title]
        pub(super) static $name: Osv = Osv {
            id: $id,
            title: $title,
            says: $says,
            is_silent_on: $is_silent_on,
            cadence_hours: $cadence_hours,
            ecosystem: Some($ecosystem),
            licence: Licence { name: $licence, attribution: $attribution, redistributable: true },
        };
    };
}

ecosystem!(
    ALMALINUX,
    "osv-almalinux",
    "AlmaLinux errata (OSV)",
    "AlmaLinux's errata (ALSA) with the binary packages and versions that fix them.",
    "Whatever is not fixed; modules are told by the version alone.",
    3,
    "AlmaLinux",
    "MIT",
    "AlmaLinux OS Foundation"
);
ecosystem!(
    ROCKY_LINUX,
    "osv-rocky",
    "Rocky Linux errata (OSV)",
    "Rocky Linux's errata (RLSA, RXSA) with the source packages and versions that fix them.",
    "Whatever is not fixed; modules are told by the version alone.",
    3,
    "Rocky Linux",
    "BSD-3-Clause",
    "Rocky Enterprise Software Foundation"
);
ecosystem!(
    GO,
    "osv-go",
    "Go vulnerability database and GitHub advisories for Go",
    "The Go vulnerability database and GitHub's advisories for Go modules and the standard library: \
     affected versions, and for many the functions.",
    "Modules' private forks; many entries are imported and not reviewed, or have no fix.",
    1,
    "Go",
    "CC-BY-4.0",
    "The Go authors and GitHub, by way of https://osv.dev/"
);
ecosystem!(
    CRATES_IO,
    "osv-crates.io",
    "RustSec",
    "RustSec's and GitHub's advisories for crates: affected versions, functions, platforms.",
    "Crates that come from nowhere but a repository.",
    1,
    "crates.io",
    "CC0-1.0 AND CC-BY-4.0",
    "RustSec and GitHub, by way of https://osv.dev/"
);
ecosystem!(
    PYPI,
    "osv-pypi",
    "PyPA, GitHub and malicious-package advisories for PyPI",
    "PyPA's and GitHub's advisories, and malicious packages, of PyPI: affected versions and lists \
     of them.",
    "Packages that a distribution patched, for which its own feed speaks.",
    1,
    "PyPI",
    "CC-BY-4.0 AND Apache-2.0",
    "PyPA, GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    NPM,
    "osv-npm",
    "GitHub and malicious-package advisories for npm",
    "GitHub's advisories and malicious packages of npm.",
    "Node.js itself, which has a feed of its own; packages of private registries.",
    1,
    "npm",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    MAVEN,
    "osv-maven",
    "GitHub advisories for Maven",
    "GitHub's advisories for Maven packages, by group and artifact.",
    "Classes that were shaded into other jars, and what is only in other repositories.",
    1,
    "Maven",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    NUGET,
    "osv-nuget",
    "GitHub and malicious-package advisories for NuGet",
    "GitHub's advisories and malicious packages of NuGet.",
    "The .NET runtime where it was not installed as a package.",
    1,
    "NuGet",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    RUBYGEMS,
    "osv-rubygems",
    "GitHub and malicious-package advisories for RubyGems",
    "GitHub's advisories and malicious packages of RubyGems.",
    "Ruby itself, of which RubySec speaks.",
    1,
    "RubyGems",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    PACKAGIST,
    "osv-packagist",
    "GitHub advisories for Packagist",
    "GitHub's advisories for Composer packages.",
    "PHP itself, of which distributions and the NVD speak.",
    1,
    "Packagist",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    HEX,
    "osv-hex",
    "GitHub advisories for Hex",
    "GitHub's advisories for Erlang and Elixir packages.",
    "Erlang/OTP itself; there are only some dozens of records.",
    6,
    "Hex",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    PUB,
    "osv-pub",
    "GitHub advisories for Pub",
    "GitHub's advisories for Dart packages.",
    "Dart itself; there are only some dozens of records.",
    6,
    "Pub",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    SWIFT,
    "osv-swift",
    "GitHub advisories for Swift",
    "GitHub's advisories for Swift packages, by address.",
    "Swift itself; there are only some dozens of records.",
    6,
    "SwiftURL",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    BITNAMI,
    "osv-bitnami",
    "Bitnami vulnerability database",
    "Affected versions of the programs in Bitnami's images.",
    "Components below Bitnami's own packages; much of it is made from the NVD.",
    6,
    "Bitnami",
    "Apache-2.0",
    "Bitnami, by way of https://osv.dev/"
);

/// openEuler. Its records name source packages, and the CVEs as `upstream`.
pub(super) static OPENEULER: Osv = Osv {
    id: "osv-openeuler",
    title: "openEuler security advisories (OSV)",
    says: "openEuler's announcements with source packages and the versions that fix them.",
    is_silent_on: "Whatever is not fixed.",
    cadence_hours: 6,
    ecosystem: Some("openEuler"),
    licence: Licence {
        name: "no licence is stated",
        attribution: "the openEuler community, https://www.openeuler.org/en/security/",
        redistributable: false,
    },
};
ecosystem!(
    HACKAGE,
    "osv-hackage",
    "Haskell security advisories for Hackage",
    "The Haskell security response team's advisories for packages of Hackage.",
    "GHC itself; there are only some dozens of records.",
    24,
    "Hackage",
    "CC0-1.0",
    "Haskell security response team, by way of https://osv.dev/"
);
ecosystem!(
    CRAN,
    "osv-cran",
    "R Consortium advisories for CRAN",
    "The R Consortium's advisories for packages of CRAN.",
    "R itself; there are only some dozens of records.",
    24,
    "CRAN",
    "Apache-2.0",
    "R Consortium, by way of https://osv.dev/"
);
ecosystem!(
    BIOCONDUCTOR,
    "osv-bioconductor",
    "R Consortium advisories for Bioconductor",
    "The R Consortium's advisories for packages of Bioconductor.",
    "Almost everything: there are a handful of records.",
    24,
    "Bioconductor",
    "Apache-2.0",
    "R Consortium, by way of https://osv.dev/"
);
ecosystem!(
    JULIA,
    "osv-julia",
    "Julia security advisories",
    "Julia's advisories for packages, and the libraries that they bring along.",
    "Julia itself where it is no package.",
    24,
    "Julia",
    "CC-BY-4.0",
    "JuliaLang, by way of https://osv.dev/"
);

/// Records of the user's own: `osv-local/*.json` (one record or an array of them) and
/// `osv-local/*.zip` in a mirror, of any ecosystem.
pub(super) static LOCAL: Osv = Osv {
    id: "osv-local",
    title: "OSV records of your own",
    says: "What you wrote down yourself, for any ecosystem or distribution.",
    is_silent_on: "Everything else. It comes from a mirror of your own alone.",
    cadence_hours: 6,
    ecosystem: None,
    licence: Licence { name: "your own", attribution: "you", redistributable: false },
};

impl Feed for Osv {
    /// Whoever takes records of their own away means it.
    fn keeps_releases(&self) -> bool {
        self.id != "osv-local"
    }

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
        let Some(ecosystem) = self.ecosystem else {
            let local = |ending: &str| Source {
                name: format!("*.{ending}"),
                remote: Remote::MirrorOnly,
                mirror: vec![format!("osv-local/*.{ending}")],
                except: Vec::new(),
                newest_only: false,
                optional: true,
                size_bytes_max: SIZE_BYTES_MAX,
            };
            return vec![local("json"), local("zip")];
        };
        let folder = ecosystem.replace(' ', "%20");
        let folder = format!("https://osv-vulnerabilities.storage.googleapis.com/{folder}");
        let changing = Changing {
            archive: format!("{folder}/all.zip"),
            latest: None,
            folder: String::new(),
            changed: format!("{folder}/modified_id.csv"),
            deleted: None,
            documents: format!("{folder}/"),
            documents_max: 1_000,
            form: ListForm::Osv,
        };
        let zip = Source::file("all.zip", "", &[&format!("osv/{ecosystem}/all.zip")], SIZE_BYTES_MAX);
        // OSV makes a folder when the first record comes, and nobody promises that it stays.
        let optional = SMALL.contains(&ecosystem);
        vec![Source { remote: Remote::Changing(changing), optional, ..zip }]
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_record(part, out, &mut |json, name, out| {
            if let Some(record) = read(json, name, self.id, out) {
                store(self.id, &|it| self.ecosystem.is_none_or(|own| own == it), record, out);
            }
        })
    }
}

#[cfg(test)]
mod tests;
