//! Percent escapes of paths and queries (RFC 3986).
//!
//! Decodes once; what is left is text that its reader still has to check.

/// The text with its escapes undone, or nothing if one is broken or the whole is no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => decoded.push((digit(bytes.next()?)? << 4) | digit(bytes.next()?)?),
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok()
}

/// Every value of a query, in its order; pairs that cannot be decoded are left out.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| decode(&text.replace('+', " "));
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(key)?, decoded(value)?))
        })
        .collect()
}

/// The text as the value of a query: all but unreserved characters escaped.
pub fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => {
                encoded.push('%');
                encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
                encoded.push(char::from(DIGITS[usize::from(byte & 0xf)]));
            }
        }
    }
    encoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once_and_broken_ones_refused() {
        assert_eq!(decode("a%2Fb%3a"), Some("a/b:".to_owned()));
        assert_eq!(decode("%252F"), Some("%2F".to_owned()));
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_keeps_its_order_and_its_repeated_keys() {
        let pairs = pairs("scope=repository%3Aa%3Apull&scope=b+c&flag&bad=%zz&&x=1=2");
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(pairs, ["scope=repository:a:pull", "scope=b c", "flag=", "x=1=2"]);
    }

    #[test]
    fn what_is_encoded_is_decoded_the_same() {
        assert_eq!(encode("a/b c&d"), "a%2Fb%20c%26d");
        assert_eq!(decode(&encode("ä/%+&=")).as_deref(), Some("ä/%+&="));
    }
}
