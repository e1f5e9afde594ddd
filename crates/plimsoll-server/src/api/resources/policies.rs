//! The policy of a namespace, and what another one would have done.

use plimsoll_store::NamespaceSettings;

use super::prelude::*;

const ONE: &str = "/namespaces/{namespace}/policy";

pub(in super::super) const ROUTES: &[Route] = &[
    get("getPolicy", ONE, Needs::Namespace(Permission::Read), "The policy of a namespace.", |api, call| {
        Box::pin(show(api, call))
    })
    .gives::<PolicyDocument>()
    .refuses(&[Kind::NotFound]),
    put(
        "changePolicy",
        ONE,
        Needs::Namespace(Permission::Configure),
        "Gives a namespace another policy.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<PolicyDocument>()
    .gives::<PolicyDocument>()
    .refuses(&[Kind::NotAvailable]),
    delete(
        "deletePolicy",
        ONE,
        Needs::Namespace(Permission::Configure),
        "Takes a namespace its own policy.",
        |api, call| Box::pin(remove(api, call)),
    ),
    post(
        "previewPolicy",
        "/namespaces/{namespace}/policy/preview",
        Needs::Namespace(Permission::Read),
        "What a policy would have done to the pulls of the last days.",
        |api, call| Box::pin(preview(api, call)),
    )
    .takes::<PreviewRequest>()
    .question()
    .gives::<Value>()
    .refuses(&[Kind::NotAvailable]),
];

wire! {
    /// A policy. Its fields are described in the manual, `docs/policy.md`.
    struct PolicyDocument {
        /// The policy; fields that are left out have their usual values.
        policy: Value,
    }

    /// A policy to be tried out.
    struct PreviewRequest {
        /// The policy.
        policy: Value,
        /// Over the pulls of so many days, at most 90.
        days: u32,
    }
}

/// Pulls are kept for no longer.
const DAYS_MAX: u32 = 90;

async fn show(api: &Api, call: &Call) -> Answered {
    let namespace = api.store.namespace(&call.access(api).await?).await?;
    let Some(text) = namespace.settings.policy else {
        return Err(Problem::new(Kind::NotFound, "the namespace has no policy of its own"));
    };
    let policy = serde_json::from_str(&text).map_err(|error| Problem::internal(&error))?;
    Answer::json(&PolicyDocument { policy })
}

async fn change(api: &Api, call: &Call) -> Answered {
    let body: PolicyDocument = call.json()?;
    let judge = api.judge.as_ref().ok_or_else(|| Problem::not_available("policies"))?;
    let policy = judge.check(&body.policy).map_err(|why| Problem::invalid("/policy", why))?;
    set(api, call, Some(policy.to_string())).await?;
    Answer::json(&PolicyDocument { policy })
}

async fn remove(api: &Api, call: &Call) -> Answered {
    set(api, call, None).await?;
    Ok(Answer::nothing())
}

async fn set(api: &Api, call: &Call, policy: Option<String>) -> Result<(), Problem> {
    let access = call.access::<Configure>(api).await?;
    let read = api.authoriser.system::<Read>().within(access.namespace());
    let before = api.store.namespace(&read).await?;
    let settings = NamespaceSettings { policy, ..before.settings };
    api.store.change_namespace(&access, &settings).await?;
    if let Some(judge) = &api.judge {
        judge.changed(Some(access.namespace()));
    }
    Ok(())
}

async fn preview(api: &Api, call: &Call) -> Answered {
    let body: PreviewRequest = call.json()?;
    if !(1..=DAYS_MAX).contains(&body.days) {
        return Err(Problem::invalid("/days", format!("1 to {DAYS_MAX}")));
    }
    let judge = api.judge.as_ref().ok_or_else(|| Problem::not_available("policies"))?;
    let access = call.access::<Read>(api).await?;
    let policy = judge.check(&body.policy).map_err(|why| Problem::invalid("/policy", why))?;
    let found = judge.preview(access.namespace(), &policy, body.days).await;
    Answer::json(&found.map_err(|why| Problem::internal(&std::io::Error::other(why)))?)
}
