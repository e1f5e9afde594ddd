//! Answers as tables, lines and JSON. All text of a server is escaped: it may come from strangers.

use std::io::Write;

use plimsoll_core::Escaped;
use serde_json::Value;

use super::super::output::UntilClosed;
use crate::outcome::Failure;

/// A column: its heading, and what stands in it.
pub struct Column(pub &'static str, pub fn(&Value) -> String);

/// The widest cell; longer texts end in `…`.
const CELL_CHARACTERS_MAX: usize = 80;

/// Writes a list as a table.
pub fn list(items: &[Value], columns: &[Column]) -> Result<(), Failure> {
    let mut rows: Vec<Vec<String>> = vec![columns.iter().map(|it| it.0.to_owned()).collect()];
    rows.extend(items.iter().map(|item| columns.iter().map(|it| cell(&it.1(item))).collect()));
    let widths: Vec<usize> = (0..columns.len())
        .map(|index| rows.iter().map(|row| row[index].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = UntilClosed(anstream::stdout().lock());
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn cell(text: &str) -> String {
    let text = Escaped(text).to_string();
    if text.chars().count() <= CELL_CHARACTERS_MAX {
        return text;
    }
    let mut cut: String = text.chars().take(CELL_CHARACTERS_MAX - 1).collect();
    cut.push('…');
    cut
}

/// Writes names and values, a line each.
pub fn lines(lines: &[(&str, String)]) -> Result<(), Failure> {
    let width = lines.iter().map(|it| it.0.chars().count()).max().unwrap_or(0);
    let mut out = UntilClosed(anstream::stdout().lock());
    for (name, value) in lines {
        writeln!(out, "{name:width$}  {}", Escaped(value))?;
    }
    Ok(())
}

/// Writes a sentence.
pub fn sentence(text: &str) -> Result<(), Failure> {
    Ok(writeln!(UntilClosed(anstream::stdout().lock()), "{}", Escaped(text))?)
}

/// Writes JSON as it came.
pub fn json(value: &Value) -> Result<(), Failure> {
    Ok(writeln!(UntilClosed(std::io::stdout().lock()), "{value:#}")?)
}

/// A value as a text: a dash where there is none.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
