//! The strings that many records share: counted first, so that the commonest have the shortest
//! numbers.

use super::{BuildError, Items, number, varint};
use crate::snapshot::format::Section;
use crate::texts::TextMap;

/// What takes the strings of records.
pub(crate) trait Put<'a> {
    fn put(&mut self, out: &mut Vec<u8>, string: &'a str);

    fn put_list(&mut self, out: &mut Vec<u8>, strings: impl ExactSizeIterator<Item = &'a str>) {
        number(out, strings.len());
        for string in strings {
            self.put(out, string);
        }
    }
}

/// Counts strings and writes nothing.
#[derive(Default)]
pub(crate) struct Counted<'a>(pub(crate) TextMap<&'a str, u32>);

impl<'a> Put<'a> for Counted<'a> {
    fn put(&mut self, _: &mut Vec<u8>, string: &'a str) {
        *self.0.entry(string).or_default() += 1;
    }
}

/// The strings that several records share, with their numbers.
pub(super) struct Shared<'a>(TextMap<&'a str, u32>);

impl Shared<'_> {
    /// The number of a string, if it is shared.
    pub(super) fn number(&self, string: &str) -> Option<u32> {
        self.0.get(string).copied()
    }
}

impl<'b> Put<'b> for &Shared<'_> {
    fn put(&mut self, out: &mut Vec<u8>, string: &'b str) {
        match self.0.get(string) {
            Some(&place) => varint(out, u64::from(place) << 1 | 1),
            None => {
                varint(out, (string.len() as u64) << 1);
                out.extend_from_slice(string.as_bytes());
            }
        }
    }
}

/// Decides which strings are shared: those that take less room so, the commonest first.
pub(super) fn settle(counts: TextMap<&str, u32>) -> Result<(Items, Shared<'_>), BuildError> {
    // In the text: a length and the string. Shared: up to three bytes each, and once the
    // string and its offset.
    let shorter = |string: &str, count: u32| {
        let (length, count) = (string.len() as u64, u64::from(count));
        3 * count + length + 4 < count * (length + 1)
    };
    let mut shared: Vec<(&str, u32)> =
        counts.into_iter().filter(|&(string, count)| shorter(string, count)).collect();
    shared.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    let mut items = Items::new(Section::Strings);
    for (string, _) in &shared {
        items.push(string.as_bytes())?;
    }
    Ok((items, Shared(shared.iter().zip(0..).map(|(&(string, _), place)| (string, place)).collect())))
}
