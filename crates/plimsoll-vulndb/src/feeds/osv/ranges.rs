//! OSV events as ranges (rule 65).
//!
//! Orders no versions: events are taken in the order in which they are written, which in real
//! data keeps each beginning beside its end even where the pairs are not sorted.

use std::borrow::Cow;

use plimsoll_core::{End, Range};
use serde::Deserialize;

use super::super::shared::version;

/// One event; a few old records put two into one object.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    introduced: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fixed: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    last_affected: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    limit: Option<Cow<'a, str>>,
}

enum Step {
    /// `None` from the beginning.
    Begin(Option<String>),
    End(End),
}

/// The ranges that events come to, or why they come to none.
pub(super) fn ranges(events: &[Event<'_>]) -> Result<Vec<Range>, String> {
    let mut steps = Vec::new();
    for event in events {
        event.steps(&mut steps)?;
    }
    let begins = |step: &Step| matches!(step, Step::Begin(_));
    match steps.iter().filter(|step| begins(step)).count() {
        0 => return Err("a range without an `introduced` event".to_owned()),
        // With a single beginning there is only one order it can mean.
        1 => steps.sort_by_key(|step| !begins(step)),
        _ => {}
    }
    pair(steps)
}

fn pair(steps: Vec<Step>) -> Result<Vec<Range>, String> {
    let mut ranges = Vec::new();
    let mut begun: Option<Option<String>> = None;
    for step in steps {
        match step {
            Step::Begin(_) if begun.is_some() => {
                return Err("two `introduced` events without an end between them".to_owned());
            }
            Step::Begin(introduced) => begun = Some(introduced),
            // Of several ends in a row the first counts: from there on it is not affected.
            Step::End(end) => ranges.extend(begun.take().map(|introduced| Range { introduced, end })),
        }
    }
    ranges.extend(begun.map(|introduced| Range { introduced, end: End::Open }));
    Ok(ranges)
}

impl Event<'_> {
    fn steps(&self, steps: &mut Vec<Step>) -> Result<(), String> {
        let read = |text: &Option<Cow<'_, str>>| match text.as_deref() {
            None => Ok(None),
            Some(text) => match version(text) {
                Some(version) => Ok(Some(version.to_owned())),
                None => Err("a version that cannot be one".to_owned()),
            },
        };
        if let Some(introduced) = read(&self.introduced)? {
            // `0.0.0-0` comes before every version of SemVer; RustSec begins with it.
            let is_first = |it: &str| matches!(it, "0" | "0.0.0-0");
            steps.push(Step::Begin(Some(introduced).filter(|it| !is_first(it))));
        }
        steps.extend(read(&self.fixed)?.map(|it| Step::End(End::Fixed(it))));
        steps.extend(read(&self.last_affected)?.map(|it| Step::End(End::LastAffected(it))));
        // `*` is the schema's word for no limit.
        steps.extend(read(&self.limit)?.filter(|it| it != "*").map(|it| Step::End(End::Limit(it))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as `i0 f1.2 l3 m4`, ranges as `[0,1.2) [2,3]`.
    fn check(events: &str, expected: &str) {
        let json: Vec<String> = events
            .split_whitespace()
            .map(|event| {
                let (kind, version) = event.split_at(1);
                let name = match kind {
                    "i" => "introduced",
                    "f" => "fixed",
                    "l" => "last_affected",
                    _ => "limit",
                };
                format!(r#"{{"{name}":"{version}"}}"#)
            })
            .collect();
        let json = format!("[{}]", json.join(","));
        let events: Vec<Event<'_>> = serde_json::from_str(&json).unwrap();
        let found = match ranges(&events) {
            Err(why) => why,
            Ok(ranges) => ranges.iter().map(show).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(found, expected);
    }

    fn show(range: &Range) -> String {
        let introduced = range.introduced.as_deref().unwrap_or("0");
        match &range.end {
            End::Fixed(end) => format!("[{introduced},{end})"),
            End::LastAffected(end) => format!("[{introduced},{end}]"),
            End::Limit(end) => format!("[{introduced},{end}|"),
            End::Open => format!("[{introduced},"),
        }
    }

    #[test]
    fn events_become_ranges() {
        check("i0", "[0,");
        check("i0 f1.2", "[0,1.2)");
        check("f1.2 i0", "[0,1.2)");
        check("i0 l1.2", "[0,1.2]");
        check("i1 f2 i3 l4 i5", "[1,2) [3,4] [5,");
        check("i5 f5.1 i4 f4.2", "[5,5.1) [4,4.2)");
        check("i1 f2 f3", "[1,2)");
        check("i1 m3", "[1,3|");
        check("i0 m*", "[0,");
    }

    #[test]
    fn rule_65_two_beginnings_in_a_row_are_invalid() {
        check("i0 i1 f2", "two `introduced` events without an end between them");
        check("f2", "a range without an `introduced` event");
        check("", "a range without an `introduced` event");
    }
}
