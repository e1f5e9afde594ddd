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

/// What has been looked at and is left alone.
const NOT_READ: &str = "
## What is not read

| file | why |
| --- | --- |
| `bun.lockb` | Bun's own binary form, which no document describes; a report names each. What Bun installed is found by its `package.json`, and `bun.lock` is read. |
| `.pnp.cjs` | A program; what it holds is what `yarn.lock` says, which is read. |
| `environment.yml` | What somebody asked conda for, by ranges; what it installed is in `conda-meta`, which is read. |
| `.packlist`, `perllocal.pod` | The one has no versions; the other names modules and not distributions, and keeps what was removed or replaced. |
| `/nix/store` without Nix's database | A folder is in the store whether anything uses it or not, and there is no file that each has; the database says what is valid. |
| the SBOM in a program of GraalVM's native-image | Only Oracle's builds have one, at an address that a symbol tells; a program without it looks the same. |
| SBOMs in jars of libraries | They list what a library was built with, which need not be in the image. Those of applications (`META-INF/sbom/*.json` beside `BOOT-INF` or `WEB-INF`) are read. |
| classes in jars | Whose they are is not guessed. A jar without Maven coordinates is named by its SHA-1 where the database has a list of published jars (`maven-index`); otherwise the report says that it is unknown. |
";

#[test]
fn the_page_of_extractors_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for ecosystem in ECOSYSTEMS {
        section(&mut page, ecosystem.purl_type(), ecosystem.extractors());
    }
    section(&mut page, "any", OTHER_EXTRACTORS);
    page.push_str(NOT_READ);
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
