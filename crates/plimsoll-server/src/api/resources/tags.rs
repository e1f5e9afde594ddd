//! Tags, and where they have pointed.

use plimsoll_store::TagName;

use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listTags",
        "/namespaces/{namespace}/repositories/{repository}/tags",
        Needs::Namespace(Permission::Read),
        "The tags of a repository, by name.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Tag>>()
    .refuses(&[Kind::NotFound]),
    delete(
        "deleteTag",
        "/namespaces/{namespace}/repositories/{repository}/tags/{tag}",
        Needs::Namespace(Permission::Push),
        "Deletes a tag; its artifact stays.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
    get(
        "getTagHistory",
        "/namespaces/{namespace}/repositories/{repository}/tags/{tag}/history",
        Needs::Namespace(Permission::Read),
        "Where a tag has pointed, newest first; also of a tag that is gone.",
        |api, call| Box::pin(history(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<TagMove>>()
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// A tag.
    struct Tag {
        /// Its name.
        name: String,
        /// The artifact it points at.
        digest: DigestText,
        /// Since when.
        moved_at: Time,
    }

    /// A step of a tag's history.
    struct TagMove {
        /// Where it went; nowhere where it was deleted.
        digest: Option<DigestText>,
        /// Who moved it.
        actor: String,
        /// When.
        moved_at: Time,
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "tags")?;
    let access = call.access::<Read>(api).await?;
    let found = api.store.tags(&access, &call.repository()?, paging.text(0), paging.fetch()).await?;
    Answer::page(&paging.cut(
        found,
        |last| vec![json!(last.name.as_str())],
        |it| Tag { name: it.name.to_string(), digest: DigestText(it.digest), moved_at: Time(it.moved_at) },
    ))
}

fn tag(call: &Call) -> Result<TagName, Problem> {
    TagName::parse(call.value("tag")).map_err(|_| Problem::not_found())
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Push>(api).await?;
    lies_here(api, access.namespace()).await?;
    api.store.delete_tag(&access, &call.repository()?, &tag(call)?, call.now).await?;
    Ok(Answer::nothing())
}

async fn history(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "tag history")?;
    let access = call.access::<Read>(api).await?;
    let (repository, tag) = (call.repository()?, tag(call)?);
    let found = api.store.tag_history(&access, &repository, &tag, paging.number(0), paging.fetch()).await?;
    if found.is_empty() && paging.is_first() {
        return Err(Problem::new(Kind::NotFound, "there never was such a tag"));
    }
    Answer::page(&paging.cut(
        found,
        |last| vec![json!(last.number)],
        |it| TagMove { digest: it.digest.map(DigestText), actor: it.actor, moved_at: Time(it.moved_at) },
    ))
}
