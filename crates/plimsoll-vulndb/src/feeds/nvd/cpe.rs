//! Names of the CPE dictionary, in the formatted string of version 2.3 (NISTIR 7695, 6.2).
//!
//! Splits and unescapes; what a name matches is decided in [`super::configurations`].

use std::borrow::Cow;

/// A formatted string has the prefix `cpe:2.3` and eleven attributes.
const ATTRIBUTES: usize = 11;

/// A name, its attributes without the escapes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cpe<'a> {
    attributes: [Cow<'a, str>; ATTRIBUTES],
}

impl<'a> Cpe<'a> {
    /// Reads a formatted string; `None` where it has not exactly eleven attributes (real ones
    /// with colons that nobody escaped have more).
    pub(super) fn read(text: &'a str) -> Option<Cpe<'a>> {
        let mut rest = text.strip_prefix("cpe:2.3:")?;
        let mut attributes: [Cow<'a, str>; ATTRIBUTES] = Default::default();
        for (at, attribute) in attributes.iter_mut().enumerate() {
            let (raw, after) = split(rest);
            // The last has nothing behind it, and all others have something.
            if raw.is_empty() || after.is_none() != (at + 1 == ATTRIBUTES) {
                return None;
            }
            *attribute = unescaped(raw)?;
            rest = after.unwrap_or_default();
        }
        Some(Cpe { attributes })
    }

    /// `a` an application, `o` an operating system, `h` hardware.
    pub(super) fn part(&self) -> &str {
        &self.attributes[0]
    }

    pub(super) fn vendor(&self) -> &str {
        &self.attributes[1]
    }

    pub(super) fn product(&self) -> &str {
        &self.attributes[2]
    }

    pub(super) fn version(&self) -> &str {
        &self.attributes[3]
    }

    /// What follows the version: `alpha1`, `p1`, `update_392`.
    pub(super) fn update(&self) -> &str {
        &self.attributes[4]
    }

    /// The software that the product is for, or the system that it runs on.
    pub(super) fn target_software(&self) -> &str {
        &self.attributes[8]
    }
}

/// The text up to the next colon that is not escaped, and what is behind that colon.
fn split(text: &str) -> (&str, Option<&str>) {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b':' => return (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
            _ => (),
        }
    }
    (text, None)
}

/// Without the backslashes; `None` where the last one escapes nothing.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next()? } else { letter });
    }
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_split_at_colons_that_are_not_escaped() {
        let cpe = Cpe::read(r"cpe:2.3:a:erlang:erlang\/otp:25.0\+git:rc1:*:*:*:linux:*:*").unwrap();
        assert_eq!((cpe.part(), cpe.vendor(), cpe.product()), ("a", "erlang", "erlang/otp"));
        assert_eq!((cpe.version(), cpe.update(), cpe.target_software()), ("25.0+git", "rc1", "linux"));
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in [
            "",
            "cpe:2.3:a",
            "cpe:/a:openssl:openssl:1.0",
            "cpe:2.3:a:soap::lite_project:soap::lite:*:*:*:*:*:perl:*:*",
            r"cpe:2.3:a:b:c:*:*:*:*:*:*:*:*\",
            "cpe:2.3:a:b:c:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*",
        ] {
            assert_eq!(Cpe::read(text), None, "{text}");
        }
    }
}
