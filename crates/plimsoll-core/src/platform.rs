//! Platforms as the OCI image index writes them: `linux/arm64/v8`.

use std::fmt;
use std::str::FromStr;

/// An operating system, an architecture in Go's words, and perhaps a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`, `windows` …
    pub os: String,
    /// `amd64`, `arm64` …
    pub architecture: String,
    /// `v7`, `v8` …
    pub variant: Option<String>,
}

/// The text is not `os/architecture[/variant]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformError(pub String);

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no platform; write os/architecture[/variant], for example linux/arm64",
            crate::Escaped(&self.0)
        )
    }
}

impl std::error::Error for PlatformError {}

impl Platform {
    /// A platform without a variant.
    pub fn new(os: &str, architecture: &str) -> Platform {
        Platform { os: os.to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Linux on the architecture this program was built for, in Go's words.
    pub fn this_machine() -> Platform {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            "loongarch64" => "loong64",
            other => other,
        };
        Platform::new("linux", architecture)
    }

    /// Whether an image for `self` is what somebody means who asks for `wanted`.
    ///
    /// `arm64` and `arm64/v8` are the same, as containerd normalises them; otherwise a
    /// wanted variant must be there, and no wanted variant takes any.
    pub fn satisfies(&self, wanted: &Platform) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && match (&wanted.variant, &self.variant) {
                (None, _) => true,
                (Some(a), Some(b)) => a == b,
                (Some(a), None) => self.architecture == "arm64" && a == "v8",
            }
    }

    /// `unknown/unknown`, as BuildKit marks attestations.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", crate::Escaped(&self.os), crate::Escaped(&self.architecture))?;
        match &self.variant {
            Some(variant) => write!(f, "/{}", crate::Escaped(variant)),
            None => Ok(()),
        }
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Platform, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(PlatformError(text.to_owned())),
        };
        if os.is_empty() || architecture.is_empty() || variant == Some("") {
            return Err(PlatformError(text.to_owned()));
        }
        Ok(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_and_matched() {
        let arm: Platform = "linux/arm64/v8".parse().unwrap();
        assert_eq!(arm.to_string(), "linux/arm64/v8");
        assert!(Platform::new("linux", "arm64").satisfies(&arm));
        assert!(arm.satisfies(&Platform::new("linux", "arm64")));
        let v6: Platform = "linux/arm/v6".parse().unwrap();
        assert!(!v6.satisfies(&"linux/arm/v7".parse().unwrap()));
        assert!("linux".parse::<Platform>().is_err());
        assert!("linux//".parse::<Platform>().is_err());
    }
}
