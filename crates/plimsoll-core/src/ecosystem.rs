//! The two traits whose rows are what Plimsoll knows of package worlds.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::{ImagePath, Observations};

/// A version that nobody could read: never the same as "not affected".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The text that could not be read.
    pub version: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version `{}` cannot be read: {}", crate::Escaped(&self.version), crate::Escaped(&self.why))
    }
}

impl std::error::Error for Unreadable {}

/// Whether an advisory applies to an installed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affected {
    /// It applies.
    Yes,
    /// It does not.
    No,
    /// Nobody could say. Reported as such; a gate treats it as `Yes`.
    Unknown(Unreadable),
}

/// What we know about one family of packages: how to find, name and order them.
///
/// An implementation is a constant. It holds no state, opens no file and never
/// sees the network; everything it needs arrives as an argument.
pub trait Ecosystem: Sync {
    /// The package-url type, `"deb"` or `"cargo"`. Unique across the table.
    fn purl_type(&self) -> &'static str;

    /// Other names under which people and OSV know it: `["Debian", "Ubuntu", "dpkg"]`.
    fn aliases(&self) -> &'static [&'static str];

    /// The spelling under which advisories are filed, `Foo_Bar` as `foo-bar`.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    /// Orders two versions, or says which of them it could not read.
    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable>;

    /// Orders an installed version against a bound of an advisory. That is [`Ecosystem::compare`],
    /// except where a part of the version counts only if the bound has it, too, as Python's local
    /// segments do, or where a version can be ordered without saying what it holds, as a branch;
    /// then it need be no total order.
    fn compare_installed(&self, installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
        self.compare(installed, bound)
    }

    /// The minor release that a version was built for, where versions say so: (9, 7) of
    /// `5.14.0-611.5.1.el9_7`. `None` where it says none, or the whole of a release.
    fn minor_release(&self, _version: &str) -> Option<(u32, u32)> {
        None
    }

    /// Whether a package without a version is a program's own, which nobody expects to have one
    /// (rule 60). Then advisories about some versions say nothing of it.
    fn own_has_no_version(&self) -> bool {
        false
    }

    /// The extractors that find packages of this ecosystem in an image.
    fn extractors(&self) -> &'static [&'static dyn Extractor];
}

/// Which paths an extractor wants. All patterns of all extractors are compiled into one
/// matcher, so that a path is looked up once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly this path from the image's root, also by way of symbolic links:
    /// `var/lib/dpkg/status`.
    Path(&'static str),
    /// Any file of this name in this directory (not below it), with this ending:
    /// `("var/lib/dpkg/status.d", "")`.
    In(&'static str, &'static str),
    /// Any file of this name anywhere: `package.json`.
    Name(&'static str),
    /// Any file whose name ends so, anywhere: `.jar`.
    Ending(&'static str),
    /// Any file whose name has the second ending, directly in a directory whose name has the
    /// first, anywhere: `(".dist-info", "METADATA")`, `("conda-meta", ".json")`.
    InAny(&'static str, &'static str),
}

/// Turns the content of one file into observations.
pub trait Extractor: Sync {
    /// A stable name, `"os/apk"`. Shown to users and stored with results.
    fn id(&self) -> &'static str;

    /// Raised whenever the same bytes may give other observations; part of the
    /// cache key, so a raise is what makes old results go away.
    fn version(&self) -> u32;

    /// Which files to keep while their layer streams past.
    fn wants(&self) -> &'static [Pattern];

    /// Whether a wanted file can say anything where this path lies. A link of another path need
    /// not be followed.
    fn is_place(&self, _path: &ImagePath) -> bool {
        true
    }

    /// Files that must be seen together with `path` as of the same layer, such as the
    /// write-ahead log beside an SQLite database. Where one of them exists, the extractor
    /// runs when all are known, also when only the companion was changed by a layer.
    fn companions(&self, _path: &ImagePath) -> Vec<ImagePath> {
        Vec::new()
    }

    /// Which files are companions of those that are not wanted by a [`Pattern::Path`]: nobody can
    /// know their paths before the layer is there. What also is a file of [`Extractor::wants`] is
    /// read by itself.
    fn companion_patterns(&self) -> &'static [Pattern] {
        &[]
    }

    /// Whether it finds packages, so that a file it cannot read may hide some; the extractors
    /// that only name the distribution or owned files say no.
    fn finds_packages(&self) -> bool {
        true
    }

    /// Reads one file. Must not panic on any input; must not allocate more than in
    /// proportion to the input. Extractors that read in flight are never asked.
    fn extract(&self, input: Input<'_>, out: &mut Observations);

    /// Whether [`Extractor::begin`] is to be asked about every file, whatever its path.
    fn reads_in_flight(&self) -> bool {
        false
    }

    /// Begins to read a regular file as it streams past, if it is one for this extractor: by its
    /// path, its first [`HEAD_BYTES`] (fewer if it has fewer) and its size. `None` lets it pass.
    fn begin(&self, _path: &ImagePath, _head: &[u8], _size_bytes: u64) -> Option<Box<dyn InFlight>> {
        None
    }
}

/// The first bytes of a file that [`Extractor::begin`] is shown.
pub const HEAD_BYTES: usize = 512;

/// One file that is read as it streams past: each byte is seen once, in order, from the first
/// on (the head included), and little is kept. Must not panic on any input.
pub trait InFlight {
    /// The next bytes.
    fn feed(&mut self, bytes: &[u8]);

    /// No more will come. `whole` is false where the archive was cut off or damaged in this file.
    fn finish(self: Box<Self>, path: &ImagePath, whole: bool, out: &mut Observations);
}

/// One wanted file, and a way to its companions.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Where it lies in the image.
    pub path: &'a ImagePath,
    /// Its bytes, whole.
    pub content: &'a [u8],
    /// Its companions, as of the same layer.
    pub others: &'a dyn Files,
}

/// Other files of the same image.
pub trait Files {
    /// The bytes of a regular file at exactly this path; `None` where there is none.
    fn get(&self, path: &ImagePath) -> Option<&[u8]>;
}

/// No other files.
impl Files for () {
    fn get(&self, _path: &ImagePath) -> Option<&[u8]> {
        None
    }
}
