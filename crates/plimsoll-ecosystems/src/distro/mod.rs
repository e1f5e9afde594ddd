//! Which distribution an image is: the files that say so, which of them wins, and what
//! follows from it (realm of advisories, end of life).
//!
//! Never guesses by likeness: `ID_LIKE` is kept, and decides nothing.

mod os_release;
mod release_files;
mod repositories;
mod table;

use plimsoll_core::{Distro, Extractor, ImagePath, Input, Observations, Pattern};

pub use table::{
    Advisories, Coverage, DISTROS, DistroRow, EndOfLifeName, coverage, end_of_life_name, realms, row,
};

/// A kind of file that names a distribution.
struct Source {
    path: &'static str,
    read: fn(&str) -> Option<Distro>,
}

/// The files, the most trustworthy first: an image of a derivative often still has the
/// parent's file, so that the special ones stand before the general ones.
const SOURCES: [Source; 22] = [
    Source { path: "etc/os-release", read: os_release::os_release },
    Source { path: "usr/lib/os-release", read: os_release::os_release },
    Source { path: "etc/alpine-release", read: release_files::alpine_release },
    Source { path: "etc/oracle-release", read: release_files::release_line },
    Source { path: "etc/rocky-release", read: release_files::release_line },
    Source { path: "etc/almalinux-release", read: release_files::release_line },
    Source { path: "etc/centos-release", read: release_files::release_line },
    Source { path: "etc/fedora-release", read: release_files::release_line },
    Source { path: "etc/amazon-linux-release", read: release_files::release_line },
    Source { path: "etc/photon-release", read: release_files::release_line },
    Source { path: "etc/mariner-release", read: release_files::release_line },
    Source { path: "etc/azurelinux-release", read: release_files::release_line },
    Source { path: "etc/SuSE-release", read: release_files::suse_release },
    Source { path: "etc/redhat-release", read: release_files::release_line },
    Source { path: "etc/system-release", read: release_files::release_line },
    Source { path: "usr/lib/redhat-release", read: release_files::release_line },
    Source { path: "usr/lib/system-release", read: release_files::release_line },
    Source { path: "etc/system-release-cpe", read: release_files::system_release_cpe },
    Source { path: "usr/lib/system-release-cpe", read: release_files::system_release_cpe },
    Source { path: "etc/lsb-release", read: os_release::lsb_release },
    Source { path: "etc/debian_version", read: release_files::debian_version },
    Source { path: "etc/apk/repositories", read: repositories::repositories },
];

const PATTERNS: [Pattern; SOURCES.len()] = {
    let mut patterns = [Pattern::Path(""); SOURCES.len()];
    let mut index = 0;
    while index < patterns.len() {
        patterns[index] = Pattern::Path(SOURCES[index].path);
        index += 1;
    }
    patterns
};

/// Bytes of a file that are read; honest ones have fewer than a thousand.
const FILE_BYTES_MAX: usize = 64 << 10;

/// Bytes of one value that are kept.
const VALUE_BYTES_MAX: usize = 256;

/// `os/distro`: reads every file that names a distribution. What each says is partial; see
/// [`merge_distro`].
pub struct OsDistro;

/// The extractor of distributions.
pub static OS_DISTRO: OsDistro = OsDistro;

impl Extractor for OsDistro {
    fn id(&self) -> &'static str {
        "os/distro"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &PATTERNS
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if input.content.len() > FILE_BYTES_MAX {
            out.oddity(input.path, format!("more than {FILE_BYTES_MAX} bytes long; only its start was read"));
        }
        let start = &input.content[..input.content.len().min(FILE_BYTES_MAX)];
        let text = String::from_utf8_lossy(start);
        let read = match rank(input.path) {
            Some(rank) => (SOURCES[rank].read)(&text),
            None => read_unknown(&text),
        };
        // An Alpine image with other repositories only, or none, is nothing odd.
        let may_be_silent = input.path.file_name() == b"repositories";
        if read.is_none() && !may_be_silent {
            out.oddity(input.path, "names no distribution that Plimsoll knows by such a file");
        }
        out.distro = read;
    }
}

/// A link led to a file of another name: each format is tried that names its distribution.
fn read_unknown(text: &str) -> Option<Distro> {
    os_release::os_release(text)
        .or_else(|| os_release::lsb_release(text))
        .or_else(|| release_files::suse_release(text))
        .or_else(|| release_files::system_release_cpe(text))
}

/// The place in [`SOURCES`] of the file at `path`, if it has one there.
fn rank(path: &ImagePath) -> Option<usize> {
    SOURCES.iter().position(|source| source.path.as_bytes() == path.as_bytes())
}

/// The distribution of an image, from what all its files say.
///
/// The first file of the order above names it; others that name the same one only fill
/// in what it left out. Alpine's repositories add the release that packages come from.
pub fn merge_distro(seen: &[(&ImagePath, &Distro)]) -> Option<Distro> {
    let mut order: Vec<_> = seen.iter().filter(|(_, distro)| !distro.id.is_empty()).collect();
    order.sort_by_key(|(path, _)| (rank(path).unwrap_or(SOURCES.len()), *path));
    let mut distro: Distro = (*order.first()?.1).clone();
    for (_, other) in order.iter().skip(1).filter(|(_, other)| other.id == order[0].1.id) {
        fill(&mut distro, other);
    }
    // Files that name repositories alone name no distribution.
    distro.repositories = seen.iter().flat_map(|(_, it)| it.repositories.iter().cloned()).collect();
    distro.repositories.sort_unstable();
    distro.repositories.dedup();
    Some(distro)
}

/// Takes from `other` what `distro` does not say.
fn fill(distro: &mut Distro, other: &Distro) {
    if distro.version_id.is_empty() {
        distro.version_id.clone_from(&other.version_id);
    }
    if distro.id_like.is_empty() {
        distro.id_like.clone_from(&other.id_like);
    }
    for (mine, theirs) in [
        (&mut distro.codename, &other.codename),
        (&mut distro.pretty_name, &other.pretty_name),
        (&mut distro.cpe, &other.cpe),
    ] {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    }
    distro.repository_release =
        repositories::higher(distro.repository_release.take(), other.repository_release.as_ref());
}

/// A value of sensible length; `None` for an empty or an overlong one.
fn short(value: &str) -> Option<String> {
    (!value.is_empty() && value.len() <= VALUE_BYTES_MAX).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an image with these files is: id, version, codename, release of the repositories.
    fn merged(files: &[(&str, &str)]) -> String {
        let seen: Vec<(ImagePath, Distro)> = files
            .iter()
            .filter_map(|(path, content)| {
                let (path, mut out) = (ImagePath::new(path), Observations::default());
                OS_DISTRO.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
                assert!(out.problems.iter().all(|problem| !problem.hides_findings));
                Some((path, out.distro?))
            })
            .collect();
        let seen: Vec<_> = seen.iter().map(|(path, distro)| (path, distro)).collect();
        match merge_distro(&seen) {
            None => "nothing".to_owned(),
            Some(distro) => format!(
                "{} {} {} {}",
                distro.id,
                distro.version_id,
                distro.codename.as_deref().unwrap_or("-"),
                distro.repository_release.as_deref().unwrap_or("-")
            ),
        }
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &str) {
        assert_eq!(merged(files), expected);
        let reversed: Vec<_> = files.iter().rev().copied().collect();
        assert_eq!(merged(&reversed), expected, "in the other order");
    }

    #[test]
    fn os_release_in_etc_wins() {
        check(
            &[
                ("usr/lib/os-release", "ID=debian\nVERSION_ID=11\n"),
                ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
            ],
            "debian 12 - -",
        );
        check(
            &[("etc/os-release", "ID=ubuntu\nVERSION_ID=22.04\n"), ("etc/debian_version", "bookworm/sid\n")],
            "ubuntu 22.04 - -",
        );
    }

    #[test]
    fn an_empty_or_nameless_os_release_leaves_it_to_the_others() {
        check(
            &[("etc/os-release", ""), ("usr/lib/os-release", "ID=alpine\nVERSION_ID=3.18.4\n")],
            "alpine 3.18.4 - -",
        );
        check(&[("etc/os-release", "NAME=x\n"), ("etc/alpine-release", "3.18.4\n")], "alpine 3.18.4 - -");
        check(&[("etc/os-release", "NAME=x\n")], "nothing");
        check(&[], "nothing");
    }

    #[test]
    fn older_files_fill_in_what_os_release_does_not_say() {
        check(&[("etc/os-release", "ID=debian\n"), ("etc/debian_version", "10.8\n")], "debian 10.8 - -");
        check(&[("etc/os-release", "ID=kali\n"), ("etc/debian_version", "10.8\n")], "kali  - -");
    }

    #[test]
    fn the_special_release_file_wins_over_the_general() {
        check(
            &[
                ("etc/redhat-release", "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n"),
                ("etc/oracle-release", "Oracle Linux Server release 7.9\n"),
            ],
            "ol 7.9 - -",
        );
        check(&[("etc/redhat-release", "CentOS release 5.7 (Final)\n")], "centos 5.7 - -");
    }

    #[test]
    fn repositories_name_the_release_of_alpine_only() {
        let repositories = ("etc/apk/repositories", "http://dl-cdn.alpinelinux.org/alpine/v3.10/main\n");
        check(&[("etc/os-release", "ID=alpine\nVERSION_ID=3.9.3\n"), repositories], "alpine 3.9.3 - v3.10");
        check(&[("etc/os-release", "ID=wolfi\n"), repositories], "wolfi  - -");
        check(&[repositories], "alpine  - v3.10");
    }

    #[test]
    fn a_link_may_lead_to_a_file_of_another_name() {
        check(&[("opt/release", "Rocky Linux release 9.3 (Blue Onyx)\n")], "rocky 9.3 - -");
    }
}
