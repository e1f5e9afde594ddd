//! Lists of changes in JSON: `index/vulns.json` of Go's database
//! (`[{"id":"GO-2024-2887","modified":"2024-06-04T22:48:55Z"}]`, every report there is), and
//! `deltaLog.json` of the CVE List, which goes back some thirty days.
//!
//! Addresses inside a list are not believed: a document's path is made from its id.

use std::borrow::Cow;

use plimsoll_core::Timestamp;
use serde::Deserialize;

use super::change_list::{ChangeList, ChangedDocument, LINES_MAX, file_stem};
use super::{date, is_cve};

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    modified: Cow<'a, str>,
}

/// <https://go.dev/doc/security/vuln/database#api>
pub(super) fn go(text: &str) -> ChangeList {
    let Ok(reports) = serde_json::from_str::<Vec<Report<'_>>>(text) else { return unreadable() };
    let mut list = ChangeList::default();
    for (index, report) in reports.iter().enumerate() {
        let read = || {
            let path = format!("ID/{}.json", file_stem(&report.id)?);
            Some(ChangedDocument { path, time: date(&report.modified)? })
        };
        add(&mut list, index, read());
    }
    list
}

/// What one look at the numbering authorities' records brought. What went wrong (`error`) comes
/// again with a later one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Look<'a> {
    #[serde(borrow)]
    fetch_time: Cow<'a, str>,
    #[serde(borrow, default)]
    new: Vec<Changed<'a>>,
    #[serde(borrow, default)]
    updated: Vec<Changed<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
}

/// A record's time is that at which the repository got it: its own may be older.
pub(super) fn cve_list(text: &str) -> ChangeList {
    let Ok(looks) = serde_json::from_str::<Vec<Look<'_>>>(text) else { return unreadable() };
    let mut list = ChangeList::default();
    for (index, look) in looks.iter().enumerate() {
        let Some(time) = date(&look.fetch_time) else {
            list.unreadable.push(index + 1);
            continue;
        };
        list.since = Some(list.since.map_or(time, |since| since.min(time)));
        for changed in look.new.iter().chain(&look.updated) {
            let read = cve_path(&changed.cve_id).map(|path| ChangedDocument { path, time });
            add(&mut list, index, read);
        }
    }
    // An empty one says nothing of any time.
    list.since = list.since.or(Some(Timestamp(i64::MAX)));
    list
}

/// `cves/2024/3xxx/CVE-2024-3094.json`: a folder for each thousand.
fn cve_path(id: &str) -> Option<String> {
    let (year, number) = id.strip_prefix("CVE-").filter(|_| is_cve(id))?.split_once('-')?;
    let thousands = number.get(..number.len().checked_sub(3)?)?;
    Some(format!("cves/{year}/{thousands}xxx/{id}.json"))
}

fn add(list: &mut ChangeList, index: usize, read: Option<ChangedDocument>) {
    match read {
        Some(document) if list.documents.len() < LINES_MAX => list.documents.push(document),
        _ if list.unreadable.last() == Some(&(index + 1)) => (),
        _ => list.unreadable.push(index + 1),
    }
}

fn unreadable() -> ChangeList {
    ChangeList { unreadable: vec![1], ..ChangeList::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each document as `path time`.
    fn check(list: &ChangeList, expected: &[&str], unreadable: &[usize]) {
        let read: Vec<String> = list.documents.iter().map(|it| format!("{} {}", it.path, it.time)).collect();
        assert_eq!(read, expected);
        assert_eq!(list.unreadable, unreadable);
    }

    #[test]
    fn the_index_of_go_names_every_report() {
        let list = go(
            r#"[{"id":"GO-2020-0001","modified":"2024-05-20T16:03:47Z","aliases":["CVE-2020-36567"]},
            {"id":"../GO-1","modified":"2024-05-20T16:03:47Z"},{"id":"GO-2020-0003","modified":"0001-01-01T00:00:00Z"}]"#,
        );
        check(&list, &["ID/GO-2020-0001.json 2024-05-20T16:03:47Z"], &[2, 3]);
        assert_eq!(list.since, None);
        for broken in ["", "{}", "[7]", "<html>", r#"[{"id":"GO-1"}]"#] {
            check(&go(broken), &[], &[1]);
        }
    }

    #[test]
    fn the_log_of_the_cve_list_says_how_far_it_goes_back() {
        let list = cve_list(
            r#"[{"fetchTime":"2026-11-01T02:00:10.123Z","numberOfChanges":2,
            "new":[{"cveId":"CVE-2026-12345","githubLink":"https://evil.example/x","dateUpdated":"2026-11-01T01:59:00.000Z"}],
            "updated":[{"cveId":"CVE-1999-0001"}],"error":[]},
            {"fetchTime":"2026-10-02T00:00:00.000Z","numberOfChanges":0,"new":[],"updated":[],"error":[]}]"#,
        );
        check(
            &list,
            &[
                "cves/2026/12xxx/CVE-2026-12345.json 2026-11-01T02:00:10Z",
                "cves/1999/0xxx/CVE-1999-0001.json 2026-11-01T02:00:10Z",
            ],
            &[],
        );
        assert_eq!(list.since, "2026-10-02T00:00:00Z".parse().ok());
        let odd = r#"[{"fetchTime":"2026-11-01T00:00:00Z","updated":[{"cveId":"CVE-2026-1/../x"}]},{"fetchTime":"soon"}]"#;
        check(&cve_list(odd), &[], &[1, 2]);
        check(&cve_list("[]"), &[], &[]);
        assert_eq!(cve_list("[]").since, Some(Timestamp(i64::MAX)));
    }
}
