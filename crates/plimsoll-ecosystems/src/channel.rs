//! Channels: where a fix comes from that not every image of a release may take (Ubuntu Pro and
//! the like), and how an installed version shows that it came from there.

use plimsoll_core::Package;

/// Whether an installed version was itself built in a channel: Ubuntu's expanded security
/// maintenance marks its versions `+esm1` (rule 15).
pub fn built_in(package: &Package, channel: &str) -> bool {
    let version =
        package.source.as_ref().and_then(|source| source.version.as_deref()).unwrap_or(&package.version);
    let mark = if channel.starts_with("esm") {
        "esm"
    } else if channel.starts_with("fips") {
        "fips"
    } else {
        return false;
    };
    version.to_lowercase().split(['+', '~', '.', '-']).any(|part| part.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_shows_the_channel() {
        let of = |version: &str, channel: &str| {
            built_in(&Package { version: version.into(), ..Package::default() }, channel)
        };
        assert!(of("2.27-3ubuntu1.6+esm1", "esm-infra"));
        assert!(of("1.12.0-1~ubuntu16.04.3+esm1", "esm-apps"));
        assert!(!of("2.27-3ubuntu1.6", "esm-infra"));
        assert!(!of("2.27-3ubuntu1.6+esm1", "realtime"));
    }
}
