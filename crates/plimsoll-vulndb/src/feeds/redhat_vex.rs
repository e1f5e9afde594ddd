//! Red Hat's CSAF VEX: one document a CVE, which says of every product and package whether it is
//! affected, and where it is fixed.
//!
//! Two feeds of one format: the one of 2026 (`vex-feed/`), which names products by their minor
//! release, and the older one (`vex/`), which is on its way out.
//!
//! Every row has a channel: the short form of its product's CPE, `enterprise_linux:9::appstream`,
//! `rhel_eus:9.4::baseos`, `openshift:4.13::el8`. Realms are `rpm/redhat:9` by the release that
//! the product is for, `rpm/redhat` for products that say no release, and `oci/redhat` for whole
//! images: by the digest where one image is meant, else by the repository. Modules come from purls
//! and never from ids.
//!
//! Left out, since nothing could look it up: components that are neither packages nor images
//! (jars, Go modules, operating-system images), and whole products that a row without a package
//! speaks of; where such a product is affected, that is set aside.

mod document;
mod place;
mod products;
mod record;
mod rows;
mod said;
#[cfg(test)]
mod tests;

use super::shared::{Member, each_member, is_cve};
use crate::{Changing, Feed, FeedOutput, Licence, ListForm, Part, Remote, Source};

/// The archive has some 300 MB.
const SIZE_BYTES_MAX: u64 = 4 << 30;

/// A feed of VEX documents.
pub(super) struct RedHatVex {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    sources: fn() -> Vec<Source>,
}

/// The feed of 2026.
pub(super) static VEX: RedHatVex = RedHatVex {
    id: "redhat-vex",
    title: "Red Hat VEX",
    says: "For every CVE each product, package and container image of Red Hat: fixed in which version, \
     affected, will not be fixed, not affected; with Red Hat's severity and score.",
    is_silent_on: "Packages that Red Hat does not ship; the binary packages of what is not fixed are not named, \
     only their sources.",
    cadence_hours: 1,
    sources: || {
        let folder = "https://security.access.redhat.com/data/csaf/v2/vex-feed";
        let changing = Changing {
            archive: format!("{folder}/vex-archive.tar.zst"),
            latest: Some(format!("{folder}/archive_latest.txt")),
            folder: String::new(),
            changed: format!("{folder}/changes.csv"),
            deleted: Some(format!("{folder}/deletions.csv")),
            documents: format!("{folder}/"),
            documents_max: 1_000,
            form: ListForm::RedHat,
        };
        let mirror = [
            "redhat/vex-feed/*/cve-*.json",
            "redhat/csaf-vex-feed-2026/*/cve-*.json.gz",
            "redhat/vex-feed/vex-archive.tar.zst",
        ];
        vec![documents(Remote::Changing(changing), &mirror)]
    },
};

/// The older feed: only from mirrors, since the new feed says the same and more.
pub(super) static LEGACY: RedHatVex = RedHatVex {
    id: "redhat-vex-legacy",
    title: "Red Hat VEX, the older form",
    says: "The same as the feed of 2026, with products that do not name their minor release.",
    is_silent_on: "Minor releases; it is on its way out, and is read from mirrors alone.",
    cadence_hours: 24,
    sources: || {
        let mirror = [
            "redhat/vex/*/cve-*.json",
            "redhat/csaf-vex-v2/*/cve-*.json.gz",
            "redhat/vex/csaf_vex_*.tar.zst",
        ];
        vec![documents(Remote::MirrorOnly, &mirror)]
    },
};

/// Single documents or the archive of them, never both: documents are what an archive becomes
/// when its changes are applied.
fn documents(remote: Remote, mirror: &[&str]) -> Source {
    Source {
        // A year and a document in a mirror of single ones; an archive is one part of that name.
        name: "documents/*/*".to_owned(),
        remote,
        mirror: mirror.iter().map(|&path| path.to_owned()).collect(),
        except: Vec::new(),
        newest_only: false,
        optional: true,
        size_bytes_max: SIZE_BYTES_MAX,
    }
}

impl Feed for RedHatVex {
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
        Licence {
            name: "CC-BY-4.0",
            attribution: "Red Hat Product Security, https://security.access.redhat.com/data/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_member(part, &|path| path.ends_with(".json"), out, &mut |member, out| self.member(member, out))
    }
}

impl RedHatVex {
    fn member(&self, member: &Member<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = String::from_utf8_lossy(member.bytes);
        let document: document::Document<'_> =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|it| it.to_string())?;
        self.document(&document, member.place, out);
        Ok(())
    }

    fn document(&self, document: &document::Document<'_>, place: &str, out: &mut FeedOutput) {
        if let Some(date) = document.head.tracking.modified() {
            out.saw_date(date);
        }
        let products = products::Products::of(&document.product_tree);
        if document.vulnerabilities.is_empty() {
            out.records_read += 1;
            out.quarantine(place, "it is about no vulnerability");
        }
        for vulnerability in &document.vulnerabilities {
            out.records_read += 1;
            let id = vulnerability.cve.as_ref().map(|it| it.0.as_ref()).unwrap_or_default();
            if !is_cve(id) {
                out.quarantine(place, "its vulnerability has no CVE id");
                continue;
            }
            out.records_stored += 1;
            let record = record::record(document, vulnerability, id, out);
            if !record.withdrawn {
                rows::rows(self.id, vulnerability, id, &products, out);
            }
            out.records.push(record);
        }
    }
}
