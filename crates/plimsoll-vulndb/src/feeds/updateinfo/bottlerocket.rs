//! Bottlerocket, an operating system for hosts of containers. Its advisories have GitHub's ids.
//!
//! No channels. Its images have no rpm database, so that no package is compared with it yet.

use plimsoll_core::Realm;

use super::UpdateInfo;
use super::rows::Home;
use crate::{Licence, Source};

/// The feed.
pub(in crate::feeds) static BOTTLEROCKET: UpdateInfo = UpdateInfo {
    id: "bottlerocket",
    title: "Bottlerocket security advisories",
    says: "Bottlerocket's advisories with the packages that are fixed.",
    is_silent_on: "Whatever is not fixed; and no image has its packages in a database that could be compared.",
    cadence_hours: 6,
    sources: || {
        let url = "https://advisories.bottlerocket.aws/updateinfo.xml.gz";
        let mirror =
            ["bottlerocket/updateinfo.xml.gz", "other-distros/bottlerocket-updateinfo.excerpt.xml.gz"];
        vec![Source { optional: true, ..Source::file("updateinfo", url, &mirror, 64 << 20) }]
    },
    licence: Licence {
        name: "no licence is stated",
        attribution: "the Bottlerocket project, https://advisories.bottlerocket.aws/",
        redistributable: false,
    },
    home: |_, collection| match collection.short.as_str() {
        "bottlerocket" => Home::Here(Realm("rpm/bottlerocket".to_owned()), None),
        _ => Home::Unknown,
    },
};
