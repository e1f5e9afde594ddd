//! Registries of others: asks them how they are and what they hold, and lists in namespaces what lies
//! there, so that it is scanned, judged and shown like what lies here.
//!
//! Copies no layer. What a registry says is a stranger's: names are held against their grammar,
//! manifests against their digests, lists have an end. A password is in no message.

mod changes;
mod look;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plimsoll_core::{Limits, Reference, Timestamp};
use plimsoll_registry::{
    CredentialFiles, Error as RegistryError, Listing, Login, Names, Options, Patience, PlatformChoice,
    RegistryKind, Secret,
};
use plimsoll_store::{
    Configure, DueSource, Error, NamespaceName, OtherRegistryId, Push, RegistryLogin, RegistryPassword, Scan,
    Store,
};
use tokio::sync::Notify;

use crate::gate::Gate;
use crate::oci::Watcher;
use look::Look;

/// What whoever runs the server decides about registries of others.
#[derive(Clone, Debug)]
pub struct RegistriesOptions {
    /// How they are reached.
    pub reach: Reach,
    /// The limits of what is read.
    pub limits: Limits,
    /// Is told what failed on our side.
    pub log: fn(&str),
}

/// How registries are reached, for whoever reads an image there.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Files of certificates, besides the system's.
    pub certificate_authorities: Vec<PathBuf>,
}

/// Registries of others as one value.
pub struct Registries {
    store: Store,
    watcher: Arc<dyn Watcher>,
    gate: Option<Arc<Gate>>,
    options: RegistriesOptions,
    wake: Notify,
}

/// How often is looked what is due, where nothing wakes us.
const TICK: Duration = Duration::from_secs(30);
/// For how long a look is taken: if it is not done by then, another takes it.
const TAKEN_SECONDS: i64 = 3_600;
/// The most repositories that somebody who chooses is shown.
const SHOWN_MAX: usize = 1_000;

/// Sets the flag when it is dropped, so that what runs on a thread ends with who waits for it.
struct Ends(Arc<AtomicBool>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Reach {
    /// What asking a registry needs, without a look at logins of whoever runs the server.
    pub fn options(&self, login: &RegistryLogin) -> Options {
        let password = || login.password.as_ref().map_or("", RegistryPassword::expose).to_owned();
        Options {
            platforms: PlatformChoice::All,
            login: login
                .settings
                .username
                .as_ref()
                .map(|name| Login { username: name.clone(), password: Secret::new(password()) }),
            credential_files: CredentialFiles::default(),
            certificate_authorities: self.certificate_authorities.clone(),
            insecure_hosts: login
                .settings
                .insecure
                .then(|| login.settings.host.clone())
                .into_iter()
                .collect(),
            spool_directory: None,
            daemon_socket: PathBuf::new(),
            patience: Patience { idle: Duration::from_secs(30), attempts: 3, ..Patience::standard() },
        }
    }
}

impl Registries {
    /// Registries over a store. Nothing is looked at before [`Registries::run`] runs.
    pub fn new(
        store: Store,
        watcher: Arc<dyn Watcher>,
        gate: Option<Arc<Gate>>,
        options: RegistriesOptions,
    ) -> Registries {
        Registries { store, watcher, gate, options, wake: Notify::new() }
    }

    /// Something may be due.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Asks a registry how it is, and notes it: what it is, or what is wrong.
    pub async fn check(&self, id: OtherRegistryId) -> Result<Result<RegistryKind, String>, Error> {
        let found = self.ask(id, |listing| listing.check()).await?;
        let noted = found.as_ref().map(|kind| kind.name()).map_err(String::as_str);
        self.store.note_registry(&self.store.authoriser().system::<Scan>(), id, noted, clock()).await?;
        Ok(found)
    }

    /// The repositories of a registry, as far as it tells; or what is wrong.
    pub async fn repositories(&self, id: OtherRegistryId) -> Result<Result<Names, String>, Error> {
        self.ask(id, |listing| listing.repositories(SHOWN_MAX)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        id: OtherRegistryId,
        what: impl FnOnce(&Listing) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<Result<T, String>, Error> {
        let system = self.store.authoriser().system::<Scan>();
        let login = self.store.registry_login(&system, id).await?;
        let (options, limits) = (self.options.reach.options(&login), self.options.limits.clone());
        let asked = tokio::task::spawn_blocking(move || {
            what(&Listing::connect(&login.settings.host, &options, &limits)?)
        });
        let found = match asked.await {
            Ok(found) => found.map_err(|error| error.with_causes()),
            Err(panic) => Err(format!("asking it failed; please report this ({panic})")),
        };
        Ok(found)
    }

    /// Looks at what is due, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        loop {
            while let Some(due) = self.tried(self.take().await).flatten() {
                self.look(due).await;
            }
            tokio::select! {
                () = self.wake.notified() => (),
                () = tokio::time::sleep(TICK) => (),
            }
        }
    }

    async fn take(&self) -> Result<Option<(DueSource, Timestamp)>, Error> {
        let system = self.store.authoriser().system::<Scan>();
        let until = later(clock(), TAKEN_SECONDS);
        Ok(self.store.take_due_source(&system, until, clock()).await?.map(|due| (due, until)))
    }

    /// Looks what lies in the registry of a namespace, and lists it.
    async fn look(&self, (due, until): (DueSource, Timestamp)) {
        let (namespace, every_minutes) = (due.namespace, due.settings.every_minutes);
        let cancelled = Arc::new(AtomicBool::new(false));
        let _ends = Ends(Arc::clone(&cancelled));
        let look = Look {
            access: self.store.authoriser().system::<Push>().within(namespace),
            store: self.store.clone(),
            watcher: Arc::clone(&self.watcher),
            gate: self.gate.clone(),
            options: self.options.reach.options(&due.login),
            limits: self.options.limits.clone(),
            runtime: tokio::runtime::Handle::current(),
            cancelled,
            due,
        };
        let looked = tokio::task::spawn_blocking(move || look.carry_out()).await;
        let looked =
            looked.unwrap_or_else(|panic| Err(format!("the look failed; please report this ({panic})")));
        let now = clock();
        let minutes = i64::try_from(every_minutes).unwrap_or(i64::MAX);
        let times = (until, later(now, minutes.saturating_mul(60)));
        let system = self.store.authoriser().system::<Scan>();
        self.tried(match looked {
            Ok(looked) => self.store.note_look(&system, namespace, &looked, times, now).await,
            Err(problem) => self.store.note_failed_look(&system, namespace, &problem, times, now).await,
        });
    }

    /// Forgets all that is listed in a namespace, and that its images lie elsewhere.
    pub async fn forget(
        &self,
        access: &plimsoll_store::InstanceAccess<Configure>,
        namespace: &NamespaceName,
    ) -> Result<(), Error> {
        let push = self.store.authoriser().acting_in::<Push>(namespace, access.actor().as_str()).await?;
        let configure = access.within(push.namespace());
        // Nobody begins to list anew meanwhile.
        self.store.look_at_source(&configure, later(clock(), TAKEN_SECONDS)).await?;
        loop {
            let page = self.store.repositories(&push, None, 100).await?;
            for repository in &page {
                self.store.delete_repository(&push, &repository.name, clock()).await?;
            }
            if page.is_empty() {
                return self.store.remove_source(access, namespace).await;
            }
        }
    }

    fn tried<T>(&self, result: Result<T, Error>) -> Option<T> {
        let failed = |error| (self.options.log)(&format!("registries of others: {error}"));
        result.map_err(failed).ok()
    }
}

/// Whether a text is a host, perhaps with a port, that may be asked; or why not. Where clouds keep their
/// secrets no registry lies.
pub fn check_host(host: &str) -> Result<(), &'static str> {
    let read: Result<Reference, _> = format!("{host}/library/any").parse();
    if !read.is_ok_and(|it| it.registry == host) {
        return Err("a host with a dot or a port, and nothing else: `registry.example`, `10.0.0.7:5000`");
    }
    let name = match host.rsplit_once(':') {
        Some((name, _)) if !host.ends_with(']') => name,
        _ => host,
    };
    match name.trim_matches(['[', ']']).parse::<IpAddr>().map(|it| it.to_canonical()) {
        Ok(IpAddr::V4(ip)) if ip.is_link_local() => Err("a link-local address is no registry's"),
        Ok(IpAddr::V6(ip)) if ip.is_unicast_link_local() => Err("a link-local address is no registry's"),
        _ => Ok(()),
    }
}

fn clock() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp(time.0.saturating_add(seconds))
}
