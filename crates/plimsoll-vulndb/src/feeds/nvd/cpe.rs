//! Names of the CPE dictionary, in the formatted string of version 2.3 (NISTIR 7695, 6.2).
//!
//! Splits and unescapes; what a name matches is decided in [`super::configurations`].

/// A formatted string has the prefix `cpe:2.3` and eleven attributes.
const ATTRIBUTES: usize = 11;

/// A name, its attributes without the escapes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cpe {
    attributes: [String; ATTRIBUTES],
}

impl Cpe {
    /// Reads a formatted string; `None` where it has not exactly eleven attributes (real ones
    /// with colons that nobody escaped have more).
    pub(super) fn read(text: &str) -> Option<Cpe> {
        let mut rest = text.strip_prefix("cpe:2.3:")?.chars();
        let mut attributes: [String; ATTRIBUTES] = Default::default();
        let mut at = 0;
        while let Some(letter) = rest.next() {
            match letter {
                ':' => at += 1,
                '\\' => attributes.get_mut(at)?.push(rest.next()?),
                other => attributes.get_mut(at)?.push(other),
            }
        }
        let whole = at + 1 == ATTRIBUTES && attributes.iter().all(|it| !it.is_empty());
        whole.then_some(Cpe { attributes })
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
