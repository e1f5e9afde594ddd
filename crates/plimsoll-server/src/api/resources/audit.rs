//! The audit log: who did what, and what was refused.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_store::{AuditEntry, AuditFilter, NamespaceId};

use super::prelude::*;

const FILTERS: &[Parameter] = &[
    text("q", "Lines with this text in whom, what, about what, from which address or what else is known."),
    text("actor", "Lines of whom this text names: `anna`, `robot/ci`."),
    text("action", "Lines of actions with this text in their names: `pull`, `delete`."),
    word::<bool>("allowed", "Lines of what was allowed, or refused."),
    word::<Time>("since", "Lines from this time on."),
    word::<Time>("until", "Lines from before this time."),
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listAuditLog",
        "/audit",
        Needs::Instance(Permission::Administer),
        "The log of the whole instance, newest first.",
        |api, call| Box::pin(everywhere(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<AuditLine>>(),
    get(
        "listNamespaceAuditLog",
        "/namespaces/{namespace}/audit",
        Needs::Namespace(Permission::Administer),
        "The log of a namespace, newest first.",
        |api, call| Box::pin(of_namespace(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<AuditLine>>(),
];

wire! {
    /// A line of the audit log.
    struct AuditLine {
        /// Its number.
        id: i64,
        /// When.
        at: Time,
        /// Who: `user/anna`, `robot/ci`, `system`.
        actor: String,
        /// What, by the name of the route or of what the registry did.
        action: String,
        /// Where; none for a namespace that is gone as well.
        namespace: Option<String>,
        /// To what.
        target: String,
        /// Whether it was allowed.
        allowed: bool,
        /// From which network address.
        address: Option<String>,
        /// What else is worth knowing.
        detail: Option<String>,
    }
}

fn shown(entry: AuditEntry, namespace: Option<String>) -> AuditLine {
    AuditLine {
        id: entry.number,
        at: Time(entry.at),
        actor: entry.actor,
        action: entry.action,
        namespace,
        target: entry.target,
        allowed: entry.allowed,
        address: entry.address,
        detail: entry.detail,
    }
}

fn filter(call: &Call) -> Result<AuditFilter<'_>, Problem> {
    Ok(AuditFilter {
        actor: call.parameter("actor"),
        action: call.parameter("action"),
        containing: call.parameter("q"),
        is_allowed: call.flag("allowed")?,
        since: call.time("since")?,
        until: call.time("until")?,
    })
}

async fn everywhere(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "audit")?;
    let access = call.instance::<Administer>(api).await?;
    let found = api.store.audit_log(&access, &filter(call)?, paging.number(0), paging.fetch()).await?;
    let mut names: BTreeMap<i64, Option<String>> = BTreeMap::new();
    for id in found.iter().filter_map(|it| it.namespace).map(NamespaceId::number) {
        if let Entry::Vacant(unknown) = names.entry(id) {
            let name = api.store.namespace_name(&access, NamespaceId::from_number(id)).await?;
            unknown.insert(name.map(|it| it.to_string()));
        }
    }
    let name = |entry: &AuditEntry| names.get(&entry.namespace?.number()).cloned().flatten();
    Answer::page(&paging.cut(
        found,
        |last| vec![json!(last.number)],
        |it| {
            let namespace = name(&it);
            shown(it, namespace)
        },
    ))
}

async fn of_namespace(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "audit of a namespace")?;
    let access = call.access::<Administer>(api).await?;
    let found =
        api.store.namespace_audit_log(&access, &filter(call)?, paging.number(0), paging.fetch()).await?;
    let name = call.value("namespace");
    Answer::page(&paging.cut(found, |last| vec![json!(last.number)], |it| shown(it, Some(name.to_owned()))))
}
