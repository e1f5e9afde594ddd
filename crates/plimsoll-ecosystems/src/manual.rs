//! The page of the manual that lists what is read of an image, made from the tables.
//!
//! Only a test: the page is a file of the repository, and this says when it is out of date.

use std::fmt::Write;

use expect_test::expect_file;
use plimsoll_core::{Extractor, Pattern};

use crate::{ECOSYSTEMS, OTHER_EXTRACTORS};

const HEAD: &str = "\
# What is read of an image

One row an extractor: its name, as reports give it, and the files it reads wherever they lie in
an image. A folder is named with a slash behind it, `*` stands for anything. Extractors that read
programs look at every file that begins as a program does, as it streams past.

This page is made from the tables in the code (`UPDATE_EXPECT=1 cargo test -p plimsoll-ecosystems`).
";

#[test]
fn the_page_of_extractors_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for ecosystem in ECOSYSTEMS {
        section(&mut page, ecosystem.purl_type(), ecosystem.extractors());
    }
    section(&mut page, "any", OTHER_EXTRACTORS);
    expect_file!["../../../docs/extractors.md"].assert_eq(&page);
}

fn section(page: &mut String, title: &str, extractors: &[&dyn Extractor]) {
    if extractors.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n## {title}\n\n| extractor | reads |\n| --- | --- |");
    for extractor in extractors {
        let mut patterns: Vec<String> = extractor.wants().iter().map(shown).collect();
        if extractor.reads_in_flight() {
            patterns.push("programs".to_owned());
        }
        let _ = writeln!(page, "| `{}` | {} |", extractor.id(), patterns.join(", "));
    }
}

fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Path(path) => format!("`/{path}`"),
        Pattern::In(directory, ending) => format!("`/{directory}/*{ending}`"),
        Pattern::Name(name) => format!("`{name}`"),
        Pattern::Ending(ending) => format!("`*{ending}`"),
        Pattern::InAny(directory, ending) => format!("`*{directory}/*{ending}`"),
    }
}
