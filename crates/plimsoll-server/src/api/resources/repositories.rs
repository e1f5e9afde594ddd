//! Repositories: made by the first push, and deleted here.

use plimsoll_store::ListedRepository;

use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listRepositories",
        "/namespaces/{namespace}/repositories",
        Needs::Namespace(Permission::Read),
        "The repositories of a namespace, by name.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, &[text("q", "Those whose names have this text in them.")]])
    .gives::<Page<Repository>>(),
    get(
        "getRepository",
        "/namespaces/{namespace}/repositories/{repository}",
        Needs::Namespace(Permission::Read),
        "One repository. Slashes of its name are written `%2F`.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<Repository>()
    .refuses(&[Kind::NotFound]),
    delete(
        "deleteRepository",
        "/namespaces/{namespace}/repositories/{repository}",
        Needs::Namespace(Permission::Push),
        "Deletes a repository with all that is in it.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
];

wire! {
    /// A repository.
    struct Repository {
        /// Its namespace.
        namespace: String,
        /// Its name inside of the namespace.
        name: String,
        /// How many artifacts it has.
        artifacts: u64,
        /// How many tags it has.
        tags: u64,
        /// When something last came.
        pushed_at: Option<Time>,
        /// When it was made.
        created_at: Time,
    }
}

pub(super) fn shown(repository: ListedRepository) -> Repository {
    Repository {
        namespace: repository.namespace,
        name: repository.name.to_string(),
        artifacts: repository.artifacts,
        tags: repository.tags,
        pushed_at: repository.pushed_at.map(Time),
        created_at: Time(repository.created_at),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "repositories")?;
    let access = call.access::<Read>(api).await?;
    let containing = call.parameter("q").unwrap_or_default();
    let found = api.store.listed_repositories(&access, containing, paging.text(0), paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.name.as_str())], shown))
}

async fn show(api: &Api, call: &Call) -> Answered {
    let name = call.repository()?;
    let found = api.store.listed_repository(&call.access::<Read>(api).await?, &name).await?;
    Answer::json(&shown(found))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Push>(api).await?;
    lies_here(api, access.namespace()).await?;
    api.store.delete_repository(&access, &call.repository()?, call.now).await?;
    Ok(Answer::nothing())
}
