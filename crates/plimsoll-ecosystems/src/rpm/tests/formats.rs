//! Sound databases of every format.

use plimsoll_core::{Extractor, Files, ImagePath, Input, Observations};

use super::super::bytes::ByteOrder;
use super::super::{RpmDatabase, RpmManifest, read_owned_files};
use super::check;
use super::fixtures::{Access, BerkeleyDb, Header, Sqlite, ndb, wal};

/// One that fits a page, and one that takes several of any size.
fn blobs() -> Vec<Vec<u8>> {
    vec![Header::package("a").old(), Header::package("b").padded(200_000).build()]
}

const BOTH: &str = "a 1.0-2.el9\nb 1.0-2.el9\n";

#[test]
fn berkeley_db_hash_and_btree_in_both_orders_and_every_page_size() {
    for access in [Access::Hash { version: 8 }, Access::Hash { version: 9 }, Access::Btree { version: 9 }] {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            for page_bytes in [512, 1024, 4096, 32_768, 65_536] {
                check("Packages", &BerkeleyDb::of(access, order, page_bytes, &blobs()), None, BOTH);
            }
        }
    }
}

#[test]
fn berkeley_db_with_several_records_on_a_page() {
    for access in [Access::Hash { version: 9 }, Access::Btree { version: 9 }] {
        let content = BerkeleyDb::on_one_page(access, ByteOrder::Big, 4096, &blobs());
        check("Packages", &content, None, BOTH);
    }
}

#[test]
fn berkeley_db_with_duplicates_of_a_key() {
    let blobs = [Header::package("a").old(), Header::package("b").old()];
    check("Packages", &BerkeleyDb::of_duplicates(ByteOrder::Little, 4096, &blobs), None, BOTH);
}

#[test]
fn fresh_databases_are_no_problem() {
    for access in [Access::Hash { version: 9 }, Access::Btree { version: 9 }] {
        check("Packages", &BerkeleyDb::of(access, ByteOrder::Little, 4096, &[]), None, "");
    }
    check("Packages.db", &ndb(&[]), None, "");
    check("rpmdb.sqlite", &Sqlite::of(4096, 0, &[]).build(), None, "");
}

#[test]
fn rpms_own_format() {
    check("Packages.db", &ndb(&blobs()), None, BOTH);
}

#[test]
fn sqlite_with_every_page_size_and_with_reserved_bytes() {
    for page_bytes in [512, 1024, 4096, 65_536] {
        check("rpmdb.sqlite", &Sqlite::of(page_bytes, 0, &blobs()).build(), None, BOTH);
        check("rpmdb.sqlite", &Sqlite::of(page_bytes, 32, &blobs()).build(), None, BOTH);
    }
}

#[test]
fn the_first_bytes_decide_not_the_name() {
    check("Packages", &ndb(&blobs()), None, BOTH);
    check("Packages", &Sqlite::of(4096, 0, &blobs()).build(), None, BOTH);
    let access = Access::Hash { version: 9 };
    check("rpmdb.sqlite", &BerkeleyDb::of(access, ByteOrder::Little, 4096, &blobs()), None, BOTH);
}

#[test]
fn a_database_without_a_table_of_packages_is_a_problem() {
    let content = Sqlite::with_table(4096, 0, "Other").build();
    check("rpmdb.sqlite", &content, None, "! SQLite: there is no table of packages\n");
}

/// The pages of a database with both packages, numbered for a log.
fn pages() -> Vec<(usize, Vec<u8>)> {
    let pages = Sqlite::of(512, 0, &blobs()).pages;
    pages.into_iter().enumerate().map(|(at, page)| (at + 1, page)).collect()
}

#[test]
fn a_write_ahead_log_changes_what_the_main_file_says() {
    let pages = pages();
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let log = wal(512, order, &[(&pages, pages.len())]);
        check("rpmdb.sqlite", &Sqlite::of(512, 0, &[]).build(), Some(&log), BOTH);
    }
}

#[test]
fn all_of_a_database_may_be_in_the_log() {
    let pages = pages();
    let log = wal(512, ByteOrder::Little, &[(&pages, pages.len())]);
    check("rpmdb.sqlite", &[], Some(&log), BOTH);
    check("rpmdb.sqlite", &pages[0].1[..100], Some(&log), BOTH);
}

#[test]
fn the_last_of_several_versions_of_a_page_counts() {
    let (old, new) = (Sqlite::of(512, 0, &[]).pages, pages());
    let old: Vec<_> = old.into_iter().enumerate().map(|(at, page)| (at + 1, page)).collect();
    let log = wal(512, ByteOrder::Little, &[(&old, old.len()), (&new, new.len())]);
    check("rpmdb.sqlite", &[], Some(&log), BOTH);
}

#[test]
fn a_transaction_that_never_ended_does_not_count() {
    let pages = pages();
    let log = wal(512, ByteOrder::Little, &[(&pages, 0)]);
    check("rpmdb.sqlite", &Sqlite::of(512, 0, &[]).build(), Some(&log), "");
}

#[test]
fn frames_of_an_older_generation_do_not_count() {
    let pages = pages();
    let mut log = wal(512, ByteOrder::Little, &[(&pages, pages.len())]);
    for frame in log[32..].chunks_mut(512 + 24) {
        frame[8] = b'S';
    }
    check("rpmdb.sqlite", &Sqlite::of(512, 0, &[]).build(), Some(&log), "");
}

#[test]
fn a_damaged_log_is_a_problem_and_the_main_file_counts() {
    let pages = pages();
    let mut log = wal(512, ByteOrder::Little, &[(&pages, pages.len())]);
    let main = Sqlite::of(512, 0, &[Header::package("old").old()]).build();
    log[32 + 24 + 200] ^= 1;
    let problem = "old 1.0-2.el9\n! SQLite: the write-ahead log is damaged before its last transaction\n";
    check("rpmdb.sqlite", &main, Some(&log), problem);
    log[10] ^= 1;
    let problem = "old 1.0-2.el9\n! SQLite: the head of the write-ahead log is damaged\n";
    check("rpmdb.sqlite", &main, Some(&log), problem);
}

/// One file beside the database.
struct Beside(ImagePath, Vec<u8>);

impl Files for Beside {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        (*path == self.0).then_some(&self.1)
    }
}

#[test]
fn the_extractor_finds_the_log_beside_the_database() {
    let pages = pages();
    let log = wal(512, ByteOrder::Little, &[(&pages, pages.len())]);
    let path = ImagePath::new("usr/lib/sysimage/rpm/rpmdb.sqlite");
    let beside = Beside(ImagePath::new("usr/lib/sysimage/rpm/rpmdb.sqlite-wal"), log);
    assert_eq!(RpmDatabase.companions(&path), std::slice::from_ref(&beside.0));
    assert_eq!(RpmDatabase.companions(&ImagePath::new("var/lib/rpm/Packages")), []);
    let mut out = Observations::default();
    RpmDatabase.extract(Input { path: &path, content: &[], others: &beside }, &mut out);
    assert_eq!((out.packages.len(), out.problems.len()), (2, 0));
    let mut out = Observations::default();
    RpmDatabase.extract(Input { path: &path, content: &[], others: &() }, &mut out);
    assert!(out.problems.iter().all(|problem| problem.hides_findings && problem.path == Some(path.clone())));
    assert!(!out.problems.is_empty());
}

#[test]
fn files_of_packages_are_known_from_new_and_old_headers() {
    let new = Header::package("new")
        .texts(1117, &["ls", "README"])
        .texts(1118, &["/usr/bin/", "/usr/share/doc/"])
        .numbers(1116, &[0, 1]);
    let old = Header::package("old").texts(1027, &["/bin/sh"]);
    let odd = Header::package("odd").texts(1117, &["x"]).texts(1118, &["/"]).numbers(1116, &[7]);
    let (owned, problems) = read_owned_files("Packages.db", &ndb(&[new.build(), old.old(), odd.old()]), None);
    let paths: Vec<String> = owned.iter().map(|it| format!("{} {:?}", it.package, it.paths)).collect();
    assert_eq!(paths, ["new Some([/usr/bin/ls, /usr/share/doc/README])", "old Some([/bin/sh])", "odd None"]);
    let problems: Vec<String> = problems.iter().map(|it| format!("{it} {}", it.hides_findings)).collect();
    assert_eq!(problems, ["rpm database: the lists of files of 1 packages cannot be read false"]);
}

#[test]
fn the_list_of_a_distroless_image_is_read_line_by_line() {
    let text = "vim\t9.0-1.cm2\t16\t16\tMicrosoft Corporation\t2\t45\tx86_64\t2\tvim-9.0-1.cm2.src.rpm\n\
                zlib\t1.2-1\t16\t16\t(none)\t(none)\t45\t(none)\t0\t(none)\nhalf\t1\n";
    let path = ImagePath::new("var/lib/rpmmanifest/container-manifest-2");
    let mut out = Observations::default();
    RpmManifest.extract(Input { path: &path, content: text.as_bytes(), others: &() }, &mut out);
    let vim = &out.packages[0];
    assert_eq!((vim.version.as_str(), vim.vendor.as_deref()), ("2:9.0-1.cm2", Some("Microsoft Corporation")));
    assert_eq!(vim.source.as_ref().unwrap().version.as_deref(), Some("2:9.0-1.cm2"));
    let zlib = &out.packages[1];
    assert_eq!((zlib.version.as_str(), &zlib.vendor, &zlib.architecture), ("1.2-1", &None, &None));
    assert_eq!(out.packages.len(), 2);
    assert_eq!(out.problems[0].what, "line 3 of the list of packages cannot be read");
}
