//! endoflife.date: until when the releases of distributions are supported.
//!
//! Reads the API's JSON and the front matter of the site's Markdown, from which the API is made.
//! Products that are no distributions are left out.

use std::borrow::Cow;

use plimsoll_core::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{capped, date, lenient, text};
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

/// All products together have some 5 MB.
const SIZE_BYTES_MAX: u64 = 128 << 20;

/// The products that are distributions, and the `ID` of their os-release.
const PRODUCTS: &[(&str, &str)] = &[
    ("almalinux", "almalinux"),
    ("alpine-linux", "alpine"),
    ("amazon-linux", "amzn"),
    ("azure-linux", "azurelinux"),
    ("centos", "centos"),
    ("centos-stream", "centos"),
    ("debian", "debian"),
    ("fedora", "fedora"),
    ("linuxmint", "linuxmint"),
    ("mageia", "mageia"),
    ("opensuse", "opensuse-leap"),
    ("oracle-linux", "ol"),
    ("photon", "photon"),
    ("rhel", "rhel"),
    ("rocky-linux", "rocky"),
    ("sles", "sles"),
    ("suse-linux-micro", "sl-micro"),
    ("ubuntu", "ubuntu"),
    ("vmware-photon", "photon"),
];

/// The feed.
pub(super) struct EndOfLife;

impl Feed for EndOfLife {
    fn id(&self) -> &'static str {
        "endoflife"
    }

    fn title(&self) -> &'static str {
        "endoflife.date"
    }

    fn says(&self) -> &'static str {
        "When the support of a distribution's release ends, also the extended one."
    }

    fn is_silent_on(&self) -> &'static str {
        "Vulnerabilities, and releases that nobody entered."
    }

    fn cadence_hours(&self) -> u32 {
        24
    }

    fn sources(&self) -> Vec<Source> {
        vec![Source {
            name: "products*".to_owned(),
            remote: Remote::File("https://endoflife.date/api/v1/products/full".to_owned()),
            mirror: vec!["endoflife/products-full.json".to_owned(), "endoflife/products/*.md".to_owned()],
            except: Vec::new(),
            newest_only: false,
            optional: false,
            size_bytes_max: SIZE_BYTES_MAX,
        }]
    }

    fn licence(&self) -> Licence {
        Licence { name: "MIT", attribution: "endoflife.date, https://endoflife.date/", redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        if text.trim_start().starts_with('{') { api(&text, out) } else { markdown(&text, part, out) }
    }
}

/// A release in the words that both forms share.
#[derive(Default)]
struct Release<'a> {
    name: Cow<'a, str>,
    released: Option<Timestamp>,
    latest: Option<Timestamp>,
    ends: Ending,
    extended_ends: Ending,
}

/// When something ends.
#[derive(Clone, Copy, Default)]
enum Ending {
    #[default]
    Unknown,
    On(Timestamp),
    /// It has ended, nobody says when.
    Already,
}

impl Ending {
    fn read(text: &str) -> Ending {
        match (date(text), text) {
            (Some(day), _) => Ending::On(day),
            (None, "true") => Ending::Already,
            _ => Ending::Unknown,
        }
    }

    /// Where nobody says when it ended, the last sign of life is the earliest it can have been.
    fn day(self, last_sign: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Ending::On(day) => Some(day),
            Ending::Already => last_sign,
            Ending::Unknown => None,
        }
    }
}

fn product(name: &str, releases: &[Release<'_>], out: &mut FeedOutput) {
    out.records_read += 1;
    let Some((_, distro_id)) = PRODUCTS.iter().find(|(slug, _)| *slug == name) else {
        out.out_of_scope += 1;
        return;
    };
    let latest_release = releases.first().map(|it| it.name.clone().into_owned());
    let before = out.end_of_life.len();
    for release in releases {
        for day in [release.released, release.latest].into_iter().flatten() {
            out.saw_date(day);
        }
        if name == "centos-stream" && release.name == "8" {
            // CentOS Linux 8 has the same ID and VERSION_ID; both have ended, the other first.
            continue;
        }
        if release.name.is_empty() || release.name.len() > 64 {
            let shown = capped(&release.name, 64);
            out.quarantine_part(format!("{name} {shown}"), "a release whose name is none");
            continue;
        }
        let last_sign = release.latest.or(release.released);
        if matches!(release.ends, Ending::Already) && last_sign.is_none() {
            let why = "it has ended, but nothing says when";
            out.quarantine_part(format!("{name} {}", release.name), why);
        }
        out.end_of_life.push(plimsoll_core::EndOfLife {
            distro_id: distro_id_of(distro_id, &release.name).to_owned(),
            release: release.name.clone().into_owned(),
            ends: release.ends.day(last_sign),
            extended_ends: release.extended_ends.day(last_sign),
            latest_release: latest_release.clone(),
        });
    }
    if out.end_of_life.len() > before {
        out.records_stored += 1;
    } else {
        out.quarantine(name, "no release that could be read");
    }
}

/// openSUSE called itself `opensuse` before there was Leap (42 and from 15 on).
fn distro_id_of<'a>(distro_id: &'a str, release: &str) -> &'a str {
    let major: Option<u32> = release.split('.').next().and_then(|it| it.parse().ok());
    match (distro_id, major) {
        ("opensuse-leap", Some(..=14)) => "opensuse",
        _ => distro_id,
    }
}

// The API's JSON.

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct ApiProduct<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    releases: Vec<ApiRelease<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiRelease<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    release_date: Option<&'a RawValue>,
    #[serde(default)]
    is_eol: Option<bool>,
    #[serde(borrow, default)]
    eol_from: Option<&'a RawValue>,
    #[serde(default)]
    is_eoes: Option<bool>,
    #[serde(borrow, default)]
    eoes_from: Option<&'a RawValue>,
    #[serde(borrow, default)]
    latest: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Latest<'a> {
    #[serde(borrow, default)]
    date: Option<Cow<'a, str>>,
}

fn api(text: &str, out: &mut FeedOutput) -> Result<(), String> {
    let answer: Answer<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (index, raw) in answer.result.into_iter().enumerate() {
        match serde_json::from_str::<ApiProduct<'_>>(raw.get()) {
            Ok(it) => {
                let releases: Vec<Release<'_>> = it.releases.iter().map(ApiRelease::release).collect();
                product(&it.name, &releases, out);
            }
            Err(error) => {
                out.records_read += 1;
                out.quarantine(format!("product {index}"), error.to_string());
            }
        }
    }
    Ok(())
}

impl ApiRelease<'_> {
    fn release(&self) -> Release<'_> {
        let day = |raw: Option<&RawValue>| date(&lenient::<String>(raw));
        let ending = |day: Option<Timestamp>, has_ended: Option<bool>| match (day, has_ended) {
            (Some(day), _) => Ending::On(day),
            (None, Some(true)) => Ending::Already,
            (None, _) => Ending::Unknown,
        };
        Release {
            name: Cow::Borrowed(&self.name),
            released: day(self.release_date),
            latest: lenient::<Latest<'_>>(self.latest).date.as_deref().and_then(date),
            ends: ending(day(self.eol_from), self.is_eol),
            extended_ends: ending(day(self.eoes_from), self.is_eoes),
        }
    }
}

// The site's Markdown. Of YAML, only what its `releases` use: a list of one-line scalars.

fn markdown(text: &str, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return Err("neither JSON nor front matter".to_owned());
    }
    let mut front: Vec<&str> = Vec::new();
    loop {
        match lines.next().map(str::trim_end) {
            Some("---") => break,
            Some(line) => front.push(line),
            None => return Err("front matter without an end".to_owned()),
        }
    }
    let stem = part.file_name.rsplit('/').next().unwrap_or_default().trim_end_matches(".md");
    let permalink = front.iter().find_map(|line| line.strip_prefix("permalink:"));
    let name = permalink.map_or(stem, |it| scalar(it).trim_matches('/'));
    product(name, &releases(&front), out);
    Ok(())
}

fn releases<'a>(front: &[&'a str]) -> Vec<Release<'a>> {
    let mut releases: Vec<Release<'_>> = Vec::new();
    let mut item_indent = None;
    for line in front.iter().skip_while(|line| **line != "releases:").skip(1) {
        let content = line.trim_start();
        let indent = line.len().saturating_sub(content.len());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let item = content.strip_prefix('-').filter(|it| it.starts_with(' '));
        if indent == 0 && item.is_none() {
            break;
        }
        let member = match item {
            Some(member) if item_indent.is_none_or(|it| it == indent) => {
                item_indent = Some(indent);
                releases.push(Release::default());
                member.trim_start()
            }
            // Deeper lists and values over several lines are of no interest.
            _ if item_indent.is_some_and(|it| indent == it.saturating_add(2)) => content,
            _ => continue,
        };
        if let (Some(release), Some((key, value))) = (releases.last_mut(), member.split_once(':')) {
            release.set(key.trim(), scalar(value));
        }
    }
    releases
}

impl<'a> Release<'a> {
    fn set(&mut self, key: &str, value: &'a str) {
        match key {
            "releaseCycle" => self.name = Cow::Borrowed(value),
            "releaseDate" => self.released = date(value),
            "latestReleaseDate" => self.latest = date(value),
            "eol" => self.ends = Ending::read(value),
            "eoes" => self.extended_ends = Ending::read(value),
            _ => {}
        }
    }
}

/// A YAML scalar on one line: quoted, or up to a comment.
fn scalar(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default();
        }
    }
    text.split(" #").next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(file_name: &str, content: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        EndOfLife.parse(&Part { name: "", file_name, bytes: content.as_bytes() }, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    /// Rows as `id release ends extended latest`.
    fn check(file_name: &str, content: &str, expected: &[&str]) {
        let out = parse(file_name, content);
        let day = |it: Option<Timestamp>| it.map_or_else(|| "-".to_owned(), Timestamp::date_text);
        let rows: Vec<String> = out
            .end_of_life
            .iter()
            .map(|it| {
                let latest = it.latest_release.as_deref().unwrap_or("-");
                let (ends, extended) = (day(it.ends), day(it.extended_ends));
                format!("{} {} {ends} {extended} {latest}", it.distro_id, it.release)
            })
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn front_matter_is_read_and_nothing_around_it() {
        check(
            "debian.md",
            "---\ntitle: Debian\npermalink: /debian\nauto:\n  methods:\n    - t: x\n      fields:\n        releaseCycle: \"Version\"\n\
             # a remark\nreleases:\n  - releaseCycle: \"13\" # new\n    eol: 2028-08-09\n    eoes: 2030-06-30\n    custom:\n      - eol: 1999-01-01\n\n\
             \x20 - releaseCycle: '12'\n    releaseDate: 2023-06-10\n    eol: true\n  - releaseCycle: 11\n    eol: false\nother:\n  - releaseCycle: 1\n---\nreleases:\n",
            &["debian 13 2028-08-09 2030-06-30 13", "debian 12 2023-06-10 - 13", "debian 11 - - 13"],
        );
    }

    #[test]
    fn the_api_is_read_the_same() {
        check(
            "full",
            r#"{"result":[{"name":"python","releases":[]},7,{"name":"alpine-linux","releases":[
            {"name":"3.20","eolFrom":"2026-04-01","isEol":false,"latest":{"name":"3.20.1","date":"2024-06-18"}},
            {"name":"3.1","eolFrom":null,"isEol":true,"eoesFrom":null,"releaseDate":"2014-12-10"},
            {"name":"9","eolFrom":null,"isEol":false}]}]}"#,
            &["alpine 3.20 2026-04-01 - 3.20", "alpine 3.1 2014-12-10 - 3.20", "alpine 9 - - 3.20"],
        );
    }

    #[test]
    fn products_are_called_as_os_release_calls_them() {
        for (product, release, expected) in [
            ("amazon-linux", "2023", "amzn 2023"),
            ("oracle-linux", "9", "ol 9"),
            ("vmware-photon", "5.0", "photon 5.0"),
            ("centos-stream", "9", "centos 9"),
            ("opensuse", "15.6", "opensuse-leap 15.6"),
            ("opensuse", "13.2", "opensuse 13.2"),
        ] {
            let text = format!("---\nreleases:\n- releaseCycle: \"{release}\"\n  eol: 2030-01-01\n---\n");
            check(&format!("products/{product}.md"), &text, &[&format!("{expected} 2030-01-01 - {release}")]);
        }
    }

    #[test]
    fn other_products_are_out_of_scope() {
        let out = parse("python.md", "---\npermalink: /python\nreleases:\n  - releaseCycle: \"3\"\n---\n");
        assert_eq!((out.end_of_life.len(), out.out_of_scope), (0, 1));
    }

    #[test]
    fn what_is_neither_form_is_an_error() {
        for bytes in [b"".as_slice(), b"<html>", b"---\nreleases:\n", b"{}", b"{\"result\":[{"] {
            let part = Part { name: "", file_name: "", bytes };
            assert!(EndOfLife.parse(&part, &mut FeedOutput::default()).is_err());
        }
    }
}
