//! A small binary form for what is kept between two runs, facts of layers and shards of feeds:
//! lengths and numbers as variable-length integers, texts and lists with their length in front.
//!
//! Reading believes nothing: a length is held against the bytes that are there.

/// Writes values one after the other.
#[derive(Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// A number, seven bits a byte, lowest first.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, value: &[u8]) {
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// A text that may be missing.
    pub fn optional(&mut self, value: Option<&str>) {
        match value {
            None => self.0.push(0),
            Some(value) => {
                self.0.push(1);
                self.bytes(value.as_bytes());
            }
        }
    }

    /// A number with a sign, small ones first whatever their sign.
    pub fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    /// A number that may be missing.
    pub fn optional_signed(&mut self, value: Option<i64>) {
        self.flag(value.is_some());
        if let Some(value) = value {
            self.signed(value);
        }
    }

    /// Texts, with their count.
    pub fn texts(&mut self, values: &[String]) {
        self.number(values.len() as u64);
        for value in values {
            self.bytes(value.as_bytes());
        }
    }

    /// Yes or no.
    pub fn flag(&mut self, value: bool) {
        self.0.push(u8::from(value));
    }

    /// Eight-byte numbers, with their count.
    pub fn hashes(&mut self, values: &[u64]) {
        self.number(values.len() as u64);
        for value in values {
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }
}

/// Reads values in the order in which they were written; `None` where the bytes are not what
/// a [`Writer`] wrote.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// The length of a list whose elements take at least `element_bytes` each.
    pub fn count(&mut self, element_bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count.checked_mul(element_bytes)? <= self.0.len()).then_some(count)
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.count(1)?;
        self.take(length)
    }

    /// A text.
    pub fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// A text that may be missing.
    pub fn optional(&mut self) -> Option<Option<String>> {
        if self.flag()? { self.text().map(Some) } else { Some(None) }
    }

    /// A text that lies in the bytes.
    pub fn str(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A text that lies in the bytes and may be missing.
    pub fn optional_str(&mut self) -> Option<Option<&'a str>> {
        if self.flag()? { self.str().map(Some) } else { Some(None) }
    }

    /// Texts that lie in the bytes.
    pub fn strs(&mut self) -> Option<Vec<&'a str>> {
        (0..self.count(1)?).map(|_| self.str()).collect()
    }

    /// A number with a sign.
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// A number that may be missing.
    pub fn optional_signed(&mut self) -> Option<Option<i64>> {
        if self.flag()? { self.signed().map(Some) } else { Some(None) }
    }

    /// Texts.
    pub fn texts(&mut self) -> Option<Vec<String>> {
        (0..self.count(1)?).map(|_| self.text()).collect()
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// So many bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Eight-byte numbers.
    pub fn hashes(&mut self) -> Option<Vec<u64>> {
        let count = self.count(8)?;
        let bytes = self.take(count * 8)?;
        Some(
            bytes
                .chunks_exact(8)
                .map(|it| u64::from_le_bytes(it.try_into().expect("chunks of eight bytes")))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        for value in [0, 127, 128, 300, u64::MAX] {
            writer.number(value);
        }
        writer.bytes(b"x");
        writer.optional(None);
        writer.optional(Some("é"));
        writer.hashes(&[1, u64::MAX]);
        for value in [0, -1, i64::MIN, i64::MAX] {
            writer.signed(value);
        }
        writer.optional_signed(Some(-3));
        writer.texts(&["a".to_owned(), String::new()]);
        let mut reader = Reader(&writer.0);
        for value in [0, 127, 128, 300, u64::MAX] {
            assert_eq!(reader.number(), Some(value));
        }
        assert_eq!(reader.bytes(), Some(&b"x"[..]));
        assert_eq!(reader.optional(), Some(None));
        assert_eq!(reader.optional(), Some(Some("é".to_owned())));
        assert_eq!(reader.hashes(), Some(vec![1, u64::MAX]));
        for value in [0, -1, i64::MIN, i64::MAX] {
            assert_eq!(reader.signed(), Some(value));
        }
        assert_eq!(reader.optional_signed(), Some(Some(-3)));
        assert_eq!(reader.texts(), Some(vec!["a".to_owned(), String::new()]));
        assert!(reader.0.is_empty());
    }

    #[test]
    fn lengths_beyond_the_bytes_are_refused() {
        let mut writer = Writer::default();
        writer.number(u64::MAX);
        assert_eq!(Reader(&writer.0).bytes(), None);
        assert_eq!(Reader(&writer.0).hashes(), None);
        assert_eq!(Reader(&[0xff; 11]).number(), None);
    }
}
