//! The text of one CVE's file: members, and sections whose lines are indented.
//!
//! Judges nothing; what a member means is told elsewhere.

use plimsoll_core::Severity;

use super::severity;

/// What a file says, before it is known to be whole.
#[derive(Default)]
pub(super) struct File<'a> {
    pub(super) candidate: Option<&'a str>,
    pub(super) public_date: Option<&'a str>,
    pub(super) description: String,
    pub(super) references: Vec<&'a str>,
    pub(super) vectors: Vec<&'a str>,
    pub(super) priority: Option<&'a str>,
    /// `Priority_openssl: low`, `Priority_systemd_xenial: low`.
    pub(super) priorities: Vec<(&'a str, &'a str)>,
    /// (series, package, the rest of the line).
    pub(super) statements: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> File<'a> {
    pub(super) fn read(text: &'a str) -> File<'a> {
        let mut file = File::default();
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                file.continued(section, line.trim());
            } else if let Some((key, value)) = line.split_once(':') {
                section = key.trim();
                file.member(section, value.trim());
            }
        }
        file
    }

    fn member(&mut self, key: &'a str, value: &'a str) {
        match key {
            "Candidate" => self.candidate = Some(value),
            "PublicDate" => self.public_date = Some(value),
            "Priority" => self.priority = value.split_whitespace().next(),
            "References" | "Description" | "CVSS" if !value.is_empty() => self.continued(key, value),
            _ => match key.split_once('_') {
                Some(("Priority", of)) => self.priorities.push((of, value)),
                Some(("Patches" | "Tags" | "Assigned-to" | "Discovered-by", _)) | None => {}
                Some((series, package)) => self.statements.push((series, package, value)),
            },
        }
    }

    fn continued(&mut self, section: &str, line: &'a str) {
        match section {
            "Description" => {
                if !self.description.is_empty() {
                    self.description.push('\n');
                }
                self.description.push_str(line);
            }
            "References" => self.references.push(line),
            "CVSS" => self.vectors.push(line),
            _ => {}
        }
    }

    /// The most particular priority there is for a package in a release.
    pub(super) fn severity(&self, series: &str, package: &str) -> Option<Severity> {
        let exact = self.priorities.iter().find(|(of, _)| {
            of.strip_prefix(package).and_then(|it| it.strip_prefix('_')).is_some_and(|it| it == series)
        });
        let of_package = || self.priorities.iter().find(|(of, _)| *of == package);
        let own = exact.or_else(of_package).and_then(|(_, value)| value.split_whitespace().next());
        severity(own.or(self.priority)?)
    }
}
