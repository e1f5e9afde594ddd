//! The extractors `os/rpm`, `os/rpm-files` and `os/rpm-manifest`: where rpm keeps its
//! database, and what of it goes into the observations.
//!
//! Never decides which of two databases of one image is in use; each is read where it lies.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, OwnedFiles, Pattern, Problem, ProblemKind};

use super::{PACKAGES_MAX, PUBLIC_KEY, manifest, read_database, visit_headers};

/// Where the database lies: rpm's own place, that of Fedora 36 and SUSE, and that of images
/// made by ostree.
const DATABASES: &[Pattern] = &[
    Pattern::Path("var/lib/rpm/Packages"),
    Pattern::Path("var/lib/rpm/Packages.db"),
    Pattern::Path("var/lib/rpm/rpmdb.sqlite"),
    Pattern::Path("usr/lib/sysimage/rpm/Packages"),
    Pattern::Path("usr/lib/sysimage/rpm/Packages.db"),
    Pattern::Path("usr/lib/sysimage/rpm/rpmdb.sqlite"),
    Pattern::Path("usr/share/rpm/Packages"),
    Pattern::Path("usr/share/rpm/Packages.db"),
    Pattern::Path("usr/share/rpm/rpmdb.sqlite"),
];

/// Lines of a manifest told one by one.
const LINES_TOLD_MAX: usize = 20;

/// How many times the database's own bytes its paths may cost, and how many in any case. Real
/// ones cost about half as much as the database has.
const PATH_BYTES_FACTOR: usize = 8;
const PATH_BYTES_FREE: usize = 64 << 10;

/// Finds installed packages in rpm's database.
pub struct RpmDatabase;

/// Finds which files belong to packages in rpm's database.
pub struct RpmFiles;

/// Finds installed packages in the list of a distroless image.
pub struct RpmManifest;

impl Extractor for RpmDatabase {
    fn id(&self) -> &'static str {
        "os/rpm"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        DATABASES
    }

    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        write_ahead_log(path).into_iter().collect()
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let (packages, problems) = read_database(&file_name(&input), input.content, log_of(&input));
        out.packages.extend(packages);
        out.problems.extend(problems.into_iter().map(|problem| problem.at(input.path)));
    }
}

impl Extractor for RpmFiles {
    fn id(&self) -> &'static str {
        "os/rpm-files"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        DATABASES
    }

    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        write_ahead_log(path).into_iter().collect()
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let (owned, problems) = read_owned_files(&file_name(&input), input.content, log_of(&input));
        out.owned.extend(owned);
        out.problems.extend(problems.into_iter().map(|problem| problem.at(input.path)));
    }
}

impl Extractor for RpmManifest {
    fn id(&self) -> &'static str {
        "os/rpm-manifest"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Path("var/lib/rpmmanifest/container-manifest-2")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let (packages, unreadable) = manifest::read(input.content);
        out.packages.extend(packages);
        for line in unreadable.iter().take(LINES_TOLD_MAX) {
            out.problem(input.path, format!("line {line} of the list of packages cannot be read"));
        }
        if let Some(more) = unreadable.len().checked_sub(LINES_TOLD_MAX).filter(|more| *more > 0) {
            out.problem(input.path, format!("{more} more lines of the list of packages cannot be read"));
        }
    }
}

/// The files of every package of a database. What cannot be read makes no package go away,
/// so none of the problems hides a finding; `os/rpm` tells of the same damage.
pub fn read_owned_files(
    file_name: &str,
    content: &[u8],
    wal: Option<&[u8]>,
) -> (Vec<OwnedFiles>, Vec<Problem>) {
    let mut owned = Vec::new();
    let mut lists_unread = 0_usize;
    let mut bytes_left = content.len().saturating_add(wal.map_or(0, <[u8]>::len));
    bytes_left = bytes_left.saturating_mul(PATH_BYTES_FACTOR).saturating_add(PATH_BYTES_FREE);
    let damage = visit_headers(file_name, content, wal, &mut |header, _, _| {
        let Ok((package, _)) = header.package() else { return };
        if package.name == PUBLIC_KEY || owned.len() >= PACKAGES_MAX {
            return;
        }
        let paths = header.files(&mut bytes_left).ok();
        lists_unread += usize::from(paths.is_none());
        owned.push(OwnedFiles { package: package.name, architecture: package.architecture, paths });
    });
    let mut problems = Vec::new();
    let mut tell = |what: String| problems.push(Problem::new(ProblemKind::Malformed, what).harmless());
    if !damage.is_empty() {
        tell("rpm database: damaged, so that some packages' files are not known".to_owned());
    }
    if lists_unread > 0 {
        tell(format!("rpm database: the lists of files of {lists_unread} packages cannot be read"));
    }
    (owned, problems)
}

fn file_name(input: &Input<'_>) -> String {
    String::from_utf8_lossy(input.path.file_name()).into_owned()
}

fn log_of<'a>(input: &Input<'a>) -> Option<&'a [u8]> {
    write_ahead_log(input.path).and_then(|path| input.others.get(&path))
}

/// The write-ahead log beside a database that may have one.
fn write_ahead_log(path: &ImagePath) -> Option<ImagePath> {
    if path.file_name() != b"rpmdb.sqlite" {
        return None;
    }
    Some(path.parent()?.join(b"rpmdb.sqlite-wal"))
}
