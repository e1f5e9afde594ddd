//! What somebody reads whose pull is refused: which image, which policy, the worst findings, and
//! where the rest stands.

use std::fmt::Write;

use plimsoll_core::{Digest, NamedFinding, Outcome, Reason};
use plimsoll_store::{NamespaceName, RefusalForm, RepositoryName};

/// A refused pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// One sentence for whoever reads a client's output.
    pub sentence: String,
    /// Where the image's page is.
    pub page: Option<String>,
    /// How it is answered.
    pub form: RefusalForm,
}

/// How many reasons and how many findings are named: a client shows one line.
const REASONS_MAX: usize = 3;
const FINDINGS_MAX: usize = 3;
/// The most characters of it all; images write parts of it.
const WHY_CHARACTERS_MAX: usize = 800;

/// The reasons of a verdict that say so, in short: those that deny, or where it only warns all that it warns
/// of. Where less came of it than of its reasons some of the latter would deny.
pub(super) fn in_words(outcome: Outcome, reasons: &[Reason]) -> String {
    let speaks = |it: &&Reason| match outcome {
        Outcome::Deny => it.outcome == Outcome::Deny,
        Outcome::Warn | Outcome::Allow => it.outcome != Outcome::Allow,
    };
    in_short(&reasons.iter().filter(speaks).collect::<Vec<_>>())
}

fn in_short(denying: &[&Reason]) -> String {
    let mut text = String::new();
    for (place, reason) in denying.iter().take(REASONS_MAX).enumerate() {
        let joint = if place == 0 { "" } else { "; " };
        let _ = write!(text, "{joint}{}", plimsoll_core::Escaped(&reason.what));
        let findings = &reason.findings;
        if !findings.is_empty() {
            let named: Vec<String> =
                findings.iter().take(FINDINGS_MAX).map(NamedFinding::to_string).collect();
            let _ = write!(text, " [{}]", named.join("; "));
        }
    }
    if denying.len() > REASONS_MAX {
        let _ = write!(text, "; and {} reasons more", denying.len() - REASONS_MAX);
    }
    text.chars().take(WHY_CHARACTERS_MAX).collect()
}

/// The whole sentence.
pub(super) fn sentence(
    (namespace, repository, reference): (&NamespaceName, &RepositoryName, &str),
    why: &str,
    page: Option<&str>,
) -> String {
    let separator = if reference.contains(':') { '@' } else { ':' };
    let mut text = format!(
        "{namespace}/{repository}{separator}{reference} may not be pulled by the policy of {namespace}: {why}"
    );
    if let Some(page) = page {
        let _ = write!(text, "; see {page}");
    }
    text
}

/// Where the page of an image is.
pub fn page(
    external_url: &str,
    namespace: &NamespaceName,
    repository: &RepositoryName,
    digest: &Digest,
) -> String {
    let base = external_url.trim_end_matches('/');
    format!("{base}/namespaces/{namespace}/repositories/{repository}/artifacts/{digest}")
}

#[cfg(test)]
mod tests {
    use plimsoll_core::Severity;

    use super::*;

    #[test]
    fn the_worst_is_named_and_the_rest_counted() {
        let finding = |id: &str| NamedFinding {
            id: id.to_owned(),
            severity: Severity::Critical,
            package: "zlib\u{1b}[31m".to_owned(),
            version: "1".to_owned(),
            fixed_version: Some("2".to_owned()),
        };
        let mut reason = Reason::new("max-severity", "9 are too bad", Outcome::Deny);
        reason.findings = ["CVE-1", "CVE-2", "CVE-3", "CVE-4"].map(finding).into();
        let warning = Reason::new("x", "never mind", Outcome::Warn);
        let other = |text: &str| Reason::new("y", text, Outcome::Deny);
        let text = in_words(Outcome::Deny, &[reason, warning, other("a"), other("b"), other("c")]);
        assert!(text.starts_with("9 are too bad [CVE-1 (critical) in zlib"), "{text}");
        assert!(text.ends_with("]; a; b; and 1 reasons more"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains("CVE-4") && !text.contains("never mind"));
        assert!(in_words(Outcome::Deny, &[other(&"x".repeat(5000))]).len() <= 800);
    }
}
