//! Sets of versions as intervals, for databases that say what is patched and not what is affected.
//!
//! The order used here only sorts bounds of one record, which its authors wrote for one package.
//! Whether an installed version lies within a range is decided elsewhere, by its ecosystem's own
//! order.

use std::cmp::Ordering;

use plimsoll_core::{End, Range};

/// A place between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::feeds) enum Cut {
    /// In front of every version.
    Beginning,
    /// Right in front of this one.
    Before(String),
    /// Right behind it.
    After(String),
    /// Behind every version.
    End,
}

/// What lies between two cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::feeds) struct Interval {
    pub(in crate::feeds) low: Cut,
    pub(in crate::feeds) high: Cut,
}

/// Every version.
pub(in crate::feeds) const EVERYTHING: Interval = Interval { low: Cut::Beginning, high: Cut::End };

impl Cut {
    fn order(&self, other: &Cut) -> Ordering {
        let place = |cut: &Cut| match cut {
            Cut::Beginning => 0,
            Cut::Before(_) | Cut::After(_) => 1,
            Cut::End => 2,
        };
        match (self, other) {
            (Cut::Before(a) | Cut::After(a), Cut::Before(b) | Cut::After(b)) => {
                order(a, b).then_with(|| matches!(self, Cut::After(_)).cmp(&matches!(other, Cut::After(_))))
            }
            _ => place(self).cmp(&place(other)),
        }
    }

    fn is_before(&self, other: &Cut) -> bool {
        self.order(other).is_lt()
    }

    fn later(self, other: Cut) -> Cut {
        if self.is_before(&other) { other } else { self }
    }
}

impl Interval {
    /// What lies in both; `None` where nothing does.
    pub(in crate::feeds) fn and(self, other: Interval) -> Option<Interval> {
        let low = self.low.later(other.low);
        let high = if other.high.is_before(&self.high) { other.high } else { self.high };
        low.is_before(&high).then_some(Interval { low, high })
    }
}

/// An interval, and whether what stands at its edge is a fix: the low edge of what is taken away,
/// the high edge of what is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::feeds) struct Marked {
    pub(in crate::feeds) interval: Interval,
    pub(in crate::feeds) is_fix: bool,
}

/// What is left of `affected` without `taken`.
pub(in crate::feeds) fn without(affected: &[Marked], mut taken: Vec<Marked>) -> Vec<Marked> {
    taken.sort_by(|left, right| left.interval.low.order(&right.interval.low));
    let mut left_over = Vec::new();
    for Marked { interval, is_fix } in affected {
        let mut low = interval.low.clone();
        for hole in &taken {
            if !hole.interval.low.is_before(&interval.high) {
                break;
            }
            if low.is_before(&hole.interval.low) {
                let high = hole.interval.low.clone();
                left_over.push(Marked { interval: Interval { low, high }, is_fix: hole.is_fix });
                low = hole.interval.high.clone();
            } else {
                low = low.later(hole.interval.high.clone());
            }
        }
        if low.is_before(&interval.high) {
            let high = interval.high.clone();
            left_over.push(Marked { interval: Interval { low, high }, is_fix: *is_fix });
        }
    }
    left_over
}

/// Joins what touches or overlaps: `[4.3,4.4)` and `[4.4,4.4.50)` are `[4.3,4.4.50)`.
pub(in crate::feeds) fn joined(mut parts: Vec<Marked>) -> Vec<Marked> {
    parts.sort_by(|left, right| left.interval.low.order(&right.interval.low));
    let mut whole: Vec<Marked> = Vec::new();
    for part in parts {
        match whole.last_mut() {
            Some(last) if !last.interval.high.is_before(&part.interval.low) => {
                if last.interval.high.is_before(&part.interval.high) {
                    *last = Marked {
                        interval: Interval { low: last.interval.low.clone(), high: part.interval.high },
                        is_fix: part.is_fix,
                    };
                }
            }
            _ => whole.push(part),
        }
    }
    whole
}

/// Ranges of affected versions. `successor` is the smallest version behind another; where an
/// ecosystem has none, the version itself, so that too much is affected and never too little.
pub(in crate::feeds) fn ranges(parts: Vec<Marked>, successor: fn(&str) -> String) -> Vec<Range> {
    let range = |Marked { interval, is_fix }: Marked| Range {
        introduced: match interval.low {
            Cut::Before(version) => Some(version).filter(|it| it != "0"),
            Cut::After(version) => Some(successor(&version)),
            Cut::Beginning | Cut::End => None,
        },
        end: match interval.high {
            Cut::Before(version) if is_fix => End::Fixed(version),
            Cut::Before(version) => End::Limit(version),
            Cut::After(version) => End::LastAffected(version),
            Cut::Beginning | Cut::End => End::Open,
        },
    };
    let ranges: Vec<Range> = parts.into_iter().map(range).collect();
    // No range at all is how a row says that every version is affected.
    let everything = Range { introduced: None, end: End::Open };
    if ranges.contains(&everything) { Vec::new() } else { ranges }
}

/// Numbers by their value, a missing one as zero, words in front of what has none in their place.
fn order(left: &str, right: &str) -> Ordering {
    let (left, right) = (pieces(left), pieces(right));
    for index in 0..left.len().max(right.len()) {
        let found = match (left.get(index), right.get(index)) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(Piece::EarlyNumber(..)), None) => Ordering::Greater,
            (None, Some(Piece::EarlyNumber(..))) => Ordering::Less,
            (Some(a), None) => a.cmp(&Piece::ZERO),
            (None, Some(b)) => Piece::ZERO.cmp(b),
            (None, None) => Ordering::Equal,
        };
        if found.is_ne() {
            return found;
        }
    }
    Ordering::Equal
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// A number behind a hyphen, which comes before words there (SemVer 2.0, section 11).
    EarlyNumber(usize, &'a str),
    Word(&'a str),
    /// A hyphen: what follows is an early version.
    Early,
    /// By how many digits it has, then by what they are.
    Number(usize, &'a str),
}

impl Piece<'_> {
    const ZERO: Piece<'static> = Piece::Number(0, "");
}

fn pieces(version: &str) -> Vec<Piece<'_>> {
    let mut rest = version.split('+').next().unwrap_or_default();
    let mut pieces = Vec::new();
    while let Some(first) = rest.chars().next() {
        let is_digit = |it: char| it.is_ascii_digit();
        let is_word = |it: char| !it.is_ascii_digit() && !".-".contains(it);
        let length = match first {
            '.' | '-' => 1,
            _ if is_digit(first) => rest.find(|it| !is_digit(it)).unwrap_or(rest.len()),
            _ => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
        };
        let (piece, behind) = rest.split_at(length);
        rest = behind;
        match first {
            '.' => {}
            // Composer's patch levels come after the release: `2.4.4-p9`.
            '-' if rest.strip_prefix('p').is_some_and(|it| it.starts_with(is_digit)) => {
                rest = rest.get(1..).unwrap_or_default();
            }
            '-' => pieces.push(Piece::Early),
            _ if is_digit(first) => {
                let digits = piece.trim_start_matches('0');
                pieces.push(if pieces.contains(&Piece::Early) {
                    Piece::EarlyNumber(digits.len(), digits)
                } else {
                    Piece::Number(digits.len(), digits)
                });
            }
            _ => pieces.push(Piece::Word(piece)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_sorted_as_people_mean_them() {
        for (left, right) in [
            ("1.9", "1.10"),
            ("1.0.0-alpha", "1.0.0"),
            ("1.0.0-alpha.1", "1.0.0-beta"),
            ("2.0.0-0", "2.0.0"),
            ("0.10.0-0", "0.10.0-alpha.2"),
            ("1.0.0-rc.2", "1.0.0-rc.10"),
            ("1.0.0-rc", "1.0.0-rc.1"),
            ("1.99.99", "2.0.0-0"),
            ("2.3.a", "2.3.0"),
            ("2.2.9", "2.3.a"),
            ("1.0", "1.0.1"),
            ("2.4.4", "2.4.4-p9"),
            ("2.4.4-p9", "2.4.5"),
        ] {
            assert_eq!(order(left, right), Ordering::Less, "{left} {right}");
            assert_eq!(order(right, left), Ordering::Greater, "{left} {right}");
        }
        assert_eq!(order("1.0", "1.0.0+build"), Ordering::Equal);
    }

    fn marked(low: &str, high: &str, is_fix: bool) -> Marked {
        let interval = Interval {
            low: if low.is_empty() { Cut::Beginning } else { Cut::Before(low.to_owned()) },
            high: if high.is_empty() { Cut::End } else { Cut::Before(high.to_owned()) },
        };
        Marked { interval, is_fix }
    }

    #[test]
    fn what_is_neither_patched_nor_unaffected_is_left() {
        let everything = [marked("", "", false)];
        let taken = vec![marked("3.0", "", true), marked("", "1.0", false), marked("2.5", "2.6", true)];
        let left = without(&everything, taken);
        assert_eq!(left, [marked("1.0", "2.5", true), marked("2.6", "3.0", true)]);
        assert_eq!(without(&everything, Vec::new()), everything);
        assert_eq!(without(&everything, vec![marked("", "", true)]), []);
        let overlapping = vec![marked("1", "9", true), marked("2", "3", true)];
        assert_eq!(without(&everything, overlapping), [marked("", "1", true), marked("9", "", false)]);
    }

    #[test]
    fn branches_that_touch_are_one() {
        let branches =
            vec![marked("4.4", "4.4.50", true), marked("4.3", "4.4", false), marked("6", "7", true)];
        assert_eq!(joined(branches), [marked("4.3", "4.4.50", true), marked("6", "7", true)]);
    }
}
