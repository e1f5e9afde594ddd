//! What the state of a package in a release comes to: `released (2.35-0ubuntu3.4)`, `ignored (…)`.
//!
//! A word that is not known is under investigation, and never "not affected".

use plimsoll_core::Status;

use super::super::shared::{note, version};

/// What a statement comes to.
pub(super) struct Verdict {
    pub(super) status: Status,
    /// From here on it is not affected.
    pub(super) fixed: Option<String>,
    pub(super) note: Option<String>,
    /// The state's word is none that is known.
    pub(super) is_strange: bool,
}

/// `released (2.35-0ubuntu3.4)`; `None` where the package is not in the release.
pub(super) fn verdict(text: &str) -> Option<Verdict> {
    let end = text.find(|it: char| it.is_whitespace() || it == '(').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let remark = rest.trim();
    let remark = remark.strip_prefix('(').unwrap_or(remark);
    let remark = remark.strip_suffix(')').unwrap_or(remark).trim();
    let named = remark.split([' ', ',', ';']).next().and_then(version).filter(|it| is_dpkg_version(it));
    let plain = |status| Verdict { status, fixed: None, note: note(remark), is_strange: false };
    Some(match word {
        "DNE" => return None,
        "not-affected" => plain(Status::NotAffected),
        "released" => match named {
            // Rule 9.
            Some("0") => plain(Status::NotAffected),
            Some(fixed) => Verdict { fixed: Some(fixed.to_owned()), note: None, ..plain(Status::Fixed) },
            // Fixed, but nobody says in which version: whether the installed one has it is open.
            None => {
                let said = format!("released without a version: {remark}");
                Verdict { note: note(said.trim_end_matches([':', ' '])), ..plain(Status::UnderInvestigation) }
            }
        },
        "pending" => Verdict {
            note: named.map(|it| format!("fix {it} pending")).or_else(|| note(remark)),
            fixed: named.filter(|it| *it != "0").map(str::to_owned),
            ..plain(Status::Affected)
        },
        "needed" | "in-progress" | "active" => plain(Status::Affected),
        "deferred" => plain(Status::FixDeferred),
        "needs-triage" => plain(Status::UnderInvestigation),
        "ignored" => plain(ignored(remark)),
        _ => Verdict { note: note(text), is_strange: true, ..plain(Status::UnderInvestigation) },
    })
}

/// `ignored (end of life, was needed)`.
fn ignored(remark: &str) -> Status {
    let remark = remark.to_ascii_lowercase();
    const ENDS: &[&str] = &[
        "end of life",
        "end-of-life",
        "end of standard support",
        "out of support",
        "out of standard support",
    ];
    match remark.split_once("was ") {
        Some((_, state)) if state.starts_with("not-affected") => Status::NotAffected,
        _ if ENDS.iter().any(|it| remark.contains(it)) => Status::EndOfLife,
        _ => Status::WillNotFix,
    }
}

fn is_dpkg_version(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+-:~".contains(&byte);
    text.starts_with(|it: char| it.is_ascii_digit()) && text.bytes().all(allowed)
}
