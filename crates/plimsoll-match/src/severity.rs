//! Which severity counts, and who decided it.

use std::cmp::Reverse;

use plimsoll_core::{CvssVector, Rating, Severity, Vulnerability};

use crate::context::Context;
use crate::ruling::{Case, Group};

/// Every severity in words that anyone gave, the rows' own first, each once.
pub(crate) fn ratings(rows: Group<'_, '_>, vulnerability: &Vulnerability) -> Vec<Rating> {
    let mut ratings: Vec<Rating> = Vec::new();
    let of_rows = rows.here().filter_map(|(row, _)| {
        row.row.severity.map(|severity| Rating { source: row.row.feed.to_owned(), severity })
    });
    for rating in of_rows.chain(vulnerability.ratings.iter().cloned()) {
        if !ratings.contains(&rating) {
            ratings.push(rating);
        }
    }
    ratings
}

/// The vendor's word for the very product that decided, where it has several.
pub(crate) fn of_product(case: &Case<'_, '_>) -> Option<Rating> {
    let row = &case.decisive.row;
    row.channel?;
    let severity = row.severity.filter(|it| *it != Severity::Unknown)?;
    Some(Rating { source: row.feed.to_owned(), severity })
}

/// The order of trust: the vendor's word for its own package, then ratings in words, then CVSS.
pub(crate) fn decide(
    rows: Group<'_, '_>,
    vendor: bool,
    ratings: &[Rating],
    vulnerability: &Vulnerability,
    context: &Context<'_>,
) -> Rating {
    vendors_word(rows)
        .filter(|_| vendor)
        .or_else(|| most_trusted(ratings, context))
        .or_else(|| best_vector(&vulnerability.cvss, context).map(of_vector))
        .unwrap_or(Rating { source: "none".to_owned(), severity: Severity::Unknown })
}

fn vendors_word(rows: Group<'_, '_>) -> Option<Rating> {
    let (severity, row) = rows
        .here()
        .filter_map(|(row, _)| Some((row.row.severity?, row)))
        .filter(|(severity, _)| *severity != Severity::Unknown)
        .reduce(|worst, next| if worst.0 < next.0 { next } else { worst })?;
    Some(Rating { source: row.row.feed.to_owned(), severity })
}

fn most_trusted(ratings: &[Rating], context: &Context<'_>) -> Option<Rating> {
    let said = ratings.iter().filter(|rating| rating.severity != Severity::Unknown);
    said.min_by_key(|rating| context.rank(&rating.source)).cloned()
}

/// The newest version of CVSS, then the most trusted source, then the highest score.
fn best_vector<'v>(vectors: &'v [CvssVector], context: &Context<'_>) -> Option<&'v CvssVector> {
    vectors.iter().max_by_key(|it| (it.version.as_str(), Reverse(context.rank(&it.source)), it.score_tenths))
}

fn of_vector(vector: &CvssVector) -> Rating {
    Rating {
        source: format!("cvss:{}", vector.version),
        severity: Severity::from_cvss_tenths(vector.score_tenths),
    }
}
