//! Refused pulls: who was refused what, when, how often and why.
//!
//! Who may read a namespace learns what was refused; who it was only who may set its rules, and
//! everybody of themselves: what people pull is theirs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_core::Timestamp;
use plimsoll_store::{NamespaceName, Refused};

use super::prelude::*;

pub(super) const DAYS: Parameter = Parameter {
    name: "days",
    about: "Those of so many days, today among them; 30, unless said.",
    schema: |_| json!({ "type": "integer", "minimum": 1, "maximum": DAYS_MAX, "default": DAYS_USUAL }),
};

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listRefusedPulls",
        "/refused-pulls",
        Needs::Somebody,
        "The pulls that were refused in all namespaces that whoever calls may read; one entry for each day, account and image, newest first.",
        |api, call| Box::pin(everywhere(api, call)),
    )
    .query(&[PAGE, &[DAYS]])
    .gives::<Page<RefusedPull>>(),
    get(
        "listNamespaceRefusedPulls",
        "/namespaces/{namespace}/refused-pulls",
        Needs::Namespace(Permission::Read),
        "The pulls that were refused in a namespace; one entry for each day, account and image, newest first.",
        |api, call| Box::pin(of_namespace(api, call)),
    )
    .query(&[PAGE, &[DAYS]])
    .gives::<Page<RefusedPull>>(),
];

wire! {
    /// Pulls of one image that one account was refused on one day.
    struct RefusedPull {
        /// Its number.
        id: i64,
        /// The namespace.
        namespace: String,
        /// The repository inside of the namespace.
        repository: String,
        /// The image.
        digest: DigestText,
        /// Who, as the registry knows them; none for somebody who had not signed in.
        account: Option<String>,
        /// Whether there is an account that whoever calls may not see.
        account_hidden: bool,
        /// What they were told the last time.
        why: String,
        /// How often.
        count: u64,
        /// When the first time that day.
        first_at: Time,
        /// When the last time.
        last_at: Time,
    }
}

/// What was counted is kept for longer than anybody asks.
const DAYS_MAX: i64 = 365;
const DAYS_USUAL: i64 = 30;
const DAY_SECONDS: i64 = 86_400;

/// Since when, by the days that are asked for.
pub(super) fn since(call: &Call) -> Result<Timestamp, Problem> {
    let days = call.number("days")?.unwrap_or(DAYS_USUAL);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("days", format!("1 to {DAYS_MAX}")));
    }
    Ok(Timestamp(call.now.0 - (days - 1) * DAY_SECONDS))
}

/// Who may see who it was, by namespace.
struct Eyes<'a> {
    api: &'a Api,
    call: &'a Call,
    known: BTreeMap<String, bool>,
}

impl Eyes<'_> {
    async fn shown(&mut self, it: Refused) -> Result<RefusedPull, Problem> {
        let own = it.account.as_deref() == Some(self.call.caller.actor().as_str());
        let sees = own || self.sees(&it.namespace).await?;
        Ok(RefusedPull {
            id: it.number,
            repository: it.repository,
            digest: DigestText(it.digest),
            account_hidden: !sees && it.account.is_some(),
            account: it.account.filter(|_| sees),
            why: it.why,
            count: it.count,
            first_at: Time(it.first_at),
            last_at: Time(it.last_at),
            namespace: it.namespace,
        })
    }

    async fn sees(&mut self, namespace: &str) -> Result<bool, Problem> {
        match self.known.entry(namespace.to_owned()) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(unknown) => {
                let name = NamespaceName::parse(namespace).map_err(|error| Problem::internal(&error))?;
                let permissions = self.api.authoriser.permissions(&self.call.caller, &name).await?;
                let may = permissions.contains(Permission::Configure);
                Ok(*unknown.insert(may || permissions.contains(Permission::Administer)))
            }
        }
    }
}

async fn everywhere(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "refused pulls")?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let found =
        api.store.visible_refused_pulls(&visible, since(call)?, paging.number(0), paging.fetch()).await?;
    answered(api, call, &paging, found).await
}

async fn of_namespace(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "refused pulls of a namespace")?;
    let access = call.access::<Read>(api).await?;
    let found = api.store.refused_pulls(&access, since(call)?, paging.number(0), paging.fetch()).await?;
    answered(api, call, &paging, found).await
}

async fn answered(api: &Api, call: &Call, paging: &Paging, found: Vec<Refused>) -> Answered {
    let page = paging.cut(found, |last| vec![json!(last.number)], |it| it);
    let mut eyes = Eyes { api, call, known: BTreeMap::new() };
    let mut items = Vec::with_capacity(page.items.len());
    for it in page.items {
        items.push(eyes.shown(it).await?);
    }
    Answer::page(&Page { items, next: page.next })
}
