//! Requirements on versions (`>= 1.2, < 2`, `~> 4.2.5`, `^20.20.2 || >= 22`) as intervals.
//!
//! Each language has its own signs and its own reading of them; what is not understood is an
//! error, so that the caller can set the record aside.

use super::interval::{Cut, EVERYTHING, Interval};
use super::text::capped;

/// Whose requirements they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::feeds) enum Dialect {
    /// Cargo: a comma is "and", a bare version means `^`. Source: the Cargo book.
    Cargo,
    /// RubyGems: a comma is "and", `~>` leaves the last number free. Source: `Gem::Requirement`.
    Gem,
    /// npm: a blank is "and", `||` "or"; `20.x` leaves numbers free. Source: node-semver.
    Node,
    /// Composer, comparisons only.
    Composer,
}

/// Alternatives of one requirement, and comparisons of one alternative; real ones have 10.
const PARTS_MAX: usize = 64;

/// The versions that meet a requirement.
pub(in crate::feeds) fn requirement(dialect: Dialect, text: &str) -> Result<Vec<Interval>, String> {
    let alternatives: Vec<&str> = match dialect {
        Dialect::Node => text.split("||").take(PARTS_MAX + 1).collect(),
        _ => vec![text],
    };
    if alternatives.len() > PARTS_MAX {
        return Err("a requirement with too many parts".to_owned());
    }
    alternatives.into_iter().map(|it| alternative(dialect, it)).collect()
}

fn alternative(dialect: Dialect, text: &str) -> Result<Interval, String> {
    let wrong = || format!("the requirement `{}` cannot be read", capped(text, 100));
    let mut rest = text.trim();
    let mut all: Option<Interval> = None;
    for _ in 0..PARTS_MAX {
        let sign_end = rest.find(|it: char| !"<>=^~!".contains(it)).unwrap_or(rest.len());
        let (sign, behind) = rest.split_at(sign_end);
        let behind = behind.trim_start();
        let end = behind.find(|it: char| it == ',' || it.is_whitespace()).unwrap_or(behind.len());
        let (version, behind) = behind.split_at(end);
        let one = comparison(dialect, sign, version).ok_or_else(wrong)?;
        // Nothing can meet both.
        all = Some(all.unwrap_or(EVERYTHING).and(one).ok_or_else(wrong)?);
        rest = behind.trim_start_matches(|it: char| it == ',' || it.is_whitespace());
        if rest.is_empty() {
            return all.ok_or_else(wrong);
        }
    }
    Err(wrong())
}

fn comparison(dialect: Dialect, sign: &str, text: &str) -> Option<Interval> {
    let given = Given::read(dialect, text)?;
    let (low, high) = match (sign, dialect) {
        (_, Dialect::Node) if given.numbers.is_empty() => return Some(EVERYTHING),
        ("", Dialect::Cargo) | ("^", Dialect::Cargo | Dialect::Node) => (given.before(), given.caret()?),
        ("~", Dialect::Cargo | Dialect::Node) => (given.before(), given.bumped(given.numbers.len().min(2))?),
        ("~>", Dialect::Gem) => (given.before(), given.bumped(given.numbers.len().saturating_sub(1).max(1))?),
        ("" | "=" | "==", _) => (given.before(), given.behind()?),
        (">=", _) => (given.before(), Cut::End),
        (">", _) => (given.behind()?, Cut::End),
        ("<", _) => (Cut::Beginning, given.before()),
        ("<=", _) => (Cut::Beginning, given.behind()?),
        _ => return None,
    };
    Some(Interval { low, high })
}

/// A version as it was written, and the numbers that it begins with.
struct Given {
    dialect: Dialect,
    version: String,
    numbers: Vec<u64>,
    /// Fewer than three numbers, where that leaves the others free.
    is_partial: bool,
}

impl Given {
    fn read(dialect: Dialect, text: &str) -> Option<Given> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = match dialect {
            Dialect::Node => {
                let end = text.find(['x', 'X', '*']).unwrap_or(text.len());
                let (numbers, free) = text.split_at(end);
                if !free.bytes().skip(1).all(|it| b".xX*".contains(&it)) {
                    return None;
                }
                if free.is_empty() { text } else { numbers.trim_end_matches('.') }
            }
            _ => text,
        };
        let is_legal = |it: char| it.is_ascii_alphanumeric() || ".-+_~".contains(it);
        if text.len() > 128 || !text.chars().all(is_legal) {
            return None;
        }
        let end = text.find(['-', '+']).unwrap_or(text.len());
        let (core, rest) = text.split_at(end);
        let numbers: Vec<u64> = core.split('.').map_while(|it| it.parse().ok()).collect();
        let is_any = text.is_empty() && dialect == Dialect::Node;
        if numbers.is_empty() && !is_any {
            return None;
        }
        let is_semver = matches!(dialect, Dialect::Cargo | Dialect::Node);
        if is_semver && core.split('.').filter(|it| !it.is_empty()).count() != numbers.len() {
            return None;
        }
        let is_partial = is_semver && numbers.len() < 3;
        let version = if is_partial { padded(&numbers) + rest } else { text.to_owned() };
        Some(Given { dialect, version, numbers, is_partial })
    }

    fn before(&self) -> Cut {
        Cut::Before(self.version.clone())
    }

    /// Behind the version, or behind all that it leaves free: `<= 10` has 10.9 in it.
    fn behind(&self) -> Option<Cut> {
        if self.is_partial { self.bumped(self.numbers.len()) } else { Some(Cut::After(self.version.clone())) }
    }

    /// In front of the next version that differs in one of the first `count` numbers.
    fn bumped(&self, count: usize) -> Option<Cut> {
        let mut numbers = self.numbers.get(..count)?.to_vec();
        let last = numbers.last_mut()?;
        *last = last.checked_add(1)?;
        Some(Cut::Before(match self.dialect {
            Dialect::Cargo => padded(&numbers) + "-0",
            Dialect::Node | Dialect::Composer => padded(&numbers),
            // In front of every early version of it: `4.3.beta1` does not meet `~> 4.2.5`.
            Dialect::Gem => dotted(&numbers) + ".a",
        }))
    }

    fn caret(&self) -> Option<Cut> {
        let zeros = self.numbers.iter().take_while(|it| **it == 0).count();
        self.bumped((zeros + 1).min(self.numbers.len()))
    }
}

fn padded(numbers: &[u64]) -> String {
    let mut three = numbers.to_vec();
    three.resize(numbers.len().max(3), 0);
    dotted(&three)
}

fn dotted(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dialect: Dialect, text: &str, expected: &str) {
        let shown = match requirement(dialect, text) {
            Err(_) => "error".to_owned(),
            Ok(found) => found.iter().map(show).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(shown, expected, "{dialect:?} {text}");
    }

    fn show(interval: &Interval) -> String {
        let low = match &interval.low {
            Cut::Before(version) => format!("[{version}"),
            Cut::After(version) => format!("({version}"),
            _ => "(".to_owned(),
        };
        match &interval.high {
            Cut::Before(version) => format!("{low},{version})"),
            Cut::After(version) => format!("{low},{version}]"),
            _ => format!("{low},)"),
        }
    }

    #[test]
    fn cargo() {
        check(Dialect::Cargo, ">= 1.2.3", "[1.2.3,)");
        check(Dialect::Cargo, ">= 0.0.8 ", "[0.0.8,)");
        check(Dialect::Cargo, "< 1.22.0, >= 1.3.0", "[1.3.0,1.22.0)");
        check(Dialect::Cargo, "^1.2.3", "[1.2.3,2.0.0-0)");
        check(Dialect::Cargo, "0.2.3", "[0.2.3,0.3.0-0)");
        check(Dialect::Cargo, "^0.0.3", "[0.0.3,0.0.4-0)");
        check(Dialect::Cargo, "^0.0", "[0.0.0,0.1.0-0)");
        check(Dialect::Cargo, "~1.2", "[1.2.0,1.3.0-0)");
        check(Dialect::Cargo, "= 1.2.3", "[1.2.3,1.2.3]");
        check(Dialect::Cargo, "<= 0.9", "(,0.10.0-0)");
        check(Dialect::Cargo, ">= 3.0.0-rc.1", "[3.0.0-rc.1,)");
        for bad in
            ["", ">=", "!= 1.0.0", "> 2, < 1", "1.a", ">= 99999999999999999999", "^18446744073709551615"]
        {
            check(Dialect::Cargo, bad, "error");
        }
    }

    #[test]
    fn gem() {
        check(Dialect::Gem, "~> 4.2.5", "[4.2.5,4.3.a)");
        check(Dialect::Gem, "~> 4.2.5, >= 4.2.5.2", "[4.2.5.2,4.3.a)");
        check(Dialect::Gem, "~> 2", "[2,3.a)");
        check(Dialect::Gem, "~> 1.0.0.rc2", "[1.0.0.rc2,1.1.a)");
        check(Dialect::Gem, ">= 2.0.0.pre", "[2.0.0.pre,)");
        check(Dialect::Gem, "<= 0.12.1", "(,0.12.1]");
        check(Dialect::Gem, "= 1.0", "[1.0,1.0]");
        check(Dialect::Gem, "any", "error");
    }

    #[test]
    fn node() {
        check(Dialect::Node, " 20.x || 22.x", "[20.0.0,21.0.0) [22.0.0,23.0.0)");
        check(Dialect::Node, "^20.20.2 || >= 24.1.0", "[20.20.2,21.0.0) [24.1.0,)");
        check(Dialect::Node, ">=8.0.0 <8.1.4 || 4.1.x", "[8.0.0,8.1.4) [4.1.0,4.2.0)");
        check(Dialect::Node, "<= 10", "(,11.0.0)");
        check(Dialect::Node, "8.5.0", "[8.5.0,8.5.0]");
        check(Dialect::Node, "*", "(,)");
        check(Dialect::Node, "1.x-zurg", "error");
    }
}
