//! Alpine's `etc/apk/repositories`: the release that packages really come from (rule 53).
//!
//! Nothing is fetched. Repositories with a tag (`@edge …`) are passed over: apk takes packages
//! from them only where one was asked for by that tag.

use plimsoll_core::Distro;

/// The release that the repositories name: `edge` if any does, else the highest.
pub(super) fn repositories(text: &str) -> Option<Distro> {
    let release = text.lines().filter_map(release_in).max()?;
    Some(Distro {
        id: "alpine".to_owned(),
        repository_release: Some(release.to_string()),
        ..Distro::default()
    })
}

/// The higher of two releases, each as [`repositories`] writes it.
pub(super) fn higher(left: Option<String>, right: Option<&String>) -> Option<String> {
    let release = |text: &String| Release::read(text);
    match (&left, right) {
        (Some(a), Some(b)) if release(a) >= release(b) => left,
        (_, Some(b)) => Some(b.clone()),
        _ => left,
    }
}

/// A release of Alpine; `edge` is above all numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Release {
    Numbered(u32, u32),
    Edge,
}

impl Release {
    fn read(text: &str) -> Option<Release> {
        if text == "edge" {
            return Some(Release::Edge);
        }
        let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
        let number = |digits: &str| {
            (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| digits.parse().ok())
                .flatten()
        };
        Some(Release::Numbered(number(major)?, number(minor)?))
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Release::Numbered(major, minor) => write!(f, "v{major}.{minor}"),
            Release::Edge => f.write_str("edge"),
        }
    }
}

/// The release in a line: the component before `main`, `community` or `testing`.
fn release_in(line: &str) -> Option<Release> {
    let line = line.trim();
    if line.starts_with(['#', '@']) {
        return None;
    }
    let mut components = line.rsplit('/').filter(|component| !component.is_empty());
    let (branch, release) = (components.next()?, components.next()?);
    matches!(branch, "main" | "community" | "testing" | "releases").then(|| Release::read(release)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let actual = repositories(text).and_then(|distro| distro.repository_release);
        assert_eq!(actual.as_deref(), expected, "{text}");
    }

    #[test]
    fn the_highest_release_counts_and_edge_is_above_all() {
        check(
            "http://dl-cdn.alpinelinux.org/alpine/v3.9/main\nhttp://dl-cdn.alpinelinux.org/alpine/v3.10/community\n",
            Some("v3.10"),
        );
        check("https://mirror.example/x/edge/testing/\nhttps://m/alpine/v3.18/main\n", Some("edge"));
    }

    #[test]
    fn comments_tags_and_other_repositories_do_not_count() {
        check(
            "#http://x/alpine/edge/main\n@edge http://x/alpine/edge/main\nhttp://x/alpine/v3.18//main\n",
            Some("v3.18"),
        );
        check(
            "https://packages.wolfi.dev/os\n/media/cdrom/apks\nhttps://x/alpine/latest-stable/main\n",
            None,
        );
        check("https://x/v3.x/main\nv3.1\nmain\n", None);
    }

    #[test]
    fn the_higher_of_two() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(higher(None, text("v3.9").as_ref()), text("v3.9"));
        assert_eq!(higher(text("v3.9"), None), text("v3.9"));
        assert_eq!(higher(text("v3.9"), text("v3.10").as_ref()), text("v3.10"));
        assert_eq!(higher(text("edge"), text("v3.10").as_ref()), text("edge"));
    }
}
