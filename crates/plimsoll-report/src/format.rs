//! The table of formats. It decides nothing about what is in a report, only how it is written.

use std::io;

use plimsoll_core::Report;

use crate::{
    Style, cosign_vuln, csv, cyclonedx, github, gitlab, grype, html, json, junit, openvex, sarif, spdx,
    table, trivy,
};

/// One way of writing a report down.
pub trait Format: Sync {
    /// The name for `--format`; lower case, unique across the table.
    fn name(&self) -> &'static str;

    /// Writes the whole report. Fails only where `out` does.
    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()>;

    /// Whether findings' summaries, descriptions or references are written. Who knows that they are
    /// not need not look them up.
    fn prints_texts(&self) -> bool {
        true
    }

    /// Whether [`Style::next_steps`] are written.
    fn prints_next_steps(&self) -> bool {
        false
    }
}

/// Every format, in the order of the manual; the first is the one for people.
pub static FORMATS: &[&dyn Format] = &[
    &table::Table,
    &json::Json,
    &html::Html,
    &csv::Csv,
    &junit::JUnit,
    &sarif::Sarif,
    &gitlab::GitLab,
    &github::GitHub,
    &cyclonedx::CycloneDx,
    &cyclonedx::CycloneDxSbom,
    &spdx::SpdxJson,
    &spdx::SpdxTagValue,
    &openvex::OpenVex,
    &cosign_vuln::CosignVuln,
    &trivy::Trivy,
    &grype::Grype,
];

/// The row with this name.
pub fn format_named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn names_are_unique_lower_case_and_in_the_manual() {
        let manual = include_str!("../../../docs/formats.md");
        let mut names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        for name in &names {
            assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name}");
            assert!(manual.contains(&format!("| `{name}` |")), "{name}");
            assert_eq!(format_named(name).map(Format::name), Some(*name));
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), FORMATS.len());
    }

    #[test]
    fn what_a_format_says_that_it_does_not_write_it_does_not_write() {
        let render = |format: &dyn Format, report: &Report, style: &Style| {
            let mut out = Vec::new();
            format.render(report, style, &mut out).unwrap();
            out
        };
        let whole = golden::everything();
        let mut without_texts = whole.clone();
        for finding in without_texts.images.iter_mut().flat_map(|image| &mut image.findings) {
            finding.summary = None;
            finding.description = None;
            finding.references.clear();
        }
        let style = golden::style(100);
        let no_steps = Style { next_steps: Vec::new(), ..golden::style(100) };
        for format in FORMATS {
            let rendered = render(*format, &whole, &style);
            let same = render(*format, &without_texts, &style) == rendered;
            assert!(same || format.prints_texts(), "texts of {}", format.name());
            let same = render(*format, &whole, &no_steps) == rendered;
            assert_eq!(same, !format.prints_next_steps(), "next steps of {}", format.name());
        }
    }

    #[test]
    fn every_format_writes_every_report_twice_the_same() {
        for format in FORMATS {
            for report in [golden::everything(), golden::index(), golden::clean(), golden::not_supported()] {
                let render = || {
                    let mut out = Vec::new();
                    format.render(&report, &golden::style(100), &mut out).unwrap();
                    out
                };
                assert!(render().ends_with(b"\n"));
                assert_eq!(render(), render());
            }
        }
    }
}
