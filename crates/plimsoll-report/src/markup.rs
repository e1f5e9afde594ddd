//! Hostile text made safe for XML, HTML, Markdown and links.
//!
//! Every name, version and summary comes from an image or a feed. What could steer a reader is
//! written visibly (`\u{1b}`), what could be markup is escaped.

use std::fmt;

use plimsoll_core::Escaped;

/// Displays a text as the content of an element or of a quoted attribute, in XML or HTML.
pub(crate) struct Markup<'a>(pub &'a str);

impl fmt::Display for Markup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = Escaped(self.0).to_string();
        let mut plain_from = 0;
        for (at, c) in visible.char_indices() {
            let Some(entity) = entity(c) else { continue };
            f.write_str(&visible[plain_from..at])?;
            f.write_str(entity)?;
            plain_from = at + c.len_utf8();
        }
        f.write_str(&visible[plain_from..])
    }
}

fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        // No characters of XML 1.0 (section 2.2), and of no use in HTML.
        '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
        _ => return None,
    })
}

/// Displays a text so that Markdown shows it as it is: one line, no link, no HTML.
pub(crate) struct Markdown<'a>(pub &'a str);

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in Escaped(self.0).to_string().chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '&' => f.write_str("&amp;")?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '|' | '!' | '~' | '>' | '@' => {
                    write!(f, "\\{c}")?;
                }
                // Without a colon behind the scheme nothing becomes a link by itself.
                ':' => f.write_str("&#58;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// Whether a text is a plain web address: http or https, and nothing in it that would have to
/// be encoded. Others are shown, but never made a link.
pub(crate) fn is_web_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    rest.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_alphanumeric()) && it.bytes().all(plain))
}

/// A path as a relative reference (RFC 3986): every segment encoded, colons too, so that none
/// can be taken for a scheme; empty, `.` and `..` segments left out.
pub(crate) fn relative_reference(path: &[u8]) -> String {
    let mut reference = String::with_capacity(path.len());
    for segment in path.split(|byte| *byte == b'/') {
        if matches!(segment, b"" | b"." | b"..") {
            continue;
        }
        if !reference.is_empty() {
            reference.push('/');
        }
        for byte in segment {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                    reference.push(char::from(*byte));
                }
                other => reference.push_str(&format!("%{other:02X}")),
            }
        }
    }
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(
            Markup("<script>\u{1b}[2J&\"'\u{ffff}").to_string(),
            "&lt;script&gt;\\u{1b}[2J&amp;&quot;&#39;\u{fffd}"
        );
        assert_eq!(
            Markdown("[x](javascript:1)\n<b> `c`").to_string(),
            "\\[x\\]\\(javascript&#58;1\\)\\\\u{a}&lt;b\\> \\`c\\`"
        );
    }

    #[test]
    fn only_plain_web_addresses_are_links() {
        for good in ["https://example.org/a?b=c#d", "http://127.0.0.1/"] {
            assert!(is_web_link(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "https://", "https://a\"b", "https://a b", "//a", "ftp://a", "https:///a"]
        {
            assert!(!is_web_link(bad), "{bad}");
        }
    }

    #[test]
    fn a_relative_reference_has_no_scheme_and_stays_inside() {
        assert_eq!(relative_reference(b"localhost:5000/a b/../\xe9"), "localhost%3A5000/a%20b/%E9");
        assert_eq!(relative_reference(b"/../etc/./passwd"), "etc/passwd");
    }
}
