//! Channels: where a fix comes from that not every image of a release may take (Ubuntu Pro and
//! the like), and how an installed version shows that it came from there.

use plimsoll_core::Package;

/// Whether an installed version was itself built in a channel: Ubuntu's expanded security
/// maintenance marks its versions `+esm1` (rule 15), Oracle's kernel splicing `ksplice1` and its
/// validated cryptography `_fips` (rule 42).
pub fn built_in(package: &Package, channel: &str) -> bool {
    let version =
        package.source.as_ref().and_then(|source| source.version.as_deref()).unwrap_or(&package.version);
    let is_mark = |part: &str| {
        if channel.starts_with("ksplice") {
            // Each has a number, and a fix in one is none in another.
            return part == channel;
        }
        ["esm", "fips"].iter().any(|mark| channel.starts_with(mark) && part.starts_with(mark))
    };
    version.to_lowercase().split(['+', '~', '.', '-', '_']).any(is_mark)
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
        assert!(of("2:2.17-156.ksplice1.el7", "ksplice1"));
        assert!(!of("2:2.17-156.ksplice2.el7", "ksplice1"));
        assert!(of("10:3.6.16-4.0.1.el8_fips", "fips"));
        assert!(!of("3.6.16-4.el8", "fips"));
    }
}
