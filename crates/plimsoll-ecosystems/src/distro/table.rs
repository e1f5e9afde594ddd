//! The table of distributions: whose advisories speak of one, under which release, and under
//! which name endoflife.date knows it.
//!
//! Data and the few rules that releases need. A distribution that is not here, and a derivative
//! that builds its own packages, has no advisories: its parent's would be wrong for it, so it
//! is said to be not covered.

use plimsoll_core::{Distro, Escaped, Realm};

/// One distribution.
pub struct DistroRow {
    /// Its `ID` in os-release; unique. `centos-stream` is the one that is none.
    pub id: &'static str,
    /// Other names under which people ask for it.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub name: &'static str,
    /// The purl type of its packages.
    pub purl_type: &'static str,
    /// The namespace in its packages' purls.
    pub purl_namespace: &'static str,
    /// Whose advisories speak of its packages.
    pub advisories: Advisories,
    /// Its product on endoflife.date, and how a release is written there.
    pub end_of_life: Option<(&'static str, ReleaseRule)>,
}

/// How the name of a release is made of what the image says.
pub type ReleaseRule = fn(&Distro) -> Option<String>;

/// Whose advisories speak of a distribution's packages.
pub enum Advisories {
    /// Those filed under this id and release.
    Released(&'static str, ReleaseRule),
    /// Those filed under this id; there are no releases.
    Rolling(&'static str),
    /// Another distribution's, which it rebuilds package by package; with what to tell people.
    Rebuilt(&'static str, ReleaseRule, &'static str),
    /// Nobody's that Plimsoll reads; why.
    None(&'static str),
}

const OWN_PACKAGES: &str =
    "it changes or rebuilds its parent's packages, so that the parent's advisories do not fit";
const NO_FEED: &str = "there is no feed of advisories for it in Plimsoll";

/// Every distribution Plimsoll knows, in the order of the manual.
pub static DISTROS: &[DistroRow] = &[
    DistroRow {
        id: "debian",
        aliases: &[],
        name: "Debian",
        purl_type: "deb",
        purl_namespace: "debian",
        advisories: Advisories::Released("debian", debian),
        end_of_life: Some(("debian", debian_number)),
    },
    DistroRow {
        id: "ubuntu",
        aliases: &[],
        name: "Ubuntu",
        purl_type: "deb",
        purl_namespace: "ubuntu",
        advisories: Advisories::Released("ubuntu", ubuntu),
        end_of_life: Some(("ubuntu", ubuntu)),
    },
    DistroRow {
        id: "alpine",
        aliases: &[],
        name: "Alpine Linux",
        purl_type: "apk",
        purl_namespace: "alpine",
        advisories: Advisories::Released("alpine", alpine),
        end_of_life: Some(("alpine-linux", alpine_number)),
    },
    DistroRow {
        id: "wolfi",
        aliases: &[],
        name: "Wolfi",
        purl_type: "apk",
        purl_namespace: "wolfi",
        advisories: Advisories::Rolling("wolfi"),
        end_of_life: None,
    },
    DistroRow {
        id: "chainguard",
        aliases: &[],
        name: "Chainguard OS",
        purl_type: "apk",
        purl_namespace: "chainguard",
        advisories: Advisories::Rolling("chainguard"),
        end_of_life: None,
    },
    DistroRow {
        id: "rhel",
        aliases: &["redhat", "red hat", "ubi"],
        name: "Red Hat Enterprise Linux",
        purl_type: "rpm",
        purl_namespace: "redhat",
        advisories: Advisories::Released("redhat", major),
        end_of_life: Some(("rhel", major)),
    },
    DistroRow {
        id: "centos",
        aliases: &["centos linux"],
        name: "CentOS Linux",
        purl_type: "rpm",
        purl_namespace: "centos",
        advisories: Advisories::Rebuilt(
            "redhat",
            major,
            "CentOS Linux is judged by Red Hat's advisories for the release it was rebuilt from; \
             fixes since its end never reached it",
        ),
        end_of_life: Some(("centos", major)),
    },
    DistroRow {
        id: "centos-stream",
        aliases: &["centos stream"],
        name: "CentOS Stream",
        purl_type: "rpm",
        purl_namespace: "centos",
        advisories: Advisories::None(
            "it runs ahead of Red Hat Enterprise Linux, whose advisories do not fit (rule 45)",
        ),
        end_of_life: Some(("centos-stream", major)),
    },
    DistroRow {
        id: "rocky",
        aliases: &["rocky linux", "rockylinux"],
        name: "Rocky Linux",
        purl_type: "rpm",
        purl_namespace: "rocky",
        advisories: Advisories::Released("rocky", major),
        end_of_life: Some(("rocky-linux", major)),
    },
    DistroRow {
        id: "almalinux",
        aliases: &["alma"],
        name: "AlmaLinux",
        purl_type: "rpm",
        purl_namespace: "almalinux",
        advisories: Advisories::Released("almalinux", major),
        end_of_life: Some(("almalinux", major)),
    },
    DistroRow {
        id: "ol",
        aliases: &["oracle", "oracle linux", "oraclelinux"],
        name: "Oracle Linux",
        purl_type: "rpm",
        purl_namespace: "oracle",
        advisories: Advisories::Released("oracle", major),
        end_of_life: Some(("oracle-linux", major)),
    },
    DistroRow {
        id: "fedora",
        aliases: &[],
        name: "Fedora",
        purl_type: "rpm",
        purl_namespace: "fedora",
        advisories: Advisories::Released("fedora", major),
        end_of_life: Some(("fedora", major)),
    },
    DistroRow {
        id: "amzn",
        aliases: &["amazon", "amazon linux", "amazonlinux"],
        name: "Amazon Linux",
        purl_type: "rpm",
        purl_namespace: "amazon",
        advisories: Advisories::Released("amazon", amazon),
        end_of_life: Some(("amazon-linux", amazon_cycle)),
    },
    DistroRow {
        id: "sles",
        aliases: &["suse", "suse linux enterprise server"],
        name: "SUSE Linux Enterprise Server",
        purl_type: "rpm",
        purl_namespace: "suse",
        advisories: Advisories::Released("sles", service_pack),
        end_of_life: Some(("sles", service_pack)),
    },
    DistroRow {
        id: "opensuse-leap",
        aliases: &["opensuse"],
        name: "openSUSE Leap",
        purl_type: "rpm",
        purl_namespace: "opensuse",
        advisories: Advisories::Released("opensuse-leap", major_minor),
        end_of_life: Some(("opensuse", major_minor)),
    },
    DistroRow {
        id: "opensuse-tumbleweed",
        aliases: &["tumbleweed"],
        name: "openSUSE Tumbleweed",
        purl_type: "rpm",
        purl_namespace: "opensuse",
        advisories: Advisories::Rolling("opensuse-tumbleweed"),
        end_of_life: None,
    },
    DistroRow {
        id: "opensuse-leap-micro",
        aliases: &["leap micro"],
        name: "openSUSE Leap Micro",
        purl_type: "rpm",
        purl_namespace: "opensuse",
        advisories: Advisories::Released("opensuse-leap-micro", major_minor),
        end_of_life: None,
    },
    DistroRow {
        id: "sle-micro",
        aliases: &["sle micro"],
        name: "SUSE Linux Enterprise Micro",
        purl_type: "rpm",
        purl_namespace: "suse",
        advisories: Advisories::Released("sle-micro", major_minor),
        end_of_life: None,
    },
    DistroRow {
        id: "sl-micro",
        aliases: &["sl micro"],
        name: "SUSE Linux Micro",
        purl_type: "rpm",
        purl_namespace: "suse",
        advisories: Advisories::Released("sl-micro", major_minor),
        end_of_life: Some(("suse-linux-micro", major_minor)),
    },
    DistroRow {
        id: "azurelinux",
        aliases: &["azure linux"],
        name: "Azure Linux",
        purl_type: "rpm",
        purl_namespace: "azurelinux",
        advisories: Advisories::Released("azurelinux", major_minor),
        end_of_life: Some(("azure-linux", major_minor)),
    },
    DistroRow {
        id: "mariner",
        aliases: &["cbl-mariner"],
        name: "CBL-Mariner",
        purl_type: "rpm",
        purl_namespace: "mariner",
        advisories: Advisories::Released("mariner", major_minor),
        end_of_life: None,
    },
    DistroRow {
        id: "photon",
        aliases: &["photon os"],
        name: "Photon OS",
        purl_type: "rpm",
        purl_namespace: "photon",
        advisories: Advisories::Released("photon", major_minor),
        end_of_life: Some(("vmware-photon", major_minor)),
    },
    DistroRow {
        id: "minimos",
        aliases: &[],
        name: "MinimOS",
        purl_type: "apk",
        purl_namespace: "minimos",
        advisories: Advisories::Rolling("minimos"),
        end_of_life: None,
    },
    DistroRow {
        id: "echo",
        aliases: &[],
        name: "Echo",
        purl_type: "deb",
        purl_namespace: "echo",
        advisories: Advisories::Rolling("echo"),
        end_of_life: None,
    },
    DistroRow {
        id: "arch",
        aliases: &["arch linux", "archlinux"],
        name: "Arch Linux",
        purl_type: "alpm",
        purl_namespace: "arch",
        advisories: Advisories::Rolling("arch"),
        end_of_life: None,
    },
    DistroRow {
        id: "secureos",
        aliases: &[],
        name: "SecureOS",
        purl_type: "apk",
        purl_namespace: "secureos",
        advisories: Advisories::Rolling("secureos"),
        end_of_life: None,
    },
    DistroRow {
        id: "openeuler",
        aliases: &[],
        name: "openEuler",
        purl_type: "rpm",
        purl_namespace: "openeuler",
        advisories: Advisories::Released("openeuler", open_euler),
        end_of_life: None,
    },
    DistroRow {
        id: "mageia",
        aliases: &[],
        name: "Mageia",
        purl_type: "rpm",
        purl_namespace: "mageia",
        advisories: Advisories::Released("mageia", major),
        end_of_life: Some(("mageia", major)),
    },
    not_covered("deepin", "Deepin", "deb", OWN_PACKAGES),
    not_covered("devuan", "Devuan", "deb", OWN_PACKAGES),
    not_covered("elementary", "elementary OS", "deb", OWN_PACKAGES),
    not_covered("kali", "Kali Linux", "deb", OWN_PACKAGES),
    not_covered("linuxmint", "Linux Mint", "deb", OWN_PACKAGES),
    not_covered("neon", "KDE neon", "deb", OWN_PACKAGES),
    not_covered("parrot", "Parrot OS", "deb", OWN_PACKAGES),
    not_covered("pop", "Pop!_OS", "deb", OWN_PACKAGES),
    not_covered("raspbian", "Raspberry Pi OS", "deb", OWN_PACKAGES),
    not_covered("zorin", "Zorin OS", "deb", OWN_PACKAGES),
    not_covered("postmarketos", "postmarketOS", "apk", OWN_PACKAGES),
    not_covered("archarm", "Arch Linux ARM", "alpm", OWN_PACKAGES),
    not_covered("manjaro", "Manjaro Linux", "alpm", OWN_PACKAGES),
    not_covered("alinux", "Alibaba Cloud Linux", "rpm", NO_FEED),
    not_covered("anolis", "Anolis OS", "rpm", NO_FEED),
    not_covered("bottlerocket", "Bottlerocket", "rpm", NO_FEED),
    not_covered("cloudlinux", "CloudLinux", "rpm", OWN_PACKAGES),
    not_covered("eurolinux", "EuroLinux", "rpm", OWN_PACKAGES),
    not_covered("scientific", "Scientific Linux", "rpm", OWN_PACKAGES),
    not_covered("virtuozzo", "Virtuozzo Linux", "rpm", OWN_PACKAGES),
];

const fn not_covered(
    id: &'static str,
    name: &'static str,
    purl_type: &'static str,
    why: &'static str,
) -> DistroRow {
    DistroRow {
        id,
        aliases: &[],
        name,
        purl_type,
        purl_namespace: id,
        advisories: Advisories::None(why),
        end_of_life: None,
    }
}

/// Whether advisories speak of a distribution's packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// They do, in these realms.
    Covered {
        /// Where to look, all of it.
        realms: Vec<Realm>,
        /// What to tell people about it.
        note: Option<&'static str>,
    },
    /// None do: its packages cannot be judged, which is not the same as having no findings.
    NotCovered(
        /// A sentence without a full stop.
        String,
    ),
}

/// The row of a distribution.
pub fn row(distro: &Distro) -> Option<&'static DistroRow> {
    let id = if distro.id == "centos" && is_stream(distro) { "centos-stream" } else { &distro.id };
    // `opensuse` was Leap's id up to 42.3.
    let id = if id == "opensuse" && distro.version_id.starts_with("42.") { "opensuse-leap" } else { id };
    DISTROS.iter().find(|row| row.id == id)
}

/// CentOS from 9 on is Stream; 8 is one or the other, and without a name nobody knows.
fn is_stream(distro: &Distro) -> bool {
    let number = major(distro).and_then(|release| release.parse::<u32>().ok());
    match &distro.pretty_name {
        Some(name) if name.contains("Stream") => true,
        Some(_) => number.is_none_or(|number| number >= 9),
        None => number.is_none_or(|number| number >= 8),
    }
}

/// Which advisories speak of a distribution's packages, or why none do.
pub fn coverage(distro: &Distro) -> Coverage {
    let Some(row) = row(distro) else {
        return Coverage::NotCovered(format!(
            "there are no advisories for the packages of distribution `{}`",
            Escaped(&distro.id)
        ));
    };
    let (id, release, note) = match row.advisories {
        Advisories::None(why) => {
            return Coverage::NotCovered(format!(
                "there are no advisories for the packages of {}: {why}",
                row.name
            ));
        }
        Advisories::Rolling(id) => {
            let realms = vec![Realm(format!("{}/{id}", row.purl_type))];
            return Coverage::Covered { realms, note: None };
        }
        Advisories::Released(id, release) => (id, release(distro), None),
        Advisories::Rebuilt(id, release, note) => (id, release(distro), Some(note)),
    };
    match release {
        Some(release) => Coverage::Covered { realms: vec![Realm::distro(row.purl_type, id, &release)], note },
        None => Coverage::NotCovered(format!(
            "there are no advisories for the packages of {} without a known release; the image says version `{}`",
            row.name,
            Escaped(&distro.version_id)
        )),
    }
}

/// The realms of a distribution's packages; empty where [`coverage`] says why.
pub fn realms(distro: &Distro) -> Vec<Realm> {
    match coverage(distro) {
        Coverage::Covered { realms, .. } => realms,
        Coverage::NotCovered(_) => Vec::new(),
    }
}

/// Under which name to look up when a distribution's support ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfLifeName {
    /// `ID` of os-release, as [`plimsoll_core::EndOfLife`] has it.
    pub distro_id: &'static str,
    /// The product on endoflife.date.
    pub product: &'static str,
    /// The release as it is written there.
    pub release: String,
}

/// Under which name to look up when a distribution's support ends; `None` for rolling ones
/// and for those that endoflife.date does not have.
pub fn end_of_life_name(distro: &Distro) -> Option<EndOfLifeName> {
    let row = row(distro)?;
    let (product, release) = row.end_of_life?;
    let distro_id = if row.id == "centos-stream" { "centos" } else { row.id };
    Some(EndOfLifeName { distro_id, product, release: release(distro)? })
}

/// The numbers at the start of a version, as they are written: `22`, `04` of `22.04.3`.
fn numbers(version: &str) -> Vec<&str> {
    let is_number =
        |part: &&str| (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    version.split('.').take_while(is_number).take(4).collect()
}

/// `9` of `9.4`.
fn major(distro: &Distro) -> Option<String> {
    numbers(&distro.version_id).first().map(|number| (*number).to_owned())
}

/// `15.2` of `15.2.1`; both numbers must be there.
fn major_minor(distro: &Distro) -> Option<String> {
    let numbers = numbers(&distro.version_id);
    (numbers.len() >= 2).then(|| numbers[..2].join("."))
}

/// `15.5`; `15` alone is the release before its first service pack.
fn service_pack(distro: &Distro) -> Option<String> {
    let version = distro.version_id.replace("-SP", ".");
    let numbers = numbers(&version);
    (!numbers.is_empty()).then(|| numbers[..numbers.len().min(2)].join("."))
}

/// Debian's releases by their names; from 12 on, `/etc/os-release` of testing has one too.
const DEBIAN_CODENAMES: [(&str, &str); 11] = [
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
    ("sid", "sid"),
];

/// The number of the release; testing and unstable, which share one os-release, are `sid`.
fn debian(distro: &Distro) -> Option<String> {
    debian_number(distro).or_else(|| {
        let is_sid = distro.codename.as_deref() == Some("sid")
            || distro.pretty_name.as_deref().is_some_and(|name| name.ends_with("/sid"));
        is_sid.then(|| "sid".to_owned())
    })
}

/// As [`debian`], but nothing for what has no number.
fn debian_number(distro: &Distro) -> Option<String> {
    if let Some(number) = major(distro) {
        return Some(number);
    }
    if distro.pretty_name.as_deref().is_some_and(|name| name.ends_with("/sid")) {
        return None;
    }
    by_codename(distro, &DEBIAN_CODENAMES).filter(|release| release != "sid")
}

const UBUNTU_CODENAMES: [(&str, &str); 8] = [
    ("precise", "12.04"),
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("plucky", "25.04"),
];

/// `22.04`.
fn ubuntu(distro: &Distro) -> Option<String> {
    major_minor(distro).or_else(|| by_codename(distro, &UBUNTU_CODENAMES))
}

fn by_codename(distro: &Distro, table: &[(&str, &str)]) -> Option<String> {
    let codename = distro.codename.as_deref()?.to_ascii_lowercase();
    table.iter().find(|(name, _)| *name == codename).map(|(_, release)| (*release).to_owned())
}

/// `v3.18` or `edge`: what the repositories say, else os-release (rule 53).
fn alpine(distro: &Distro) -> Option<String> {
    if let Some(release) = &distro.repository_release {
        return Some(release.clone());
    }
    let is_edge = distro.version_id.contains("_alpha")
        || distro.pretty_name.as_deref().is_some_and(|name| name.ends_with(" edge"));
    if is_edge {
        return Some("edge".to_owned());
    }
    alpine_version(distro).map(|release| format!("v{release}"))
}

/// `3.18` of `3.18.4` and of `3.18_rc1`.
fn alpine_version(distro: &Distro) -> Option<String> {
    let version = distro.version_id.split('_').next().unwrap_or_default();
    let numbers = numbers(version);
    (numbers.len() >= 2).then(|| numbers[..2].join("."))
}

/// As [`alpine`], without the `v`; nothing for edge.
fn alpine_number(distro: &Distro) -> Option<String> {
    alpine(distro)?.strip_prefix('v').map(str::to_owned)
}

/// `2023` of `2023.3.20240304`, `1` of `2018.03` (rule 43).
fn amazon(distro: &Distro) -> Option<String> {
    let release = major(distro)?;
    match release.parse::<u32>().ok()? {
        2011..=2018 => Some("1".to_owned()),
        _ => Some(release),
    }
}

/// As [`amazon`], but the first generation has a name for each of its releases.
fn amazon_cycle(distro: &Distro) -> Option<String> {
    match amazon(distro)?.as_str() {
        "1" => major_minor(distro),
        release => Some(release.to_owned()),
    }
}

/// `22.03-LTS-SP3` of `openEuler 22.03 (LTS-SP3)`; the number alone is that of no release with
/// long support, but of one without.
fn open_euler(distro: &Distro) -> Option<String> {
    let number = major_minor(distro)?;
    let name = distro.pretty_name.as_deref()?;
    match name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')) {
        Some(support) if support.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            Some(format!("{number}-{support}"))
        }
        Some(_) => None,
        None => Some(number),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn distro(id: &str, version_id: &str, pretty_name: &str) -> Distro {
        Distro {
            id: id.to_owned(),
            version_id: version_id.to_owned(),
            pretty_name: (!pretty_name.is_empty()).then(|| pretty_name.to_owned()),
            id_like: vec!["debian".to_owned(), "rhel".to_owned(), "alpine".to_owned()],
            ..Distro::default()
        }
    }

    #[track_caller]
    fn check_distro(distro: &Distro, realm: &str, end_of_life: &str) {
        let realms: Vec<String> = realms(distro).into_iter().map(|realm| realm.0).collect();
        assert_eq!(realms.join(" "), realm);
        let name = end_of_life_name(distro)
            .map(|name| format!("{} {}", name.product, name.release))
            .unwrap_or_default();
        assert_eq!(name, end_of_life);
    }

    #[track_caller]
    fn check(id: &str, version_id: &str, pretty_name: &str, realm: &str, end_of_life: &str) {
        check_distro(&distro(id, version_id, pretty_name), realm, end_of_life);
    }

    #[test]
    fn debian_is_known_by_its_number() {
        check("debian", "12", "", "deb/debian:12", "debian 12");
        check("debian", "10.8", "Distroless", "deb/debian:10", "debian 10");
        check("debian", "", "Debian GNU/Linux trixie/sid", "deb/debian:sid", "");
        check("debian", "", "", "", "");
        let mut unnumbered = Distro { codename: Some("bookworm".into()), ..distro("debian", "", "") };
        check_distro(&unnumbered, "deb/debian:12", "debian 12");
        unnumbered.codename = Some("sid".into());
        check_distro(&unnumbered, "deb/debian:sid", "");
        unnumbered.codename = Some("trixie".into());
        unnumbered.pretty_name = Some("Debian GNU/Linux trixie/sid".into());
        check_distro(&unnumbered, "deb/debian:sid", "");
    }

    #[test]
    fn ubuntu_is_known_by_year_and_month() {
        check("ubuntu", "22.04", "", "deb/ubuntu:22.04", "ubuntu 22.04");
        check("ubuntu", "22.04.3", "", "deb/ubuntu:22.04", "ubuntu 22.04");
        check("ubuntu", "22", "", "", "");
    }

    #[test]
    fn alpine_is_known_by_its_repositories_first() {
        check("alpine", "3.18.4", "Alpine Linux v3.18", "apk/alpine:v3.18", "alpine-linux 3.18");
        check("alpine", "3.21.0_alpha20240923", "Alpine Linux edge", "apk/alpine:edge", "");
        check("alpine", "3.19_alpha20230901", "", "apk/alpine:edge", "");
        check("alpine", "3.20.0_rc1", "", "apk/alpine:v3.20", "alpine-linux 3.20");
        let mut newer = distro("alpine", "3.9.3", "");
        newer.repository_release = Some("v3.10".into());
        check_distro(&newer, "apk/alpine:v3.10", "alpine-linux 3.10");
        newer.repository_release = Some("edge".into());
        check_distro(&newer, "apk/alpine:edge", "");
        check("wolfi", "20230201", "", "apk/wolfi", "");
        check("minimos", "20241031", "", "apk/minimos", "");
        check("chainguard", "20230214", "", "apk/chainguard", "");
    }

    #[test]
    fn red_hat_and_its_relatives_are_known_by_major_release() {
        check("rhel", "9.4", "", "rpm/redhat:9", "rhel 9");
        check("rocky", "9.3", "", "rpm/rocky:9", "rocky-linux 9");
        check("almalinux", "8.10", "", "rpm/almalinux:8", "almalinux 8");
        check("ol", "9.3", "", "rpm/oracle:9", "oracle-linux 9");
        check("fedora", "38", "", "rpm/fedora:38", "fedora 38");
    }

    #[test]
    fn open_euler_is_known_by_its_number_and_service_pack() {
        let of = |version: &str, name: &str, realm: &str| check("openeuler", version, name, realm, "");
        of("22.03", "openEuler 22.03 (LTS-SP3)", "rpm/openeuler:22.03-LTS-SP3");
        of("20.03", "openEuler 20.03 (LTS)", "rpm/openeuler:20.03-LTS");
        of("23.09", "openEuler 23.09", "rpm/openeuler:23.09");
        of("22.03", "", "");
        check("arch", "", "Arch Linux", "alpm/arch", "");
        check("secureos", "1.0", "", "apk/secureos", "");
    }

    #[test]
    fn centos_stream_is_never_taken_for_red_hat() {
        check("centos", "7", "CentOS Linux 7 (Core)", "rpm/redhat:7", "centos 7");
        check("centos", "6", "", "rpm/redhat:6", "centos 6");
        check("centos", "8", "CentOS Linux 8", "rpm/redhat:8", "centos 8");
        check("centos", "8", "CentOS Stream 8", "", "centos-stream 8");
        check("centos", "8", "", "", "centos-stream 8");
        check("centos", "9", "CentOS Linux 9", "", "centos-stream 9");
        assert!(matches!(
            coverage(&distro("centos", "7", "CentOS Linux 7 (Core)")),
            Coverage::Covered { note: Some(_), .. }
        ));
    }

    #[test]
    fn amazon_has_four_generations() {
        check("amzn", "2018.03", "", "rpm/amazon:1", "amazon-linux 2018.03");
        check("amzn", "2", "", "rpm/amazon:2", "amazon-linux 2");
        check("amzn", "2022", "", "rpm/amazon:2022", "amazon-linux 2022");
        check("amzn", "2023.3.20240304", "", "rpm/amazon:2023", "amazon-linux 2023");
    }

    #[test]
    fn others_are_known_by_two_numbers() {
        check("sles", "15.5", "", "rpm/sles:15.5", "sles 15.5");
        check("sles", "15-SP5", "", "rpm/sles:15.5", "sles 15.5");
        check("sles", "15", "", "rpm/sles:15", "sles 15");
        check("opensuse-leap", "15.2.1", "", "rpm/opensuse-leap:15.2", "opensuse 15.2");
        check("opensuse", "42.3", "", "rpm/opensuse-leap:42.3", "opensuse 42.3");
        check("opensuse-leap-micro", "5.5", "", "rpm/opensuse-leap-micro:5.5", "");
        check("sle-micro", "5.5", "", "rpm/sle-micro:5.5", "");
        check("sl-micro", "6.0", "", "rpm/sl-micro:6.0", "suse-linux-micro 6.0");
        check("azurelinux", "3.0", "", "rpm/azurelinux:3.0", "azure-linux 3.0");
        check("mariner", "2.0", "", "rpm/mariner:2.0", "");
        check("photon", "4.0", "", "rpm/photon:4.0", "vmware-photon 4.0");
    }

    #[test]
    fn derivatives_and_strangers_are_not_covered() {
        for id in ["kali", "raspbian", "linuxmint", "scientific", "my-awesome-distro", "", "DEBIAN"] {
            check(id, "12", "", "", "");
            assert!(matches!(coverage(&distro(id, "12", "")), Coverage::NotCovered(_)), "{id}");
        }
    }

    #[test]
    fn a_hostile_version_is_no_release() {
        for version in ["../../x", "12/../../x", "\u{1b}[2J", "99999999999", "٣", "-1", "x12"] {
            for row in DISTROS.iter().filter(|row| !matches!(row.advisories, Advisories::Rolling(_))) {
                assert_eq!(realms(&distro(row.id, version, "")), [], "{} {version}", row.id);
            }
        }
    }

    #[test]
    fn ids_and_aliases_are_unique_and_lower_case() {
        let mut seen = BTreeSet::new();
        for name in DISTROS.iter().flat_map(|row| row.aliases.iter().chain([&row.id])) {
            assert!(seen.insert(*name), "{name} is there twice");
            assert_eq!(name.to_ascii_lowercase(), *name);
        }
    }
}
