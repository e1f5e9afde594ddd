//! Which findings and packages a script wants to see. What it leaves out is its own decision, and
//! is gone from the report, as with Trivy.

use plimsoll_core::{Escaped, Finding, InstalledPackage, PackageRef, Report, Severity, TextPattern};
use plimsoll_ecosystems as ecosystems;

use super::arguments::Asked;
use crate::outcome::Failure;

/// What is to be seen.
#[derive(Debug)]
pub struct Selection {
    /// `None` where all are.
    severities: Option<Vec<Severity>>,
    only_fixable: bool,
    ignored_statuses: Vec<String>,
    operating_system: bool,
    libraries: bool,
    skipped: Vec<TextPattern>,
}

impl Selection {
    /// Reads the flags.
    pub fn of(asked: &Asked) -> Result<Selection, Failure> {
        scanners(asked)?;
        let severities = asked.list("severity");
        let severities: Result<Vec<Severity>, String> = severities.iter().map(|it| it.parse()).collect();
        let severities = severities.map_err(Failure::misuse)?;
        let mut kinds = asked.list("pkg-types");
        kinds.extend(asked.list("vuln-type"));
        if let Some(kind) = kinds.iter().find(|it| !matches!(it.as_str(), "os" | "library")) {
            return Err(Failure::misuse(format!("`{}` is no package type", Escaped(kind)))
                .hint("known are os, library"));
        }
        let wanted = |kind: &str| kinds.is_empty() || kinds.iter().any(|it| it == kind);
        let mut skipped = Vec::new();
        for directory in asked.list("skip-dirs") {
            let directory = plain(&directory).trim_end_matches('/').to_owned();
            skipped.push(TextPattern::Glob(format!("{directory}/**")));
        }
        skipped.extend(asked.list("skip-files").iter().map(|it| TextPattern::Glob(plain(it).to_owned())));
        Ok(Selection {
            severities: (!severities.is_empty()).then_some(severities),
            only_fixable: asked.is("ignore-unfixed"),
            ignored_statuses: asked.list("ignore-status"),
            operating_system: wanted("os"),
            libraries: wanted("library"),
            skipped,
        })
    }

    /// Leaves out of a report what is not wanted.
    pub fn apply(&self, report: &mut Report) {
        for image in &mut report.images {
            let mut places = Vec::with_capacity(image.packages.len());
            let mut kept = Vec::new();
            for package in std::mem::take(&mut image.packages) {
                let wanted = self.wants_package(&package);
                places.push(wanted.then_some(kept.len()));
                kept.extend(wanted.then_some(package));
            }
            image.packages = kept;
            image.findings.retain_mut(|finding| {
                match places.get(finding.package.0) {
                    Some(Some(place)) => finding.package = PackageRef(*place),
                    Some(None) => return false,
                    // A finding about no package is a bug of ours, and shown all the same.
                    None => (),
                }
                self.wants(finding)
            });
        }
    }

    fn wants_package(&self, package: &InstalledPackage) -> bool {
        let is_system = ecosystems::is_operating_system(&package.package.kind);
        let path = package.origin.path.as_str().unwrap_or_default();
        let kind = if is_system { self.operating_system } else { self.libraries };
        kind && !self.skipped.iter().any(|it| it.matches(path))
    }

    fn wants(&self, finding: &Finding) -> bool {
        let fixable = finding.fixed_version.is_some() || !self.only_fixable;
        let status = finding.status.name();
        fixable && self.wants_severity(finding) && !self.ignored_statuses.iter().any(|it| it == status)
    }

    /// Trivy knows no *negligible*; it calls that low.
    fn wants_severity(&self, finding: &Finding) -> bool {
        let severity = match finding.severity.severity {
            Severity::Negligible => Severity::Low,
            other => other,
        };
        self.severities.as_ref().is_none_or(|wanted| wanted.contains(&severity))
    }
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches('/')
}

/// Other scanners than the one for vulnerabilities are not there, which is said; asked for
/// nothing else, there would be nothing to do.
fn scanners(asked: &Asked) -> Result<(), Failure> {
    let scanners = asked_scanners(asked);
    if scanners.is_empty() || scanners.iter().any(|it| it == "vuln") {
        return Ok(());
    }
    Err(Failure::misuse(format!("there are no scanners {}", Escaped(&scanners.join(", "))))
        .hint("Plimsoll finds vulnerabilities: --scanners vuln"))
}

fn asked_scanners(asked: &Asked) -> Vec<String> {
    let mut scanners = asked.list("scanners");
    scanners.extend(asked.list("security-checks"));
    scanners
}

/// The scanners that were asked for and are not there, in a sentence; never kept back, since the
/// answer says nothing of what they would find.
pub fn missing_scanners(asked: &Asked) -> Option<String> {
    let missing: Vec<String> = asked_scanners(asked).into_iter().filter(|it| it != "vuln").collect();
    (!missing.is_empty())
        .then(|| format!("nothing was looked for but vulnerabilities: no {}", missing.join(", ")))
}
