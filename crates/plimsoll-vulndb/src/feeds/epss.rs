//! EPSS: the probability that a CVE is exploited within 30 days, as CSV of one day.
//!
//! Four generations of headers exist; columns are found by their names.

use plimsoll_core::Timestamp;

use super::shared::{capped, date, is_cve, text};
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

/// Unpacked; a day has some 10 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

/// The feed.
pub(super) struct Epss;

impl Feed for Epss {
    fn id(&self) -> &'static str {
        "epss"
    }

    fn title(&self) -> &'static str {
        "EPSS exploit prediction"
    }

    fn says(&self) -> &'static str {
        "For each CVE the probability that it will be exploited within thirty days, its percentile, \
         and the model that says so."
    }

    fn is_silent_on(&self) -> &'static str {
        "What is affected, and how bad it would be; ids that are no CVEs. Scores of different \
         models should not be compared."
    }

    fn cadence_hours(&self) -> u32 {
        24
    }

    fn sources(&self) -> Vec<Source> {
        // Of several days in a mirror, each CVE keeps its newest score.
        vec![Source {
            name: "scores*".to_owned(),
            remote: Remote::File("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz".to_owned()),
            mirror: vec![
                "epss/epss_scores-current.csv.gz".to_owned(),
                "epss/epss_scores-2*.csv.gz".to_owned(),
            ],
            except: Vec::new(),
            newest_only: false,
            optional: false,
            size_bytes_max: SIZE_BYTES_MAX,
        }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "free to use, attribution asked",
            attribution: "EPSS, https://www.first.org/epss/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let mut first = lines.next().ok_or("empty")?;
        let mut day = Day { model: None, date: date_in_name(part.file_name) };
        if let Some(comment) = first.1.strip_prefix('#') {
            day.read(comment);
            first = lines.next().ok_or("nothing below its first line")?;
        }
        let columns = Columns::read(first.1)?;
        if let Some(date) = day.date {
            out.saw_date(date);
        }
        for (number, line) in lines {
            out.records_read += 1;
            match columns.row(line, &day) {
                Ok(row) => {
                    out.records_stored += 1;
                    out.epss.push(row);
                }
                Err(why) => out.quarantine(format!("{} line {}", part.name, number.saturating_add(1)), why),
            }
        }
        keep_newest(out);
        Ok(())
    }
}

/// What holds for all rows of a file.
struct Day {
    model: Option<String>,
    date: Option<Timestamp>,
}

impl Day {
    /// `model_version:v2026.06.15,score_date:2026-08-21T12:00:00Z`
    fn read(&mut self, comment: &str) {
        for (name, value) in comment.split(',').filter_map(|it| it.split_once(':')) {
            match name.trim() {
                "model_version" => self.model = Some(capped(value.trim(), 64).to_owned()),
                "score_date" => self.date = date(value).or(self.date),
                _ => {}
            }
        }
    }
}

/// The date in `epss_scores-2021-08-31.csv.gz`, for files whose content says none.
fn date_in_name(file_name: &str) -> Option<Timestamp> {
    let starts = file_name.char_indices().filter(|(_, it)| *it == '2').map(|(start, _)| start);
    starts.filter_map(|start| file_name.get(start..start.checked_add(10)?)).find_map(date)
}

struct Columns {
    id: usize,
    score: usize,
    percentile: Option<usize>,
}

impl Columns {
    fn read(header: &str) -> Result<Columns, String> {
        let find = |name: &str| header.split(',').position(|it| it.trim().eq_ignore_ascii_case(name));
        match (find("cve"), find("epss")) {
            (Some(id), Some(score)) => Ok(Columns { id, score, percentile: find("percentile") }),
            _ => Err(format!("its header `{}` has no columns `cve` and `epss`", capped(header, 100))),
        }
    }

    fn row(&self, line: &str, day: &Day) -> Result<(String, plimsoll_core::Epss), String> {
        let column = |index: usize| line.split(',').nth(index).map(|it| it.trim().trim_matches('"'));
        let id = column(self.id).filter(|it| is_cve(it)).ok_or("its id is no CVE")?;
        let score = column(self.score).and_then(millionths).ok_or("its score is not from 0 to 1")?;
        let percentile = match self.percentile.and_then(column) {
            None => None,
            Some(text) => Some(millionths(text).ok_or("its percentile is not from 0 to 1")?),
        };
        let score = plimsoll_core::Epss {
            score_millionths: score,
            percentile_millionths: percentile,
            model: day.model.clone(),
            date: day.date,
        };
        Ok((id.to_owned(), score))
    }
}

fn millionths(text: &str) -> Option<u32> {
    let number: f64 = text.parse().ok()?;
    if !(0.0..=1.0).contains(&number) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000000, and whole")]
    Some((number * 1e6).round() as u32)
}

/// Several days may be given; an older one never replaces a newer.
fn keep_newest(out: &mut FeedOutput) {
    let newest_first = |it: &(String, plimsoll_core::Epss)| std::cmp::Reverse(it.1.date);
    out.epss.sort_by(|a, b| a.0.cmp(&b.0).then(newest_first(a).cmp(&newest_first(b))));
    let before = out.epss.len();
    out.epss.dedup_by(|later, kept| later.0 == kept.0);
    let dropped = before.saturating_sub(out.epss.len()) as u64;
    out.records_stored = out.records_stored.saturating_sub(dropped);
    out.out_of_scope += dropped;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(files: &[(&str, &str)]) -> FeedOutput {
        let mut out = FeedOutput::default();
        for (file_name, content) in files {
            let part = Part { name: "scores", file_name, bytes: content.as_bytes() };
            Epss.parse(&part, &mut out).unwrap();
        }
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    fn check(file_name: &str, content: &str, expected: &str) {
        let out = parse(&[(file_name, content)]);
        let (id, epss) = &out.epss[0];
        let day = epss.date.map_or_else(|| "-".to_owned(), Timestamp::date_text);
        let model = epss.model.as_deref().unwrap_or("-");
        let found = format!("{id} {} {:?} {model} {day}", epss.score_millionths, epss.percentile_millionths);
        assert_eq!(found, expected);
    }

    #[test]
    fn all_four_generations_of_headers_are_read() {
        let row = "CVE-2020-5902,0.65117";
        check(
            "epss_scores-2021-04-14.csv.gz",
            &format!("cve,epss\n{row}\n"),
            "CVE-2020-5902 651170 None - 2021-04-14",
        );
        check(
            "epss_scores-2021-09-01.csv.gz",
            &format!("cve,epss,percentile\n{row},0.9981063485700858\n"),
            "CVE-2020-5902 651170 Some(998106) - 2021-09-01",
        );
        check(
            "epss_scores-current.csv.gz",
            &format!(
                "#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\ncve,epss,percentile\n{row},0.99999\n"
            ),
            "CVE-2020-5902 651170 Some(999990) v2022.01.01 2022-02-04",
        );
        check(
            "x",
            &format!(
                "#model_version:v2026.06.15,score_date:2026-08-21T12:00:00Z\r\ncve,epss,percentile\r\n{row},1\r\n"
            ),
            "CVE-2020-5902 651170 Some(1000000) v2026.06.15 2026-08-21",
        );
    }

    #[test]
    fn an_older_day_never_replaces_a_newer_one() {
        let old = ("epss_scores-2021-04-14.csv", "cve,epss\nCVE-2020-0001,0.1\nCVE-2020-0002,0.2\n");
        let new = ("epss_scores-2026-04-14.csv", "cve,epss\nCVE-2020-0001,0.9\n");
        for files in [[old, new], [new, old]] {
            let out = parse(&files);
            let scores: Vec<_> = out.epss.iter().map(|(id, it)| (id.as_str(), it.score_millionths)).collect();
            assert_eq!(scores, [("CVE-2020-0001", 900_000), ("CVE-2020-0002", 200_000)]);
            assert_eq!((out.records_stored, out.out_of_scope), (2, 1));
        }
    }

    #[test]
    fn bad_lines_are_quarantined_and_bad_headers_refused() {
        let out = parse(&[(
            "x",
            "cve,epss\nCVE-2020-0001,1.5\nCVE-2020-0002,NaN\nx,0.1\nCVE-2020-0003\nCVE-2020-0004,0\n",
        )]);
        assert_eq!((out.epss.len(), out.records_quarantined), (1, 4));
        for bytes in [b"".as_slice(), b"<html>", b"#model_version:x\n"] {
            assert!(
                Epss.parse(&Part { name: "", file_name: "", bytes }, &mut FeedOutput::default()).is_err()
            );
        }
    }
}
