//! Documents that others wrote: bills of materials in the place of images, VEX documents and
//! ignore files.

use std::io::Read;
use std::path::Path;

use plimsoll_core::{Digest, Escaped, Limits, Problem, ProblemKind, Subject, SubjectKind};
use plimsoll_ecosystems::sbom::{self, Document};
use plimsoll_engine::scan::Scan;
use plimsoll_engine::suppress::Suppressors;
use plimsoll_registry::{Attached, Label};
use plimsoll_report::read::{ignore, vex};

use crate::cli::shared::SuppressArgs;
use crate::outcome::Failure;

/// The largest document that is read.
const DOCUMENT_BYTES_MAX: u64 = 512 << 20;

/// What `sbom:`, `purl:` and `purls:` name; `None` where the text names an image.
pub fn scan(text: &str) -> Result<Option<Scan>, Failure> {
    match text.split_once(':') {
        Some(("sbom", file)) => sbom_of(&read(Path::new(file))?, file).map(Some),
        Some(("purls", file)) => {
            let bytes = read(Path::new(file))?;
            let list = std::str::from_utf8(&bytes).map_err(|_| unreadable(file, "it is no UTF-8 text"))?;
            purls_of(list, file).map(Some)
        }
        Some(("purl", purl)) => purls_of(purl, purl).map(Some),
        _ => Ok(None),
    }
}

/// The inventory of a document in memory.
pub fn sbom_of(bytes: &[u8], name: &str) -> Result<Scan, Failure> {
    sbom::read(bytes)
        .map(|document| of(document, name, SubjectKind::Sbom))
        .map_err(|error| unreadable(name, error))
}

fn purls_of(list: &str, name: &str) -> Result<Scan, Failure> {
    let document = sbom::read_purls(list);
    if document.packages.is_empty() {
        return Err(unreadable(name, "it has no package URL that can be read")
            .hint("a package URL is written pkg:TYPE/NAMESPACE/NAME@VERSION, say pkg:npm/lodash@4.17.20"));
    }
    Ok(of(document, name, SubjectKind::PackageUrls))
}

fn of(document: Document, name: &str, kind: SubjectKind) -> Scan {
    // An image that the document is about is what VEX statements are about, too.
    let name = document.name.clone().unwrap_or_else(|| name.to_owned());
    let subject = Subject { name, kind, digest: document.digest, media_type: None };
    Scan::of_inventory(subject, document.into_inventory())
}

/// What stands for the documents attached to the image, in place of a file. Trivy calls it so.
pub const ATTACHED: &str = "oci";

/// What the VEX documents and ignore files that were named say; those attached to an image are
/// had with [`with_attached`], once it is known.
pub fn suppressors(args: &SuppressArgs) -> Result<Suppressors, Failure> {
    let mut suppressors = Suppressors::default();
    for path in args.vex.iter().filter(|it| *it != Path::new(ATTACHED)) {
        let (bytes, name) = (read(path)?, path.display().to_string());
        let document = vex::read(&name, &bytes).map_err(|error| unreadable(&name, error))?;
        suppressors.vex(&bytes, document.statements, document.problems);
    }
    for path in &args.ignore_file {
        let (bytes, name) = (read(path)?, path.display().to_string());
        let file = ignore::read(&name, &bytes).map_err(|error| unreadable(&name, error))?;
        suppressors.rules(&bytes, file.rules, file.problems);
    }
    Ok(suppressors)
}

/// What was named, and, where that was asked for, what is attached to the images of a scan. That
/// nothing could be had of it is said in the report: without it there are only more findings.
pub fn with_attached(named: &Suppressors, args: &SuppressArgs, scan: &Scan) -> Suppressors {
    let mut suppressors = named.clone();
    if !args.vex.iter().any(|it| it == Path::new(ATTACHED)) {
        return suppressors;
    }
    let mut subjects: Vec<Digest> = scan.subject.digest.into_iter().collect();
    subjects.extend(scan.images.iter().filter_map(|it| it.digest));
    subjects.sort_unstable();
    subjects.dedup();
    let wants =
        |label: &Label<'_>| vex::may_be_vex(label.media_type, label.artifact_type, label.predicate_type);
    let note = |kind, what| Problem::new(kind, what).harmless();
    match scan.attachments.documents(&subjects, &wants, &Limits::standard()) {
        Ok(found) => {
            found.problems.into_iter().for_each(|it| suppressors.note(it));
            let count = found.documents.iter().filter(|it| take_attached(&mut suppressors, it)).count();
            suppressors.note(match count {
                0 => {
                    let what = "no VEX document attached to the image was found that can be used";
                    note(ProblemKind::Exception, what.to_owned())
                }
                count => note(
                    ProblemKind::Unsupported,
                    format!(
                        "{count} VEX documents attached to the image are believed; no signature is verified"
                    ),
                ),
            });
        }
        Err(error) => {
            let why = error.with_causes();
            suppressors.note(note(ProblemKind::Unsupported, format!("VEX attached to the image: {why}")));
        }
    }
    suppressors
}

/// Takes an attachment if it is a VEX document.
fn take_attached(suppressors: &mut Suppressors, attached: &Attached) -> bool {
    let name = format!("{ATTACHED}:{}", attached.manifest);
    match vex::read_attached(&name, &attached.bytes, &attached.subject) {
        Ok(Some(document)) => {
            let vex::VexDocument { statements, problems, .. } = document;
            suppressors.attached_vex(attached.subject, &attached.bytes, statements, problems);
            true
        }
        Ok(None) => false,
        Err(error) => {
            let what = format!("{name} is not used: {error}");
            suppressors.note(Problem::new(ProblemKind::Malformed, what).harmless());
            false
        }
    }
}

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let taken = if path == Path::new("-") {
        std::io::stdin().lock().take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    let name = path.display().to_string();
    let length = taken.map_err(|error| unreadable(&name, error))?;
    if u64::try_from(length).unwrap_or(u64::MAX) > DOCUMENT_BYTES_MAX {
        return Err(unreadable(&name, format!("it is larger than {DOCUMENT_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

fn unreadable(name: &str, why: impl std::fmt::Display) -> Failure {
    Failure::misuse(format!("{} cannot be read: {why}", Escaped(name)))
}
