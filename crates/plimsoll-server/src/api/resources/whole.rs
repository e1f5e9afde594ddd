//! The report of an index: those of its images put together. An image that has none is named as
//! what is missing; it is never taken for one without findings.

use plimsoll_core::{Problem as Missing, ProblemKind, Report, Subject, SubjectKind};
use plimsoll_store::{Access, Artifact, Child, Error, ManifestReference, ScanState};

use super::prelude::*;

/// So many images are put together.
const IMAGES_MAX: usize = 200;

/// What the images of an index come to; `None` where none of them has a report.
pub(super) async fn of_index(
    api: &Api,
    call: &Call,
    access: &Access<Read>,
    index: &Artifact,
) -> Result<Option<Report>, Problem> {
    let mut whole: Option<Report> = None;
    let mut problems = Vec::new();
    let children = api.store.children(access, index.id).await?;
    if children.len() > IMAGES_MAX {
        let what = format!("only the first {IMAGES_MAX} of {} images were looked at", children.len());
        problems.push(Missing::new(ProblemKind::Limit, what));
    }
    for child in children.iter().take(IMAGES_MAX) {
        match of_child(api, call, access, child).await? {
            Found::Report(report) => match &mut whole {
                Some(whole) => whole.images.extend(report.images.iter().cloned()),
                None => whole = Some(report.as_ref().clone()),
            },
            Found::NothingToScan => (),
            Found::Missing => {
                let name = child.platform.clone().unwrap_or_else(|| child.digest.to_string());
                let what = format!("the image of {name} has no result");
                problems.push(Missing::new(ProblemKind::Unsupported, what));
            }
        }
    }
    Ok(whole.map(|mut whole| {
        whole.subject = Subject {
            name: String::new(),
            kind: SubjectKind::Index,
            digest: Some(index.digest),
            media_type: Some(index.media_type.clone()),
        };
        whole.problems.extend(problems);
        whole
    }))
}

/// What is known of an image of an index.
enum Found {
    Report(std::sync::Arc<Report>),
    /// It is an attestation or the like.
    NothingToScan,
    Missing,
}

async fn of_child(api: &Api, call: &Call, access: &Access<Read>, child: &Child) -> Result<Found, Problem> {
    let reports = api.reports.as_ref().ok_or_else(|| Problem::not_available("reports"))?;
    let reference = ManifestReference::Digest(child.digest);
    let image = match api.store.artifact(access, &call.repository()?, &reference).await {
        Ok(image) => image,
        Err(Error::Unknown { .. }) => return Ok(Found::Missing),
        Err(error) => return Err(error.into()),
    };
    let found = reports.report(access, image.id).await.map_err(|it| Problem::internal(it.as_ref()))?;
    if let Some(report) = found {
        return Ok(Found::Report(report));
    }
    let row = api.store.artifact_row(access, image.id).await?;
    let is_scannable = row.is_none_or(|it| !matches!(it.state, ScanState::NotSupported));
    Ok(if is_scannable { Found::Missing } else { Found::NothingToScan })
}
