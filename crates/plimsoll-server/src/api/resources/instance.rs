//! What runs here.

use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get("getInstance", "/instance", Needs::Somebody, "The program and its parts.", |api, call| {
        Box::pin(show(api, call))
    })
    .gives::<Instance>(),
    get(
        "getSignIn",
        "/sign-in",
        Needs::Nobody,
        "By which ways one signs in here: what the console asks before anybody is known.",
        |api, call| Box::pin(sign_in(api, call)),
    )
    .gives::<SignInWays>(),
    get(
        "getQueue",
        "/instance/queue",
        Needs::Instance(Permission::Read),
        "How many jobs there are of each kind and state.",
        |api, call| Box::pin(queue(api, call)),
    )
    .gives::<Vec<JobCount>>(),
];

wire! {
    /// What runs here.
    struct Instance {
        /// The name of the program.
        name: String,
        /// Its version.
        version: String,
        /// Its time now.
        time: Time,
        /// Which parts it has: `database`, `policies`, `scanning`, `webhooks`.
        parts: Vec<String>,
        /// The forms in which reports can be had.
        report_formats: Vec<String>,
    }

    /// By which ways one signs in.
    struct SignInWays {
        /// Whether by name and password, at `POST /session`.
        password: bool,
        /// Those that sign people in elsewhere.
        providers: Vec<SignInProvider>,
    }

    /// Somebody who signs people in.
    struct SignInProvider {
        /// By which it is told from others.
        name: String,
        /// What people call it.
        title: String,
        /// Where a browser begins, below this server's address.
        address: String,
    }

    /// Jobs of one kind and state.
    struct JobCount {
        /// The kind: `scan`.
        kind: String,
        /// The state: `waiting`, `queued`, `running`, `done`, `failed`, `stopped`.
        state: String,
        /// How many.
        count: u64,
    }
}

async fn show(api: &Api, call: &Call) -> Answered {
    let parts = [
        ("database", api.database.is_some()),
        ("policies", api.judge.is_some()),
        ("scanning", api.scans.is_some()),
        ("webhooks", api.webhooks.is_some()),
    ];
    Answer::json(&Instance {
        name: "plimsoll".to_owned(),
        version: api.options.version.clone(),
        time: Time(call.now),
        parts: parts.iter().filter(|it| it.1).map(|it| it.0.to_owned()).collect(),
        report_formats: super::reports::formats().map(|it| it.name().to_owned()).collect(),
    })
}

async fn sign_in(api: &Api, _call: &Call) -> Answered {
    let shown = api.options.providers.iter().map(|it| SignInProvider {
        name: it.name.clone(),
        title: it.title.clone(),
        address: it.address.clone(),
    });
    Answer::json(&SignInWays { password: true, providers: shown.collect() })
}

async fn queue(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Read>(api).await?;
    drop(access);
    let counts = api.store.job_counts(&api.authoriser.system()).await?;
    let counts: Vec<JobCount> = counts
        .into_iter()
        .map(|(kind, state, count)| JobCount { kind, state: state.name().to_owned(), count })
        .collect();
    Answer::json(&counts)
}
