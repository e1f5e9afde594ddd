//! What whoever runs the server decides: one table, [`SETTINGS`], and what may stand in it.
//!
//! A row is a field of [`Settings`], a key of the configuration file, a variable of the environment
//! and a flag of the command line, and a line of the manual. Pure: files and the environment are
//! read elsewhere, and handed over as texts.

mod file;
mod layers;
mod manual;
mod network;
#[cfg(test)]
mod tests;
mod value;

pub use layers::{Configured, Fault, Layers, Origin, TomlFile, read};
pub use manual::manual;
pub use network::Network;
pub use value::{Bytes, FromText, LogFormat, LogLevel, Period, Secret, Words};

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::oidc::GroupGrants;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the configuration file; the flag and the variable follow from it.
    pub name: &'static str,
    /// What is to be written there: `ADDRESS:PORT`.
    pub form: &'static str,
    /// What holds where nothing is said; empty for nothing.
    pub default: &'static str,
    /// Whether it is shown to nobody.
    pub secret: bool,
    /// What it is for, in Markdown.
    pub about: &'static str,
    set: fn(&mut Settings, &str) -> Result<(), String>,
    show: fn(&Settings) -> String,
}

impl Setting {
    /// The flag, without its hyphens.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The variable of the environment.
    pub fn variable(&self) -> String {
        format!("PLIMSOLL_{}", self.name.to_uppercase())
    }

    /// The setting of this name.
    pub fn named(name: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|it| it.name == name)
    }

    /// The value that it has, as it would be written; never a secret one.
    pub fn shown(&self, settings: &Settings) -> String {
        (self.show)(settings)
    }
}

macro_rules! settings {
    ($($(#[doc = $about:literal])+ $name:ident: $type:ty = $default:literal, $form:literal;)*) => {
        /// Every setting's value.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $($(#[doc = $about])+ pub $name: $type,)*
        }

        /// Every setting, in the order of the manual.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            form: $form,
            default: $default,
            secret: <$type as FromText>::IS_SECRET,
            about: concat!($($about, "\n"),+),
            set: |settings, text| {
                settings.$name = <$type as FromText>::from_text(text)?;
                Ok(())
            },
            show: |settings| settings.$name.to_text(),
        }),*];

        /// What holds where nothing is said.
        fn defaults() -> Settings {
            Settings {
                $($name: <$type as FromText>::from_text($default)
                    .expect("a test reads every default"),)*
            }
        }
    };
}

settings! {
    /// The address to listen on. Without TLS, another one than this machine's own is for networks in
    /// which everybody may read passwords, or for a proxy that speaks TLS.
    listen: SocketAddr = "127.0.0.1:8750", "ADDRESS:PORT";
    /// The address under which clients reach the server, `https://registry.example`. It stands in
    /// challenges and in links; without it, each request's own is taken.
    external_url: Option<String> = "", "URL";
    /// The directory in which everything is kept. It is made, and belongs to one process.
    data_dir: PathBuf = "plimsoll-data", "DIR";
    /// The database: `postgres://…`. Without it, SQLite in the data directory.
    database: Option<Secret> = "", "ADDRESS";
    /// Connections to the database at a time.
    database_connections: u32 = "8", "NUMBER";
    /// The directory of the vulnerability database; without it, `db` in the data directory.
    db_dir: Option<PathBuf> = "", "DIR";
    /// The directory of layer facts; without it, `cache` in the data directory.
    cache_dir: Option<PathBuf> = "", "DIR";
    /// Whether the feeds of vulnerabilities are fetched as they are due. Without it, `plimsoll db update`
    /// does it, or nothing does.
    update_feeds: bool = "true", "true|false";
    /// A directory or an address that has copies of the feeds, instead of their vendors.
    feed_mirror: Option<String> = "", "DIR|URL";
    /// The feeds that are fetched, with commas between them; all where nothing is said.
    feeds: Words = "", "NAMES";
    /// For how many days everything is kept that a database was built from.
    feed_keep_days: u32 = "14", "NUMBER";
    /// How many images are scanned at a time; without it, as suits the machine.
    scan_workers: Option<u32> = "", "NUMBER";
    /// Networks that webhooks may go to though they are not public, with commas between them.
    webhook_networks: Vec<Network> = "", "NETWORKS";
    /// Files of certificates (PEM) that registries of others may be vouched for by, besides the system's,
    /// with commas between them.
    registry_authorities: Words = "", "FILES";
    /// A file with the certificate and those between it and its authority (PEM). It is read anew when
    /// it changes.
    tls_certificate: Option<PathBuf> = "", "FILE";
    /// A file with the certificate's key (PEM).
    tls_key: Option<PathBuf> = "", "FILE";
    /// Proxies whose `X-Forwarded-For` is believed, and `X-Forwarded-Proto` and `X-Forwarded-Host` where no
    /// `external_url` is set: addresses and networks, with commas between them.
    trusted_proxies: Vec<Network> = "", "NETWORKS";
    /// Connections of clients at a time; more wait.
    connections_max: u32 = "2048", "NUMBER";
    /// How long requests may still take once the server is asked to end.
    shutdown_patience: Period = "30s", "PERIOD";
    /// The form of the log: `text`, `json`, or `auto`: text on a terminal and JSON elsewhere.
    log_format: LogFormat = "auto", "FORM";
    /// The least that is logged: `error`, `warn`, `info`, `debug` or `trace`.
    log_level: LogLevel = "info", "LEVEL";
    /// What `Authorization: Bearer` must say to see `/metrics`; without it, everybody may.
    metrics_token: Option<Secret> = "", "TOKEN";
    /// The name of the administrator that the first start makes.
    admin_name: String = "admin", "NAME";
    /// The password that the first start gives the administrator; without it, a random one.
    admin_password: Option<Secret> = "", "PASSWORD";
    /// A file with that password.
    admin_password_file: Option<PathBuf> = "", "FILE";
    /// How long somebody who signed in stays so.
    session_period: Period = "12h", "PERIOD";
    /// An OpenID Connect issuer that users sign in at, by its address; it sends them back to
    /// `external_url`/auth/oidc/callback.
    oidc_issuer: Option<String> = "", "URL";
    /// What the page for signing in calls the issuer.
    oidc_display_name: String = "single sign-on", "NAME";
    /// The name by which the issuer knows this server.
    oidc_client_id: Option<String> = "", "NAME";
    /// The secret that the issuer has given this server, if it has.
    oidc_client_secret: Option<Secret> = "", "SECRET";
    /// A file with that secret.
    oidc_client_secret_file: Option<PathBuf> = "", "FILE";
    /// What the issuer is asked for, with blanks between.
    oidc_scopes: String = "openid profile email", "WORDS";
    /// The word of the issuer's token after which a new user is named.
    oidc_name_claim: String = "preferred_username", "NAME";
    /// The word of the issuer's token that holds the user's groups.
    oidc_groups_claim: String = "groups", "NAME";
    /// What groups grant, with commas between them: `GROUP=ROLE` everywhere, `GROUP=ROLE@NAMESPACE` in a
    /// namespace; a permission may stand for the role. A comma in a group's name is written `%2C`.
    oidc_grants: GroupGrants = "", "GRANTS";
    /// Whether somebody whom the issuer knows and we do not gets an account, which may nothing but what
    /// their groups grant.
    oidc_makes_users: bool = "true", "true|false";
    /// Whether a user without a password, made beforehand, belongs to the first whom the issuer calls so.
    /// For issuers where nobody chooses their own name.
    oidc_binds_by_name: bool = "false", "true|false";
    /// The most bytes of one blob.
    blob_bytes_max: Bytes = "50GiB", "SIZE";
    /// Whether a push by somebody who may push everywhere makes a namespace that is not there.
    namespaces_by_push: bool = "true", "true|false";
    /// How often what nothing needs any more is collected.
    collect_every: Period = "1h", "PERIOD";
    /// How long something must have been needed by nothing before it is collected; longer than the
    /// longest push.
    collect_after: Period = "1d", "PERIOD";
}
