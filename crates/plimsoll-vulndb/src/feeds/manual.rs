//! The pages of the manual about feeds, one each and a list of them, made from the table.
//!
//! Only a test: the pages are files of the repository, and this says when they are out of date.

use std::fmt::Write;

use expect_test::expect_file;

use super::FEEDS;
use crate::{Feed, Remote, Source};

const HEAD: &str = "\
# Feeds

A page for each feed says what it says, what it does not say, whose it is, where it lies, and how often
it is asked. `plimsoll db status` shows how fresh each is on your machine, and `plimsoll db status
--licences` the licences of what the snapshot in use was built from.

What a feed does not say is no all-clear. Where a licence does not allow that the data are passed on,
your own machine may fetch and use them, and a database that is given to others is made without.

This product uses data from the NVD API but is not endorsed or certified by the NVD.

Addresses are those of the vendors. `plimsoll db update --feed-host OLD=NEW` asks elsewhere, and
`--mirror` takes the files named under *in a mirror* from a directory or from one address; of several
the first that is there counts, and `*` stands for anything (in directories only).

These pages are made from the table in the code (`UPDATE_EXPECT=1 cargo test -p plimsoll-vulndb`).

| feed | what it is | asked | may be passed on |
|---|---|---|---|
";

#[test]
fn the_pages_of_feeds_are_up_to_date() {
    let mut list = HEAD.to_owned();
    for feed in FEEDS {
        let (id, title) = (feed.id(), feed.title());
        let _ =
            writeln!(list, "| [`{id}`](feeds/{id}.md) | {title} | {} | {} |", asked(*feed), passed_on(*feed));
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/feeds");
        expect_file![format!("{path}/{id}.md")].assert_eq(&page(*feed));
    }
    expect_file!["../../../../docs/feeds.md"].assert_eq(&list);
}

#[test]
fn every_feed_says_what_it_says_in_sentences() {
    for feed in FEEDS {
        for text in [feed.says(), feed.is_silent_on()] {
            assert!(text.ends_with('.') && text.len() > 15, "{}: {text}", feed.id());
        }
        assert!((1..=168).contains(&feed.cadence_hours()), "{}", feed.id());
    }
}

fn asked(feed: &dyn Feed) -> String {
    match feed.cadence_hours() {
        1 => "at most every hour".to_owned(),
        24 => "at most once a day".to_owned(),
        hours => format!("at most every {hours} hours"),
    }
}

fn passed_on(feed: &dyn Feed) -> &'static str {
    if feed.licence().redistributable { "yes" } else { "no" }
}

fn page(feed: &dyn Feed) -> String {
    let (id, licence) = (feed.id(), feed.licence());
    let mut page = format!("# {}\n\n`{id}`, one of the [feeds](../feeds.md)\n\n", feed.title());
    let _ = writeln!(page, "- **Says:** {}", feed.says());
    let _ = writeln!(page, "- **Does not say:** {}", feed.is_silent_on());
    let _ = writeln!(page, "- **Licence:** {}", licence.name);
    let _ = writeln!(page, "- **Attribution:** {}", licence.attribution);
    let _ = writeln!(page, "- **May be passed on:** {}", passed_on(feed));
    let _ = writeln!(page, "- **Asked:** {}", asked(feed));
    let _ = writeln!(page, "- **How fresh yours is:** `plimsoll db status`, in the row `{id}`");
    let sources = feed.sources();
    let addresses = listed(sources.iter().map(|source| (addresses(source), source.optional)).collect());
    if addresses.is_empty() {
        let _ = writeln!(page, "- **Address:** none; it comes from mirrors alone");
    } else {
        let _ = writeln!(page, "- **Address:** {addresses}");
    }
    let mirror = sources.iter().map(|source| (quoted(source.mirror.iter()), source.optional)).collect();
    let _ = writeln!(page, "- **In a mirror:** {}", listed(mirror));
    page
}

/// More of them are shown by the first and the last.
const SHOWN_MAX: usize = 6;

/// The texts that say something, the optional ones said to be so.
fn listed(texts: Vec<(String, bool)>) -> String {
    let texts: Vec<(String, bool)> = texts.into_iter().filter(|(text, _)| !text.is_empty()).collect();
    let all_are_optional = texts.iter().all(|(_, optional)| *optional);
    let shown = |(text, optional): &(String, bool)| {
        let suffix = if *optional && !all_are_optional { " (optional)" } else { "" };
        format!("{text}{suffix}")
    };
    match texts.as_slice() {
        [first, .., last] if texts.len() > SHOWN_MAX => {
            format!("{} … {} ({} of them)", shown(first), shown(last), texts.len())
        }
        texts => texts.iter().map(shown).collect::<Vec<_>>().join("; "),
    }
}

fn quoted<'a>(texts: impl Iterator<Item = &'a String>) -> String {
    texts.map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" or ")
}

fn addresses(source: &Source) -> String {
    match &source.remote {
        Remote::MirrorOnly => String::new(),
        Remote::File(url) => format!("<{url}>"),
        Remote::Listing { index, link, files } if files.is_empty() => {
            format!("every other `{link}` that <{index}> lists")
        }
        Remote::Listing { index, link, files } => {
            format!("{} below every `{link}` that <{index}> lists", quoted(files.iter()))
        }
        Remote::Repository { address, kind } => format!("the file `{kind}` of the repository <{address}>"),
        Remote::Changing(changing) => {
            let lists: Vec<&String> = std::iter::once(&changing.changed).chain(&changing.deleted).collect();
            let lists: Vec<String> = lists.into_iter().map(|url| format!("<{url}>")).collect();
            let archive = match &changing.latest {
                Some(latest) => format!("the archive that <{latest}> names (or <{}>)", changing.archive),
                None => format!("<{}>", changing.archive),
            };
            format!("{archive}, and what {} name since", lists.join(" and "))
        }
        Remote::Standing { url, changes, days } => {
            format!("<{url}> every {days} days (in between `{changes}` says what changed)")
        }
        Remote::Pages(pages) => format!(
            "<{}1> and the pages after it, all of them every {} days, else those with what is newer",
            pages.address, pages.days
        ),
    }
}
