//! One definition: what it says of a vulnerability or an announcement, and its criteria.
//!
//! Texts of criteria repeat millions of times, so that they are numbers of [`Names`].

use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_core::Timestamp;

/// Different texts of one file; SUSE's largest has less than two million.
const NAMES_MAX: usize = 8_000_000;

/// A definition as it stands, with nothing judged.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Definition {
    pub(in crate::feeds) id: String,
    pub(in crate::feeds) title: String,
    pub(in crate::feeds) description: String,
    pub(in crate::feeds) severity: String,
    /// Azure's `true`, `false` or `Not Applicable`.
    pub(in crate::feeds) patchable: String,
    pub(in crate::feeds) issued: Option<Timestamp>,
    pub(in crate::feeds) updated: Option<Timestamp>,
    pub(in crate::feeds) references: Vec<Reference>,
    pub(in crate::feeds) cves: Vec<Cve>,
    pub(in crate::feeds) criteria: Option<Criteria>,
    /// Why the criteria cannot be trusted to be whole.
    pub(in crate::feeds) damage: Option<&'static str>,
}

/// `<reference source= ref_id= ref_url=>`.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Reference {
    pub(in crate::feeds) source: String,
    pub(in crate::feeds) id: String,
    pub(in crate::feeds) url: String,
}

/// `<cve cvss3="8.1/CVSS:3.0/…" href=>CVE-…</cve>`.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Cve {
    pub(in crate::feeds) text: String,
    /// Each begins with its score: `7.8/AV:N/…`.
    pub(in crate::feeds) vectors: Vec<String>,
    pub(in crate::feeds) url: String,
}

/// A node of the tree of criteria.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Criteria {
    /// `OR`; else `AND`.
    pub(in crate::feeds) is_any: bool,
    pub(in crate::feeds) leaves: Vec<Leaf>,
    pub(in crate::feeds) children: Vec<Criteria>,
}

/// A criterion: which test it is, and what it says for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::feeds) struct Leaf {
    pub(in crate::feeds) test: u32,
    pub(in crate::feeds) comment: u32,
}

/// Every text that a file repeats, once.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Names {
    numbers: HashMap<Rc<str>, u32>,
    texts: Vec<Rc<str>>,
}

impl Names {
    /// The number of a text; an error where a file has more of them than any honest one.
    pub(super) fn number(&mut self, text: &str) -> Result<u32, String> {
        if let Some(&number) = self.numbers.get(text) {
            return Ok(number);
        }
        if self.texts.len() >= NAMES_MAX {
            return Err(format!("more than {NAMES_MAX} different ids and comments"));
        }
        let number = u32::try_from(self.texts.len()).map_err(|error| error.to_string())?;
        let text: Rc<str> = text.into();
        self.texts.push(Rc::clone(&text));
        self.numbers.insert(text, number);
        Ok(number)
    }

    /// The text of a number.
    pub(in crate::feeds) fn text(&self, number: u32) -> &str {
        usize::try_from(number).ok().and_then(|index| self.texts.get(index)).map_or("", |text| text)
    }
}
