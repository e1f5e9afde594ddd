//! Package URLs, written as the purl specification asks.
//!
//! This writes; reading foreign purls is the business of the formats that hold them.

use std::fmt;

/// The parts of a package URL; displayed in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Purl {
    /// `deb`, `npm` … lower case.
    pub kind: String,
    /// `debian`, `@scope` …, slashes kept.
    pub namespace: Option<String>,
    /// The package's name.
    pub name: String,
    /// The version, if known.
    pub version: Option<String>,
    /// Qualifiers; empty values are left out, keys are sorted.
    pub qualifiers: Vec<(String, String)>,
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.kind)?;
        if let Some(namespace) = self.namespace.as_deref().filter(|it| !it.is_empty()) {
            for segment in namespace.split('/').filter(|it| !it.is_empty()) {
                f.write_str("/")?;
                encode(segment, f)?;
            }
        }
        f.write_str("/")?;
        encode(&self.name, f)?;
        if let Some(version) = &self.version {
            f.write_str("@")?;
            encode(version, f)?;
        }
        let mut qualifiers: Vec<_> = self.qualifiers.iter().filter(|(_, value)| !value.is_empty()).collect();
        qualifiers.sort();
        for (index, (key, value)) in qualifiers.into_iter().enumerate() {
            write!(f, "{}{}=", if index == 0 { '?' } else { '&' }, key.to_ascii_lowercase())?;
            encode(value, f)?;
        }
        Ok(())
    }
}

/// Percent-encodes all but the unreserved characters and the colon (purl-spec, "Character encoding").
fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                write!(f, "{}", char::from(byte))?
            }
            other => write!(f, "%{other:02X}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_are_canonical() {
        let purl = Purl {
            kind: "deb".into(),
            namespace: Some("debian".into()),
            name: "libstdc++6".into(),
            version: Some("1:12.2.0-14+deb12u1".into()),
            qualifiers: vec![
                ("distro".into(), "debian-12".into()),
                ("arch".into(), "amd64".into()),
                ("epoch".into(), String::new()),
            ],
        };
        assert_eq!(
            purl.to_string(),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"
        );
        let purl = Purl {
            kind: "npm".into(),
            namespace: Some("@babel".into()),
            name: "core".into(),
            ..Purl::default()
        };
        assert_eq!(purl.to_string(), "pkg:npm/%40babel/core");
    }
}
