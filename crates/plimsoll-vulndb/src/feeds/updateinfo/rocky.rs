//! Rocky Linux's repositories. They lag behind the announcements at times, and name no streams of
//! modules; [`super::super::apollo`] does.
//!
//! No channels.

use plimsoll_core::Realm;

use super::read::{Collection, Update};
use super::rows::Home;
use super::{UpdateInfo, repository};
use crate::{Licence, Source};

/// The feed.
pub(in crate::feeds) static ROCKY: UpdateInfo = UpdateInfo {
    id: "rocky-updateinfo",
    title: "Rocky Linux updates",
    says: "What each repository of Rocky Linux fixed, by binary package and architecture.",
    is_silent_on: "Whatever is not fixed; it has been late by weeks, or missing.",
    cadence_hours: 3,
    sources,
    licence: Licence {
        name: "BSD-3-Clause",
        attribution: "Rocky Enterprise Software Foundation, https://errata.rockylinux.org/",
        redistributable: true,
    },
    home,
};

/// Releases and their repositories that images get packages from; one that is not there is left out.
const RELEASES: &[(&str, &[&str])] = &[
    ("8", &["BaseOS", "AppStream", "PowerTools", "extras"]),
    ("9", &["BaseOS", "AppStream", "CRB", "extras"]),
    ("10", &["BaseOS", "AppStream", "CRB", "extras"]),
];

fn sources() -> Vec<Source> {
    let all =
        RELEASES.iter().flat_map(|(release, repositories)| repositories.iter().map(move |it| (release, it)));
    all.map(|(release, name)| {
        let path = format!("{release}/{name}/x86_64/os");
        let url = format!("https://dl.rockylinux.org/pub/rocky/{path}");
        let mirror = format!("rocky/updateinfo/{path}/repodata/*updateinfo.xml.gz");
        Source { newest_only: true, ..repository(&format!("{release}/{name}"), url, &[&mirror]) }
    })
    .collect()
}

/// `rocky-linux-9-x86-64-appstream-rpms`; the release also stands in the update.
fn home(update: &Update, collection: &Collection) -> Home {
    let short = collection.short.strip_prefix("rocky-linux-").and_then(|it| it.split('-').next());
    let release = update.release.strip_prefix("Rocky Linux ").and_then(|it| it.split(['.', ' ']).next());
    let is_number = |it: &&str| (1..=2).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit());
    match short.filter(is_number).or(release.filter(is_number)) {
        Some(release) => Home::Here(Realm::distro("rpm", "rocky", release), None),
        None => Home::Unknown,
    }
}
