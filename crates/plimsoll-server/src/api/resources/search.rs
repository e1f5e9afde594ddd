//! One search over everything that whoever calls may read.

use super::artifacts::{ArtifactListed, filter, listed, page};
use super::namespaces::Namespace;
use super::prelude::*;
use super::repositories::{Repository, shown};

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "search",
        "/search",
        Needs::Somebody,
        "Namespaces, repositories and artifacts with a text in their names, some of each.",
        |api, call| Box::pin(search(api, call)),
    )
    .query(&[&[text("q", "The text: a part of a name, or the beginning of a digest.")]])
    .gives::<Found>(),
    get(
        "listAllArtifacts",
        "/artifacts",
        Needs::Somebody,
        "The artifacts of all namespaces that whoever calls may read.",
        |api, call| Box::pin(artifacts(api, call)),
    )
    .query(&[PAGE, super::artifacts::FILTERS])
    .gives::<Page<ArtifactListed>>(),
];

wire! {
    /// What was found.
    struct Found {
        /// Namespaces, at most ten.
        namespaces: Vec<Namespace>,
        /// Repositories, at most twenty.
        repositories: Vec<Repository>,
        /// Artifacts whose digests begin so, at most twenty.
        artifacts: Vec<ArtifactListed>,
    }
}

const NAMESPACES_MAX: u32 = 10;
const OTHERS_MAX: u32 = 20;

async fn search(api: &Api, call: &Call) -> Answered {
    let wanted = call.parameter("q").filter(|it| !it.is_empty());
    let wanted = wanted.ok_or_else(|| Problem::invalid("q", "say what to look for"))?.to_lowercase();
    let visible = api.authoriser.visible(&call.caller).await?;
    let namespaces = api.store.visible_namespaces(&visible, &wanted, None, NAMESPACES_MAX).await?;
    let repositories = api.store.visible_repositories(&visible, &wanted, OTHERS_MAX).await?;
    let artifacts = api.store.artifacts_by_digest(&visible, &wanted, OTHERS_MAX).await?;
    Answer::json(&Found {
        namespaces: namespaces.into_iter().map(super::namespaces::shown).collect(),
        repositories: repositories.into_iter().map(shown).collect(),
        artifacts: artifacts.into_iter().map(listed).collect(),
    })
}

async fn artifacts(api: &Api, call: &Call) -> Answered {
    let (paging, page) = page(call)?;
    let filter = filter(call)?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let rows = api.store.visible_artifact_rows(&visible, &filter, page).await?;
    Answer::page(&paging.cut(rows, |last| vec![json!(last.key(page.order)), json!(last.id.number())], listed))
}
