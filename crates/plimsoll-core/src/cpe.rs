//! Products as Red Hat's CPEs name them, `enterprise_linux:9::appstream`: what a repository
//! belongs to, and which statements about products speak of it.
//!
//! Only names in URI form (CPE 2.2) are read, since those are the ones in use for this; nothing
//! here is a general matcher of CPEs.

/// The longest name; real ones have below 80 characters.
const LENGTH_BYTES_MAX: usize = 200;

/// The short form of a CPE, under which channels are filed: without `cpe:/a:` or `cpe:/o:`, which
/// are mixed up in practice, and without the vendor if that is Red Hat. `None` for what is none.
pub fn cpe_channel(cpe: &str) -> Option<String> {
    let rest = cpe.trim().strip_prefix("cpe:/")?;
    let (part, rest) = rest.split_once(':')?;
    if !matches!(part, "a" | "o" | "h") || rest.len() > LENGTH_BYTES_MAX {
        return None;
    }
    let rest = rest.strip_prefix("redhat:").unwrap_or(rest).trim_end_matches(':');
    CpeProduct::read(rest).map(|_| rest.to_owned())
}

/// The parts of a short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpeProduct<'a> {
    /// `enterprise_linux`, `rhel_eus`, `openshift`.
    pub product: &'a str,
    /// `9`, `9.4`; empty for any.
    pub version: &'a str,
    /// Hardly ever filled.
    pub update: &'a str,
    /// `appstream`, `el8`; empty for any.
    pub edition: &'a str,
}

impl<'a> CpeProduct<'a> {
    /// Reads a short form; `None` for what cannot be one.
    pub fn read(text: &'a str) -> Option<CpeProduct<'a>> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+~%!*:".contains(&byte);
        if text.is_empty() || text.len() > LENGTH_BYTES_MAX || !text.bytes().all(allowed) {
            return None;
        }
        let mut parts = text.splitn(5, ':');
        let product = parts.next().filter(|it| !it.is_empty())?;
        let mut next = || parts.next().unwrap_or_default();
        Some(CpeProduct { product, version: next(), update: next(), edition: next() })
    }

    /// Whether what is said of this product is said of `other`, too (rule 38): `openshift:4` of
    /// `openshift:4.13::el8`, but `openshift:4.1` not, since a name ends where a number ends.
    pub fn covers(self, other: CpeProduct<'_>) -> bool {
        let part = |own: &str, theirs: &str| own.is_empty() || own == theirs;
        self.product == other.product
            && covers_version(self.version, other.version)
            && part(self.update, other.update)
            && part(self.edition, other.edition)
    }
}

fn covers_version(own: &str, theirs: &str) -> bool {
    own.is_empty() || theirs.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_a_cpe_without_what_says_nothing() {
        for (cpe, expected) in [
            ("cpe:/a:redhat:enterprise_linux:9::appstream", Some("enterprise_linux:9::appstream")),
            ("cpe:/o:redhat:enterprise_linux:8::baseos", Some("enterprise_linux:8::baseos")),
            ("cpe:/a:redhat:ansible_automation_platform", Some("ansible_automation_platform")),
            ("cpe:/a:other:thing:1", Some("other:thing:1")),
            ("cpe:/o:redhat:enterprise_linux:8:", Some("enterprise_linux:8")),
            ("cpe:2.3:o:redhat:enterprise_linux:8:*:*:*:*:*:*:*", None),
            ("cpe:/a:redhat:", None),
            ("cpe:/a:redhat:a b", None),
            ("enterprise_linux:8", None),
        ] {
            assert_eq!(cpe_channel(cpe).as_deref(), expected, "{cpe}");
        }
    }

    #[test]
    fn rule_38_a_product_stands_for_what_is_below_it() {
        for (own, other, expected) in [
            ("openshift:4", "openshift:4.13::el8", true),
            ("openshift:4.1", "openshift:4.13::el8", false),
            ("openshift:5.1", "openshift:4.13::el8", false),
            ("enterprise_linux:8", "enterprise_linux:8::baseos", true),
            ("enterprise_linux:8::appstream", "enterprise_linux:8::baseos", false),
            ("enterprise_linux:8::baseos", "enterprise_linux:8", false),
            ("openshift", "openshift:4.13::el8", true),
        ] {
            let read = |text| CpeProduct::read(text).unwrap();
            assert_eq!(read(own).covers(read(other)), expected, "{own} {other}");
        }
    }
}
