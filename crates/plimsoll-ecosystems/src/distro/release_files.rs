//! The release files from before os-release, one line each: redhat-release and its relatives,
//! SuSE-release, debian_version, alpine-release, system-release-cpe.
//!
//! A name that is not in the table here gives no distribution, rather than a similar one.

use plimsoll_core::Distro;

use super::short;

/// How a line of a release file begins, in lower case, and whose `ID` that is. Longer before shorter.
const NAMES: [(&str, &str); 17] = [
    ("almalinux ", "almalinux"),
    ("amazon linux ", "amzn"),
    ("cbl-mariner", "mariner"),
    ("centos ", "centos"),
    ("cloudlinux ", "cloudlinux"),
    ("enterprise linux enterprise linux ", "ol"),
    ("eurolinux ", "eurolinux"),
    ("fedora ", "fedora"),
    ("microsoft azure linux ", "azurelinux"),
    ("opensuse ", "opensuse"),
    ("oracle linux ", "ol"),
    ("red hat enterprise linux ", "rhel"),
    ("rocky linux ", "rocky"),
    ("scientific linux ", "scientific"),
    ("suse linux enterprise server ", "sles"),
    ("virtuozzo linux ", "virtuozzo"),
    ("vmware photon ", "photon"),
];

/// `CentOS Linux release 7.6.1810 (Core)`: a name, and the first word that begins with a digit.
pub(super) fn release_line(text: &str) -> Option<Distro> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let lower = short(line)?.to_ascii_lowercase();
    let (_, id) = NAMES.iter().find(|(start, _)| lower.starts_with(start))?;
    let version = line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    Some(Distro {
        id: (*id).to_owned(),
        version_id: version.unwrap_or_default().to_owned(),
        pretty_name: short(line),
        ..Distro::default()
    })
}

/// `etc/SuSE-release`: a line as above, and `PATCHLEVEL = 4` for the service pack.
pub(super) fn suse_release(text: &str) -> Option<Distro> {
    let mut distro = release_line(text)?;
    let patch_level = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "PATCHLEVEL")
        .and_then(|(_, value)| short(value.trim()));
    if let Some(patch_level) = patch_level.filter(|level| level != "0" && !distro.version_id.contains('.')) {
        distro.version_id = format!("{}.{patch_level}", distro.version_id);
    }
    Some(distro)
}

/// `etc/debian_version`: `12.5`, or `trixie/sid` before a release.
pub(super) fn debian_version(text: &str) -> Option<Distro> {
    let version = short(text.trim()).filter(|version| !version.contains(char::is_whitespace))?;
    let mut distro = Distro { id: "debian".to_owned(), ..Distro::default() };
    if version.starts_with(|c: char| c.is_ascii_digit()) {
        distro.version_id = version;
    } else if let Some((_, "sid")) = version.split_once('/') {
        distro.codename = Some("sid".to_owned());
        distro.pretty_name = Some(format!("Debian GNU/Linux {version}"));
    } else {
        distro.codename = Some(version);
    }
    Some(distro)
}

/// `etc/alpine-release`: `3.18.4`, `3.21.0_alpha20240923`.
pub(super) fn alpine_release(text: &str) -> Option<Distro> {
    let version = short(text.trim()).filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(Distro { id: "alpine".to_owned(), version_id: version, ..Distro::default() })
}

/// Vendors in CPEs, and whose `ID` that is.
const CPE_VENDORS: [(&str, &str); 8] = [
    ("almalinux", "almalinux"),
    ("amazon", "amzn"),
    ("centos", "centos"),
    ("fedoraproject", "fedora"),
    ("oracle", "ol"),
    ("redhat", "rhel"),
    ("rocky", "rocky"),
    ("scientificlinux", "scientific"),
];

/// `etc/system-release-cpe`: `cpe:/o:centos:linux:6:GA`.
pub(super) fn system_release_cpe(text: &str) -> Option<Distro> {
    let text = short(text.trim())?;
    let parts = text.strip_prefix("cpe:/").or_else(|| text.strip_prefix("cpe:2.3:"))?;
    let mut parts = parts.split(':');
    let (Some("o"), Some(vendor), Some(_product), Some(version)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (_, id) = CPE_VENDORS.iter().find(|(name, _)| *name == vendor)?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| Distro {
        id: (*id).to_owned(),
        version_id: version.to_owned(),
        cpe: Some(text.clone()),
        ..Distro::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&str) -> Option<Distro>, text: &str, expected: &str) {
        let actual = match read(text) {
            Some(distro) => format!("{} {}", distro.id, distro.version_id),
            None => "nothing".to_owned(),
        };
        assert_eq!(actual.trim(), expected, "{text}");
    }

    #[test]
    fn release_lines_name_distribution_and_version() {
        check(release_line, "Red Hat Enterprise Linux Server release 7.4 (Maipo)\n", "rhel 7.4");
        check(release_line, "Red Hat Enterprise Linux Atomic Host release 7.9", "rhel 7.9");
        check(release_line, "\n\nCentOS release 5 (Final)", "centos 5");
        check(release_line, "CentOS Linux release 7.6.1810 (Core) ", "centos 7.6.1810");
        check(release_line, "Rocky Linux release 8.4 (Green Obsidian)", "rocky 8.4");
        check(release_line, "AlmaLinux release 8.10 (Cerulean Leopard)", "almalinux 8.10");
        check(release_line, "Oracle Linux Server release 9.3", "ol 9.3");
        check(release_line, "Fedora release 29 (Twenty Nine)", "fedora 29");
        check(release_line, "Amazon Linux AMI release 2018.03", "amzn 2018.03");
        check(release_line, "Amazon Linux release 2 (Karoo)", "amzn 2");
        check(release_line, "VMware Photon OS 4.0", "photon 4.0");
        check(release_line, "Red Hat Linux release 6.2 (Zoot)", "nothing");
        check(release_line, "", "nothing");
    }

    #[test]
    fn centos_stream_can_be_told_apart() {
        let distro = release_line("CentOS Stream release 9\n").unwrap();
        assert_eq!(distro.pretty_name.as_deref(), Some("CentOS Stream release 9"));
    }

    #[test]
    fn suse_names_its_service_pack_apart() {
        check(
            suse_release,
            "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
            "sles 11.4",
        );
        check(
            suse_release,
            "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n",
            "sles 12",
        );
        check(suse_release, "openSUSE 13.2 (x86_64)\nVERSION = 13.2\n", "opensuse 13.2");
    }

    #[test]
    fn debian_and_alpine_write_only_a_version() {
        check(debian_version, "9.8\n", "debian 9.8");
        check(debian_version, "buster/sid\n", "debian");
        assert_eq!(debian_version("buster/sid").unwrap().codename.as_deref(), Some("sid"));
        check(debian_version, "", "nothing");
        check(alpine_release, "3.18.4\n", "alpine 3.18.4");
        check(alpine_release, "x", "nothing");
    }

    #[test]
    fn a_cpe_is_the_last_resort() {
        check(system_release_cpe, "cpe:/o:centos:linux:6:GA\n", "centos 6");
        check(system_release_cpe, "cpe:2.3:o:amazon:amazon_linux:2", "amzn 2");
        check(system_release_cpe, "cpe:/o:centos:6:GA", "nothing");
        check(system_release_cpe, "cpe:/o:other:linux:6", "nothing");
    }
}
