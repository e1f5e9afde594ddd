//! Where a statement holds: releases by their codenames, and the channels of extended support.
//!
//! A name that is not known is said to be unknown, never left out.

/// The number of a release, by which it calls itself in os-release.
///
/// Source: <https://wiki.ubuntu.com/Releases>.
fn release(codename: &str) -> Option<&'static str> {
    const CODENAMES: &[(&str, &str)] = &[
        ("warty", "4.10"),
        ("hoary", "5.04"),
        ("breezy", "5.10"),
        ("dapper", "6.06"),
        ("edgy", "6.10"),
        ("feisty", "7.04"),
        ("gutsy", "7.10"),
        ("hardy", "8.04"),
        ("intrepid", "8.10"),
        ("jaunty", "9.04"),
        ("karmic", "9.10"),
        ("lucid", "10.04"),
        ("maverick", "10.10"),
        ("natty", "11.04"),
        ("oneiric", "11.10"),
        ("precise", "12.04"),
        ("quantal", "12.10"),
        ("raring", "13.04"),
        ("saucy", "13.10"),
        ("trusty", "14.04"),
        ("utopic", "14.10"),
        ("vivid", "15.04"),
        ("wily", "15.10"),
        ("xenial", "16.04"),
        ("yakkety", "16.10"),
        ("zesty", "17.04"),
        ("artful", "17.10"),
        ("bionic", "18.04"),
        ("cosmic", "18.10"),
        ("disco", "19.04"),
        ("eoan", "19.10"),
        ("focal", "20.04"),
        ("groovy", "20.10"),
        ("hirsute", "21.04"),
        ("impish", "21.10"),
        ("jammy", "22.04"),
        ("kinetic", "22.10"),
        ("lunar", "23.04"),
        ("mantic", "23.10"),
        ("noble", "24.04"),
        ("oracular", "24.10"),
        ("plucky", "25.04"),
        ("questing", "25.10"),
        ("resolute", "26.04"),
    ];
    CODENAMES.iter().find(|(name, _)| *name == codename).map(|(_, number)| *number)
}

/// Where a statement holds.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::feeds) enum Place {
    Release {
        number: &'static str,
        channel: Option<String>,
    },
    /// `upstream`, `devel`, snaps, phones and cores: no release of a distribution.
    NotARelease,
    Unknown,
}

/// `jammy`, `esm-infra/xenial`, `trusty/esm`, `upstream`.
pub(in crate::feeds) fn place(series: &str) -> Place {
    let (product, codename) = match series.split_once('/') {
        None => ("", series),
        // Before there was `esm-infra/…`.
        Some((codename, "esm")) => ("esm-infra", codename),
        Some((product, codename)) => (product, codename),
    };
    let known =
        ["esm-infra", "esm-apps", "esm-infra-legacy", "fips", "fips-updates", "fips-preview", "ros-esm"];
    match (release(codename), product) {
        (Some(number), "") => Place::Release { number, channel: None },
        (Some(number), product)
            if known.contains(&product) || ["realtime", "bluefield"].contains(&product) =>
        {
            Place::Release { number, channel: Some(product.to_owned()) }
        }
        // `vivid/ubuntu-core`, `vivid/stable-phone-overlay`.
        (None, product) if release(product).is_some() => Place::NotARelease,
        (None, "") if ["upstream", "devel", "product", "snap"].contains(&codename) => Place::NotARelease,
        _ => Place::Unknown,
    }
}
