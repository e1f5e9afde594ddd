//! Databases whose own publication has OSV records in another layout than OSV's zips: GitHub's
//! repository, Go's `vulndb.zip`, PyPA's YAML files.
//!
//! Most of what they say stands in OSV's zips, too. They are read all the same because they are
//! the origin: they work where OSV cannot be reached, and are ahead of it by hours. What both say
//! alike is kept once (`build/rows.rs`).

mod pypa;

use super::osv::{each_record_in, read, store};
use super::shared::each_file;
use crate::{Changing, Feed, FeedOutput, Licence, ListForm, Part, Remote, Source};

/// GitHub's whole repository has some 300 MB as `tar.gz`.
const SIZE_BYTES_MAX: u64 = 2 << 30;

/// A publication of OSV records.
pub(super) struct Tree {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    licence: Licence,
    sources: fn() -> Vec<Source>,
    /// Which of an archive's files are records.
    wanted: fn(&str) -> bool,
    /// Which ecosystems' packages are taken.
    takes: fn(&str) -> bool,
    /// How the records are written.
    form: Form,
}

enum Form {
    Json,
    Yaml,
}

/// GitHub's reviewed advisories, `advisories/github-reviewed/2024/01/GHSA-…/GHSA-….json`. The
/// unreviewed ones are copies of NVD's that name no package. Mirrors only: the repository is large,
/// and OSV's zips have the same records with a list of what changed.
pub(super) static GHSA: Tree = Tree {
    id: "ghsa",
    title: "GitHub Advisory Database (repository)",
    says: "GitHub's reviewed advisories as they lie in its repository.",
    is_silent_on: "Advisories that nobody reviewed, which are copies of the NVD and name no package. Read from \
     mirrors alone: OSV's archives have the same.",
    cadence_hours: 24,
    licence: Licence { name: "CC-BY-4.0", attribution: "GitHub Advisory Database", redistributable: true },
    sources: || {
        vec![optional(Source {
            remote: Remote::MirrorOnly,
            newest_only: true,
            ..Source::file("advisories", "", &["ghsa/advisory-database*"], SIZE_BYTES_MAX)
        })]
    },
    wanted: |path| !path.contains("/unreviewed/"),
    // Actions run on GitHub's machines and are in no image.
    takes: |ecosystem| ecosystem != "GitHub Actions",
    form: Form::Json,
};

/// Go's own database. `index/*.json` are lists of what stands in `ID/*.json`.
pub(super) static GO_VULNDB: Tree = Tree {
    id: "go-vulndb",
    title: "Go vulnerability database",
    says: "Which versions of Go's modules and standard library are affected, and which functions.",
    is_silent_on: "Modules that nobody reported; reports that wait for a review say little more than versions.",
    cadence_hours: 1,
    licence: Licence {
        name: "CC-BY-4.0",
        attribution: "The Go authors, https://vuln.go.dev/",
        redistributable: true,
    },
    sources: || {
        let folder = "https://vuln.go.dev";
        let changing = Changing {
            archive: format!("{folder}/vulndb.zip"),
            latest: None,
            folder: String::new(),
            changed: format!("{folder}/index/vulns.json"),
            deleted: None,
            documents: format!("{folder}/"),
            documents_max: 1_000,
            form: ListForm::Go,
        };
        let zip = Source::file("vulndb.zip", "", &["go-vulndb/vulndb.zip"], SIZE_BYTES_MAX);
        let zip = Source { remote: Remote::Changing(changing), ..zip };
        let single = Source {
            remote: Remote::MirrorOnly,
            ..Source::file("ID/*.json", "", &["go-vulndb/ID/*.json"], SIZE_BYTES_MAX)
        };
        vec![optional(zip), optional(single)]
    },
    wanted: |path| !path.starts_with("index/") && !path.contains("/index/"),
    takes: |ecosystem| ecosystem == "Go",
    form: Form::Json,
};

/// PyPA's own database, `vulns/<package>/PYSEC-….yaml`.
pub(super) static PYPA: Tree = Tree {
    id: "pypa",
    title: "PyPA advisory database (repository)",
    says: "Affected versions of packages of PyPI, as the packaging authority records them.",
    is_silent_on: "Malicious packages, and what only GitHub has.",
    cadence_hours: 6,
    licence: Licence { name: "CC-BY-4.0", attribution: "Python Packaging Authority", redistributable: true },
    sources: || {
        let url = "https://github.com/pypa/advisory-database/archive/refs/heads/main.tar.gz";
        let archive = Source::file("vulns", url, &["pypa/advisory-database*"], SIZE_BYTES_MAX);
        vec![optional(Source { newest_only: true, ..archive })]
    },
    wanted: |path| path.contains("vulns/") && path.ends_with(".yaml"),
    takes: |ecosystem| ecosystem == "PyPI",
    form: Form::Yaml,
};

/// OSV's zips say the same, so that an update may go on without.
fn optional(source: Source) -> Source {
    Source { optional: true, ..source }
}

impl Feed for Tree {
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
        (self.sources)()
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        match self.form {
            Form::Json => each_record_in(part, &self.wanted, out, &mut |json, name, out| {
                self.record(json, name, out);
            }),
            Form::Yaml => each_file(part, &self.wanted, out, &mut |path, bytes, out| {
                self.record(&pypa::as_json(bytes)?, path, out);
                Ok(())
            }),
        }
    }
}

impl Tree {
    fn record(&self, json: &str, name: &str, out: &mut FeedOutput) {
        if let Some(record) = read(json, name, self.id, out) {
            store(self.id, &self.takes, record, out);
        }
    }
}

#[cfg(test)]
mod tests;
