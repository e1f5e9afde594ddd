//! The configuration file: TOML, one key a setting, and where in it something is wrong.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{Fault, SETTINGS, Setting};

/// What a file says of one setting.
pub(super) struct Said {
    pub(super) setting: &'static Setting,
    pub(super) text: String,
    pub(super) line: usize,
}

/// Reads a file; what is wrong in it beside what is not.
pub(super) fn read(path: &str, text: &str) -> (Vec<Said>, Vec<Fault>) {
    let (mut said, mut faults) = (Vec::new(), Vec::new());
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = line_of(text, &error.span().unwrap_or_default());
        faults.push(Fault::at_line(path, line, error.message().to_owned()));
    }
    if !faults.is_empty() {
        // What stands behind a broken line may be part of it.
        return (said, faults);
    }
    for (key, value) in table.get_ref() {
        let line = line_of(text, &key.span());
        let Some(setting) = Setting::named(key.get_ref()) else {
            let what = format!("there is no setting `{}`{}", key.get_ref(), nearest(key.get_ref()));
            faults.push(Fault::at_line(path, line, what));
            continue;
        };
        match written(value.get_ref()) {
            Some(text) => said.push(Said { setting, text, line }),
            None => faults.push(Fault::at_line(
                path,
                line,
                format!("`{}` is a text, a number, true or false, or a list of texts", setting.name),
            )),
        }
    }
    said.sort_by_key(|it| it.line);
    faults.sort_by_key(|it| it.line);
    (said, faults)
}

fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Integer(number) => Some(number.as_str().replace('_', "")),
        DeValue::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(|it| it.get_ref().as_str()).collect();
            texts.map(|it| it.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|it| *it == b'\n').count() + 1
}

/// A setting that may have been meant.
fn nearest(name: &str) -> String {
    let known = SETTINGS.iter().map(|it| (differences(name, it.name), it.name)).min();
    known.filter(|it| it.0 <= 3).map_or_else(String::new, |it| format!("; did you mean `{}`?", it.1))
}

/// How many letters must be changed, added or taken away (Levenshtein).
fn differences(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.bytes().take(64).enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let here = (diagonal + usize::from(a != b)).min(before + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, here);
            before = here;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
