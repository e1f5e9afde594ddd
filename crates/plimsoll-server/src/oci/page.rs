//! Lists in pages: `n` and `last` of the query, `Link` of the answer.
//!
//! Pure; a page is never longer than the registry allows, whatever is asked for.

use super::error::{Code, Refusal};
use super::percent;

/// The most entries of one page, and as many as come when nobody asks for a number.
pub const PAGE_ENTRIES_MAX: u32 = 1000;

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many entries at most.
    pub count: u32,
    /// Entries behind this one.
    pub after: Option<String>,
}

impl Page {
    /// Reads the query of a request. A number over the registry's is lowered to it.
    pub fn parse(query: &[(String, String)]) -> Result<Page, Refusal> {
        let value = |wanted: &str| query.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
        let count = match value("n") {
            None => PAGE_ENTRIES_MAX,
            Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().unwrap_or(PAGE_ENTRIES_MAX).min(PAGE_ENTRIES_MAX)
            }
            Some(_) => {
                return Err(Refusal::new(Code::PaginationNumberInvalid, "`n` is how many entries to send"));
            }
        };
        Ok(Page { count, after: value("last").filter(|it| !it.is_empty()).cloned() })
    }

    /// Cuts a list that was read one entry longer than asked to the page, and gives back its last
    /// entry if there is a page behind it.
    pub fn cut<'a, T>(&self, entries: &'a mut Vec<T>) -> Option<&'a T> {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let is_more = count < entries.len();
        entries.truncate(count);
        entries.last().filter(|_| is_more)
    }

    /// The `Link` to the page behind this one, whose last entry is given; `filter` is what else
    /// stood in the query.
    pub fn next_link(&self, path: &str, last: &str, filter: &str) -> String {
        format!("<{path}?n={}&last={}{filter}>; rel=\"next\"", self.count, percent::encode(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Option<(u32, Option<String>)> {
        Page::parse(&percent::pairs(query)).ok().map(|page| (page.count, page.after))
    }

    #[test]
    fn a_page_is_as_long_as_asked_and_never_longer_than_allowed() {
        assert_eq!(page(""), Some((1000, None)));
        assert_eq!(page("n=2&last=v1"), Some((2, Some("v1".to_owned()))));
        assert_eq!(page("n=0"), Some((0, None)));
        assert_eq!(page("n=99999999999999999999999"), Some((1000, None)));
        assert_eq!(page("n=-1"), None);
        assert_eq!(page("n=x"), None);
        assert_eq!(page("n="), None);
    }

    #[test]
    fn the_link_leads_to_the_next_page() {
        let page = Page { count: 2, after: None };
        assert_eq!(
            page.next_link("/v2/a/tags/list", "v1", ""),
            "</v2/a/tags/list?n=2&last=v1>; rel=\"next\""
        );
        assert!(page.next_link("/v2/_catalog", "a/b", "").contains("last=a%2Fb>"));
    }
}
