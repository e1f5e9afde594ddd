//! What the pages of an API say of themselves: of which time their records are, and whether another
//! page follows. Apollo's: `{"advisories":[{"published_at":"…"}],"total":8019,"page":1,"size":100,
//! "links":{"next":"…"}}`.
//!
//! Whoever fetches calls this; addresses inside a page are not followed.

use std::borrow::Cow;

use plimsoll_core::Timestamp;
use serde::Deserialize;

use super::date;
use crate::PageForm;

/// What matters of a page for asking for the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHead {
    /// The newest date of a record in it.
    pub newest: Option<Timestamp>,
    /// The oldest.
    pub oldest: Option<Timestamp>,
    /// Whether another page follows.
    pub has_more: bool,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    advisories: Vec<Published<'a>>,
    page: u64,
    size: u64,
    total: u64,
}

#[derive(Deserialize)]
struct Published<'a> {
    #[serde(borrow, default)]
    published_at: Option<Cow<'a, str>>,
}

/// Reads the head of a page.
///
/// # Errors
/// Where it is no page, or not that of this number: then a server has another way to number them.
pub fn read_page(form: PageForm, bytes: &[u8], number: u32) -> Result<PageHead, String> {
    match form {
        PageForm::Apollo => apollo(&String::from_utf8_lossy(bytes), number),
    }
}

fn apollo(text: &str, number: u32) -> Result<PageHead, String> {
    let page: Page<'_> = serde_json::from_str(text).map_err(|error| format!("no page: {error}"))?;
    if page.page != u64::from(number) {
        return Err(format!("page {} came for page {number}", page.page));
    }
    let dates = || page.advisories.iter().filter_map(|it| date(it.published_at.as_deref()?));
    let has_more = page.page.saturating_mul(page.size) < page.total;
    if has_more && page.advisories.is_empty() {
        return Err("it is empty, and more are said to follow".to_owned());
    }
    Ok(PageHead { newest: dates().max(), oldest: dates().min(), has_more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_whether_another_follows() {
        let page = |number: u32, total: u32| {
            format!(
                r#"{{"advisories":[{{"published_at":"2025-11-27T09:11:22.820964+00:00"}},{{"published_at":null}},
                {{"published_at":"2025-11-20T00:00:00+00:00"}}],"total":{total},"page":{number},"size":3,"links":{{"next":"https://evil.example"}}}}"#
            )
        };
        let head = read_page(PageForm::Apollo, page(1, 4).as_bytes(), 1).unwrap();
        assert_eq!(head.newest, "2025-11-27T09:11:22Z".parse().ok());
        assert_eq!(head.oldest, "2025-11-20T00:00:00Z".parse().ok());
        assert!(head.has_more);
        assert!(!read_page(PageForm::Apollo, page(2, 4).as_bytes(), 2).unwrap().has_more);
        assert!(read_page(PageForm::Apollo, page(1, 4).as_bytes(), 2).is_err(), "another page came");
        let empty = r#"{"advisories":[],"total":9,"page":1,"size":3}"#;
        for broken in ["", "[]", "<html>", r#"{"advisories":7}"#, empty] {
            assert!(read_page(PageForm::Apollo, broken.as_bytes(), 1).is_err(), "{broken}");
        }
    }
}
