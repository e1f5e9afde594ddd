//! Channels: where a fix comes from that not every image of a release may take (Ubuntu Pro and
//! the like), and how an installed version shows that it came from there.

use plimsoll_core::Package;

/// Whether an installed version was itself built in a channel: Ubuntu's expanded security
/// maintenance marks its versions `+esm1` (rule 15), Oracle's kernel splicing `ksplice1` and its
/// validated cryptography `_fips` (rule 42), and its lines of the kernel `5.4.17-…uek`. Amazon's
/// topics show in the stream of the version.
pub fn built_in(package: &Package, channel: &str) -> bool {
    if let Some(topic) = channel.strip_prefix("extras:") {
        return is_of_topic(package, topic);
    }
    if let Some(line) = channel.strip_prefix("uek-") {
        return uek_line(&package.version) == Some(line);
    }
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

/// The line that a package of Oracle's Unbreakable Enterprise Kernel is of, which is the version of
/// the kernel that it was made from: `5.4.17` of `5.4.17-2136.330.7.1.el8uek`.
fn uek_line(version: &str) -> Option<&str> {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    let (line, release) = version.rsplit_once('-')?;
    release.split('.').any(|part| part.ends_with("uek")).then_some(line)
}

/// Whether a package may be of a topic of Amazon's. A topic for one stream (`php8.2`, `redis6`)
/// is asked for it where the package is what the topic is named after, since the core repository
/// or another topic may have another stream of it; all else that a topic names is only there,
/// except that everything a kernel's topic has is built from the kernel.
fn is_of_topic(package: &Package, topic: &str) -> bool {
    let digits = topic.find(|letter: char| letter.is_ascii_digit()).unwrap_or(topic.len());
    let (product, stream) = topic.split_at(digits);
    let product = product.trim_end_matches('-').to_ascii_lowercase();
    let name = package.name.to_ascii_lowercase();
    let is_named_with_stream = name.contains(&stream.replace('.', ""));
    let may_be_elsewhere = product == "kernel" || name.starts_with(&product);
    if stream.is_empty() || product.is_empty() || !may_be_elsewhere || is_named_with_stream {
        return true;
    }
    let version = package.version.split_once(':').map_or(package.version.as_str(), |(_, version)| version);
    // Java's `1.8.0` is its 8.
    [version, version.strip_prefix("1.").unwrap_or_default()]
        .iter()
        .filter_map(|it| it.strip_prefix(stream))
        .any(|rest| !rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_shows_the_topic() {
        let of = |name: &str, version: &str, topic: &str| {
            let package = Package { name: name.into(), version: version.into(), ..Package::default() };
            built_in(&package, &format!("extras:{topic}"))
        };
        assert!(of("php-cli", "8.2.9-1.amzn2", "php8.2"));
        assert!(!of("php-cli", "5.4.16-46.amzn2.0.4", "php8.2"));
        assert!(!of("golang", "1.22.5-1.amzn2.0.1", "golang1.19"));
        assert!(!of("redis", "60.1-1.amzn2", "redis6"));
        assert!(of("redis", "1:6.2.14-1.amzn2", "redis6"));
        assert!(of("java-1.8.0-amazon-corretto", "1:1.8.0_442.b06-1.amzn2", "corretto8"));
        assert!(of("python38-pip", "20.0-1.amzn2", "python3.8"));
        assert!(of("containerd", "1.7.25-1.amzn2.0.1", "docker"));
        assert!(of("kernel-livepatch-6.1.12-19.43", "1.0-1.amzn2023", "kernel-livepatch"));
        assert!(of("hiredis", "0.13.3-1.amzn2", "redis6"));
        assert!(!of("perf", "4.14.355-275.amzn2", "kernel-5.15"));
        assert!(!of("kernel", "4.14.355-275.amzn2", "kernel-5.15"));
    }

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
        assert!(of("5.4.17-2136.330.7.1.el8uek", "uek-5.4.17"));
        assert!(of("0:4.14.35-2047.536.5.el7uek.x", "uek-4.14.35"));
        assert!(!of("4.14.35-2047.536.5.el7uek", "uek-5.4.17"));
        assert!(!of("5.4.17-1.el8", "uek-5.4.17"));
    }
}
