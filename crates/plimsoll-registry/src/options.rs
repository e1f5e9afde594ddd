//! What a caller may choose about fetching images.

use std::path::PathBuf;
use std::time::Duration;

use plimsoll_core::Platform;

use crate::Secret;

/// Which images of an index are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformChoice {
    /// The one for this platform. An image that is in no index is taken as it is.
    One(Platform),
    /// All of them.
    All,
}

/// A user's name and password for the registry that is asked.
#[derive(Clone)]
pub struct Login {
    /// The user's name.
    pub username: String,
    /// The password or access token.
    pub password: Secret,
}

/// Where logins are kept.
#[derive(Clone, Debug, Default)]
pub struct CredentialFiles {
    /// Docker's `config.json` and containers' `auth.json`, the first match wins.
    pub paths: Vec<PathBuf>,
}

impl CredentialFiles {
    /// Where Docker and Podman keep them: `$DOCKER_CONFIG/config.json` or
    /// `~/.docker/config.json`; `$REGISTRY_AUTH_FILE`, or else
    /// `$XDG_RUNTIME_DIR/containers/auth.json` and `~/.config/containers/auth.json`.
    pub fn from_environment() -> CredentialFiles {
        let variable = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let home = variable("HOME");
        let docker = variable("DOCKER_CONFIG").or_else(|| Some(home.as_ref()?.join(".docker")));
        let mut paths: Vec<PathBuf> = docker.into_iter().map(|it| it.join("config.json")).collect();
        match variable("REGISTRY_AUTH_FILE") {
            Some(file) => paths.push(file),
            None => {
                let config = variable("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
                paths.extend(
                    [variable("XDG_RUNTIME_DIR"), config]
                        .into_iter()
                        .flatten()
                        .map(|it| it.join("containers/auth.json")),
                );
            }
        }
        CredentialFiles { paths }
    }
}

/// How long to wait for a registry, and how often to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the next byte.
    pub idle: Duration,
    /// Requests for the same thing before giving up.
    pub attempts: u32,
    /// Before the second request; doubled each time.
    pub first_delay: Duration,
    /// The longest that a registry may ask us to wait.
    pub delay_max: Duration,
    /// How often a download is taken up again where it broke, without a byte in between.
    pub resumes: u32,
}

impl Patience {
    /// What suits a person and a build that wait.
    pub fn standard() -> Patience {
        Patience {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            attempts: 5,
            first_delay: Duration::from_millis(500),
            delay_max: Duration::from_secs(60),
            resumes: 5,
        }
    }
}

/// Everything about fetching that a caller may choose.
#[derive(Clone)]
pub struct Options {
    /// Which images of an index.
    pub platforms: PlatformChoice,
    /// A login that was given; it goes before those in files.
    pub login: Option<Login>,
    /// Where logins are kept.
    pub credential_files: CredentialFiles,
    /// Files of PEM certificates to trust besides the system's.
    pub certificate_authorities: Vec<PathBuf>,
    /// Registries, `host` or `host:port`, for which certificates are not checked and plain HTTP
    /// will do.
    pub insecure_hosts: Vec<String>,
    /// Where to spool what cannot be read twice; the system's temporary folder if `None`.
    pub spool_directory: Option<PathBuf>,
    /// The Docker daemon's socket.
    pub daemon_socket: PathBuf,
    /// How long to wait.
    pub patience: Patience,
}

impl Options {
    /// The default choices: this machine's platform, the user's own logins and daemon.
    pub fn from_environment() -> Options {
        let host = std::env::var("DOCKER_HOST").unwrap_or_default();
        Options {
            platforms: PlatformChoice::One(Platform::this_machine()),
            login: None,
            credential_files: CredentialFiles::from_environment(),
            certificate_authorities: Vec::new(),
            insecure_hosts: Vec::new(),
            spool_directory: None,
            daemon_socket: host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").into(),
            patience: Patience::standard(),
        }
    }
}
