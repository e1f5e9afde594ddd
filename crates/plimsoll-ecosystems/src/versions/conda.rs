//! The order of conda's versions, `[epoch!]version[+local]`.
//!
//! Own code, after the documentation of conda's `VersionOrder`: parts between dots or underscores,
//! cut into numbers and words; a word is less than a number, `dev` less than other words and
//! `post` more than any number; a part that begins with a word has a 0 before it, and what is
//! missing is 0. Case does not count. Hyphens are taken for underscores where there are none of
//! those; one underscore at the end belongs to the last part, which is how conda tells OpenSSL's
//! `1.0.1_` from `1.0.1a`. Refused is what conda refuses.
//!
//! There is no table for it: checked is the long example in conda's documentation, as unit tests
//! here.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, split_while, unreadable};

/// Orders two versions as conda does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(compare_numbers(left.epoch.as_bytes(), right.epoch.as_bytes())
        .then_with(|| compare_parts(&left.version, &right.version))
        .then_with(|| compare_parts(&left.local, &right.local)))
}

type Parts = Vec<Vec<Piece>>;

struct Version {
    epoch: String,
    version: Parts,
    local: Parts,
}

/// Part of a part, in the order of kinds.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Dev,
    Word(String),
    Number(String),
    Post,
}

impl Version {
    fn read(text: &str) -> Result<Version, Unreadable> {
        Version::parts(text).map_err(|why| unreadable(text, why))
    }

    fn parts(text: &str) -> Result<Version, &'static str> {
        let text = text.trim_matches([' ', '\t']).to_ascii_lowercase();
        if text.is_empty() {
            return Err("it is empty");
        }
        let text = if text.contains('_') { text } else { text.replace('-', "_") };
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*.+!_".contains(&byte)) {
            return Err("it has a character that conda does not allow");
        }
        let (epoch, rest) = match text.split_once('!') {
            Some((epoch, _)) if !is_number(epoch) => return Err("its epoch is no number"),
            Some((epoch, rest)) => (epoch, rest),
            None => ("", text.as_str()),
        };
        let (version, local) = match rest.split_once('+') {
            Some((version, local)) => (version, read_parts(local.split(['.', '_']))?),
            None => (rest, Parts::new()),
        };
        if rest.contains('!') || rest.matches('+').count() > 1 {
            return Err("it has two epochs or two local versions");
        }
        let version = match version.strip_suffix('_') {
            Some(version) => with_underscore(read_parts(version.split(['.', '_']))?),
            None => read_parts(version.split(['.', '_']))?,
        };
        Ok(Version { epoch: epoch.to_owned(), version, local })
    }
}

fn read_parts<'a>(parts: impl Iterator<Item = &'a str>) -> Result<Parts, &'static str> {
    parts.map(read_part).collect()
}

fn read_part(text: &str) -> Result<Vec<Piece>, &'static str> {
    let mut rest = text.as_bytes();
    let mut pieces = Vec::new();
    if !rest.first().ok_or("a part of it is empty")?.is_ascii_digit() {
        pieces.push(Piece::Number(String::new()));
    }
    while let Some(first) = rest.first() {
        let kind = (first.is_ascii_digit(), *first == b'*');
        let (piece, after) = split_while(rest, |byte| (byte.is_ascii_digit(), byte == b'*') == kind);
        let piece: String = piece.iter().copied().map(char::from).collect();
        pieces.push(match piece.as_str() {
            "dev" => Piece::Dev,
            "post" => Piece::Post,
            _ if kind.0 => Piece::Number(piece),
            _ => Piece::Word(piece),
        });
        rest = after;
    }
    Ok(pieces)
}

/// Gives the last part the underscore at the end.
fn with_underscore(mut parts: Parts) -> Parts {
    if let Some(last) = parts.last_mut() {
        match last.last_mut() {
            Some(Piece::Word(word)) => word.push('_'),
            Some(piece @ Piece::Dev) => *piece = Piece::Word("dev_".to_owned()),
            Some(piece @ Piece::Post) => *piece = Piece::Word("post_".to_owned()),
            _ => last.push(Piece::Word("_".to_owned())),
        }
    }
    parts
}

fn compare_parts(left: &[Vec<Piece>], right: &[Vec<Piece>]) -> Ordering {
    let part = |parts: &[Vec<Piece>], at: usize| parts.get(at).map_or(0, Vec::len);
    let parts_max = left.len().max(right.len());
    (0..parts_max)
        .flat_map(|at| (0..part(left, at).max(part(right, at))).map(move |piece| (at, piece)))
        .map(|(part, at)| {
            let one = left.get(part).and_then(|it| it.get(at));
            let other = right.get(part).and_then(|it| it.get(at));
            compare_pieces(one.unwrap_or(&ZERO), other.unwrap_or(&ZERO))
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// What is missing.
const ZERO: Piece = Piece::Number(String::new());

fn compare_pieces(left: &Piece, right: &Piece) -> Ordering {
    let rank = |piece: &Piece| match piece {
        // `*` sorts before `dev` as text.
        Piece::Word(word) if word.as_str() < "DEV" => 0,
        Piece::Dev => 1,
        Piece::Word(_) => 2,
        Piece::Number(_) => 3,
        Piece::Post => 4,
    };
    match (left, right) {
        (Piece::Number(left), Piece::Number(right)) => compare_numbers(left.as_bytes(), right.as_bytes()),
        (Piece::Word(left), Piece::Word(right)) => left.cmp(right),
        (left, right) => rank(left).cmp(&rank(right)),
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
    fn the_example_of_the_documentation_is_in_order() {
        check("0.4 = 0.4.0 < 0.4.1.rc = 0.4.1.RC < 0.4.1 < 0.5a1 < 0.5b3 < 0.5C1 < 0.5 < 0.9.6 < 0.960923");
        check("0.960923 < 1.0 < 1.1dev1 < 1.1_ < 1.1a1 < 1.1.0dev1 = 1.1.dev1 < 1.1.a1 < 1.1.0rc1 < 1.1.0");
        check("1.1.0 = 1.1 < 1.1.0post1 = 1.1.post1 < 1.1post1 < 1996.07.12 < 1!0.4.1 < 1!3.1.1.6 < 2!0.4.1");
    }

    #[test]
    fn letters_of_openssl_need_its_packagers_help() {
        check("1.0.1dev < 1.0.1_ < 1.0.1a < 1.0.1 < 1.0.1post.a < 1.0.1post.b < 1.0.2");
    }

    #[test]
    fn local_versions_count_last() {
        check("1.0 < 1.0+1 < 1.0+2 < 1.0.1");
        check("1.0+0 = 1.0");
    }

    #[test]
    fn hyphens_are_underscores_where_there_are_none() {
        check("1.0-1 = 1.0_1 = 1.0.1");
    }

    #[test]
    fn what_conda_refuses_is_unreadable() {
        for version in
            ["", "1..2", "1.", "a!1", "1!2!3", "1+2+3", "1+", "+1", "1_0-2", "1 2", "1,2", "1.0\u{e9}", "_"]
        {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("([01]!)?[01]((\\.|_|)(0|1|a|b|dev|post)){0,3}_?(\\+[01a])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-d!*._+-]{0,16}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
