//! Composer's normal form of a version: what its `VersionParser::normalize` makes of numbers,
//! dates and numeric branches. Orders nothing.

use super::super::is_number;
use super::{strip_prefix_ignoring_case, without_v};

/// One to four numbers, the first of five digits at most, and a modifier.
pub(super) fn classical(version: &str) -> Option<String> {
    let (numbers, rest) = cut_numbers(without_v(version));
    if numbers.first().is_none_or(|first| first.len() > 5) {
        return None;
    }
    Some(with_modifier(&four(numbers), &read_modifier(rest)?))
}

/// Four numbers, and whatever stands behind those that there are.
pub(super) fn filled_up(version: &str) -> String {
    let (numbers, rest) = cut_numbers(without_v(version));
    four(numbers) + rest
}

/// The numbers in front, four at most, with dots between them.
fn cut_numbers(version: &str) -> (Vec<&str>, &str) {
    let mut rest = version;
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        let digits = if numbers.is_empty() { rest } else { rest.strip_prefix('.').unwrap_or_default() };
        let (number, after) = digits.split_at(digits.bytes().take_while(u8::is_ascii_digit).count());
        if number.is_empty() {
            break;
        }
        numbers.push(number);
        rest = after;
    }
    (numbers, rest)
}

fn four(mut numbers: Vec<&str>) -> String {
    numbers.resize(4, "0");
    numbers.join(".")
}

/// A date, and perhaps a time, with or without separators (`2023-01-15`, `20230115.1200`), and a
/// modifier.
pub(super) fn dated(version: &str) -> Option<String> {
    let version = without_v(version);
    let is_date_byte = |byte: u8| byte.is_ascii_digit() || b".:-".contains(&byte);
    let span = version.bytes().position(|byte| !is_date_byte(byte)).unwrap_or(version.len());
    let end = version.get(..span)?.rfind(|it: char| it.is_ascii_digit())? + 1;
    let (date, modifier) = version.split_at(end);
    if !is_date(date) {
        return None;
    }
    let date: String = date.chars().map(|it| if it.is_ascii_digit() { it } else { '.' }).collect();
    Some(with_modifier(&date, &read_modifier(modifier)?))
}

/// Four digits, one to six times two digits, once one to three; each may have a separator before
/// it.
fn is_date(text: &str) -> bool {
    let mut groups = text.split(['.', ':', '-']);
    // How many pairs there are, if no odd group has ended them.
    let Some(first) = groups.next().filter(|it| it.len() >= 4) else { return false };
    let mut pairs = (first.len() - 4) / 2;
    let mut ended = false;
    if (first.len() - 4) % 2 == 1 {
        ended = true;
    }
    for group in groups {
        if group.is_empty() || ended {
            return false;
        }
        pairs += group.len() / 2;
        ended = group.len() % 2 == 1;
    }
    match pairs {
        0 => false,
        1..=6 => true,
        // The last two digits may be the part of one to three.
        7 => !ended || text.len() >= 3 && text.bytes().rev().take(3).all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

/// `1.x-dev`, `1.2-dev`: a branch for all releases that begin so.
pub(super) fn numeric_branch(version: &str) -> Option<String> {
    const LARGEST: &str = "9999999";
    let at = version.len().checked_sub(3)?;
    let (name, end) = version.split_at_checked(at)?;
    if !end.eq_ignore_ascii_case("dev") {
        return None;
    }
    let name = without_v(name.strip_suffix(['.', '-']).unwrap_or(name));
    let mut numbers = Vec::new();
    for (at, number) in name.split('.').enumerate() {
        match number {
            "x" | "X" | "*" if at > 0 => numbers.push(LARGEST),
            number if is_number(number) => numbers.push(number),
            _ => return None,
        }
    }
    if numbers.len() > 4 {
        return None;
    }
    numbers.resize(4, LARGEST);
    Some(format!("{}-dev", numbers.join(".")))
}

/// What stands behind the numbers: a stability and its numbers, and whether it is in development.
struct Modifier<'a> {
    stability: &'static str,
    numbers: &'a str,
    dev: bool,
}

/// `[._-]?((stable|beta|b|RC|alpha|a|patch|pl|p)([.-]?[0-9]+)*)?([.-]?dev)?` to the end.
fn read_modifier(text: &str) -> Option<Modifier<'_>> {
    // The names before those that they begin with.
    const STABILITIES: &[(&str, &str)] = &[
        ("stable", "stable"),
        ("beta", "beta"),
        ("b", "beta"),
        ("rc", "RC"),
        ("alpha", "alpha"),
        ("a", "alpha"),
        ("patch", "patch"),
        ("pl", "patch"),
        ("p", "patch"),
    ];
    let (text, dev) = match strip_dev(text) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let text = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    if text.is_empty() {
        return Some(Modifier { stability: "", numbers: "", dev });
    }
    STABILITIES.iter().find_map(|(name, stability)| {
        let numbers = strip_prefix_ignoring_case(text, name)?;
        are_modifier_numbers(numbers).then_some(Modifier { stability, numbers, dev })
    })
}

/// Without `dev` at the end and one dot or hyphen before it.
fn strip_dev(text: &str) -> Option<&str> {
    let (rest, dev) = text.split_at_checked(text.len().checked_sub(3)?)?;
    dev.eq_ignore_ascii_case("dev").then(|| rest.strip_suffix(['.', '-']).unwrap_or(rest))
}

fn are_modifier_numbers(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix(['.', '-']).unwrap_or(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        rest = rest.get(digits..).unwrap_or_default();
    }
    true
}

/// `stable` ends the version, even before `-dev`.
fn with_modifier(numbers: &str, modifier: &Modifier<'_>) -> String {
    let mut version = numbers.to_owned();
    match modifier.stability {
        "stable" => return version,
        "" => (),
        stability => {
            version.push('-');
            version.push_str(stability);
            version.push_str(modifier.numbers.trim_start_matches(['.', '-']));
        }
    }
    if modifier.dev {
        version.push_str("-dev");
    }
    version
}
