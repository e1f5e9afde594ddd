//! Documents that are attached to images: OCI referrers, and what came before them.
//!
//! Knows how attachments are kept and how large they may be, not what they say: the caller
//! decides by their labels which are fetched, and reads them. Nothing is fetched unasked, and
//! no signature is verified here.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use plimsoll_core::{Digest, Limits, Problem, ProblemKind};
use plimsoll_image::manifest::{Descriptor, Document, Manifest, parse_document};

use crate::resolve::Store;
use crate::{Error, ErrorKind};

/// Images whose attachments are asked for; an index of more platforms is none that people build.
const SUBJECTS_MAX: usize = 64;

/// Manifests that are looked into. Each costs a request.
const MANIFESTS_MAX: usize = 100;

/// Documents that are fetched.
const DOCUMENTS_MAX: usize = 50;

/// The largest document. The largest VEX documents of vendors have a few megabytes.
const DOCUMENT_BYTES_MAX: u64 = 16 << 20;

/// All documents together.
const TOTAL_BYTES_MAX: u64 = 64 << 20;

/// Where attestations say what they attest: cosign, BuildKit, sigstore's bundles.
const PREDICATE_KEYS: [&str; 3] =
    ["predicateType", "in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType"];

/// What is said of a document before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// Its media type.
    pub media_type: &'a str,
    /// The type of the artifact that it is a part of.
    pub artifact_type: Option<&'a str>,
    /// What it attests, if it says that it is an attestation.
    pub predicate_type: Option<&'a str>,
}

/// A document that is attached to an image.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The manifest that it is attached to.
    pub subject: Digest,
    /// The manifest that attaches it.
    pub manifest: Digest,
    /// The document.
    pub bytes: Vec<u8>,
}

/// What was found at an image.
#[derive(Debug, Default)]
pub struct Found {
    /// The documents, in the order of the store.
    pub documents: Vec<Attached>,
    /// What could not be fetched. Hides nothing.
    pub problems: Vec<Problem>,
}

/// A store that can be asked for what is attached to its images.
pub(crate) trait Referrers: Store + Send + Sync {
    /// The manifests attached to this one; what cannot be listed is a problem or an error.
    fn referrers(
        &self,
        subject: &Digest,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Descriptor>, Error>;
}

/// What is attached to the images of a location, for those who ask.
#[derive(Clone)]
pub struct Attachments(Option<Arc<dyn Referrers>>);

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Attachments" } else { "Attachments(none)" })
    }
}

impl Attachments {
    /// Of what keeps no attachments: an archive of `docker save`, a folder, a document.
    pub fn none() -> Attachments {
        Attachments(None)
    }

    pub(crate) fn of(store: Arc<dyn Referrers>) -> Attachments {
        Attachments(Some(store))
    }

    /// Fetches the documents that are attached to these manifests and wanted by their label.
    /// A limit that is reached, or one that cannot be had, is a problem that hides nothing.
    pub fn documents(
        &self,
        subjects: &[Digest],
        wants: &dyn Fn(&Label<'_>) -> bool,
        limits: &Limits,
    ) -> Result<Found, Error> {
        let Some(store) = &self.0 else {
            let what = "only registries and OCI layouts keep documents that are attached to images";
            return Err(Error::new(ErrorKind::NotSupported, what));
        };
        let mut collector = Collector {
            store: &**store,
            wants,
            limits,
            seen: HashSet::new(),
            left_bytes: TOTAL_BYTES_MAX,
            is_full: false,
            found: Found::default(),
        };
        if subjects.len() > SUBJECTS_MAX {
            let what = format!("only {SUBJECTS_MAX} images are asked for what is attached to them");
            collector.problem(ProblemKind::Limit, what);
        }
        for subject in subjects.iter().take(SUBJECTS_MAX) {
            collector.of_subject(subject);
        }
        Ok(collector.found)
    }
}

struct Collector<'a> {
    store: &'a dyn Referrers,
    wants: &'a dyn Fn(&Label<'_>) -> bool,
    limits: &'a Limits,
    /// The manifests that were looked into.
    seen: HashSet<(Digest, Digest)>,
    left_bytes: u64,
    /// Whether a limit of all documents together was reached.
    is_full: bool,
    found: Found,
}

impl Collector<'_> {
    fn problem(&mut self, kind: ProblemKind, what: String) {
        self.found.problems.push(Problem::new(kind, what).harmless());
    }

    fn failed(&mut self, error: &Error) {
        self.found.problems.push(error.to_problem().harmless());
    }

    fn of_subject(&mut self, subject: &Digest) {
        let listed = self.store.referrers(subject, self.limits, &mut self.found.problems);
        let entries = match listed {
            Ok(entries) => entries,
            Err(error) => return self.failed(&error.of(&format!("what is attached to {subject}"))),
        };
        for entry in entries {
            let is_wanted = announced_type(&entry).is_none_or(|kind| {
                (self.wants)(&Label {
                    media_type: kind,
                    artifact_type: Some(kind),
                    predicate_type: predicate_type(&entry),
                })
            });
            if self.is_full {
                return;
            }
            if !is_wanted || self.seen.contains(&(*subject, entry.digest)) {
                continue;
            }
            if self.seen.len() >= MANIFESTS_MAX {
                let what = format!("more is attached to {subject} than the {MANIFESTS_MAX} that are read");
                return self.problem(ProblemKind::Limit, what);
            }
            self.seen.insert((*subject, entry.digest));
            match self.manifest(subject, &entry) {
                Ok(manifest) => self.of_manifest(subject, &entry, &manifest),
                Err(error) => self.failed(&error.of(&format!("what is attached to {subject}"))),
            }
        }
    }

    fn manifest(&self, subject: &Digest, entry: &Descriptor) -> Result<Manifest, Error> {
        let bytes = self.store.manifest(entry, self.limits)?;
        let name = format!("manifest {}", entry.digest);
        let hint = Some(entry.media_type.as_str()).filter(|it| !it.is_empty());
        let document =
            parse_document(&bytes, hint, self.limits).map_err(|error| Error::manifest(&name, &error))?;
        match document {
            Document::Index(_) => Err(Error::malformed(format!("{name} is an index, not an attachment"))),
            Document::Manifest(manifest) => match &manifest.subject {
                Some(own) if own.digest != *subject => {
                    let own = own.digest;
                    Err(Error::malformed(format!("{name} says that it is attached to {own}")))
                }
                _ => Ok(*manifest),
            },
        }
    }

    fn of_manifest(&mut self, subject: &Digest, entry: &Descriptor, manifest: &Manifest) {
        let artifact_type = manifest.artifact_type.as_deref().or(announced_type(entry));
        for layer in &manifest.layers {
            let predicate_type = predicate_type(layer).or(predicate_type(entry));
            if !(self.wants)(&Label { media_type: &layer.media_type, artifact_type, predicate_type }) {
                continue;
            }
            let size_bytes = layer.size_bytes;
            if self.found.documents.len() >= DOCUMENTS_MAX || size_bytes > self.left_bytes {
                let what = format!(
                    "more is attached to {subject} than the {DOCUMENTS_MAX} documents of {TOTAL_BYTES_MAX} \
                     bytes together that are read"
                );
                self.is_full = true;
                return self.problem(ProblemKind::Limit, what);
            }
            match self.store.blob("document", layer, DOCUMENT_BYTES_MAX) {
                Ok(bytes) => {
                    self.left_bytes = self.left_bytes.saturating_sub(size_bytes);
                    let document = Attached { subject: *subject, manifest: entry.digest, bytes };
                    self.found.documents.push(document);
                }
                Err(error) => self.failed(&error.of(&format!("what is attached to {subject}"))),
            }
        }
    }
}

/// The tag under which attachments are kept where nothing better is there (OCI distribution
/// specification, "Referrers Tag Schema"). cosign appends `.att` for attestations.
pub(crate) fn fallback_tag(subject: &Digest) -> String {
    format!("{}-{}", subject.algorithm().name(), subject.hex())
}

/// The type of an artifact, where the list of referrers says one. The types of OCI's own
/// configurations stand there for artifacts that have no type.
fn announced_type(entry: &Descriptor) -> Option<&str> {
    entry.artifact_type.as_deref().filter(|it| !it.starts_with("application/vnd.oci."))
}

fn predicate_type(descriptor: &Descriptor) -> Option<&str> {
    PREDICATE_KEYS.iter().find_map(|key| descriptor.annotations.get(*key)).map(String::as_str)
}
