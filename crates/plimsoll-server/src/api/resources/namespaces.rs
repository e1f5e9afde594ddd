//! Namespaces and their settings.

use plimsoll_store::{Namespace as Stored, NamespaceName, NamespaceSettings as Settings, RefusalForm};

use super::prelude::*;
use crate::scanning::{OURS, engine};

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listNamespaces",
        "/namespaces",
        Needs::Somebody,
        "The namespaces that whoever calls may read, by name.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, &[text("q", "Those whose names have this text in them.")]])
    .gives::<Page<Namespace>>(),
    post(
        "createNamespace",
        "/namespaces",
        Needs::Instance(Permission::Administer),
        "Makes a namespace.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<NewNamespace>()
    .gives::<Namespace>()
    .with_status(201)
    .refuses(&[Kind::Exists]),
    get(
        "getNamespace",
        "/namespaces/{namespace}",
        Needs::Namespace(Permission::Read),
        "One namespace.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<Namespace>(),
    put(
        "changeNamespace",
        "/namespaces/{namespace}",
        Needs::Namespace(Permission::Configure),
        "Replaces the settings of a namespace. Its policy has an address of its own.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<NamespaceSettings>()
    .gives::<Namespace>(),
    delete(
        "deleteNamespace",
        "/namespaces/{namespace}",
        Needs::Instance(Permission::Administer),
        "Deletes a namespace that has no repository any more, with its robots and tokens.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
    get(
        "getNamespaceSummary",
        "/namespaces/{namespace}/summary",
        Needs::Namespace(Permission::Read),
        "What is in a namespace, counted.",
        |api, call| Box::pin(summary(api, call)),
    )
    .gives::<NamespaceSummary>(),
];

words! {
    /// How a refused pull is answered.
    enum RefusalWord {
        /// 403 with the error `DENIED`, whose reason clients show.
        Denied = "denied",
        /// 412 with the error `PROJECTPOLICYVIOLATION`, as Harbor does.
        Harbor = "harbor",
    }
}

wire! {
    /// A namespace.
    struct Namespace {
        /// Its name.
        name: String,
        /// Whether everybody may read and pull.
        public: bool,
        /// Whether what is pushed is scanned without asking.
        auto_scan: bool,
        /// How a refused pull is answered.
        refusal: RefusalWord,
        /// The most bytes it may hold; as many as there is room where there is none.
        quota_bytes: Option<u64>,
        /// How many bytes it holds: each blob once, and its manifests.
        used_bytes: u64,
        /// Which engine judges its images, by its id.
        engine: String,
        /// Whether it has a policy of its own.
        has_policy: bool,
        /// When it was made.
        created_at: Time,
        /// The registry that has its images; nothing where they lie here.
        source_host: Option<String>,
    }

    /// A namespace to be made.
    struct NewNamespace {
        /// Its name: lower-case letters and digits, between them `.`, `_`, `__` or hyphens.
        name: String,
        /// Whether everybody may read and pull; no, unless said.
        public: Option<bool>,
        /// Whether what is pushed is scanned without asking; yes, unless said.
        auto_scan: Option<bool>,
        /// How a refused pull is answered; `denied`, unless said.
        refusal: Option<RefusalWord>,
        /// The most bytes it may hold.
        quota_bytes: Option<u64>,
        /// Which engine judges its images; `plimsoll`, unless said.
        engine: Option<String>,
    }

    /// All settings of a namespace.
    struct NamespaceSettings {
        /// Whether everybody may read and pull.
        public: bool,
        /// Whether what is pushed is scanned without asking.
        auto_scan: bool,
        /// How a refused pull is answered.
        refusal: RefusalWord,
        /// The most bytes it may hold; less than it holds stops pushes and deletes nothing.
        quota_bytes: Option<u64>,
        /// Which engine judges its images; the one that does, unless said.
        engine: Option<String>,
    }

    /// What is in a namespace.
    struct NamespaceSummary {
        /// Its repositories.
        repositories: u64,
        /// Its artifacts.
        artifacts: u64,
        /// Those with a result.
        scanned: u64,
        /// Those with a critical finding.
        critical: u64,
        /// Those with a high finding and no critical one.
        high: u64,
        /// Those that are denied.
        denied: u64,
    }
}

impl From<RefusalForm> for RefusalWord {
    fn from(form: RefusalForm) -> RefusalWord {
        match form {
            RefusalForm::Denied => RefusalWord::Denied,
            RefusalForm::Harbor => RefusalWord::Harbor,
        }
    }
}

impl From<RefusalWord> for RefusalForm {
    fn from(word: RefusalWord) -> RefusalForm {
        match word {
            RefusalWord::Denied => RefusalForm::Denied,
            RefusalWord::Harbor => RefusalForm::Harbor,
        }
    }
}

pub(super) fn shown(namespace: Stored) -> Namespace {
    let Stored { name, settings, used_bytes, created_at, source_host, .. } = namespace;
    Namespace {
        name: name.to_string(),
        public: settings.public,
        auto_scan: settings.auto_scan,
        refusal: settings.refusal.into(),
        quota_bytes: settings.quota_bytes,
        used_bytes,
        engine: settings.engine,
        has_policy: settings.policy.is_some(),
        created_at: Time(created_at),
        source_host,
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "namespaces")?;
    let after = paging.text(0).and_then(|it| NamespaceName::parse(it).ok());
    let visible = api.authoriser.visible(&call.caller).await?;
    let containing = call.parameter("q").unwrap_or_default().to_lowercase();
    let found = api.store.visible_namespaces(&visible, &containing, after.as_ref(), paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.name.as_str())], shown))
}

async fn create(api: &Api, call: &Call) -> Answered {
    let body: NewNamespace = call.json()?;
    let name = NamespaceName::parse(&body.name).map_err(|why| Problem::invalid("/name", why.to_string()))?;
    let settings = Settings {
        public: body.public.unwrap_or(false),
        auto_scan: body.auto_scan.unwrap_or(true),
        policy: None,
        refusal: body.refusal.unwrap_or(RefusalWord::Denied).into(),
        quota_bytes: body.quota_bytes,
        engine: known_engine(body.engine)?.unwrap_or_else(|| OURS.id.to_owned()),
    };
    let access = call.instance::<Administer>(api).await?;
    let id = api.store.create_namespace(&access, &name, &settings, call.now).await?;
    let made = api.store.namespace(&api.authoriser.system::<Read>().within(id)).await?;
    Answer::created(&format!("/namespaces/{name}"), &shown(made))
}

/// An id that is in the table, where one is given.
fn known_engine(id: Option<String>) -> Result<Option<String>, Problem> {
    id.map(|id| engine(&id).map(|it| it.id.to_owned()).map_err(|why| Problem::invalid("/engine", why)))
        .transpose()
}

async fn show(api: &Api, call: &Call) -> Answered {
    Answer::json(&shown(api.store.namespace(&call.access(api).await?).await?))
}

async fn change(api: &Api, call: &Call) -> Answered {
    let body: NamespaceSettings = call.json()?;
    let access = call.access::<Configure>(api).await?;
    let read = api.authoriser.system::<Read>().within(access.namespace());
    let before = api.store.namespace(&read).await?;
    let settings = Settings {
        public: body.public,
        auto_scan: body.auto_scan,
        policy: before.settings.policy,
        refusal: body.refusal.into(),
        quota_bytes: body.quota_bytes,
        engine: known_engine(body.engine)?.unwrap_or(before.settings.engine),
    };
    api.store.change_namespace(&access, &settings).await?;
    api.look();
    Answer::json(&shown(api.store.namespace(&read).await?))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Administer>(api).await?;
    api.store.delete_namespace(&access, &call.namespace()?).await?;
    Ok(Answer::nothing())
}

async fn summary(api: &Api, call: &Call) -> Answered {
    let found = api.store.namespace_summary(&call.access(api).await?).await?;
    Answer::json(&NamespaceSummary {
        repositories: found.repositories,
        artifacts: found.artifacts,
        scanned: found.scanned,
        critical: found.critical,
        high: found.high,
        denied: found.denied,
    })
}
