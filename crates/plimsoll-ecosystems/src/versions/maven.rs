//! The order of Maven's versions, `ComparableVersion`.
//!
//! Own code, since no crate passes. Releases of Maven differ, so one is pinned: **3.9.9**, and
//! with it the whole line from 3.8.7 to 3.9, whose `ComparableVersion` answers the same
//! (asked of 16,000 pairs). It is the Maven that resolves what people build today, and Debian carries it, so that
//! anybody can ask it. Maven 4 joins a qualifier to the number behind it and so orders
//! `3.2.0rc2` and `3.2.0-rc.1` otherwise; it is not followed while it is a release candidate.
//!
//! Maven itself takes every text. Refused are texts without a digit (`unspecified`), with a
//! property left in them (`${project.version}`), with blanks or other than printable ASCII. Like
//! Maven's, this is not quite an order: a few mixtures of qualifiers, hyphens and zeros go round in
//! a circle (`1-sp < 1.0-.RC-sp < 1-0 < 1-sp`).
//!
//! Passed: 4,965 of the 4,970 pairs of osv-scalibr's sample; the other five are ordered by a
//! later specification that no released Maven follows, and Maven 3.8.7 and 3.9.9 themselves answer
//! as we do. And the 3,000 that the differential test gives to Maven's own jar.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, printable, unreadable};

/// Orders two versions as Maven 3.9.9 does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    if is_plain(left) && is_plain(right) {
        return Ok(compare_plain(left, right));
    }
    Ok(compare_lists(&read(left)?.0, &read(right)?.0))
}

/// Whether a version is nothing but numbers and dots, as nearly all are: those need no lists.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Zeros at the end and numbers that are not there are one and the same.
fn compare_plain(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let order = compare_numbers(a.unwrap_or_default().as_bytes(), b.unwrap_or_default().as_bytes());
        if order.is_ne() {
            return order;
        }
    }
}

fn read(text: &str) -> Result<List, Unreadable> {
    let printable = printable(text).map_err(|why| unreadable(text, why))?;
    if printable.contains("${") {
        return Err(unreadable(text, "a property in it has not been filled in"));
    }
    Ok(Parser::default().parse(&printable.to_ascii_lowercase()))
}

/// The lists of a version from the outside in. Each but the last ends with the next one: Maven
/// only ever appends to the innermost, so that lists in lists are a chain and no tree.
struct List(Vec<Vec<Item>>);

#[derive(Debug, PartialEq, Eq)]
enum Item {
    Number(String),
    Word(Word),
}

/// A qualifier: its place among the known ones, and its text where it is none of them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    rank: u8,
    text: String,
}

/// Where a release without a qualifier stands among the qualifiers.
const RELEASE: u8 = 5;

impl Word {
    /// One letter before a digit is short for a qualifier.
    fn new(text: &str, before_digit: bool) -> Word {
        let text = match text {
            "a" if before_digit => "alpha",
            "b" if before_digit => "beta",
            "m" if before_digit => "milestone",
            other => other,
        };
        let rank = match text {
            "alpha" => 0,
            "beta" => 1,
            "milestone" => 2,
            "rc" | "cr" => 3,
            "snapshot" => 4,
            "" | "ga" | "final" | "release" => RELEASE,
            "sp" => 6,
            other => return Word { rank: 7, text: other.to_owned() },
        };
        Word { rank, text: String::new() }
    }
}

impl Item {
    fn number(digits: &str) -> Item {
        Item::Number(digits.to_owned())
    }

    /// Against nothing at all.
    fn compare_to_none(&self) -> Ordering {
        match self {
            Item::Number(digits) => compare_numbers(digits.as_bytes(), b""),
            Item::Word(word) => word.rank.cmp(&RELEASE),
        }
    }
}

/// One element of a list, which may be the list inside it.
enum Element<'a> {
    Item(&'a Item),
    /// All that is deeper.
    Inner(&'a [Vec<Item>]),
    None,
}

/// The element at a place of the outermost of some lists.
fn element(lists: &[Vec<Item>], at: usize) -> Element<'_> {
    let Some((outer, inner)) = lists.split_first() else { return Element::None };
    match outer.get(at) {
        Some(item) => Element::Item(item),
        None if at == outer.len() && !inner.is_empty() => Element::Inner(inner),
        None => Element::None,
    }
}

fn compare_lists(mut left: &[Vec<Item>], mut right: &[Vec<Item>]) -> Ordering {
    let mut at = 0;
    loop {
        let order = match (element(left, at), element(right, at)) {
            (Element::None, Element::None) => return Ordering::Equal,
            // Both are the last of their lists.
            (Element::Inner(inner_left), Element::Inner(inner_right)) => {
                (left, right, at) = (inner_left, inner_right, 0);
                continue;
            }
            (Element::Inner(inner), Element::None) => return compare_to_none(inner),
            (Element::None, Element::Inner(inner)) => return compare_to_none(inner).reverse(),
            (Element::Item(item), Element::None) => item.compare_to_none(),
            (Element::None, Element::Item(item)) => item.compare_to_none().reverse(),
            (Element::Inner(_), Element::Item(Item::Number(_))) => Ordering::Less,
            (Element::Inner(_), Element::Item(Item::Word(_))) => Ordering::Greater,
            (Element::Item(Item::Number(_)), Element::Inner(_)) => Ordering::Greater,
            (Element::Item(Item::Word(_)), Element::Inner(_)) => Ordering::Less,
            (Element::Item(left), Element::Item(right)) => compare_items(left, right),
        };
        if order.is_ne() {
            return order;
        }
        at += 1;
    }
}

fn compare_items(left: &Item, right: &Item) -> Ordering {
    match (left, right) {
        (Item::Number(left), Item::Number(right)) => compare_numbers(left.as_bytes(), right.as_bytes()),
        (Item::Word(left), Item::Word(right)) => left.cmp(right),
        (Item::Number(_), Item::Word(_)) => Ordering::Greater,
        (Item::Word(_), Item::Number(_)) => Ordering::Less,
    }
}

/// The first element that is not equal to nothing decides.
fn compare_to_none(lists: &[Vec<Item>]) -> Ordering {
    lists.iter().flatten().map(Item::compare_to_none).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Cuts at dots, hyphens and where digits meet other characters; each hyphen and each such
/// meeting begins an inner list.
#[derive(Default)]
struct Parser {
    outer: Vec<Vec<Item>>,
    list: Vec<Item>,
}

impl Parser {
    fn parse(mut self, text: &str) -> List {
        let (mut start, mut in_digits) = (0, false);
        for (at, byte) in text.bytes().enumerate() {
            let piece = text.get(start..at).unwrap_or_default();
            match byte {
                b'.' | b'-' => {
                    self.piece(piece, in_digits);
                    start = at + 1;
                    if byte == b'-' {
                        self.open();
                    }
                }
                b'0'..=b'9' => {
                    if !in_digits && !piece.is_empty() {
                        self.open_before_word();
                        self.list.push(Item::Word(Word::new(piece, true)));
                        self.open();
                        start = at;
                    }
                    in_digits = true;
                }
                _ => {
                    if in_digits && !piece.is_empty() {
                        self.list.push(Item::number(piece));
                        self.open();
                        start = at;
                    }
                    in_digits = false;
                }
            }
        }
        let last = text.get(start..).unwrap_or_default();
        if !last.is_empty() {
            if !in_digits {
                self.open_before_word();
            }
            self.piece(last, in_digits);
        }
        self.finish()
    }

    /// Nothing between two separators is a zero.
    fn piece(&mut self, piece: &str, is_number: bool) {
        self.list.push(match piece {
            "" => Item::number("0"),
            digits if is_number => Item::number(digits),
            word => Item::Word(Word::new(word, false)),
        });
    }

    fn open(&mut self) {
        self.outer.push(std::mem::take(&mut self.list));
    }

    /// A qualifier counts the same behind a dot as behind a hyphen.
    fn open_before_word(&mut self) {
        if !self.list.is_empty() {
            self.open();
        }
    }

    /// Drops, from the inside out, what equals nothing at the end of each list; an inner list
    /// that is left does not keep the zeros before it.
    fn finish(mut self) -> List {
        self.outer.push(self.list);
        for list in &mut self.outer {
            while list.last().is_some_and(|item| item.compare_to_none().is_eq()) {
                list.pop();
            }
        }
        while self.outer.len() > 1 && self.outer.last().is_some_and(Vec::is_empty) {
            self.outer.pop();
        }
        List(self.outer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[track_caller]
    fn check(chain: &str) {
        testing::check(compare, chain);
    }

    #[test]
    fn zeros_and_names_of_a_release_do_not_count() {
        check("1 = 1.0 = 1-0 = 1ga = 1.final = 1release = 1- = 1.0.0-0.0.0");
        check("0-final-ga = 0 = 0.0.0");
        check("1.1 = 1.01");
    }

    proptest! {
        #[test]
        fn numbers_alone_are_ordered_as_they_are_with_lists(left in "[0-9.]{1,12}", right in "[0-9.]{1,12}") {
            prop_assume!(is_plain(&left) && is_plain(&right));
            let by_lists = compare_lists(&read(&left).unwrap().0, &read(&right).unwrap().0);
            prop_assert_eq!(compare(&left, &right).unwrap(), by_lists, "{} {}", left, right);
        }
    }

    #[test]
    fn qualifiers_have_other_names_in_any_case() {
        check("1cr = 1rc = 1-RC");
        check("1a1 = 1-alpha-1");
        check("1m3 = 1MILESTONE3 = 1-milestone-3");
        check("1x = 1.0.0-x = 1X");
    }

    #[test]
    fn qualifiers_are_ordered() {
        check("1.0-alpha-1-SNAPSHOT < 1.0-alpha-1 < 1.0-alpha-2 < 1.0-beta-1 < 1.0-SNAPSHOT < 1.0 < 1.0-1");
        check("1.0-alpha < 1.0-milestone-1 < 1.0-rc < 1.0-SNAPSHOT < 1.0 = 1.0.Final < 1.0-sp < 1.0-jre17");
        check("6.1.0rc3 < 6.1.0 < 6.1H.5-beta");
        check("2.0-1 < 2.0.1 < 2.0.1-xyz < 2.0.1-123");
    }

    #[test]
    fn a_qualifier_counts_the_same_after_a_dot_and_a_hyphen() {
        check("1.0.0.RC1 = 1.0.0-RC1 < 1.0.0-RC2");
        check("1.0.0.X1 < 1.0.0-X2");
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        check("20190126.230843 < 1234567890.12345 < 12345678901234567890.1H.5-beta");
        check("0.0.0-2021-05-17T01-01-51-5ec03a8b < 20.0.0");
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", "unspecified", "${project.version}", "${v1}", "1 2", "1\n", "1\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    #[test]
    fn ten_thousand_hyphens_are_no_trouble() {
        let deep = "1-".repeat(10_000);
        assert_eq!(compare(&deep, &format!("{deep}2")), Ok(Ordering::Less));
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-2](\\.[0-2]){0,3}(-(alpha|beta|rc|SNAPSHOT|sp|x)(-[1-2])?)?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn it_is_the_same_both_ways_round(left in "1[0-1a-c.-]{0,9}", right in "1[0-1a-c.-]{0,9}") {
            prop_assert_eq!(compare(&left, &right), compare(&right, &left).map(Ordering::reverse));
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-c.${}-]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
