//! Registries of others, and the namespaces whose images lie in one of them.

use plimsoll_registry::RegistryKind;
use plimsoll_store::{
    Looked, NamespaceId, OtherRegistry, OtherRegistryId, OtherRegistrySettings, RegistryPassword,
    Scan as MayScan, Source as StoredSource, SourceSettings,
};

use super::prelude::*;
use crate::registries::{Registries, check_host};

const ALL: &str = "/registries";
const ONE: &str = "/registries/{registry}";
const SOURCE: &str = "/namespaces/{namespace}/source";

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listRegistries",
        ALL,
        Needs::Instance(Permission::Configure),
        "The registries of others that are known here, by name.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Registry>>(),
    post(
        "createRegistry",
        ALL,
        Needs::Instance(Permission::Configure),
        "Makes a registry of others known. Nothing is asked of it yet.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<RegistrySet>()
    .gives::<Registry>()
    .with_status(201)
    .refuses(&[Kind::Exists]),
    put(
        "changeRegistry",
        ONE,
        Needs::Instance(Permission::Configure),
        "Replaces how a registry of others is reached. A password that is left out stays, for the same \
         account at the same host.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<RegistrySet>()
    .gives::<Registry>()
    .refuses(&[Kind::NotFound, Kind::Exists]),
    delete(
        "deleteRegistry",
        ONE,
        Needs::Instance(Permission::Configure),
        "Forgets a registry of others in which no namespace has its images.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
    post(
        "checkRegistry",
        "/registries/{registry}/check",
        Needs::Instance(Permission::Configure),
        "Asks a registry of others whether it answers and takes the login, and what it is.",
        |api, call| Box::pin(check(api, call)),
    )
    .gives::<RegistryCheck>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listRegistryRepositories",
        "/registries/{registry}/repositories",
        Needs::Instance(Permission::Configure),
        "The repositories of a registry of others, as far as it tells; at most 1000.",
        |api, call| Box::pin(repositories(api, call)),
    )
    .gives::<RegistryRepositories>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "getSource",
        SOURCE,
        Needs::Namespace(Permission::Configure),
        "Where the images of a namespace lie, and how the last look there went; nothing where they lie here.",
        |api, call| Box::pin(show_source(api, call)),
    )
    .gives::<Source>()
    .refuses(&[Kind::NotFound]),
    put(
        "setSource",
        SOURCE,
        Needs::Instance(Permission::Configure),
        "Says that the images of a namespace lie in a registry of others: they are listed, scanned and \
         judged, and copied nowhere. A namespace with images of its own keeps them.",
        |api, call| Box::pin(set_source(api, call)),
    )
    .takes::<SourceSet>()
    .gives::<Source>()
    .refuses(&[Kind::NotFound, Kind::InUse]),
    delete(
        "deleteSource",
        SOURCE,
        Needs::Instance(Permission::Configure),
        "Forgets what is listed in a namespace. From then on its images lie here.",
        |api, call| Box::pin(remove_source(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse, Kind::NotAvailable]),
    post(
        "syncSource",
        "/namespaces/{namespace}/source/sync",
        Needs::Namespace(Permission::Configure),
        "Has it looked as soon as possible what lies in the registry of a namespace.",
        |api, call| Box::pin(sync(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
];

words! {
    /// What a registry is, as far as it tells.
    enum RegistryWord {
        /// Harbor.
        Harbor = "harbor",
        /// JFrog Artifactory.
        Jfrog = "jfrog",
        /// Quay.
        Quay = "quay",
        /// Another Plimsoll.
        Plimsoll = "plimsoll",
        /// Distribution, or something else that speaks like it.
        Distribution = "distribution",
    }
}

wire! {
    /// A registry of others.
    struct Registry {
        /// Its number.
        id: i64,
        /// What it is called here.
        name: String,
        /// Its host, perhaps with a port.
        host: String,
        /// The account by which it is asked; nobody's, if none is named.
        username: Option<String>,
        /// Whether plain HTTP will do, and certificates that nobody vouches for.
        insecure: bool,
        /// What it turned out to be.
        kind: Option<RegistryWord>,
        /// When it was last asked how it is.
        checked_at: Option<Time>,
        /// What was wrong then.
        problem: Option<String>,
        /// How many namespaces have their images there.
        namespaces: u64,
        /// On whose word.
        author: String,
        /// Since when.
        created_at: Time,
    }

    /// How a registry of others is reached.
    struct RegistrySet {
        /// What it is to be called here.
        name: String,
        /// Its host, perhaps with a port: `registry.example`, `10.0.0.7:5000`.
        host: String,
        /// The account by which it is asked; nobody's, unless said.
        username: Option<String>,
        /// The account's password or token.
        password: Option<String>,
        /// Whether plain HTTP will do, and certificates that nobody vouches for; no, unless said.
        insecure: Option<bool>,
    }

    /// How a registry was found.
    struct RegistryCheck {
        /// What it is.
        kind: Option<RegistryWord>,
        /// What is wrong; nothing, if it answers and takes the login.
        problem: Option<String>,
    }

    /// The repositories of a registry.
    struct RegistryRepositories {
        /// Their names.
        items: Vec<String>,
        /// Whether there are more.
        is_cut: bool,
        /// Why they cannot be told.
        problem: Option<String>,
    }

    /// Where the images of a namespace lie.
    struct Source {
        /// In which registry.
        registry: i64,
        /// What that is called here.
        registry_name: String,
        /// Its host.
        host: String,
        /// Which repositories are listed: globs, `*` for what has no slash in it, `**` for anything.
        repositories: Vec<String>,
        /// Which tags, likewise.
        tags: Vec<String>,
        /// How often it is looked what is there.
        every_minutes: u64,
        /// When it was last looked.
        synced_at: Option<Time>,
        /// When it is looked next.
        next_at: Time,
        /// What went wrong; what is listed stays.
        problem: Option<String>,
        /// How many repositories were there.
        repositories_seen: u64,
        /// How many tags.
        images_seen: u64,
        /// Whether there were more than are listed.
        is_cut: bool,
    }

    /// Where the images of a namespace are to lie.
    struct SourceSet {
        /// In which registry.
        registry: i64,
        /// Which repositories are listed: globs, `*` for what has no slash in it, `**` for anything. Where none
        /// is a glob the registry need not tell what it has.
        repositories: Vec<String>,
        /// Which tags, likewise; all, unless said.
        tags: Option<Vec<String>>,
        /// How often it is looked what is there, from 1 to 1440; 15, unless said.
        every_minutes: Option<u64>,
    }
}

/// How often it is looked, unless said.
const EVERY_MINUTES: u64 = 15;

fn word(kind: RegistryKind) -> RegistryWord {
    match kind {
        RegistryKind::Harbor => RegistryWord::Harbor,
        RegistryKind::Jfrog => RegistryWord::Jfrog,
        RegistryKind::Quay => RegistryWord::Quay,
        RegistryKind::Plimsoll => RegistryWord::Plimsoll,
        RegistryKind::Distribution => RegistryWord::Distribution,
    }
}

fn shown(registry: OtherRegistry) -> Registry {
    let OtherRegistrySettings { name, host, username, insecure } = registry.settings;
    Registry {
        id: registry.id.number(),
        name,
        host,
        username,
        insecure,
        kind: registry.kind.as_deref().and_then(RegistryKind::named).map(word),
        checked_at: registry.checked_at.map(Time),
        problem: registry.problem,
        namespaces: registry.namespaces,
        author: registry.author,
        created_at: Time(registry.created_at),
    }
}

fn shown_source(source: StoredSource) -> Source {
    let Looked { problem, repositories, images, is_cut } = source.looked;
    Source {
        registry: source.settings.registry.number(),
        registry_name: source.registry_name,
        host: source.host,
        repositories: source.settings.repositories,
        tags: source.settings.tags,
        every_minutes: source.settings.every_minutes,
        synced_at: source.synced_at.map(Time),
        next_at: Time(source.next_at),
        problem,
        repositories_seen: repositories,
        images_seen: images,
        is_cut,
    }
}

fn id(call: &Call) -> Result<OtherRegistryId, Problem> {
    call.id("registry").map(OtherRegistryId::from_number)
}

fn asking(api: &Api) -> Result<&Registries, Problem> {
    api.registries.as_deref().ok_or_else(|| Problem::not_available("registries of others"))
}

/// Refuses to delete what is only listed in a namespace: it would be listed again.
pub(super) async fn lies_here(api: &Api, namespace: NamespaceId) -> Result<(), Problem> {
    let system = api.authoriser.system::<MayScan>();
    match api.store.source_host(&system, namespace).await? {
        None => Ok(()),
        Some(host) => {
            let why = format!("it lies in {host} and is listed here; delete it there, or list less of it");
            Err(Problem::new(Kind::InUse, why))
        }
    }
}

/// What can be meant, with the password that was said.
fn wanted(call: &Call) -> Result<(OtherRegistrySettings, Option<RegistryPassword>), Problem> {
    let body: RegistrySet = call.json()?;
    check_host(&body.host).map_err(|why| Problem::invalid("/host", why))?;
    let username = body.username.filter(|it| !it.is_empty());
    if username.is_none() && body.password.is_some() {
        return Err(Problem::invalid("/username", "a password is of an account: say which"));
    }
    let settings = OtherRegistrySettings {
        name: body.name,
        host: body.host,
        username,
        insecure: body.insecure.unwrap_or(false),
    };
    Ok((settings, body.password.as_deref().map(RegistryPassword::new)))
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "registries of others")?;
    let access = call.instance::<Configure>(api).await?;
    let found = api.store.other_registries(&access, paging.text(0), paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.settings.name)], shown))
}

async fn create(api: &Api, call: &Call) -> Answered {
    let (settings, password) = wanted(call)?;
    if settings.username.is_some() && password.is_none() {
        return Err(Problem::invalid("/password", "an account needs its password or token"));
    }
    let access = call.instance::<Configure>(api).await?;
    let made = (&settings, password.as_ref());
    let id = api.store.create_other_registry(&access, made, call.now).await?;
    Answer::created(&format!("{ALL}/{id}"), &shown(api.store.other_registry(&access, id).await?))
}

async fn change(api: &Api, call: &Call) -> Answered {
    let (settings, password) = wanted(call)?;
    let (access, id) = (call.instance::<Configure>(api).await?, id(call)?);
    let before = api.store.registry_login(&api.authoriser.system::<MayScan>(), id).await?;
    // A password goes to nobody for whom it was not meant.
    let is_same = before.settings.username == settings.username
        && before.settings.host == settings.host
        && before.settings.insecure == settings.insecure;
    let password = password.or(before.password.filter(|_| is_same));
    if settings.username.is_some() && password.is_none() {
        let why = "another host or account, or less trust in the way there, needs the password again";
        return Err(Problem::invalid("/password", why));
    }
    api.store.change_other_registry(&access, id, (&settings, password.as_ref())).await?;
    Answer::json(&shown(api.store.other_registry(&access, id).await?))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    api.store.delete_other_registry(&access, id(call)?).await?;
    Ok(Answer::nothing())
}

async fn check(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    let id = api.store.other_registry(&access, id(call)?).await?.id;
    Answer::json(&match asking(api)?.check(id).await? {
        Ok(kind) => RegistryCheck { kind: Some(word(kind)), problem: None },
        Err(problem) => RegistryCheck { kind: None, problem: Some(problem) },
    })
}

async fn repositories(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    let id = api.store.other_registry(&access, id(call)?).await?.id;
    Answer::json(&match asking(api)?.repositories(id).await? {
        Ok(names) => RegistryRepositories { items: names.names, is_cut: names.is_cut, problem: None },
        Err(problem) => RegistryRepositories { items: Vec::new(), is_cut: false, problem: Some(problem) },
    })
}

async fn show_source(api: &Api, call: &Call) -> Answered {
    let found = api.store.source(&call.access(api).await?).await?;
    Answer::json(&shown_source(found.ok_or_else(Problem::not_found)?))
}

async fn set_source(api: &Api, call: &Call) -> Answered {
    let body: SourceSet = call.json()?;
    let settings = SourceSettings {
        registry: OtherRegistryId::from_number(body.registry),
        repositories: body.repositories,
        tags: body.tags.unwrap_or_else(|| vec!["*".to_owned()]),
        every_minutes: body.every_minutes.unwrap_or(EVERY_MINUTES),
    };
    let access = call.instance::<Configure>(api).await?;
    let namespace = call.namespace()?;
    api.store.set_source(&access, &namespace, &settings, call.now).await?;
    if let Some(registries) = &api.registries {
        registries.wake();
    }
    let read = api.authoriser.system_in::<Configure>(&namespace).await?;
    Answer::json(&shown_source(api.store.source(&read).await?.ok_or_else(Problem::not_found)?))
}

async fn remove_source(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    asking(api)?.forget(&access, &call.namespace()?).await?;
    Ok(Answer::nothing())
}

async fn sync(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Configure>(api).await?;
    let registries = asking(api)?;
    api.store.look_at_source(&access, call.now).await?;
    registries.wake();
    Ok(Answer::nothing())
}
