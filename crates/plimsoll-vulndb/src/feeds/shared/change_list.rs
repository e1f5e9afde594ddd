//! Lists that stand beside an archive and say which of its documents changed since, and which are
//! gone: Red Hat's `changes.csv` and `deletions.csv`
//! (`"2023/cve-2023-6240.json","2024-08-04T10:17:22+00:00"`) and OSV's `modified_id.csv`
//! (`2025-02-15T05:30:25.681979Z,GHSA-m85c-9mf8-m2m6`); those in JSON are in `change_json.rs`.
//!
//! Whoever fetches calls this; it fetches nothing itself.

use plimsoll_core::Timestamp;

use super::change_json;
use super::{date, is_cve, valid_id};
use crate::ListForm;

/// Lines that are read; the real list has one for each of some 50,000 documents.
pub(super) const LINES_MAX: usize = 4_000_000;

/// A document and the time at which it changed or was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedDocument {
    /// Its path below the feed's address, `2023/cve-2023-6240.json`, checked: it is no other path.
    pub path: String,
    /// When it changed.
    pub time: Timestamp,
}

/// What a list says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ChangeList {
    /// In the order of the list: newest first.
    pub documents: Vec<ChangedDocument>,
    /// Lines that are none, by number from 1. A list with any of them is not the whole truth.
    pub unreadable: Vec<usize>,
    /// The list says nothing of what was before; `None` where it has every document.
    pub since: Option<Timestamp>,
}

/// Reads a list of this form.
pub fn read_change_list(form: ListForm, text: &str) -> ChangeList {
    match form {
        ListForm::Osv => lines(text, osv),
        ListForm::RedHat => lines(text, red_hat),
        ListForm::Go => change_json::go(text),
        ListForm::CveList => change_json::cve_list(text),
    }
}

fn lines(text: &str, changed: fn(&str) -> Option<ChangedDocument>) -> ChangeList {
    let mut list = ChangeList::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match changed(line).filter(|_| index < LINES_MAX) {
            Some(document) => list.documents.push(document),
            None => list.unreadable.push(index + 1),
        }
        if index >= LINES_MAX {
            break;
        }
    }
    list
}

fn osv(line: &str) -> Option<ChangedDocument> {
    let (time, id) = columns(line)?;
    Some(ChangedDocument { path: format!("{}.json", file_stem(id)?), time: date(time)? })
}

fn red_hat(line: &str) -> Option<ChangedDocument> {
    let (path, time) = columns(line)?;
    Some(ChangedDocument { path: is_document(path).then(|| path.to_owned())?, time: date(time)? })
}

fn columns(line: &str) -> Option<(&str, &str)> {
    let (first, second) = line.split_once(',')?;
    Some((first.trim().trim_matches('"'), second.trim().trim_matches('"')))
}

/// An id that is the name of a file and no other path.
pub(super) fn file_stem(id: &str) -> Option<&str> {
    (valid_id(id) && !id.contains(['/', '\\']) && !id.starts_with('.')).then_some(id)
}

/// Whether a path is a year's folder and a CVE's document in it, and nothing else.
fn is_document(path: &str) -> bool {
    let Some((year, name)) = path.split_once('/') else { return false };
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let id = name.strip_prefix("cve-").and_then(|it| it.strip_suffix(".json"));
    is_year && id.is_some_and(|it| is_cve(&format!("CVE-{it}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_other_paths_refused() {
        let list = read_change_list(
            ListForm::RedHat,
            "\"2023/cve-2023-6240.json\",\"2024-08-04T10:17:22+00:00\"\r\n\
             2021/cve-2021-47343.json,2024-07-29T18:39:58+00:00\n\n\
             \"../../etc/passwd\",\"2024-08-04T10:17:22+00:00\"\n\
             \"2023/../cve-2023-6240.json\",\"2024-08-04T10:17:22+00:00\"\n\
             \"2023/cve-2023-6240.json\",\"yesterday\"\n",
        );
        let read: Vec<String> = list.documents.iter().map(|it| format!("{} {}", it.path, it.time)).collect();
        assert_eq!(
            read,
            ["2023/cve-2023-6240.json 2024-08-04T10:17:22Z", "2021/cve-2021-47343.json 2024-07-29T18:39:58Z"]
        );
        assert_eq!(list.unreadable, [4, 5, 6]);
    }

    #[test]
    fn ids_of_osv_are_names_of_files_and_no_paths() {
        let text = "2025-02-15T05:30:25.681979Z,GHSA-m85c-9mf8-m2m6\n2024-01-01T00:00:00Z,../x\n,GHSA-1\n";
        let list = read_change_list(ListForm::Osv, text);
        assert_eq!(list.documents.len(), 1);
        assert_eq!(list.documents[0].path, "GHSA-m85c-9mf8-m2m6.json");
        assert_eq!(list.unreadable, [2, 3]);
    }
}
