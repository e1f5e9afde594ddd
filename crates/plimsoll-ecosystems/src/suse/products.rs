//! `os/suse-products`: the products that are installed (`/etc/products.d/*.prod`, one small XML file
//! each) and the repositories that are switched on (`/etc/zypp/repos.d/*.repo`).
//!
//! Keeps only names that say of a longer support; addresses may have passwords in them, and are
//! never kept whole.

use plimsoll_core::{Distro, Extractor, Input, Observations, Pattern, Problem, ProblemKind};

use super::channels::support_in;
use crate::notes::keep_some;

/// Bytes of a file that are read; real ones have a few thousand.
const FILE_BYTES_MAX: usize = 1 << 20;

/// Names that are kept of one file; real ones have one.
const NAMES_MAX: usize = 32;

/// The longest name.
const NAME_BYTES_MAX: usize = 128;

/// The extractor.
pub struct SuseProducts;

impl Extractor for SuseProducts {
    fn id(&self) -> &'static str {
        "os/suse-products"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::In("etc/products.d", ".prod"), Pattern::In("etc/zypp/repos.d", ".repo")]
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if input.content.len() > FILE_BYTES_MAX {
            let what = format!("more than {FILE_BYTES_MAX} bytes long; it was not read");
            return out.problems.push(Problem::new(ProblemKind::Limit, what).at(input.path));
        }
        let text = String::from_utf8_lossy(input.content);
        let names =
            if input.path.file_name().ends_with(b".prod") { product(&text) } else { repositories(&text) };
        let is_kept = |name: &&str| name.len() <= NAME_BYTES_MAX && support_in(name).is_some();
        let mut names: Vec<String> = names.into_iter().filter(is_kept).map(str::to_owned).collect();
        keep_some(&mut names, NAMES_MAX, input.path, out);
        if !names.is_empty() {
            out.distro = Some(Distro { repositories: names, ..Distro::default() });
        }
    }
}

/// The product's CPE, or its name where it has none.
fn product(text: &str) -> Vec<&str> {
    let element = |start: &str, end: &str| {
        text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(value, _)| value.trim())
    };
    element("<cpeid>", "</cpeid>").or_else(|| element("<name>", "</name>")).into_iter().collect()
}

/// Of each repository that is switched on its name, and the folders of its address.
fn repositories(text: &str) -> Vec<&str> {
    let (mut found, mut section, mut is_on) = (Vec::new(), Vec::new(), true);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            if is_on {
                found.append(&mut section);
            }
            (section, is_on) = (vec![name], true);
            continue;
        }
        match line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("enabled", value)) => is_on = !matches!(value, "0" | "no" | "false" | "off"),
            Some(("baseurl", value)) => section.extend(folders(value)),
            _ => (),
        }
    }
    if is_on {
        found.append(&mut section);
    }
    found
}

/// `15-SP3-LTSS` and the like of `https://host/SUSE/Updates/SLE-Product-SLES/15-SP3-LTSS/x86_64/update?x`.
fn folders(address: &str) -> impl Iterator<Item = &str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    path.split('/').skip(1)
}

#[cfg(test)]
mod tests {
    use plimsoll_core::ImagePath;

    use super::*;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &[&str]) {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        SuseProducts.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
        assert!(out.problems.is_empty());
        assert_eq!(out.distro.map(|it| it.repositories).unwrap_or_default(), expected);
    }

    #[test]
    fn a_product_says_its_name() {
        let file = |cpe: &str| {
            format!(
                "<?xml version=\"1.0\"?>\n<product schemeversion=\"0\"><name>SLES-LTSS</name>{cpe}</product>"
            )
        };
        check(
            "etc/products.d/SLES-LTSS.prod",
            &file("<cpeid>cpe:/o:suse:sles-ltss:15:sp3</cpeid>"),
            &["cpe:/o:suse:sles-ltss:15:sp3"],
        );
        check("etc/products.d/SLES-LTSS.prod", &file(""), &["SLES-LTSS"]);
        check("etc/products.d/SLES.prod", "<product><cpeid>cpe:/o:suse:sles:15:sp3</cpeid></product>", &[]);
        check("etc/products.d/x.prod", "<cpeid>sles-ltss", &[]);
    }

    #[test]
    fn names_beyond_the_bound_are_a_problem() {
        let path = ImagePath::new("etc/zypp/repos.d/a.repo");
        let mut out = Observations::default();
        let sections: String = (0..=NAMES_MAX).map(|it| format!("[SP{it}-LTSS]\n")).collect();
        SuseProducts.extract(Input { path: &path, content: sections.as_bytes(), others: &() }, &mut out);
        assert_eq!(out.distro.map_or(0, |it| it.repositories.len()), NAMES_MAX);
        assert!(matches!(&out.problems[..], [problem] if problem.hides_findings));
    }

    #[test]
    fn repositories_that_are_switched_on_say_theirs() {
        check(
            "etc/zypp/repos.d/a.repo",
            "[SLE-Product-SLES15-SP3-LTSS-Updates]\nenabled=1\nbaseurl=https://u:p-ltss@h/15-SP3-LTSS/x?k=ltss\n\
             [SLE-SP2-LTSS]\nbaseurl=dir:///x\nenabled = 0\n[other]\n",
            &["15-SP3-LTSS", "SLE-Product-SLES15-SP3-LTSS-Updates"],
        );
        check("etc/zypp/repos.d/b.repo", "[bci]\nbaseurl=https://updates.example/15-SP3/\n", &[]);
    }
}
