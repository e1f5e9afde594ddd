//! Fedora, and no other that its update system serves: EPEL's packages are in other
//! distributions, flatpaks and containers are no packages of an image.
//!
//! No channels. Links name the CVEs in their titles; where none does, the update's own texts.

use plimsoll_core::Realm;

use super::read::{Collection, Update};
use super::rows::Home;
use super::{UpdateInfo, repository};
use crate::{Licence, Source};

/// The feed.
pub(in crate::feeds) static FEDORA: UpdateInfo = UpdateInfo {
    id: "fedora",
    title: "Fedora updates",
    says: "Security updates of Fedora's supported releases, by binary package.",
    is_silent_on: "Whatever is not fixed; CVEs that no link and no text of an update names.",
    cadence_hours: 6,
    sources,
    licence: Licence {
        name: "no licence is stated",
        attribution: "the Fedora Project, https://bodhi.fedoraproject.org/",
        redistributable: true,
    },
    home,
};

/// A release appears twice a year and is kept for 13 months; one that is not there yet, or not
/// any more, is left out.
const RELEASES: std::ops::RangeInclusive<u16> = 41..=50;

fn sources() -> Vec<Source> {
    let all = RELEASES.map(|release| {
        let path = format!("linux/updates/{release}/Everything/x86_64");
        let url = format!("https://dl.fedoraproject.org/pub/fedora/{path}");
        let ending = |it: &str| format!("fedora/{path}/repodata/*updateinfo.xml{it}");
        repository(&format!("{release}"), url, &[&ending(".zst"), &ending(".xz"), &ending(".gz")])
    });
    all.map(|source| Source { newest_only: true, ..source }).collect()
}

/// `F43` is release 43; `F43F` its flatpaks, `FEDORA-EPEL-9` somebody else's packages.
fn home(_: &Update, collection: &Collection) -> Home {
    let short = collection.short.as_str();
    if short.starts_with("FEDORA-EPEL") || short.starts_with("EPEL") {
        return Home::Elsewhere;
    }
    let Some(rest) = short.strip_prefix('F') else {
        return Home::Unknown;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest.split_at(digits) {
        (release, "") if (1..=3).contains(&release.len()) => {
            Home::Here(Realm::distro("rpm", "fedora", release), None)
        }
        (release, "F" | "C") if !release.is_empty() => Home::Elsewhere,
        _ => Home::Unknown,
    }
}
