//! What happens: live, and what new databases changed.

use plimsoll_store::{Event as Stored, NamespaceName};

use super::super::live;
use super::artifacts::SeverityWord;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listEvents",
        "/events",
        Needs::Somebody,
        "What new databases changed for artifacts that whoever calls may read, oldest first: who asks again with the number of the last one as `after` misses none.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, &[AFTER]])
    .gives::<Page<Event>>(),
    get(
        "listNamespaceEvents",
        "/namespaces/{namespace}/events",
        Needs::Namespace(Permission::Read),
        "What new databases changed for artifacts of a namespace, oldest first.",
        |api, call| Box::pin(of_namespace(api, call)),
    )
    .query(&[PAGE, &[AFTER]])
    .gives::<Page<Event>>(),
    get(
        "streamEvents",
        "/events/stream",
        Needs::Somebody,
        "Live state as server-sent events: of scans, artifacts, verdicts and the database, as far as whoever calls may read. Nothing is repeated: after `missed`, or after another connection, read the lists again.",
        |api, call| Box::pin(stream(api, call)),
    )
    .query(&[&[text("namespace", "Of this namespace alone.")]])
    .gives_other("text/event-stream")
    .refuses(&[Kind::NotFound]),
];

const AFTER: Parameter = Parameter {
    name: "after",
    about: "Those behind the event of this number.",
    schema: |_| json!({ "type": "integer", "format": "int64", "minimum": 0 }),
};

words! {
    /// What happened to a finding.
    enum EventWord {
        /// It was not found before.
        Appeared = "appeared",
        /// It is no longer found.
        Gone = "gone",
        /// It is of another severity.
        SeverityChanged = "severity_changed",
        /// There was no fix before.
        FixAvailable = "fix_available",
    }
}

wire! {
    /// Something that a new database changed.
    struct Event {
        /// Its number.
        id: i64,
        /// What happened.
        kind: EventWord,
        /// The vulnerability.
        vulnerability: String,
        /// The package that it is in.
        purl: String,
        /// How severe it was.
        severity_before: Option<SeverityWord>,
        /// How severe it is.
        severity: Option<SeverityWord>,
        /// Whether something can be done.
        fixable: bool,
        /// When.
        at: Time,
    }
}

pub(super) fn shown(event: Stored) -> Event {
    use plimsoll_store::EventKind;
    Event {
        id: event.number,
        kind: match event.kind {
            EventKind::Appeared => EventWord::Appeared,
            EventKind::Gone => EventWord::Gone,
            EventKind::SeverityChanged => EventWord::SeverityChanged,
            EventKind::FixAvailable => EventWord::FixAvailable,
        },
        vulnerability: event.vulnerability,
        purl: event.purl,
        severity_before: event.before.map(SeverityWord::from),
        severity: event.after.map(SeverityWord::from),
        fixable: event.fixable,
        at: Time(event.at),
    }
}

/// Behind which event a page begins: the cursor's, or else the one that is named.
fn after(call: &Call, paging: &Paging) -> Result<Option<i64>, Problem> {
    match paging.number(0) {
        Some(number) => Ok(Some(number)),
        None => Ok(call.number("after")?.filter(|it| *it >= 0)),
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "events")?;
    let after = after(call, &paging)?;
    let found = match api.authoriser.instance::<Read>(&call.caller).await {
        Ok(access) => api.store.events(&access, after, paging.fetch()).await?,
        Err(_) => {
            let visible = api.authoriser.visible(&call.caller).await?;
            api.store.visible_events(&visible, after, paging.fetch()).await?
        }
    };
    Answer::page(&paging.cut(found, |last| vec![json!(last.number)], shown))
}

async fn of_namespace(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "events of a namespace")?;
    let after = after(call, &paging)?;
    let access = call.access::<Read>(api).await?;
    let found = api.store.events_in(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.number)], shown))
}

async fn stream(api: &Api, call: &Call) -> Answered {
    let only = match call.parameter("namespace") {
        None => None,
        Some(name) => {
            let name = NamespaceName::parse(name).map_err(|_| Problem::not_found())?;
            api.authoriser.namespace::<Read>(&call.caller, &name).await?;
            Some(name)
        }
    };
    live::stream_to(api, call.caller.clone(), only)
}
