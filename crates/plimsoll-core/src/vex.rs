//! What others say of findings: statements of VEX documents, and rules of ignore files.
//!
//! Values only: reading the documents is the business of the report crate, weighing them
//! against findings that of the matcher.

use crate::{Digest, Purl, Timestamp};

/// What a VEX statement says of a product and a vulnerability (CISA, "Minimum Requirements for
/// VEX": the four statuses that every format has).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VexStatus {
    /// The product does not have it, for a reason.
    NotAffected,
    /// The product has it.
    Affected,
    /// This version of the product has the fix.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
}

impl VexStatus {
    /// The word in OpenVEX, and in reports.
    pub fn name(self) -> &'static str {
        match self {
            VexStatus::NotAffected => "not_affected",
            VexStatus::Affected => "affected",
            VexStatus::Fixed => "fixed",
            VexStatus::UnderInvestigation => "under_investigation",
        }
    }

    /// The status with this name in OpenVEX.
    pub fn from_name(name: &str) -> Option<VexStatus> {
        let all =
            [VexStatus::NotAffected, VexStatus::Affected, VexStatus::Fixed, VexStatus::UnderInvestigation];
        all.into_iter().find(|status| status.name() == name)
    }

    /// Whether a finding that this is said of does not count.
    pub fn suppresses(self) -> bool {
        matches!(self, VexStatus::NotAffected | VexStatus::Fixed)
    }
}

/// One way of naming a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VexIdentifier {
    /// By package URL; what it leaves out (version, qualifiers) may be anything.
    Purl(Purl),
    /// By the digest of a manifest.
    Digest(Digest),
    /// By any other text: an image's name as it was scanned.
    Name(String),
}

/// A product of a statement: one thing under one or several names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VexProduct {
    /// Its names; each of them alone is enough.
    pub identifiers: Vec<VexIdentifier>,
    /// Its parts that the statement is about; where there are none, it is about the product.
    pub components: Vec<Vec<VexIdentifier>>,
}

/// One statement of a VEX document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexStatement {
    /// The document, as the user named it.
    pub source: String,
    /// The vulnerability's id and its aliases.
    pub vulnerabilities: Vec<String>,
    /// What it is about.
    pub products: Vec<VexProduct>,
    /// What it says.
    pub status: VexStatus,
    /// Why the product is not affected, in VEX's words.
    pub justification: Option<String>,
    /// The same, or what to do, in the author's words.
    pub text: Option<String>,
    /// Who says it.
    pub author: Option<String>,
    /// When; a later statement overrules an earlier one.
    pub time: Option<Timestamp>,
}

/// Whether there is a fix, in the words of ignore files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixState {
    /// There is one.
    Fixed,
    /// There is none yet.
    NotFixed,
    /// There will be none.
    WillNotFix,
    /// Nobody says.
    Unknown,
}

/// A text to compare with: exact, or with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPattern {
    /// This text.
    Exact(String),
    /// `*` stands for what has no slash in it, `**` for anything, `?` for one character.
    Glob(String),
}

/// A rule of an ignore file. All its conditions must hold; what it leaves out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreRule {
    /// The file, as the user named it, and the place in it.
    pub source: String,
    /// The vulnerability's id, or any of its aliases.
    pub vulnerability: Option<String>,
    /// The package's name.
    pub package: Option<TextPattern>,
    /// The name of the package's source.
    pub source_package: Option<TextPattern>,
    /// The package's version.
    pub version: Option<String>,
    /// The package URL type.
    pub kind: Option<String>,
    /// The package URL; any of these.
    pub purls: Vec<Purl>,
    /// Where the package lies, from the image's root without the leading slash; any of these.
    pub paths: Vec<TextPattern>,
    /// Whether there is a fix.
    pub fix_state: Option<FixState>,
    /// What the newest VEX statement says.
    pub vex_status: Option<VexStatus>,
    /// Why it says so.
    pub vex_justification: Option<String>,
    /// Why the finding does not count.
    pub reason: Option<String>,
    /// When the rule ends; from then on it does not hold.
    pub until: Option<Timestamp>,
}

impl IgnoreRule {
    /// Whether it has any condition: one without would hold for everything.
    pub fn has_condition(&self) -> bool {
        self.vulnerability.is_some()
            || self.package.is_some()
            || self.source_package.is_some()
            || self.version.is_some()
            || self.kind.is_some()
            || !self.purls.is_empty()
            || !self.paths.is_empty()
            || self.fix_state.is_some()
            || self.vex_status.is_some()
            || self.vex_justification.is_some()
    }
}

impl TextPattern {
    /// Whether a text is meant. Takes no more than the product of both lengths.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            TextPattern::Exact(exact) => exact == text,
            TextPattern::Glob(glob) => glob_matches(glob.as_bytes(), text.as_bytes()),
        }
    }
}

/// Which places of the pattern can be reached after each byte of the text: no recursion, and no
/// pattern that takes exponential time.
fn glob_matches(glob: &[u8], text: &[u8]) -> bool {
    let mut reached = vec![false; glob.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    skip_stars(glob, &mut reached);
    for byte in text {
        let mut next = vec![false; glob.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, on)| **on) {
            let Some(wanted) = glob.get(at) else { continue };
            let doubled = *wanted == b'*'
                && (glob.get(at + 1) == Some(&b'*') || (at > 0 && glob.get(at - 1) == Some(&b'*')));
            let (stays, goes) = match wanted {
                b'*' => (doubled || *byte != b'/', false),
                b'?' => (false, *byte != b'/'),
                exact => (false, exact == byte),
            };
            next[at] |= stays;
            next[at + 1] |= goes;
        }
        skip_stars(glob, &mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// A star may stand for nothing, and `**/` for no directory.
fn skip_stars(glob: &[u8], reached: &mut [bool]) {
    for at in 0..glob.len() {
        if !reached[at] {
            continue;
        }
        if glob[at] == b'*' {
            reached[at + 1] = true;
        }
        let begins = at == 0 || glob[at - 1] == b'/';
        if begins && glob.get(at..at + 3) == Some(b"**/") {
            reached[at + 3] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_slashes_unless_there_are_two() {
        for (glob, text, expected) in [
            ("usr/*/a", "usr/lib/a", true),
            ("usr/*/a", "usr/lib/b/a", false),
            ("**/node_modules/**", "app/x/node_modules/y/package.json", true),
            ("**/a", "a", true),
            ("a*", "a", true),
            ("a?", "a", false),
            ("a?", "ab", true),
            ("**", "x/y", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(TextPattern::Glob(glob.to_owned()).matches(text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let glob = "*a".repeat(500);
        assert!(!TextPattern::Glob(glob).matches(&"b".repeat(4000)));
    }
}
