//! The page: that it is whole in itself, safe and honest.

use expect_test::expect_file;
use plimsoll_core::Report;

use super::Html;
use crate::golden::{self, rendered};

/// A report in which every text that an image or feed chooses is markup.
fn hostile() -> Report {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut report = golden::everything();
    report.subject.name = EVIL.to_owned();
    for image in &mut report.images {
        image.distro.as_mut().unwrap().pretty_name = Some(EVIL.to_owned());
        for layer in &mut image.layers {
            layer.instruction = Some(EVIL.to_owned());
        }
        for installed in &mut image.packages {
            let package = &mut installed.package;
            package.kind = EVIL.to_owned();
            package.name = EVIL.to_owned();
            package.version = EVIL.to_owned();
            package.license = Some(EVIL.to_owned());
            installed.purl = EVIL.to_owned();
            installed.origin.path = plimsoll_core::ImagePath::root().join(b"<script>x");
        }
        for finding in &mut image.findings {
            finding.id = format!("X-{EVIL}");
            finding.summary = Some(EVIL.to_owned());
            finding.fixed_version = Some(EVIL.to_owned());
            finding.fix_channel = Some(EVIL.to_owned());
            finding.references = vec!["javascript:alert(1)".to_owned(), format!("https://x/{EVIL}")];
            finding.why.comparison = EVIL.to_owned();
        }
        for problem in &mut image.problems {
            problem.what = EVIL.to_owned();
        }
    }
    report
}

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.html"].assert_eq(&rendered(&Html, &golden::everything()));
}

#[test]
fn hostile_text_is_text() {
    let page = rendered(&Html, &hostile());
    for bad in ["<script", "<img", "javascript:", "onerror=alert(1)>", "href=\"https://x/"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("&lt;script&gt;"));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn nothing_is_loaded_and_links_lead_to_the_web() {
    for report in [golden::everything(), golden::index(), golden::clean(), golden::not_supported()] {
        let page = rendered(&Html, &report);
        for bad in ["src=", "url(", "@import", "<link", "<script", "<iframe", "<object"] {
            assert!(!page.contains(bad), "{bad}");
        }
        for link in page.split("<a href=\"").skip(1) {
            let is_web = link.starts_with("https://") || link.starts_with("http://");
            assert!(
                link.starts_with("#problems\"") || is_web && link.contains("rel=\"noopener noreferrer\"")
            );
        }
    }
}

#[test]
fn what_is_missing_is_a_banner_and_never_an_all_clear() {
    let all_clear = "No vulnerabilities were found.</p>";
    assert!(rendered(&Html, &golden::clean()).contains(all_clear));
    for report in [golden::everything(), golden::not_supported()] {
        assert!(rendered(&Html, &report).contains("NOT COMPLETE"));
    }
    let mut incomplete = golden::everything();
    incomplete.images[0].findings.clear();
    assert!(!rendered(&Html, &incomplete).contains(all_clear));
    let mut unmatched = golden::clean();
    unmatched.snapshot = None;
    assert!(!rendered(&Html, &unmatched).contains(all_clear));
}
