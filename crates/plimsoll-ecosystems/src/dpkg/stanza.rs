//! Stanzas of dpkg's control files (deb822(5)), found in the bytes without copying.
//!
//! Only the fields that a scanner needs are kept; what they mean is decided elsewhere.

use crate::notes::lines;

/// One stanza: the wanted fields as they stand, blanks around them cut off.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stanza<'a> {
    pub package: Option<&'a [u8]>,
    pub version: Option<&'a [u8]>,
    pub status: Option<&'a [u8]>,
    pub source: Option<&'a [u8]>,
    pub architecture: Option<&'a [u8]>,
    pub maintainer: Option<&'a [u8]>,
    /// A wanted field that is there twice; the first is kept.
    pub repeated: Option<&'static str>,
    /// A line that is neither a field nor the continuation of one.
    pub stray: Option<&'a [u8]>,
    /// How the stanza ends.
    pub end: End,
}

/// How a stanza ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole line.
    #[default]
    Whole,
    /// The file ends inside a line that matters to nobody here.
    CutOff,
    /// The file ends inside a wanted field, or a piece of a line that may have become one.
    CutOffInField,
}

/// All stanzas of a file.
pub(super) fn stanzas(content: &[u8]) -> impl Iterator<Item = Stanza<'_>> {
    let mut lines = lines(content).peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|(line, _)| line.is_empty()).is_some() {}
        lines.peek()?;
        let mut stanza = Stanza::default();
        while let Some((line, whole)) = lines.next_if(|(line, _)| !line.is_empty()) {
            let wanted = stanza.take(line);
            if !whole {
                stanza.end = if wanted { End::CutOffInField } else { End::CutOff };
            }
        }
        Some(stanza)
    })
}

impl<'a> Stanza<'a> {
    /// Takes in a line, and says whether it was (or might have become) a wanted field.
    fn take(&mut self, line: &'a [u8]) -> bool {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return false;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':').filter(|at| *at > 0) else {
            self.stray.get_or_insert(line);
            return true;
        };
        let (key, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let Some((name, field)) = self.field(key) else { return false };
        match field {
            Some(_) => self.repeated = Some(name),
            None => *field = Some(value),
        }
        true
    }

    /// The place of a wanted field; names of fields know no case.
    fn field(&mut self, key: &[u8]) -> Option<(&'static str, &mut Option<&'a [u8]>)> {
        let fields = [
            ("Package", &mut self.package),
            ("Version", &mut self.version),
            ("Status", &mut self.status),
            ("Source", &mut self.source),
            ("Architecture", &mut self.architecture),
            ("Maintainer", &mut self.maintainer),
        ];
        fields.into_iter().find(|(name, _)| key.eq_ignore_ascii_case(name.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_their_case_and_order() {
        let found: Vec<_> = stanzas(
            b"\n\nversion:  1 \nPACKAGE:a\nDescription: x\n Package: b\n\n\nPackage: c\r\nSource: \n",
        )
        .collect();
        assert_eq!(
            found,
            [
                Stanza { package: Some(b"a"), version: Some(b"1"), ..Stanza::default() },
                Stanza { package: Some(b"c"), source: Some(b""), ..Stanza::default() },
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_noted() {
        let found: Vec<_> = stanzas(b"Package: a\nPackage: b\n:\n\nVersion: 1\nStat").collect();
        assert_eq!(found[0].repeated, Some("Package"));
        assert_eq!(found[0].stray, Some(&b":"[..]));
        assert_eq!(found[1].end, End::CutOffInField);
        assert_eq!(stanzas(b"Package: a\nHomepage: x").next().unwrap().end, End::CutOff);
    }
}
