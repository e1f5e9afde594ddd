//! Names and versions of rpm packages as advisories write them, and whether they are of a module.

use super::{capped, package_name, version};

/// Stands in a row for the stream of a module that an advisory does not name: the row is
/// compared with packages of any stream, and with none that are of no module.
pub(in crate::feeds) const ANY_STREAM: &str = "*";

/// Whether a version shows that the package was built in a module: `….module+el8.4.0+557+48ba8b2f`,
/// `….module_el8.3.0+2165+af250afe`.
pub(in crate::feeds) fn is_modular(version: &str) -> bool {
    [".module+", ".module_"].iter().any(|mark| version.contains(mark))
}

/// `epoch:version-release`, without an epoch of zero.
pub(in crate::feeds) fn evr(epoch: &str, upstream: &str, release: &str) -> Option<String> {
    let (epoch, upstream, release) = (epoch.trim(), upstream.trim(), release.trim());
    let is_number = epoch.len() <= 10 && epoch.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |text: &str| !text.is_empty() && !text.contains([' ', '\t', '\n', ':']);
    if !is_number || !is_word(upstream) || release.contains(char::is_whitespace) {
        return None;
    }
    let mut text = String::with_capacity(epoch.len() + upstream.len() + release.len() + 2);
    if !epoch.bytes().all(|byte| byte == b'0') {
        text.push_str(epoch);
        text.push(':');
    }
    text.push_str(upstream);
    if !release.is_empty() {
        text.push('-');
        text.push_str(release);
    }
    version(&text).map(str::to_owned)
}

/// One build of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::feeds) struct Built {
    pub(in crate::feeds) name: String,
    pub(in crate::feeds) version: String,
    pub(in crate::feeds) architecture: String,
}

/// `delve-0:1.25.2-1.el10_1.aarch64.rpm`: name, epoch, version, release and architecture.
pub(in crate::feeds) fn nevra(text: &str) -> Result<Built, String> {
    read_nevra(text).ok_or_else(|| format!("`{}` is no name of a package", capped(text, 100)))
}

fn read_nevra(text: &str) -> Option<Built> {
    let text = text.trim();
    let text = text.strip_suffix(".rpm").unwrap_or(text);
    let (rest, architecture) = text.rsplit_once('.')?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, upstream) = rest.rsplit_once('-')?;
    let (epoch, upstream) = upstream.split_once(':').unwrap_or(("0", upstream));
    Some(Built {
        name: package_name(name)?.to_owned(),
        version: evr(epoch, upstream, release)?,
        architecture: word(architecture)?.to_owned(),
    })
}

/// An architecture, if it can be one.
fn word(text: &str) -> Option<&str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    ((1..=16).contains(&text.len()) && text.bytes().all(allowed)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_of_zero_is_none() {
        assert_eq!(evr("0", "1.2", "3.el9").as_deref(), Some("1.2-3.el9"));
        assert_eq!(evr("", "1.2", "").as_deref(), Some("1.2"));
        assert_eq!(evr("32", "9.8.2", "0.68.rc1").as_deref(), Some("32:9.8.2-0.68.rc1"));
        for (epoch, upstream, release) in
            [("x", "1", "1"), ("1", "", "1"), ("1", "1 2", "1"), ("1", "2:3", "1")]
        {
            assert_eq!(evr(epoch, upstream, release), None);
        }
    }

    #[test]
    fn names_of_files_are_taken_apart_from_behind() {
        let read = |text: &str| {
            nevra(text)
                .map(|it| format!("{} {} {}", it.name, it.version, it.architecture))
                .unwrap_or_default()
        };
        assert_eq!(read("delve-0:1.25.2-1.el10_1.aarch64.rpm"), "delve 1.25.2-1.el10_1 aarch64");
        assert_eq!(
            read("oci-systemd-hook-1:0.1.15-2.git2d0b8a3.module+el8.4.0+557+48ba8b2f.src.rpm"),
            "oci-systemd-hook 1:0.1.15-2.git2d0b8a3.module+el8.4.0+557+48ba8b2f src"
        );
        for bad in ["", "a", "a.rpm", "a-1.x86_64.rpm", "-1-1.x86_64.rpm", "a-1-1.x/6.rpm"] {
            assert_eq!(read(bad), "", "{bad}");
        }
    }

    #[test]
    fn modules_show_in_the_release() {
        assert!(is_modular("3.3.1-2.module+el9.4.0+20787+4c237fd3"));
        assert!(is_modular("2.4.37-47.module_el8.6.0+2872+fe0ff7aa.1.alma"));
        assert!(!is_modular("2.4.37-41.el8"));
    }
}
