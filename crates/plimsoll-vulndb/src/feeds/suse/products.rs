//! SUSE's names of products, and the realm that the packages of each are installed in.
//!
//! A module is part of every server of its service pack, `SUSE Linux Enterprise Module for
//! Basesystem 15 SP6` of 15.6: that is what an image says that it is. Products that are installed
//! on machines only (High Performance Computing, Desktop, SAP, Manager, Storage …) have no realm.

use plimsoll_core::Realm;

/// Where a product's packages are installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::feeds) struct Place {
    pub(in crate::feeds) realm: Realm,
    /// The longer support that is paid for: `ltss`, `espos` …
    pub(in crate::feeds) channel: Option<String>,
}

/// Names in front of a release of the server, all of which mean the server's packages.
const SERVER: &[&str] = &[
    "SUSE Linux Enterprise Server ",
    "SUSE Linux Enterprise Software Development Kit ",
    "SUSE Linux Enterprise Workstation Extension ",
    "SUSE Linux Enterprise Live Patching ",
    "SUSE Package Hub ",
];
const MODULE: &str = "SUSE Linux Enterprise Module for ";
/// Names in front of releases that are realms of their own.
const OTHERS: &[(&str, &str)] = &[
    ("openSUSE Leap Micro ", "opensuse-leap-micro"),
    ("openSUSE Leap ", "opensuse-leap"),
    ("SUSE Linux Enterprise Micro ", "sle-micro"),
    ("SUSE Linux Micro Extras ", "sl-micro"),
    ("SUSE Linux Micro ", "sl-micro"),
];
/// The last service pack of release 12, whose modules are those of all its service packs.
const SERVICE_PACK_12_MAX: u32 = 5;

/// The places of a product, none where it is none of an image's.
pub(in crate::feeds) fn places(product: &str) -> Vec<Place> {
    let product = product.strip_suffix(" NonFree").unwrap_or(product);
    if product == "openSUSE Tumbleweed" {
        let realm = Realm("rpm/opensuse-tumbleweed".to_owned());
        return vec![Place { realm, channel: None }];
    }
    if let Some((rest, id)) = OTHERS.iter().find_map(|(start, id)| Some((product.strip_prefix(start)?, id))) {
        return release(rest).map(|(release, channel)| place(id, &release, channel)).into_iter().collect();
    }
    if let Some(rest) = product.strip_prefix(MODULE) {
        // The release stands behind the module's name: `Web and Scripting 15 SP5`.
        let digit = rest.match_indices(' ').map(|(at, _)| at + 1);
        let mut releases = digit.filter_map(|at| release(rest.get(at..)?));
        return releases.next().map(of_module).unwrap_or_default();
    }
    let rest = SERVER.iter().find_map(|start| product.strip_prefix(start));
    let found = rest.or_else(|| old_name(product)).and_then(release);
    found.map(|(release, channel)| place("sles", &release, channel)).into_iter().collect()
}

fn place(id: &str, release: &str, channel: Option<String>) -> Place {
    Place { realm: Realm::distro("rpm", id, release), channel }
}

fn of_module((release, channel): (String, Option<String>)) -> Vec<Place> {
    if release != "12" {
        return vec![place("sles", &release, channel)];
    }
    let packs = (1..=SERVICE_PACK_12_MAX).map(|pack| format!("12.{pack}"));
    std::iter::once(release).chain(packs).map(|it| place("sles", &it, channel.clone())).collect()
}

/// `sles10-sp4`, as the files of release 10 have it.
fn old_name(product: &str) -> Option<&str> {
    let rest = product.strip_prefix("sles")?;
    // `sles10-sp4-sdk` is another product.
    (rest.starts_with(|it: char| it.is_ascii_digit()) && !rest.ends_with("-sdk")).then_some(rest)
}

/// Release and channel of `15`, `15 SP4`, `15-SP4`, `15 SP4-LTSS`, `15-LTSS`, `16.0`, `10-sp4`.
fn release(text: &str) -> Option<(String, Option<String>)> {
    let end = text.find(|it: char| !(it.is_ascii_digit() || it == '.')).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let is_number = |it: &str| (1..=3).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit());
    if !number.split('.').all(is_number) || number.split('.').count() > 2 {
        return None;
    }
    let lower = rest.to_ascii_lowercase();
    let pack = lower.strip_prefix(" sp").or_else(|| lower.strip_prefix("-sp"));
    let (number, rest) = match pack {
        Some(pack) => {
            let digits = pack.bytes().take_while(u8::is_ascii_digit).count();
            let (pack, rest) = pack.split_at_checked(digits)?;
            if !is_number(pack) || number.contains('.') {
                return None;
            }
            (format!("{number}.{pack}"), rest)
        }
        None => (number.to_owned(), lower.as_str()),
    };
    let channel = match rest.strip_prefix('-') {
        Some(channel) => Some(channel.trim().replace(' ', "-")),
        None if rest.is_empty() => None,
        None => return None,
    };
    let is_word = |it: &String| {
        (1..=40).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    if channel.as_ref().is_some_and(|it| !is_word(it)) {
        return None;
    }
    Some((number, channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(product: &str, expected: &str) {
        let found: Vec<String> = places(product)
            .into_iter()
            .map(|it| match it.channel {
                Some(channel) => format!("{} {channel}", it.realm),
                None => it.realm.to_string(),
            })
            .collect();
        assert_eq!(found.join(", "), expected, "{product}");
    }

    #[test]
    fn servers_and_their_modules_are_one_realm_for_each_service_pack() {
        check("SUSE Linux Enterprise Server 15 SP4", "rpm/sles:15.4");
        check("SUSE Linux Enterprise Server 15", "rpm/sles:15");
        check("SUSE Linux Enterprise Server 16.0", "rpm/sles:16.0");
        check("SUSE Linux Enterprise Module for Basesystem 15 SP6", "rpm/sles:15.6");
        check("SUSE Linux Enterprise Module for Python 3 15 SP5", "rpm/sles:15.5");
        check("SUSE Linux Enterprise Module for Basesystem 15", "rpm/sles:15");
        check("SUSE Linux Enterprise Workstation Extension 15 SP2", "rpm/sles:15.2");
        check("sles10-sp4", "rpm/sles:10.4");
    }

    #[test]
    fn modules_of_12_are_those_of_all_its_service_packs() {
        check(
            "SUSE Linux Enterprise Module for Containers 12",
            "rpm/sles:12, rpm/sles:12.1, rpm/sles:12.2, rpm/sles:12.3, rpm/sles:12.4, rpm/sles:12.5",
        );
    }

    #[test]
    fn longer_support_is_a_channel() {
        check("SUSE Linux Enterprise Server 15 SP3-LTSS", "rpm/sles:15.3 ltss");
        check("SUSE Linux Enterprise Server 15-LTSS", "rpm/sles:15 ltss");
        check("SUSE Linux Enterprise Server 12 SP2-BCL", "rpm/sles:12.2 bcl");
        check(
            "SUSE Linux Enterprise Server 12 SP5-LTSS Extended Security",
            "rpm/sles:12.5 ltss-extended-security",
        );
    }

    #[test]
    fn other_systems_are_realms_of_their_own() {
        check("openSUSE Leap 15.5", "rpm/opensuse-leap:15.5");
        check("openSUSE Leap 15.2 NonFree", "rpm/opensuse-leap:15.2");
        check("openSUSE Leap Micro 5.3", "rpm/opensuse-leap-micro:5.3");
        check("openSUSE Tumbleweed", "rpm/opensuse-tumbleweed");
        check("SUSE Linux Enterprise Micro 5.5", "rpm/sle-micro:5.5");
        check("SUSE Linux Micro 6.0", "rpm/sl-micro:6.0");
    }

    #[test]
    fn products_for_machines_have_no_place() {
        for product in [
            "SUSE Linux Enterprise High Performance Computing 15 SP4",
            "SUSE Linux Enterprise Server for SAP Applications 15 SP4",
            "SUSE Linux Enterprise Desktop 15 SP4",
            "SUSE Manager Server 4.3",
            "SUSE Linux Enterprise Server 15 SP4/../x",
            "SUSE Linux Enterprise Server 1.2.3",
            "sles10-sp4-sdk",
            "SUSE Linux Enterprise Server 15 SP4-",
            "sles",
            "",
        ] {
            check(product, "");
        }
    }
}
