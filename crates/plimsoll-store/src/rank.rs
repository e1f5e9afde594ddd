//! How bad a result is, as a number to sort and to filter by: the one place that says how.
//!
//! Four digits for each severity, so that one critical finding weighs more than any number of high ones;
//! what nobody rated has two digits below them all, since it weighs more than nothing.

/// What one finding of a severity weighs.
macro_rules! weight {
    (critical) => {
        100000000000000
    };
    (high) => {
        10000000000
    };
    (medium) => {
        1000000
    };
    (low) => {
        100
    };
}
pub(crate) use weight;

/// The same in SQL, of the columns of a table `x` that has a count for each severity.
macro_rules! rank {
    () => {
        concat!(
            "(CASE WHEN x.critical > 9999 THEN 9999 ELSE x.critical END * ",
            crate::rank::weight!(critical),
            " + CASE WHEN x.high > 9999 THEN 9999 ELSE x.high END * ",
            crate::rank::weight!(high),
            " + CASE WHEN x.medium > 9999 THEN 9999 ELSE x.medium END * ",
            crate::rank::weight!(medium),
            " + CASE WHEN x.low > 9999 THEN 9999 ELSE x.low END * ",
            crate::rank::weight!(low),
            " + CASE WHEN x.other > 99 THEN 99 ELSE x.other END)"
        )
    };
}
pub(crate) use rank;

/// The least rank of a result with a finding of this severity or a worse one: 4 for critical to 1 for low.
/// Any rank will do where none is named; that of what has no result is -1.
pub(crate) fn at_least(severity: Option<u8>) -> i64 {
    match severity {
        None | Some(0) => -1,
        Some(1) => weight!(low),
        Some(2) => weight!(medium),
        Some(3) => weight!(high),
        Some(_) => weight!(critical),
    }
}
