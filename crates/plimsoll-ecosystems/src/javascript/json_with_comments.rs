//! JSON as Bun writes it: with commas before a closing bracket, and with comments.
//!
//! Turns it into JSON of the same length, so that places in messages stay right.

/// The text with comments and trailing commas made into spaces.
pub(super) fn to_json(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut comma = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match (byte, bytes.get(at + 1)) {
            (b'"', _) => {
                at = end_of_string(&bytes, at);
                comma = None;
                continue;
            }
            (b'/', Some(b'/')) => {
                let end = end_of(&bytes, at, b"\n");
                blank(&mut bytes, at, end);
                at = end;
                continue;
            }
            (b'/', Some(b'*')) => {
                let end = end_of(&bytes, at + 2, b"*/");
                blank(&mut bytes, at, end);
                at = end;
                continue;
            }
            (b',', _) => comma = Some(at),
            (b']' | b'}', _) => {
                if let Some(comma) = comma.take() {
                    blank(&mut bytes, comma, comma + 1);
                }
            }
            (byte, _) if byte.is_ascii_whitespace() => (),
            _ => comma = None,
        }
        at += 1;
    }
    String::from_utf8(bytes).expect("whole comments of UTF-8 became spaces")
}

/// The place behind the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The place behind the first `mark` from `start` on, or the end.
fn end_of(bytes: &[u8], start: usize, mark: &[u8]) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    memchr::memmem::find(rest, mark).map_or(bytes.len(), |found| start + found + mark.len())
}

fn blank(bytes: &mut [u8], start: usize, end: usize) {
    for byte in bytes.get_mut(start..end).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(to_json(text), expected);
    }

    #[test]
    fn commas_and_comments_go_and_strings_stay() {
        check("[1, 2, ]", "[1, 2  ]");
        check("{\"a,}\": [\"//\", /* é */ ], }", "{\"a,}\": [\"//\"           ]  }");
        check("[1, // x ]\n]", "[1        \n]");
        check("\"\\\"//\" /", "\"\\\"//\" /");
        check("[,]", "[ ]");
        check("\"\\", "\"\\");
    }
}
