//! CSV: what a spreadsheet makes of it.

use expect_test::expect_file;

use super::{COLUMNS, Csv, safe};
use crate::golden::{self, rendered};

#[test]
fn the_golden_report_is_written_so() {
    let text = rendered(&Csv, &golden::everything());
    assert!(text.lines().count() > 5 && text.split('\n').all(|line| line.is_empty() || line.ends_with('\r')));
    expect_file!["../../testdata/everything.csv"].assert_eq(&text.replace("\r\n", "\n"));
}

#[test]
fn no_cell_is_a_formula() {
    for (cell, expected) in [
        ("=1+1", "\"'=1+1\""),
        ("+1", "\"'+1\""),
        ("-1", "\"'-1\""),
        ("@scope/x", "\"'@scope/x\""),
        ("\t=1", "\"'\\u{9}=1\""),
        ("\r=1", "\"'\\u{d}=1\""),
        ("  =1", "\"'  =1\""),
        ("plain", "plain"),
        ("a \"b\", c", "\"a \"\"b\"\", c\""),
        ("1:1.2-3", "1:1.2-3"),
    ] {
        assert_eq!(safe(cell), expected);
    }
}

#[test]
fn every_row_has_every_column_and_a_missing_part_has_a_row() {
    for report in [golden::everything(), golden::index(), golden::clean(), golden::not_supported()] {
        let text = rendered(&Csv, &report);
        for line in text.lines() {
            assert_eq!(cells(line), COLUMNS.len(), "{line}");
        }
        assert_eq!(text.contains("NOT COMPLETE"), !crate::is_complete(&report));
    }
}

/// Commas outside of quotes, and one.
fn cells(line: &str) -> usize {
    let mut quoted = false;
    let commas = line.chars().filter(|c| {
        quoted ^= *c == '"';
        *c == ',' && !quoted
    });
    commas.count() + 1
}
