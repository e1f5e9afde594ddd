//! Damaged databases: no panic, no loop, the readable part kept, the rest told.

use std::fmt::Write;

use super::super::bytes::ByteOrder;
use super::super::{Package, read_database, read_owned_files};
use super::check;
use super::fixtures::{Access, BerkeleyDb, Header, Sqlite, ndb, put_u16, put_u32, wal};

const LITTLE: ByteOrder = ByteOrder::Little;
const BIG: ByteOrder = ByteOrder::Big;
const HASH: Access = Access::Hash { version: 9 };

fn blobs() -> Vec<Vec<u8>> {
    vec![Header::package("a").old(), Header::package("b").padded(2000).build()]
}

/// Pages: 0 the first, 1 the next number, 2 package a, 3 package b, 4 to 6 its overflow.
fn hash() -> Vec<u8> {
    BerkeleyDb::of(HASH, LITTLE, 1024, &blobs())
}

#[test]
fn an_empty_file_and_garbage_are_problems() {
    for name in ["Packages", "Packages.db", "rpmdb.sqlite"] {
        for content in [&[][..], &[0; 5000], &[0xff; 5000], b"Not a database at all"] {
            let (packages, problems) = read_database(name, content, None);
            assert_eq!(packages, []);
            assert!(problems.iter().any(|problem| problem.hides_findings), "{name}");
        }
    }
}

#[test]
fn berkeley_db_with_impossible_page_sizes_is_read_by_the_pages_numbers() {
    for page_bytes in [0, 1, 100, 513, 1 << 31] {
        let mut content = hash();
        put_u32(LITTLE, &mut content, 20, page_bytes);
        let expected = format!(
            "a 1.0-2.el9\nb 1.0-2.el9\n! Berkeley DB: the first page is damaged (page size {page_bytes})\n"
        );
        check("Packages", &content, None, &expected);
    }
}

#[test]
fn berkeley_db_of_four_milliard_pages_is_cut_off() {
    let mut content = hash();
    put_u32(LITTLE, &mut content, 32, 0xffff_ffff);
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n! Berkeley DB: cut off, or its first page is damaged: \
                    7168 bytes for 4294967296 pages of 1024\n";
    check("Packages", &content, None, expected);
}

#[test]
fn berkeley_db_overflow_that_loops_ends() {
    let mut content = hash();
    put_u32(LITTLE, &mut content, 4 * 1024 + 16, 4);
    // Name and version come first in a header, so even its first page gives the package.
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n\
                    ! Berkeley DB: page 4 does not continue the overflow chain of page 4\n\
                    ! Berkeley DB: 2 overflow pages belong to no item\n";
    check("Packages", &content, None, expected);
}

#[test]
fn berkeley_db_items_outside_the_page_are_told() {
    let mut content = hash();
    put_u16(LITTLE, &mut content, 2 * 1024 + 26, 3);
    let expected = "b 1.0-2.el9\n! Berkeley DB: page 2 has items outside the page\n\
                    ! Berkeley DB: 2 of 3 records are there\n";
    check("Packages", &content, None, expected);
}

#[test]
fn berkeley_db_pages_overwritten_with_zeros_are_missed() {
    let mut content = hash();
    content[2 * 1024..3 * 1024].fill(0);
    check("Packages", &content, None, "b 1.0-2.el9\n! Berkeley DB: 2 of 3 records are there\n");
    // The page that named an overflow chain is gone, but the header in the chain is whole.
    let mut content = hash();
    content[3 * 1024..4 * 1024].fill(0);
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n! Berkeley DB: page 4 begins an overflow chain of no item\n\
                    ! Berkeley DB: 2 of 3 records are there\n";
    check("Packages", &content, None, expected);
}

#[test]
fn entries_that_overlap_do_not_multiply_the_work() {
    let blob = Header::package("a").padded(100).old();
    let blobs: Vec<_> = (0..20).map(|_| blob.clone()).collect();
    let mut content = BerkeleyDb::on_one_page(Access::Btree { version: 9 }, LITTLE, 65_536, &blobs);
    // Every record of the page becomes the first one, and there are as many as can be named.
    let page = &mut content[65_536..];
    let item = u16::from_le_bytes([page[28], page[29]]);
    put_u16(LITTLE, page, 20, 30_000);
    for at in 0..30_000 {
        put_u16(LITTLE, page, 26 + at * 2, usize::from(item));
    }
    let (packages, problems) = read_database("Packages", &content, None);
    assert!(packages.len() * blob.len() <= content.len());
    assert!(problems.len() <= 21);
}

#[test]
fn ndb_with_more_slot_pages_than_the_file_has_is_read_as_far_as_it_goes() {
    let mut content = ndb(&blobs());
    put_u32(LITTLE, &mut content, 12, 0xffff_ffff);
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n! ndb: 4294967295 pages of slots do not fit the file\n\
                    ! ndb: the pages of slots are damaged\n";
    check("Packages.db", &content, None, expected);
}

#[test]
fn ndb_blobs_that_no_slot_names_are_found() {
    let mut content = ndb(&blobs());
    // The slot of package a leads out of the file.
    put_u32(LITTLE, &mut content, 32 + 8, 0x00ff_ffff);
    let expected = "b 1.0-2.el9\na 1.0-2.el9\n! ndb: the blob of package 1 lies outside the file\n\
                    ! ndb: no slot names the blob of package 1\n";
    check("Packages.db", &content, None, expected);
    // The slot of package a is free.
    content[32 + 4..32 + 16].fill(0);
    let expected = "b 1.0-2.el9\na 1.0-2.el9\n! ndb: no slot names the blob of package 1\n";
    check("Packages.db", &content, None, expected);
}

#[test]
fn ndb_with_a_wrong_checksum_is_told() {
    let mut content = ndb(&[Header::package("a").padded(50).old()]);
    let at = content.len() - 40;
    content[at] ^= 1;
    check("Packages.db", &content, None, "a 1.0-2.el9\n! ndb: the blob of package 1 has a wrong checksum\n");
}

#[test]
fn sqlite_pages_that_loop_are_told() {
    let mut database = Sqlite::of(512, 0, &blobs());
    // Page 3 is the leaf of package a; the root's last child becomes the root itself.
    put_u32(BIG, &mut database.pages[1], 8, 2);
    let (packages, problems) = read_database("rpmdb.sqlite", &database.build(), None);
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["a", "b"], "the leaf that was lost is found again");
    assert_eq!(problems[0].what, "SQLite: page 2 is used twice");
}

#[test]
fn sqlite_pages_that_were_overwritten_are_missed() {
    let mut database = Sqlite::of(512, 0, &blobs());
    database.pages[3] = database.pages[2].clone();
    let expected = "a 1.0-2.el9\na 1.0-2.el9\n! SQLite: row 1 on page 4 is out of order\n";
    check("rpmdb.sqlite", &database.build(), None, expected);

    let mut database = Sqlite::of(512, 0, &blobs());
    put_u16(BIG, &mut database.pages[2], 3, 0);
    let expected = "b 1.0-2.el9\n! SQLite: page 3 is a leaf without rows\n";
    check("rpmdb.sqlite", &database.build(), None, expected);

    let mut database = Sqlite::of(512, 0, &blobs());
    database.pages[1][0] = 0x0d;
    database.pages[1][3..5].fill(0);
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n! SQLite: row 1 is on page 3, to which nothing leads\n\
                    ! SQLite: row 2 is on page 4, to which nothing leads\n";
    check("rpmdb.sqlite", &database.build(), None, expected);
}

#[test]
fn sqlite_overflow_that_loops_gives_what_is_on_the_way() {
    let mut database = Sqlite::of(512, 0, &blobs());
    put_u32(BIG, &mut database.pages[4], 0, 5);
    let (packages, problems) = read_database("rpmdb.sqlite", &database.build(), None);
    assert_eq!(packages.len(), 2);
    assert_eq!(problems[0].what, "SQLite: page 4 has a row whose overflow chain is broken");
}

#[test]
fn sqlite_that_is_cut_off_keeps_what_is_left() {
    let content = Sqlite::of(512, 0, &blobs()).build();
    let expected = "a 1.0-2.el9\nb 1.0-2.el9\n! SQLite: cut off: 3000 bytes for 8 pages of 512\n\
                    ! SQLite: page 4 has a row whose overflow chain is broken\n";
    check("rpmdb.sqlite", &content[..3000], None, expected);
}

#[test]
fn sqlite_pages_of_the_free_list_are_not_installed_packages() {
    let mut database = Sqlite::of(512, 0, &blobs());
    // Package a's leaf leaves the tree for the free list; something else is damaged.
    put_u32(BIG, &mut database.pages[1], 508, 9);
    put_u16(BIG, &mut database.pages[1], 3, 0);
    let trunk = database.pages.len() + 1;
    database.pages.push(vec![0; 512]);
    put_u32(BIG, &mut database.pages[trunk - 1], 4, 1);
    put_u32(BIG, &mut database.pages[trunk - 1], 8, 3);
    put_u32(BIG, &mut database.pages[0], 32, trunk);
    let mut content = database.build();
    content.push(0);
    let (packages, _) = read_database("rpmdb.sqlite", &content, None);
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn paths_cannot_be_multiplied_without_end() {
    let directory = format!("/{}/", "d".repeat(4000));
    let names: Vec<&str> = (0..3000).map(|_| "f").collect();
    let header = Header::package("a")
        .texts(1117, &names)
        .texts(1118, &[&directory])
        .numbers(1116, &vec![0; names.len()]);
    let (owned, problems) = read_owned_files("Packages.db", &ndb(&[header.build()]), None);
    assert_eq!(owned[0].paths, None);
    assert_eq!(problems.len(), 1);
}

#[test]
fn problems_are_counted_beyond_a_few() {
    let blobs: Vec<_> = (0..100).map(|_| vec![1; 40]).collect();
    let (_, problems) = read_database("Packages.db", &ndb(&blobs), None);
    let mut text = String::new();
    write!(text, "{}", problems.last().unwrap()).unwrap();
    assert_eq!((problems.len(), text.as_str()), (21, "rpm database: 80 more places cannot be read"));
}

/// A small generator, so that a failure can be repeated (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }
}

/// Cuts, changes, moves or blanks a part of the bytes.
fn mutate(content: &mut Vec<u8>, random: &mut Random) {
    let length = content.len();
    let at = random.below(length);
    match random.below(6) {
        0 => content.truncate(at),
        1 => (0..=random.below(20)).for_each(|_| {
            let at = random.below(length);
            content[at] ^= 1 << random.below(8);
        }),
        2 => (0..=random.below(4)).for_each(|_| {
            let at = random.below(length.saturating_sub(4));
            let word = [[0xff; 4], [0; 4], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 1]][random.below(4)];
            content.splice(at..at + 4, word);
        }),
        3 => {
            let part = 1 + random.below(4096);
            let (from, to) = (random.below(length), random.below(length));
            let bytes = content[from..length.min(from + part)].to_vec();
            let end = length.min(to + bytes.len());
            content[to..end].copy_from_slice(&bytes[..end - to]);
        }
        4 => {
            let end = length.min(at + 1 + random.below(4096));
            content[at..end].fill(0);
        }
        // The heads of file and pages are where most decisions are made.
        _ => {
            let page = 512 << random.below(4);
            let at = (random.below(length / page + 1) * page + random.below(100)).min(length - 1);
            content[at] = u8::try_from(random.below(256)).unwrap();
        }
    }
}

/// Reads so many mutations of a database, each of which must give packages, or problems, or
/// both, but no panic.
pub(super) fn check_mutations(name: &str, content: &[u8], wal: Option<&[u8]>, count: u64) {
    let (sound, _) = read_database(name, content, wal);
    // The end of a log may be lost without a trace, and with it its last transaction. Else a
    // single small package is all that may go away without a word.
    let has_log = wal.is_some();
    for seed in 1..=count {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (mut content, mut wal) = (content.to_vec(), wal.map(<[u8]>::to_vec));
        for _ in 0..=random.below(3) {
            match &mut wal {
                Some(wal) if random.below(2) == 0 && !wal.is_empty() => mutate(wal, &mut random),
                _ if content.is_empty() => (),
                _ => mutate(&mut content, &mut random),
            }
        }
        let (packages, problems) = read_database(name, &content, wal.as_deref());
        read_owned_files(name, &content, wal.as_deref());
        let has_problem = problems.iter().any(|problem| problem.hides_findings);
        assert!(has_problem || has_log || sound.len() <= packages.len() + 1, "{name}, seed {seed}");
        assert!(packages.iter().all(|package: &Package| !package.name.is_empty()));
    }
}

#[test]
fn mutations_of_small_databases_give_no_panic() {
    let blobs = blobs();
    for order in [LITTLE, BIG] {
        for access in [HASH, Access::Btree { version: 9 }] {
            check_mutations("Packages", &BerkeleyDb::of(access, order, 512, &blobs), None, 500);
        }
        check_mutations("Packages", &BerkeleyDb::of_duplicates(order, 4096, &blobs), None, 200);
    }
    check_mutations("Packages.db", &ndb(&blobs), None, 500);
    check_mutations("rpmdb.sqlite", &Sqlite::of(512, 0, &blobs).build(), None, 500);
    let pages = Sqlite::of(512, 0, &blobs).pages;
    let pages: Vec<_> = pages.into_iter().enumerate().map(|(at, page)| (at + 1, page)).collect();
    let log = wal(512, LITTLE, &[(&pages, pages.len())]);
    check_mutations("rpmdb.sqlite", &Sqlite::of(512, 0, &[]).build(), Some(&log), 500);
}
