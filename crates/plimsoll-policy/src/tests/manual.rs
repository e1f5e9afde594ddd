//! The manual's table of rules is this crate's.

use std::fmt::Write;

use super::*;

const MANUAL: &str = include_str!("../../../../docs/policy.md");

#[test]
fn the_manual_has_every_rule() {
    let mut table = String::from("| rule | fields | what it speaks of |\n| --- | --- | --- |\n");
    for rule in RULES {
        let fields: Vec<String> = rule.fields().iter().map(|it| format!("`{it}`")).collect();
        writeln!(table, "| `{}` | {} | {} |", rule.name(), fields.join(", "), rule.about()).unwrap();
    }
    assert!(MANUAL.contains(&table), "docs/policy.md shall have this table:\n\n{table}");
}

#[test]
fn every_field_of_a_policy_is_in_the_manual_and_of_a_rule() {
    let written: Vec<String> = Policy::usual()
        .to_json()
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|it| MANUAL.contains(&format!("| `{it}` | ")))
        .map(str::to_owned)
        .collect();
    let fields = ["mode", "dry_run", "spare_pulled_days", "scanners"];
    let fields = fields.into_iter().chain(RULES.iter().flat_map(|it| it.fields()).copied());
    for field in fields {
        assert!(written.iter().any(|it| it == field), "docs/policy.md has no row for `{field}`");
    }
}
