//! `os/redhat-buildinfo`: what Red Hat's builders leave in an image about its repositories.
//!
//! Content sets in `content_manifests/*.json`, and the product in the labels (`labels.json`, or
//! the Dockerfile that was built). Two places: `/root/buildinfo` and, since 2025,
//! `/usr/share/buildinfo`.

use plimsoll_core::{Distro, Extractor, Input, Observations, Pattern, Problem, ProblemKind, cpe_channel};
use serde::Deserialize;
use serde_json::Value;

use crate::notes::keep_some;

/// Bytes of a file that are read; real ones have below 100,000.
const FILE_BYTES_MAX: usize = 4 << 20;

/// Repositories that are kept of one file; real ones have up to ten.
const REPOSITORIES_MAX: usize = 1000;

/// The longest id of a repository.
const ID_BYTES_MAX: usize = 256;

/// The extractor.
pub struct RedHatBuildInfo;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    content_sets: Option<Vec<Value>>,
}

impl Extractor for RedHatBuildInfo {
    fn id(&self) -> &'static str {
        "os/redhat-buildinfo"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[
            Pattern::In("root/buildinfo/content_manifests", ".json"),
            Pattern::In("root/buildinfo", ""),
            Pattern::In("usr/share/buildinfo", ".json"),
        ]
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if input.content.len() > FILE_BYTES_MAX {
            let what = format!("more than {FILE_BYTES_MAX} bytes long; its repositories were not read");
            return out.problems.push(Problem::new(ProblemKind::Limit, what).at(input.path));
        }
        let name = String::from_utf8_lossy(input.path.file_name());
        let mut repositories = if name == "labels.json" || name.starts_with("Dockerfile") {
            products(&String::from_utf8_lossy(input.content))
        } else if name.ends_with(".json") {
            let Ok(manifest) = serde_json::from_slice::<Manifest>(input.content) else {
                // Without them the ordinary repositories are assumed, and a product's are not.
                return out.problem(input.path, "it should list content sets, and cannot be read");
            };
            let sets = manifest.content_sets.unwrap_or_default();
            sets.iter().filter_map(Value::as_str).filter(|it| is_id(it)).map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        keep_some(&mut repositories, REPOSITORIES_MAX, input.path, out);
        if !repositories.is_empty() {
            out.distro = Some(Distro { repositories, ..Distro::default() });
        }
    }
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic())
}

/// The CPEs of Red Hat's products in a text, wherever they stand.
fn products(text: &str) -> Vec<String> {
    let words = text.split(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '=' | ','));
    words.filter(|word| word.contains(":redhat:") && cpe_channel(word).is_some()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use plimsoll_core::ImagePath;

    use super::*;

    fn extract(path: &str, content: &str) -> Observations {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        RedHatBuildInfo.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
        out
    }

    #[track_caller]
    fn check(path: &str, content: &str, expected: &[&str]) {
        let out = extract(path, content);
        assert!(out.problems.is_empty());
        assert_eq!(out.distro.map(|it| it.repositories).unwrap_or_default(), expected);
    }

    #[test]
    fn content_sets_and_products_are_read() {
        check(
            "root/buildinfo/content_manifests/ubi8-minimal-container-8.5-218.json",
            r#"{"metadata":{},"content_sets":["rhel-8-for-x86_64-baseos-rpms__8","a b",7],"image_contents":[]}"#,
            &["rhel-8-for-x86_64-baseos-rpms__8"],
        );
        check(
            "root/buildinfo/Dockerfile-ubi9-9.4-1",
            "FROM scratch\nLABEL name=\"ubi9\" cpe=\"cpe:/a:redhat:enterprise_linux:9::appstream\" x=1\n",
            &["cpe:/a:redhat:enterprise_linux:9::appstream"],
        );
        check(
            "usr/share/buildinfo/labels.json",
            r#"{"cpe":"cpe:/o:redhat:rhel_eus:9.4::baseos","vendor":"x"}"#,
            &["cpe:/o:redhat:rhel_eus:9.4::baseos"],
        );
        check("root/buildinfo/content_manifests/x.json", r#"{"image_contents":{"dependencies":[]}}"#, &[]);
        check("root/buildinfo/other", "cpe:/o:redhat:x:1", &[]);
    }

    #[test]
    fn repositories_that_are_lost_are_a_problem() {
        let path = "root/buildinfo/content_manifests/x.json";
        let long = " ".repeat(FILE_BYTES_MAX + 1);
        let ids: Vec<String> = (0..=REPOSITORIES_MAX).map(|id| format!("\"r{id}\"")).collect();
        let many = format!("{{\"content_sets\":[{}]}}", ids.join(","));
        for (content, kept) in [("broken", 0), (&*long, 0), (&*many, REPOSITORIES_MAX)] {
            let out = extract(path, content);
            assert_eq!(out.distro.map_or(0, |it| it.repositories.len()), kept);
            assert!(matches!(&out.problems[..], [problem] if problem.hides_findings));
        }
    }
}
