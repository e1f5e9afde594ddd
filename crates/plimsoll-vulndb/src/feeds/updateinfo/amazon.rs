//! Amazon Linux: the first generation (the AMI), 2 and 2023 (rule 43).
//!
//! Channels: none for the core repository; `extras:<repository>` for everything else, the topics
//! of `amazon-linux-extras` (`extras:docker`, `extras:php8.2`) and the further repositories of
//! 2023 (`extras:nvidia`, `extras:kernel-livepatch`). The same package is in core and in a topic
//! with different versions. Which repository a collection is of stands in its short name.

use plimsoll_core::Realm;

use super::read::{Collection, Update};
use super::rows::Home;
use super::{UpdateInfo, repository};
use crate::{Licence, Source};

/// The feed.
pub(in crate::feeds) static AMAZON: UpdateInfo = UpdateInfo {
    id: "amazon",
    title: "Amazon Linux security advisories",
    says: "What each repository of Amazon Linux 1, 2 and 2023 fixed, extras included, by binary package \
     and architecture.",
    is_silent_on: "Whatever is not fixed: pending fixes and refusals stand on Amazon's web pages alone.",
    cadence_hours: 3,
    sources,
    licence: Licence {
        name: "no licence is stated",
        attribution: "Amazon Web Services, https://alas.aws.amazon.com/",
        redistributable: true,
    },
    home,
};

/// The topics of Amazon Linux 2, from its `extras-catalog.json`; its life ended in 2026, so that
/// there will be no more of them.
const TOPICS: &[&str] = &[
    "ansible2",
    "aws-nitro-enclaves-cli",
    "awscli1",
    "BCC",
    "collectd",
    "collectd-python3",
    "corretto8",
    "dnsmasq",
    "dnsmasq2.85",
    "docker",
    "ecs",
    "emacs",
    "epel",
    "firecracker",
    "firefox",
    "gimp",
    "golang1.11",
    "golang1.19",
    "golang1.9",
    "GraphicsMagick1.3",
    "haproxy2",
    "httpd_modules",
    "java-openjdk11",
    "kernel-5.10",
    "kernel-5.15",
    "kernel-5.4",
    "kernel-ng",
    "libreoffice",
    "livepatch",
    "lustre",
    "lustre2.10",
    "lynis",
    "mariadb10.5",
    "mate-desktop1.x",
    "memcached1.5",
    "mock",
    "mock2",
    "nano",
    "nginx1",
    "nginx1.12",
    "nginx1.22",
    "php7.1",
    "php7.2",
    "php7.3",
    "php7.4",
    "php8.0",
    "php8.1",
    "php8.2",
    "postgresql10",
    "postgresql11",
    "postgresql12",
    "postgresql13",
    "postgresql14",
    "postgresql9.6",
    "python3",
    "python3.8",
    "R3.4",
    "R4",
    "redis4.0",
    "redis6",
    "ruby2.4",
    "ruby2.6",
    "ruby3.0",
    "rust1",
    "selinux-ng",
    "squid4",
    "testing",
    "tomcat8.5",
    "tomcat9",
    "unbound1.13",
    "unbound1.17",
    "vim",
];

/// The repositories of Amazon Linux 2023 besides core.
const FURTHER: &[&str] = &["kernel-livepatch", "nvidia"];

/// The lists of mirrors for x86_64; the updates of each name the packages of all architectures.
fn sources() -> Vec<Source> {
    let at = |name: &str, path: &str, mirror: &str| {
        let url = format!("https://cdn.amazonlinux.com/{path}/x86_64/mirror.list");
        repository(name, url, &[&format!("amazon/{mirror}/updateinfo.xml.gz")])
    };
    let core = |source: Source| Source { optional: false, ..source };
    let first = "https://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list";
    let mut sources = vec![
        core(at("2023/core", "al2023/core/mirrors/latest", "amzn2023/core")),
        core(at("2/core", "2/core/latest", "amzn2/core")),
        repository("1/updates", first, &["amazon/amzn1/updateinfo.xml.gz"]),
    ];
    sources.extend(FURTHER.iter().map(|name| {
        at(&format!("2023/{name}"), &format!("al2023/{name}/mirrors/latest"), &format!("amzn2023/{name}"))
    }));
    sources.extend(TOPICS.iter().map(|topic| {
        at(
            &format!("2/extras/{topic}"),
            &format!("2/extras/{topic}/latest"),
            &format!("amzn2/extras/{topic}"),
        )
    }));
    sources
}

/// `amazon-linux-2---docker` is topic `docker` of release `2`.
fn home(_: &Update, collection: &Collection) -> Home {
    let (release, repository) = match collection.short.split_once("---") {
        Some((release, repository)) => (release, Some(repository)),
        None => (collection.short.as_str(), None),
    };
    let release = match release.strip_prefix("amazon-linux-") {
        Some("ami") => "1",
        Some(release @ ("2" | "2022" | "2023")) => release,
        _ => return Home::Unknown,
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if repository.is_some_and(|it| it.is_empty() || it.len() > 64 || !it.bytes().all(allowed)) {
        return Home::Unknown;
    }
    Home::Here(Realm::distro("rpm", "amazon", release), repository.map(|it| format!("extras:{it}")))
}
