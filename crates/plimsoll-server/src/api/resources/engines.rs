//! The engines that a namespace may be judged by.

use super::prelude::*;
use crate::scanning::ENGINES;

pub(in super::super) const ROUTES: &[Route] = &[get(
    "listEngines",
    "/engines",
    Needs::Somebody,
    "What may judge the images of a namespace, by the ids that its setting `engine` takes.",
    |api, call| Box::pin(list(api, call)),
)
.gives::<Vec<EngineListed>>()];

wire! {
    /// What judges images.
    struct EngineListed {
        /// By which a namespace names it.
        id: String,
        /// What people call it.
        name: String,
        /// Its version.
        version: String,
        /// What it is, in a sentence.
        what: String,
        /// Whether it can be used here and now.
        usable: bool,
        /// Why it cannot, in a sentence.
        trouble: Option<String>,
    }
}

async fn list(api: &Api, _call: &Call) -> Answered {
    let trouble = trouble(api).await;
    let shown = ENGINES.iter().map(|it| EngineListed {
        id: it.id.to_owned(),
        name: it.name.to_owned(),
        version: api.options.version.clone(),
        what: it.what.to_owned(),
        usable: trouble.is_none(),
        trouble: trouble.map(str::to_owned),
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

/// What is in the way of our own engine.
async fn trouble(api: &Api) -> Option<&'static str> {
    let Some(database) = api.database.as_ref().filter(|_| api.scans.is_some()) else {
        return Some("this instance does not scan");
    };
    let is_present = database.status().await["present"].as_bool().unwrap_or(false);
    (!is_present).then_some("there is no vulnerability database yet")
}
