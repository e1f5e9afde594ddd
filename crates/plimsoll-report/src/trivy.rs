//! Trivy's JSON, schema version 2, for the programs that read it: Copa and many CI plug-ins.
//!
//! Trivy has no place for what could not be read, so this format is honest only together with
//! the exit status; prefer `json`. What is kept apart stands in `ExperimentalModifiedFindings`,
//! as what Trivy's own VEX suppresses does. Of one image there is at most one `os-pkgs` result,
//! because Copa refuses two.

mod results;
mod vocabulary;

use std::io;

use plimsoll_core::{ImageReport, Report, SubjectKind, Support};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::{Format, Style, documents, identity};

/// The row of Trivy's JSON.
pub(crate) struct Trivy;

impl Format for Trivy {
    fn name(&self) -> &'static str {
        "trivy"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        documents::write(document(report, style), out)
    }
}

fn document(report: &Report, style: &Style) -> Value {
    let artifact = Artifact::of(report);
    let many = report.images.len() > 1;
    let results: Vec<Value> =
        report.images.iter().flat_map(|image| results::of(image, &artifact, many, style)).collect();
    json!({
        "SchemaVersion": 2,
        "ReportID": identity::document("trivy", report, &style.tool_version),
        "CreatedAt": report.created.to_string(),
        "ArtifactID": report.subject.digest.map(|it| it.to_string()),
        "ArtifactName": artifact.name,
        "ArtifactType": match report.subject.kind {
            SubjectKind::Image | SubjectKind::Index | SubjectKind::NotSupported => "container_image",
            SubjectKind::RootFileSystem => "filesystem",
            // Trivy tells the formats of documents apart; Plimsoll reads them all alike.
            SubjectKind::Sbom | SubjectKind::PackageUrls => "cyclonedx",
        },
        "Metadata": metadata(report, &artifact),
        "Results": results,
    })
}

/// Of the first image, because Trivy knows no others.
fn metadata(report: &Report, artifact: &Artifact) -> Value {
    let Some(image) = report.images.first() else { return json!({}) };
    let diff_ids: Vec<String> = image.layers.iter().map(|it| it.diff_id.to_string()).collect();
    let sizes: Option<Vec<u64>> = image.layers.iter().map(|it| it.size_bytes).collect();
    let size = sizes
        .filter(|it| !it.is_empty())
        .map(|it| it.iter().fold(0_u64, |sum, one| sum.saturating_add(*one)));
    let layers = image.layers.iter().map(|it| {
        json!({
            "Size": it.size_bytes,
            "Digest": it.digest.map(|digest| digest.to_string()),
            "DiffID": it.diff_id.to_string(),
        })
    });
    json!({
        "Size": size,
        "OS": operating_system(image),
        "ImageID": image.config_digest.map(|it| it.to_string()),
        "DiffIDs": documents::unless_empty(diff_ids.iter().map(|it| json!(it)).collect()),
        "RepoTags": artifact.tag().map(|it| [it]),
        "RepoDigests": artifact.repository_digest().map(|it| [it]),
        "Reference": artifact.reference.as_ref().map(ToString::to_string),
        "ImageConfig": image_config(image, &diff_ids),
        "Layers": documents::unless_empty(layers.collect()),
    })
}

fn operating_system(image: &ImageReport) -> Value {
    let Some(distro) = &image.distro else { return Value::Null };
    let mut os = json!({ "Family": vocabulary::family(&distro.id), "Name": distro.version_id });
    if image.support == Support::Ended {
        os["EOSL"] = json!(true);
    }
    os
}

/// As much of the image's configuration as a report has. Copa takes the architecture from here.
fn image_config(image: &ImageReport, diff_ids: &[String]) -> Value {
    let Some(platform) = &image.platform else { return Value::Null };
    json!({
        "architecture": platform.architecture,
        "os": platform.os,
        "variant": platform.variant,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "config": {},
    })
}

#[cfg(test)]
mod tests;
