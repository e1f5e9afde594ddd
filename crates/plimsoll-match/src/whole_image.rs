//! A vendor's word on one whole image, which it knows by its digest, counts before its word on the
//! packages in it (rule 40).
//!
//! Findings are marked, never dropped; only "not affected" is heard here, which is also what a
//! vendor says of the image in which something is fixed.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Digest, Finding, Problem, ProblemKind, Status, Suppression, SuppressionKind};
use plimsoll_vulndb::Snapshot;

/// Marks the findings that the vendor of an image denies for the image as such. `realm` is the
/// one in which it files images, by their digests.
pub fn apply_image_statements<B: AsRef<[u8]>>(
    findings: &mut [Finding],
    snapshot: &Snapshot<B>,
    realm: &str,
    digest: &Digest,
) -> Vec<Problem> {
    let mut denied: BTreeMap<&str, (&str, Option<&str>)> = BTreeMap::new();
    let mut errors = BTreeSet::new();
    let name = digest.to_string();
    for row in snapshot.rows(realm, &name) {
        match row {
            Ok(row) if row.status == Status::NotAffected => {
                denied.insert(row.vulnerability, (row.feed, row.note));
            }
            Ok(_) => (),
            Err(error) => drop(errors.insert(error.to_string())),
        }
    }
    for finding in findings.iter_mut().filter(|it| it.suppressed.is_none()) {
        if let Some((feed, note)) = denied.get(finding.id.as_str()) {
            finding.suppressed = Some(Suppression {
                source: (*feed).to_owned(),
                kind: SuppressionKind::Vex,
                status: "not_affected".to_owned(),
                justification: None,
                text: Some(match note {
                    Some(note) => format!("the vendor says so of this very image: {note}"),
                    None => "the vendor says so of this very image".to_owned(),
                }),
                author: None,
                until: None,
            });
        }
    }
    errors.into_iter().map(|error| Problem::new(ProblemKind::Database, error)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::match_inventory;
    use crate::spec::parse::Case;
    use crate::spec::show;

    #[test]
    fn rule_40_the_vendors_word_on_this_very_image_counts_first() {
        let digest: Digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let other: Digest = format!("sha256:{}", "b".repeat(64)).parse().unwrap();
        let mut case = Case::default();
        case.block(
            "advisory",
            &[
                "CVE-2099-0001 rpm/redhat:9 foo binary affected",
                "CVE-2099-0002 rpm/redhat:9 foo binary affected",
                &format!("CVE-2099-0001 oci/redhat {digest} binary not-affected"),
                &format!("CVE-2099-0002 oci/redhat {digest} binary affected"),
            ],
        )
        .unwrap();
        case.block("inventory", &["rpm/redhat:9 foo 1-1.el9"]).unwrap();
        show::with(&case, |snapshot, context| {
            let mut findings = match_inventory(&case.inventory, snapshot, context).findings;
            let mut suppressed = |digest| {
                assert_eq!(apply_image_statements(&mut findings, snapshot, "oci/redhat", digest), []);
                let marked = findings.iter().filter(|it| it.suppressed.is_some());
                marked.map(|it| it.id.clone()).collect::<Vec<_>>()
            };
            assert_eq!(suppressed(&other), [] as [&str; 0]);
            assert_eq!(suppressed(&digest), ["CVE-2099-0001"]);
        });
    }
}
