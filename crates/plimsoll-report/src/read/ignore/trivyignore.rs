//! `.trivyignore`: an id a line, with `exp:DATE` behind it; `#` begins a comment.
//!
//! The comment directly above an id is taken for its reason.

use plimsoll_core::IgnoreRule;

use super::IgnoreFile;

pub(super) fn read(source: &str, text: &str) -> IgnoreFile {
    let mut file = IgnoreFile::default();
    let mut reason: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim();
            reason = (!comment.is_empty()).then(|| comment.to_owned());
            continue;
        }
        let line = line.split(" #").next().unwrap_or(line);
        let mut words = line.split_whitespace();
        let Some(id) = words.next() else {
            reason = None;
            continue;
        };
        let place = format!("{source}:{}", number + 1);
        let mut rule = IgnoreRule {
            source: place.clone(),
            vulnerability: Some(id.to_owned()),
            reason: reason.clone(),
            ..IgnoreRule::default()
        };
        let mut readable = true;
        for word in words {
            match word.strip_prefix("exp:").and_then(|it| it.parse().ok()) {
                Some(until) => rule.until = Some(until),
                None => {
                    file.problem(&place, format!("`{word}` is not `exp:` and a date; the line is not used"));
                    readable = false;
                }
            }
        }
        if readable {
            file.take(rule);
        }
    }
    file
}
