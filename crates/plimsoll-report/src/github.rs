//! GitHub's dependency snapshot: what is in the image, for the dependency graph and its alerts.
//!
//! Source: docs.github.com, REST API, "Dependency submission". A manifest for each image. The
//! commit is the caller's to know; without one the fields are empty, and GitHub refuses the
//! snapshot rather than file it under a wrong commit.

use std::io;

use plimsoll_core::{ImageReport, Report};
use serde_json::{Map, Value, json};

use crate::artifact::Artifact;
use crate::markup::relative_reference;
use crate::union::Union;
use crate::{Commit, Format, Style, documents, identity, is_complete, words};

/// The row of GitHub's dependency snapshot.
pub(crate) struct GitHub;

impl Format for GitHub {
    fn name(&self) -> &'static str {
        "github"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let artifact = Artifact::of(report);
        let mut manifests = Map::new();
        for (index, image) in report.images.iter().enumerate() {
            let (name, manifest) = manifest(index, image, &artifact, report);
            manifests.insert(name, manifest);
        }
        documents::write(document(report, style, &manifests), out)
    }
}

fn document(report: &Report, style: &Style, manifests: &Map<String, Value>) -> Value {
    let none = Commit::default();
    let commit = style.commit.as_ref().unwrap_or(&none);
    let correlator = match commit.correlator.as_str() {
        "" => format!("plimsoll {}", Artifact::of(report).plain_name),
        correlator => correlator.to_owned(),
    };
    let job_id = match commit.job_id.as_str() {
        "" => identity::document("github", report, &style.tool_version),
        id => id.to_owned(),
    };
    json!({
        "version": 0,
        "sha": commit.sha,
        "ref": commit.reference,
        "job": { "id": job_id, "correlator": correlator, "html_url": commit.job_url },
        "detector": {
            "name": "plimsoll",
            "version": style.tool_version,
            "url": "https://plimsoll.invalid/",
        },
        "metadata": {
            "complete": is_complete(report),
            "incomplete_because": words::incomplete(report),
        },
        "scanned": report.created.to_string(),
        "manifests": manifests,
    })
}

fn manifest(index: usize, image: &ImageReport, artifact: &Artifact, report: &Report) -> (String, Value) {
    let union = Union::of(std::slice::from_ref(image));
    let mut resolved = Map::new();
    for package in &union.packages {
        let layer = package.layer.map(|it| it.info.diff_id.to_string());
        let entry = json!({
            "package_url": package.purl,
            "relationship": "direct",
            "scope": "runtime",
            "metadata": {
                "path": words::path(&package.installed.origin.path),
                "layer": layer,
                "extractor": package.installed.origin.extractor,
            },
        });
        resolved.entry(package.purl.to_string()).or_insert(entry);
    }
    let mut name = artifact.name.clone();
    if report.images.len() > 1 {
        let platform = image.platform.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
        name = format!("{name} ({platform})");
    }
    let manifest = json!({
        "name": name,
        "file": { "source_location": relative_reference(artifact.plain_name.as_bytes()) },
        "metadata": {
            "digest": image.digest.map(|it| it.to_string()),
            "distro": image.distro.as_ref().map(|it| format!("{} {}", it.id, it.version_id)),
            "complete": image.is_complete(),
        },
        "resolved": resolved,
    });
    (name, manifest)
}

#[cfg(test)]
mod tests;
