//! Text from images and feeds made safe for a terminal and for messages.
//!
//! Every byte of an image is an attacker's: control characters, terminal escapes and
//! bidirectional overrides are written as `\u{…}` instead of being sent along.

use std::fmt;

/// Displays a text with everything that could steer a terminal escaped.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clean_from = 0;
        for (at, c) in self.0.char_indices() {
            if steers(c) {
                f.write_str(&self.0[clean_from..at])?;
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
                clean_from = at + c.len_utf8();
            }
        }
        f.write_str(&self.0[clean_from..])
    }
}

/// Control characters, and the invisible ones that reorder or hide text (Unicode TR 36).
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_become_visible() {
        assert_eq!(Escaped("a\x1b[2Jb\nc\u{202e}d é").to_string(), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d é");
    }
}
