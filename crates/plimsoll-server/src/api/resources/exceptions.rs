//! Exceptions: of a namespace and of the whole instance; one by one, or a pasted list of ids.

use plimsoll_core::Timestamp;
use plimsoll_store::{Exception as Stored, ExceptionId, NewException};

use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listExceptions",
        "/namespaces/{namespace}/exceptions",
        Needs::Namespace(Permission::Read),
        "The exceptions that hold in a namespace: its own and those for every one, oldest first.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Exception>>(),
    post(
        "createExceptions",
        "/namespaces/{namespace}/exceptions",
        Needs::Namespace(Permission::Configure),
        "Makes exceptions for a namespace: one for each id.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<NewExceptions>()
    .gives::<ExceptionsMade>()
    .with_status(201),
    delete(
        "deleteException",
        "/namespaces/{namespace}/exceptions/{exception}",
        Needs::Namespace(Permission::Configure),
        "Ends an exception of a namespace.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    get(
        "listInstanceExceptions",
        "/exceptions",
        Needs::Instance(Permission::Read),
        "The exceptions for every namespace, oldest first.",
        |api, call| Box::pin(list_everywhere(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Exception>>(),
    post(
        "createInstanceExceptions",
        "/exceptions",
        Needs::Instance(Permission::Configure),
        "Makes exceptions for every namespace: one for each id.",
        |api, call| Box::pin(create_everywhere(api, call)),
    )
    .takes::<NewExceptions>()
    .gives::<ExceptionsMade>()
    .with_status(201),
    delete(
        "deleteInstanceException",
        "/exceptions/{exception}",
        Needs::Instance(Permission::Configure),
        "Ends an exception for every namespace.",
        |api, call| Box::pin(remove_everywhere(api, call)),
    )
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// An exception.
    struct Exception {
        /// Its number.
        id: i64,
        /// Whether it is for every namespace.
        everywhere: bool,
        /// The vulnerability's id, or a glob of ids.
        vulnerability: String,
        /// The package as a package URL; any, if none is named.
        package: Option<String>,
        /// A glob of repositories inside of the namespace; any, if none is named.
        repository: Option<String>,
        /// A glob of tags; any, if none is named.
        tags: Option<String>,
        /// A glob of files; any, if none is named.
        paths: Option<String>,
        /// Why.
        reason: String,
        /// On whose word.
        author: String,
        /// Since when.
        created_at: Time,
        /// When it ends.
        expires_at: Option<Time>,
        /// Whether it is over.
        expired: bool,
        /// When it last matched a finding; one that never did may have a slip in it.
        matched_at: Option<Time>,
    }

    /// Exceptions to be made, which have all but their ids in common.
    struct NewExceptions {
        /// The ids of vulnerabilities, or globs of ids; one entry may be a pasted list, with commas or line feeds between the ids.
        vulnerabilities: Vec<String>,
        /// The package as a package URL.
        package: Option<String>,
        /// A glob of repositories inside of the namespace.
        repository: Option<String>,
        /// A glob of tags.
        tags: Option<String>,
        /// A glob of files.
        paths: Option<String>,
        /// Why. Never empty.
        reason: String,
        /// When they end.
        expires_at: Option<Time>,
    }

    /// Exceptions that were made.
    struct ExceptionsMade {
        /// Their numbers, in the order of the ids.
        ids: Vec<i64>,
    }
}

/// The most ids of one request, and the most characters of one text.
const IDS_MAX: usize = 1_000;
const TEXT_CHARACTERS_MAX: usize = 1_024;
const ID_CHARACTERS_MAX: usize = 128;

pub(super) fn shown(exception: Stored, now: Timestamp) -> Exception {
    Exception {
        id: exception.id.number(),
        everywhere: exception.namespace.is_none(),
        expired: exception.expires_at.is_some_and(|it| it <= now),
        vulnerability: exception.vulnerability,
        package: exception.package,
        repository: exception.repository,
        tags: exception.tags,
        paths: exception.paths,
        matched_at: exception.matched_at.map(Time),
        reason: exception.reason,
        author: exception.author,
        created_at: Time(exception.created_at),
        expires_at: exception.expires_at.map(Time),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "exceptions")?;
    let access = call.access::<Read>(api).await?;
    let after = paging.number(0).map(ExceptionId::from_number);
    let found = api.store.exceptions(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], |it| shown(it, call.now)))
}

async fn list_everywhere(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "exceptions everywhere")?;
    let access = call.instance::<Read>(api).await?;
    let after = paging.number(0).map(ExceptionId::from_number);
    let found = api.store.exceptions_everywhere(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], |it| shown(it, call.now)))
}

/// Exceptions that can be meant.
struct Wanted {
    ids: Vec<String>,
    body: NewExceptions,
}

impl Wanted {
    fn of(call: &Call) -> Result<Wanted, Problem> {
        let body: NewExceptions = call.json()?;
        let ids = ids(&body.vulnerabilities)?;
        if body.reason.trim().is_empty() {
            return Err(Problem::invalid("/reason", "say why"));
        }
        let texts = [
            ("/reason", Some(&body.reason)),
            ("/package", body.package.as_ref()),
            ("/repository", body.repository.as_ref()),
            ("/tags", body.tags.as_ref()),
            ("/paths", body.paths.as_ref()),
        ];
        for (pointer, text) in texts {
            if text.is_some_and(|it| it.chars().count() > TEXT_CHARACTERS_MAX) {
                return Err(Problem::invalid(pointer, format!("at most {TEXT_CHARACTERS_MAX} characters")));
            }
        }
        if body.expires_at.is_some_and(|it| it.0 <= call.now) {
            return Err(Problem::invalid("/expires_at", "that is over"));
        }
        Ok(Wanted { ids, body })
    }

    fn each(&self) -> impl Iterator<Item = NewException<'_>> {
        self.ids.iter().map(|id| NewException {
            vulnerability: id,
            package: self.body.package.as_deref(),
            repository: self.body.repository.as_deref(),
            tags: self.body.tags.as_deref(),
            paths: self.body.paths.as_deref(),
            reason: &self.body.reason,
            expires_at: self.body.expires_at.map(|it| it.0),
        })
    }
}

/// The ids of a list, each once, in its order.
fn ids(pasted: &[String]) -> Result<Vec<String>, Problem> {
    let mut ids: Vec<String> = Vec::new();
    let each = pasted.iter().flat_map(|it| it.split([',', ';', '\n', '\r', '\t', ' ']));
    for id in each.map(str::trim).filter(|it| !it.is_empty()) {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/*?".contains(&byte);
        if id.len() > ID_CHARACTERS_MAX || !id.bytes().all(legal) {
            return Err(Problem::invalid(
                "/vulnerabilities",
                "an id, such as CVE-2024-3094, or a glob of ids",
            ));
        }
        if !ids.iter().any(|it| it == id) {
            ids.push(id.to_owned());
        }
        if ids.len() > IDS_MAX {
            return Err(Problem::invalid("/vulnerabilities", format!("at most {IDS_MAX} ids at once")));
        }
    }
    if ids.is_empty() {
        return Err(Problem::invalid("/vulnerabilities", "name one at least"));
    }
    Ok(ids)
}

async fn create(api: &Api, call: &Call) -> Answered {
    let wanted = Wanted::of(call)?;
    let access = call.access::<Configure>(api).await?;
    let mut made = Vec::new();
    for exception in wanted.each() {
        made.push(api.store.create_exception(&access, &exception, call.now).await?.number());
    }
    if let Some(judge) = &api.judge {
        judge.changed(Some(access.namespace()));
    }
    Answer::created(
        &format!("/namespaces/{}/exceptions", call.value("namespace")),
        &ExceptionsMade { ids: made },
    )
}

async fn create_everywhere(api: &Api, call: &Call) -> Answered {
    let wanted = Wanted::of(call)?;
    let access = call.instance::<Configure>(api).await?;
    let mut made = Vec::new();
    for exception in wanted.each() {
        made.push(api.store.create_exception_everywhere(&access, &exception, call.now).await?.number());
    }
    if let Some(judge) = &api.judge {
        judge.changed(None);
    }
    Answer::created("/exceptions", &ExceptionsMade { ids: made })
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Configure>(api).await?;
    api.store.delete_exception(&access, ExceptionId::from_number(call.id("exception")?)).await?;
    if let Some(judge) = &api.judge {
        judge.changed(Some(access.namespace()));
    }
    Ok(Answer::nothing())
}

async fn remove_everywhere(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    api.store.delete_exception_everywhere(&access, ExceptionId::from_number(call.id("exception")?)).await?;
    if let Some(judge) = &api.judge {
        judge.changed(None);
    }
    Ok(Answer::nothing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_taken_apart() {
        let pasted = ["CVE-2024-1, CVE-2024-2,,\nCVE-2024-1 GHSA-*".to_owned()];
        assert_eq!(ids(&pasted).unwrap(), ["CVE-2024-1", "CVE-2024-2", "GHSA-*"]);
        assert!(ids(&[]).is_err());
        assert!(ids(&["a<b".to_owned()]).is_err());
        let many: Vec<String> = (0..=IDS_MAX).map(|it| format!("CVE-{it}")).collect();
        assert!(ids(&many).is_err());
    }
}
