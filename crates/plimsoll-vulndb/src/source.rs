//! Where the parts of a feed lie: addresses of vendors, places in mirrors, and how to ask for what
//! changed. A table of forms; whoever fetches has a file for each.
//!
//! Values only: nothing here fetches, and no address is checked before it is asked.

/// One thing to fetch for a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// A stable name inside the feed, unique: `all.zip`, `v3.18/main`. May hold `*` where
    /// `remote` lists several parts.
    pub name: String,
    /// Where the vendor serves it.
    pub remote: Remote,
    /// Where a mirror directory or mirror URL may hold it, relative paths in order of
    /// preference; the first that exists is taken. A component may hold `*`; then every match
    /// is a part of its own (directories only).
    pub mirror: Vec<String>,
    /// Files that other sources of the feed are, of all that a `*` stands for.
    pub except: Vec<String>,
    /// Of several matches in a mirror, take only the last in the order of their names: for
    /// names that carry a date.
    pub newest_only: bool,
    /// Whether an update may go on without it.
    pub optional: bool,
    /// The most bytes it may have, as transferred.
    pub size_bytes_max: u64,
}

/// Where a source is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// One file.
    File(String),
    /// A listing of links (HTML) at `index`; every link that matches `link` (a relative path with
    /// one `*`, `v*/`) is followed with each of `files`: `https://…/v3.18/main.json`. Without any
    /// files the links are those of the files.
    Listing {
        /// The page with the links.
        index: String,
        /// The pattern of a link.
        link: String,
        /// What to fetch below each link; one that answers 404 is left out.
        files: Vec<String>,
    },
    /// A repository of rpm packages: `repodata/repomd.xml` below its address names the file.
    Repository {
        /// The repository's address, or that of a list of its mirrors (`…/mirror.list`).
        address: String,
        /// What the file is in `repomd.xml`: `updateinfo`.
        kind: String,
    },
    /// An archive, and lists of what changed in it since.
    Changing(Changing),
    /// A file that another source of the feed, one before it, brings up to date: it is asked for
    /// again only after some days, or where the other gave nothing.
    Standing {
        /// The file.
        url: String,
        /// The name of the source with what changed.
        changes: String,
        /// For so many days the changes are enough.
        days: u32,
    },
    /// The pages of an API, newest records first. All of them are read now and then, and in
    /// between only those that hold what is newer.
    Pages(Pages),
    /// No vendor serves it: it comes from mirrors alone.
    MirrorOnly,
}

/// An archive that is fetched now and then, and lists that say which documents changed meanwhile:
/// those are fetched one by one, each as a part that takes the place of the archive's member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changing {
    /// The archive's address.
    pub archive: String,
    /// The address of a file with nothing but the name of the archive, which lies beside it: for
    /// names that carry a date. Where that file is gone, `archive` counts.
    pub latest: Option<String>,
    /// The folder inside the archive below which the documents lie: empty, or with `/` at its end.
    pub folder: String,
    /// The address of the list of changed documents.
    pub changed: String,
    /// That of the list of deleted ones; without it a document is gone when it says so itself.
    pub deleted: Option<String>,
    /// The address below which the documents lie under the archive's names, `folder` left out.
    pub documents: String,
    /// More single documents than this cost more than the archive.
    pub documents_max: usize,
    /// How the lists are written.
    pub form: ListForm,
}

/// The form of a list of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// `modified_id.csv` of OSV.
    Osv,
    /// `changes.csv` of Red Hat.
    RedHat,
    /// `index/vulns.json` of Go's database.
    Go,
    /// `cves/deltaLog.json` of the CVE List.
    CveList,
}

impl ListForm {
    /// Whether a document that a list names, and that is not there, is gone. Elsewhere what it said
    /// before counts: it has not come yet, or is named as deleted by another list.
    pub fn absent_is_gone(self) -> bool {
        match self {
            ListForm::Osv => true,
            ListForm::RedHat | ListForm::Go | ListForm::CveList => false,
        }
    }
}

/// Pages of an API, newest records first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The address of a page, but for its number, which is appended: `…?size=100&page=`.
    pub address: String,
    /// The name of the parts with what is newer than the others, but for their number: `newer/`.
    pub newer: String,
    /// After so many days all pages are read again: old records change, too.
    pub days: u32,
    /// More pages than this are none that a feed has.
    pub pages_max: u32,
    /// How a page is written.
    pub form: PageForm,
}

/// The form of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageForm {
    /// Rocky Linux's Apollo, version 3.
    Apollo,
}

impl Source {
    /// One file of a vendor's, with the places where mirrors may hold it.
    pub fn file(name: &str, url: impl Into<String>, mirror: &[&str], size_bytes_max: u64) -> Source {
        Source {
            name: name.to_owned(),
            remote: Remote::File(url.into()),
            mirror: mirror.iter().map(|&path| path.to_owned()).collect(),
            except: Vec::new(),
            newest_only: false,
            optional: false,
            size_bytes_max,
        }
    }
}
