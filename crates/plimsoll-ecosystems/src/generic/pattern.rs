//! The bounded patterns of the table of programs: names of files, and versions behind fixed texts.

use std::ops::RangeInclusive;

/// Names of files that a row is about.
pub(super) enum Name {
    /// Exactly this name.
    Is(&'static str),
    /// This name, with or without a version: `php`, `php8.2`.
    Versioned(&'static str),
    /// A shared library: `libcrypto` for `libcrypto.so.3`, `libruby` for `libruby-3.1.so.3.1.2`.
    Library(&'static str),
}

impl Name {
    /// The version in a file's name (empty where it has none), if the file has this name.
    pub(super) fn version<'a>(&self, file: &'a str) -> Option<&'a str> {
        let numbers = |text: &'a str| {
            let rest = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.' || it == '-');
            let number = text.get(..text.len() - rest.len()).unwrap_or_default();
            (number.trim_matches(['.', '-']), rest)
        };
        match self {
            Name::Is(name) => (*name == file).then_some(""),
            Name::Versioned(stem) => {
                let (version, rest) = numbers(file.strip_prefix(stem)?);
                rest.is_empty().then_some(version)
            }
            Name::Library(stem) => {
                let (version, rest) = numbers(file.strip_prefix(stem)?);
                // The letters are ABI flags, as in `libpython3.7m.so`.
                let flags = if version.is_empty() { "" } else { "mdut" };
                let rest = rest.trim_start_matches(|it: char| flags.contains(it));
                let end = rest.strip_prefix("so").or_else(|| rest.strip_prefix(".so"))?;
                numbers(end).1.is_empty().then_some(version)
            }
        }
    }
}

/// A text with a version in it.
pub(super) struct Text {
    /// What is looked for; `{}` stands for the `major.minor` in the file's name.
    pub(super) needle: &'static str,
    /// Where the version begins, in bytes from the needle's first.
    pub(super) skip: usize,
    pub(super) shape: Shape,
    /// What may follow the version: one of these.
    pub(super) after: &'static [&'static str],
    /// What must follow somewhere behind, in the same text.
    pub(super) later: &'static str,
    /// Whether the version counts, or only confirms others.
    pub(super) role: Role,
}

/// What a text is good for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is the version.
    Version,
    /// It begins with the version, but its end cannot be told from what follows: a version of
    /// the row's other texts counts only if such a text begins with it.
    Confirmation,
}

impl Text {
    /// The bytes to look for in a file whose name has this version; `None` if it needs one that
    /// the name does not have.
    pub(super) fn needle(&self, named: &str) -> Option<Vec<u8>> {
        if !self.needle.contains("{}") {
            return Some(self.needle.as_bytes().to_vec());
        }
        let is_short = named.split('.').count() == 2;
        is_short.then(|| self.needle.replace("{}", named).into_bytes())
    }

    /// The version in the bytes from the needle on.
    pub(super) fn version<'a>(&self, bytes: &'a [u8]) -> Option<&'a str> {
        let text = bytes.get(self.skip..)?;
        if self.role == Role::Confirmation {
            let whole = text.split(|byte| *byte == 0).next().filter(|it| it.len() < text.len())?;
            return std::str::from_utf8(whole).ok().filter(|whole| whole.ends_with(self.later));
        }
        let end = self.shape.end(text)?;
        let (version, rest) = text.split_at_checked(end)?;
        let line = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        let follows = self.after.iter().any(|after| rest.starts_with(after.as_bytes()));
        let later = memchr::memmem::find(line, self.later.as_bytes()).is_some();
        std::str::from_utf8(version).ok().filter(|_| follows && later)
    }
}

/// What a version looks like.
pub(super) struct Shape {
    /// Numbers between dots.
    pub(super) numbers: RangeInclusive<usize>,
    pub(super) suffix: Suffix,
}

/// What may stand behind a version's numbers, and belongs to it.
pub(super) enum Suffix {
    /// Nothing.
    None,
    /// Up to two letters: `1.0.2zb`.
    Letters,
    /// `p1`, of OpenSSH's portable version; required.
    Portable,
    /// A release before the release: `-rc.1`, `beta2`.
    Early,
}

/// Digits of one number; more is a date or a hash.
const DIGITS_MAX: usize = 6;

impl Shape {
    /// Where the version at the start of `text` ends.
    fn end(&self, text: &[u8]) -> Option<usize> {
        let mut end = digits(text);
        let mut numbers = 1;
        while text.get(end) == Some(&b'.') {
            match digits(text.get(end + 1..).unwrap_or_default()) {
                0 => break,
                more => end += 1 + more,
            }
            numbers += 1;
        }
        let head = text.get(..end)?;
        let short = head.split(|byte| *byte == b'.').all(|it| (1..=DIGITS_MAX).contains(&it.len()));
        if !short || !self.numbers.contains(&numbers) {
            return None;
        }
        let rest = text.get(end..)?;
        Some(end + self.suffix.end(rest)?)
    }
}

impl Suffix {
    fn end(&self, text: &[u8]) -> Option<usize> {
        match self {
            Suffix::None => Some(0),
            Suffix::Letters => Some(text.iter().take(2).take_while(|byte| byte.is_ascii_lowercase()).count()),
            Suffix::Portable => match digits(text.strip_prefix(b"p")?) {
                0 => None,
                number => Some(1 + number),
            },
            Suffix::Early => Some(early(text)),
        }
    }
}

/// Words for what comes before a release; the longer of two with one beginning is first.
const EARLY_WORDS: &[&str] =
    &["alpha", "beta", "preview", "rc", "RC", "pre", "dev", "DEV", "nightly", "a", "b"];

fn early(text: &[u8]) -> usize {
    let dash = usize::from(text.first() == Some(&b'-'));
    let rest = text.get(dash..).unwrap_or_default();
    let Some(word) = EARLY_WORDS.iter().find(|word| rest.starts_with(word.as_bytes())) else { return 0 };
    let rest = rest.get(word.len()..).unwrap_or_default();
    let dot = usize::from(rest.first() == Some(&b'.'));
    match digits(rest.get(dot..).unwrap_or_default()) {
        // A single letter is a word only with its number.
        0 if word.len() == 1 => 0,
        0 => dash + word.len(),
        number => dash + word.len() + dot + number,
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        assert_eq!(Name::Is("node").version("node"), Some(""));
        assert_eq!(Name::Is("node").version("node20"), None);
        assert_eq!(Name::Versioned("php").version("php8.2"), Some("8.2"));
        assert_eq!(Name::Versioned("php").version("php"), Some(""));
        assert_eq!(Name::Versioned("php").version("php-fpm"), None);
        let library = |stem: &'static str, file: &'static str| Name::Library(stem).version(file);
        assert_eq!(library("libcrypto", "libcrypto.so.1.1"), Some(""));
        assert_eq!(library("libcrypto", "libcrypto.so"), Some(""));
        assert_eq!(library("libruby", "libruby-3.1.so.3.1.2"), Some("3.1"));
        assert_eq!(library("libpython", "libpython3.7m.so.1.0"), Some("3.7"));
        assert_eq!(library("libpython", "libpython3.12.so"), Some("3.12"));
        assert_eq!(library("libz", "libzstd.so.1"), None);
        assert_eq!(library("libc", "libcmd.so"), None);
        assert_eq!(library("libc", "libc-2.31.so"), Some("2.31"));
        assert_eq!(library("libcrypto", "libcrypto.a"), None);
        assert_eq!(library("libcrypto", "libcrypto.so.3.debug"), None);
    }

    #[test]
    fn versions_have_their_shape_and_their_neighbours() {
        let check = |shape: Shape, text: &str, expected: Option<&str>| {
            let text_row =
                Text { needle: "x/", skip: 2, shape, after: &["\0", " "], later: "", role: Role::Version };
            assert_eq!(text_row.version(text.as_bytes()), expected, "{text:?}");
        };
        let shape = |suffix| Shape { numbers: 2..=3, suffix };
        check(shape(Suffix::None), "x/1.25.3\0", Some("1.25.3"));
        check(shape(Suffix::None), "x/1.25.3", None);
        check(shape(Suffix::None), "x/1.25.3.4\0", None);
        check(shape(Suffix::None), "x/1\0", None);
        check(shape(Suffix::None), "x/20221231.1\0", None);
        check(shape(Suffix::None), "x/%d.%d\0", None);
        check(shape(Suffix::Letters), "x/1.0.2zb ", Some("1.0.2zb"));
        check(shape(Suffix::Letters), "x/1.0.2abc ", None);
        check(shape(Suffix::Portable), "x/9.2p1 ", Some("9.2p1"));
        check(shape(Suffix::Portable), "x/9.2 ", None);
        check(shape(Suffix::Early), "x/1.2.3-rc.1\0", Some("1.2.3-rc.1"));
        check(shape(Suffix::Early), "x/3.13.0b2\0", Some("3.13.0b2"));
        check(shape(Suffix::Early), "x/3.13.0\0", Some("3.13.0"));
        check(shape(Suffix::Early), "x/3.13.0-ubuntu\0", None);
    }
}
