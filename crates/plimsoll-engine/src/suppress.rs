//! What VEX documents and ignore files do to a report: findings are marked, and the report says
//! from which documents.

use std::borrow::Cow;
use std::collections::BTreeSet;

use plimsoll_core::{Digest, IgnoreRule, ImageReport, Problem, Report, Subject, Timestamp, VexStatement};
use plimsoll_match::{apply_ignore_rules, apply_vex, rule_problems};
use sha2::{Digest as _, Sha256};

/// What others say of findings, read from their documents.
#[derive(Clone, Default)]
pub struct Suppressors {
    statements: Vec<VexStatement>,
    /// Statements that are attached to an image, with its digest.
    attached: Vec<(Digest, VexStatement)>,
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

    /// Takes the statements of a document that is attached to the manifest or index with this
    /// digest: of no other image they say anything.
    pub fn attached_vex(
        &mut self,
        subject: Digest,
        content: &[u8],
        statements: Vec<VexStatement>,
        problems: Vec<Problem>,
    ) {
        self.document("vex", content);
        self.attached.extend(statements.into_iter().map(|it| (subject, it)));
        self.problems.extend(problems);
    }

    /// Notes something about the documents for the report.
    pub fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Takes the rules of an ignore file.
    pub fn rules(&mut self, content: &[u8], rules: Vec<IgnoreRule>, problems: Vec<Problem>) {
        self.document("ignore", content);
        self.rules.extend(rules);
        self.problems.extend(problems);
    }

    /// Whether no document was taken, and nothing noted.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.problems.is_empty()
    }

    /// What is said of an image, by documents that were named and by those attached to it.
    fn about(&self, image: &ImageReport, subject: &Subject) -> Cow<'_, [VexStatement]> {
        if self.attached.is_empty() {
            return Cow::Borrowed(&self.statements);
        }
        let is_it = |digest: &Digest| image.digest == Some(*digest) || subject.digest == Some(*digest);
        let attached = self.attached.iter().filter(|(digest, _)| is_it(digest)).map(|(_, it)| it);
        self.statements.iter().chain(attached).cloned().collect()
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
        let statements = with.about(image, &report.subject);
        apply_vex(image, &report.subject, &statements);
        used.extend(apply_ignore_rules(image, &report.subject, &statements, &with.rules, now));
        image.digests.vex = with.digest();
    }
    report.problems.extend(with.problems.iter().cloned());
    report.problems.extend(rule_problems(&with.rules, &used, now));
}
