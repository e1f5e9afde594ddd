//! What VEX documents and ignore files do to a report: findings are marked, and the report says
//! from which documents.

use std::collections::BTreeSet;

use plimsoll_core::{Digest, IgnoreRule, Problem, Report, Timestamp, VexStatement};
use plimsoll_match::{apply_ignore_rules, apply_vex, rule_problems};
use sha2::{Digest as _, Sha256};

/// What others say of findings, read from their documents.
#[derive(Default)]
pub struct Suppressors {
    statements: Vec<VexStatement>,
    rules: Vec<IgnoreRule>,
    documents: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Suppressors {
    /// Takes the statements of a document.
    pub fn vex(&mut self, content: &[u8], statements: Vec<VexStatement>, problems: Vec<Problem>) {
        self.document("vex", content);
        self.statements.extend(statements);
        self.problems.extend(problems);
    }

    /// Takes the rules of an ignore file.
    pub fn rules(&mut self, content: &[u8], rules: Vec<IgnoreRule>, problems: Vec<Problem>) {
        self.document("ignore", content);
        self.rules.extend(rules);
        self.problems.extend(problems);
    }

    /// Whether no document was taken.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    fn document(&mut self, kind: &str, content: &[u8]) {
        let digest = Digest::sha256(Sha256::digest(content).into());
        self.documents.insert(format!("{kind}\t{digest}\n"));
    }

    /// The digest of the documents: of their kinds and digests, a line each, sorted; of nothing
    /// where there are none. The order in which they were given does not matter to it.
    fn digest(&self) -> Digest {
        let text: String = self.documents.iter().map(String::as_str).collect();
        Digest::sha256(Sha256::digest(text.as_bytes()).into())
    }
}

/// Marks the findings that do not count. Rules that have ended or spoke about no finding of any
/// image become problems that hide nothing.
pub fn suppress(report: &mut Report, with: &Suppressors, now: Timestamp) {
    if with.is_empty() {
        return;
    }
    let mut used = BTreeSet::new();
    for image in &mut report.images {
        apply_vex(image, &report.subject, &with.statements);
        used.extend(apply_ignore_rules(image, &report.subject, &with.statements, &with.rules, now));
        image.digests.vex = with.digest();
    }
    report.problems.extend(with.problems.iter().cloned());
    report.problems.extend(rule_problems(&with.rules, &used, now));
}
