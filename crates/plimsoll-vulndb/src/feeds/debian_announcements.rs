//! Debian's announcements: the lists of DSAs (security) and DLAs (long-term support).
//!
//! They give the ids that people know a fix by, and the fixes of releases that have left the
//! tracker. Where the tracker speaks of the same package, issue and release, it decides and takes
//! over the ids alone. Lists fixes only: of a release that the tracker has left, open issues are
//! not known from here. Uses no channels.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status, Timestamp};

use super::debian::release;
use super::shared::{capped, date, is_cve, note, package_name, text, valid_id, version};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The list of DSAs has 4 MB unpacked.
const SIZE_BYTES_MAX: u64 = 256 << 20;
/// CVEs of one announcement; those of the kernel have up to 300.
const CVES_MAX: usize = 4096;
/// Packages and releases of one announcement; real ones have below 20.
const FIXES_MAX: usize = 1024;

/// The feed.
pub(super) struct DebianAnnouncements;

impl Feed for DebianAnnouncements {
    fn id(&self) -> &'static str {
        "debian-announcements"
    }

    fn title(&self) -> &'static str {
        "Debian security announcements (DSA, DLA)"
    }

    fn says(&self) -> &'static str {
        "The ids of announcements (DSA, DLA), which CVEs each is about, and the versions that it \
         fixed, of old releases too."
    }

    fn is_silent_on(&self) -> &'static str {
        "What has no announcement: open issues, and fixes that came with a point release."
    }

    fn cadence_hours(&self) -> u32 {
        3
    }

    fn sources(&self) -> Vec<Source> {
        let list = |name: &str| {
            let url = format!(
                "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/{name}/list"
            );
            let mirror = format!("debian/security-tracker-git/data/{name}/list");
            let mirror = [mirror.as_str(), &format!("{mirror}.gz")];
            Source { optional: true, ..Source::file(name, url, &mirror, SIZE_BYTES_MAX) }
        };
        vec![list("DSA"), list("DLA")]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "none stated; the security team endorses reuse",
            attribution: "Debian security and LTS teams, https://security-tracker.debian.org/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let mut unknown_releases = BTreeMap::new();
        let mut block: Vec<&str> = Vec::new();
        let mut seen = 0_usize;
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            if !line.starts_with([' ', '\t']) {
                seen = seen.saturating_add(1);
                finish(&block, &mut unknown_releases, out);
                block.clear();
            }
            block.push(line);
        }
        finish(&block, &mut unknown_releases, out);
        for (codename, rows) in unknown_releases {
            let why = format!("no known Debian release; {rows} rows left out");
            out.quarantine_part(format!("release {codename}"), why);
        }
        if seen == 0 || out.records_stored + out.out_of_scope == 0 {
            return Err("no announcement in it".to_owned());
        }
        Ok(())
    }
}

/// One announcement, before it is judged.
struct Announcement<'a> {
    id: &'a str,
    published: Option<Timestamp>,
    title: &'a str,
    cves: Vec<&'a str>,
    /// Codename, package, and a version or a state in angle brackets.
    fixes: Vec<(&'a str, &'a str, &'a str)>,
}

/// Reads the lines of one announcement and counts it.
fn finish(block: &[&str], unknown_releases: &mut BTreeMap<String, u64>, out: &mut FeedOutput) {
    let Some((head, lines)) = block.split_first() else { return };
    out.records_read += 1;
    let Some(announcement) = Announcement::read(head, lines) else {
        return out.quarantine(capped(head, 100), "no date, id and title");
    };
    let Announcement { id, published, title, .. } = announcement;
    if announcement.cves.len() > CVES_MAX || announcement.fixes.len() > FIXES_MAX {
        return out.quarantine(id, "more CVEs or packages than any announcement has");
    }
    if let Some(published) = published {
        out.saw_date(published);
    }
    let faults = out.quarantined.len();
    let rows = announcement.rows(unknown_releases, out);
    if rows.is_empty() {
        // A regression, a new list of certificates; or releases that nobody runs any more.
        if out.quarantined.len() > faults {
            return out.quarantine(id, "none of its lines could be read");
        }
        out.out_of_scope += 1;
        return;
    }
    out.records_stored += 1;
    out.advisories.extend(rows);
    out.records.push(Record {
        id: id.to_owned(),
        summary: super::shared::summary(title),
        published,
        ..Record::default()
    });
}

impl<'a> Announcement<'a> {
    /// `[29 Mar 2023] DSA-5380-1 xorg-server - security update`
    fn read(head: &'a str, lines: &[&'a str]) -> Option<Announcement<'a>> {
        let (day, rest) = head.strip_prefix('[')?.split_once(']')?;
        let (id, title) = rest.trim().split_once(char::is_whitespace)?;
        let mut announcement = Announcement {
            id: Some(id).filter(|it| valid_id(it) && (it.starts_with("DSA-") || it.starts_with("DLA-")))?,
            published: published(day),
            title: title.trim(),
            cves: Vec::new(),
            fixes: Vec::new(),
        };
        for line in lines.iter().map(|it| it.trim()) {
            if let Some(listed) = line.strip_prefix('{') {
                let listed = listed.split('}').next().unwrap_or_default();
                announcement.cves.extend(listed.split_whitespace().filter(|it| is_cve(it)));
            } else if let Some((codename, fix)) = line.strip_prefix('[').and_then(|it| it.split_once(']')) {
                let mut words = fix.trim().trim_start_matches('-').split_whitespace();
                announcement.fixes.push((
                    codename.trim(),
                    words.next().unwrap_or_default(),
                    words.next().unwrap_or_default(),
                ));
            }
        }
        Some(announcement)
    }

    fn rows(&self, unknown_releases: &mut BTreeMap<String, u64>, out: &mut FeedOutput) -> Vec<Advisory> {
        // What has no CVE is known by the announcement, if it is one of a security issue.
        let mut vulnerabilities: Vec<&str> = self.cves.clone();
        vulnerabilities.sort_unstable();
        vulnerabilities.dedup();
        if vulnerabilities.is_empty() && self.title.contains("security update") {
            vulnerabilities.push(self.id);
        }
        let mut rows = Vec::new();
        for (codename, package, state) in &self.fixes {
            let Some(number) = release(codename) else {
                *unknown_releases.entry(capped(codename, 32).to_owned()).or_default() += 1;
                continue;
            };
            let place = || format!("{} {codename}", self.id);
            let (Some(package), Some((status, ranges))) = (package_name(package), verdict(state)) else {
                let why =
                    format!("`{} {}` is no package and version", capped(package, 64), capped(state, 64));
                out.quarantine_part(place(), why);
                continue;
            };
            rows.extend(vulnerabilities.iter().map(|vulnerability| Advisory {
                feed: DebianAnnouncements.id().to_owned(),
                realm: Realm::distro("deb", "debian", number),
                package: package.to_owned(),
                name_kind: NameKind::Source,
                channel: None,
                architectures: Vec::new(),
                module: None,
                vulnerability: (*vulnerability).to_owned(),
                advisory_ids: vec![self.id.to_owned()],
                ranges: ranges.clone(),
                versions: Vec::new(),
                status,
                severity: None,
                note: state.strip_prefix('<').and_then(|it| note(it.trim_end_matches('>'))),
            }));
        }
        rows
    }
}

/// A version is fixed from there on; states stand in angle brackets.
fn verdict(state: &str) -> Option<(Status, Vec<Range>)> {
    let plain = |status| Some((status, Vec::new()));
    match state {
        "<not-affected>" => plain(Status::NotAffected),
        "<end-of-life>" => plain(Status::EndOfLife),
        "<ignored>" => plain(Status::WillNotFix),
        "<postponed>" => plain(Status::FixDeferred),
        "<unfixed>" | "<no-dsa>" => plain(Status::Affected),
        _ if state.starts_with('<') => None,
        _ => {
            let range = Range { introduced: None, end: End::Fixed(version(state)?.to_owned()) };
            Some((Status::Fixed, vec![range]))
        }
    }
}

/// `29 Mar 2023`
fn published(day: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let mut words = day.split_whitespace();
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month: Cow<'_, str> = month.get(..3)?.to_ascii_lowercase().into();
    let month = MONTHS.iter().position(|it| *it == month)?.saturating_add(1);
    date(&format!("{year}-{month:02}-{day:0>2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "DSA", file_name: "list", bytes: text.as_bytes() };
        DebianAnnouncements.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    fn shown(out: &FeedOutput) -> Vec<String> {
        let fixed = |it: &Advisory| match it.ranges.as_slice() {
            [Range { end: End::Fixed(fixed), .. }] => format!(" <{fixed}"),
            _ => String::new(),
        };
        out.advisories
            .iter()
            .map(|it| {
                let (realm, ids) = (&it.realm, it.advisory_ids.join(","));
                format!("{realm} {} {} {}{} {ids}", it.package, it.vulnerability, it.status.name(), fixed(it))
            })
            .collect()
    }

    #[test]
    fn an_announcement_is_a_row_for_each_cve_and_release() {
        let out = parse(
            "[29 Mar 2023] DSA-5380-1 xorg-server - security update\n\t{CVE-2023-1393 CVE-2023-1394}\n\
             \t[bullseye] - xorg-server 2:1.20.11-1+deb11u6\n\tNOTE: x\n",
        );
        assert_eq!(
            shown(&out),
            [
                "deb/debian:11 xorg-server CVE-2023-1393 fixed <2:1.20.11-1+deb11u6 DSA-5380-1",
                "deb/debian:11 xorg-server CVE-2023-1394 fixed <2:1.20.11-1+deb11u6 DSA-5380-1",
            ]
        );
        assert_eq!(out.records[0].published.unwrap().date_text(), "2023-03-29");
    }

    #[test]
    fn what_has_no_cve_is_known_by_its_announcement_and_regressions_are_no_issues() {
        let out = parse(
            "[17 Mar 2023] DSA-5356-2 sox - regression update\n\t[bullseye] - sox 14.4-2\n\
             [01 Jan 2010] DSA-2000-1 foo - security update\n\t[squeeze] - foo 1.0-1\n",
        );
        assert_eq!(shown(&out), ["deb/debian:6 foo DSA-2000-1 fixed <1.0-1 DSA-2000-1"]);
        assert_eq!((out.records_stored, out.out_of_scope), (1, 1));
    }

    #[test]
    fn states_are_told_from_versions() {
        let out = parse(
            "[1 Feb 2020] DLA-2000-1 foo - security update\n\t{CVE-2020-0001}\n\t[jessie] - foo <not-affected> (x)\n\
             \t[stretch] - foo <end-of-life>\n\t[buster] - foo <weird>\n\t[woody] - foo 1\n",
        );
        assert_eq!(
            shown(&out),
            [
                "deb/debian:8 foo CVE-2020-0001 not_affected DLA-2000-1",
                "deb/debian:9 foo CVE-2020-0001 end_of_life DLA-2000-1",
            ]
        );
        assert_eq!(out.quarantined.len(), 2);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for text in ["", "<html>", "\t{CVE-2020-0001}", "[x] ../../x y"] {
            let part = Part { name: "DSA", file_name: "list", bytes: text.as_bytes() };
            assert!(DebianAnnouncements.parse(&part, &mut FeedOutput::default()).is_err(), "{text}");
        }
    }
}
