//! The National Vulnerability Database, format 2.0: yearly files, one of what changed in the last
//! eight days, and pages of the API.
//!
//! Scores, weaknesses, texts and references for every vulnerability; rows only for programs that
//! no package manager owns, from configurations of products (the realm `generic`). Since April
//! 2026 most records are never analysed: what is `Deferred` or awaits its analysis is kept like any
//! other, and what the NVD does not say is nowhere read as "not affected". Uses no channels.

mod configurations;
mod cpe;
mod overrides;
mod products;
mod record;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::text;
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

pub(super) use overrides::Overrides;
pub use products::names;

/// Unpacked; the largest year has some 250 MB.
const SIZE_BYTES_MAX: u64 = 1 << 30;
/// The first yearly file holds everything until then.
const YEAR_FIRST: u16 = 2002;
/// The file of what changed in the last eight days; it is made again every two hours.
const MODIFIED: &str = "nvdcve-2.0-modified";
/// A yearly file may be a day old when it is fetched.
const MODIFIED_DAYS: u32 = 6;
/// Files of years to come are asked for, too: they appear on New Year's Day.
const YEAR_LAST: u16 = 2035;

/// The feed.
pub(super) struct Nvd;

impl Feed for Nvd {
    fn id(&self) -> &'static str {
        "nvd"
    }

    fn title(&self) -> &'static str {
        "National Vulnerability Database"
    }

    fn says(&self) -> &'static str {
        "Scores, weaknesses, texts and links of CVEs, and as CPEs which programs are affected, for \
         those that no package manager owns."
    }

    fn is_silent_on(&self) -> &'static str {
        "Packages of distributions and languages. Since April 2026 most new CVEs get neither CPEs \
         nor scores from it."
    }

    fn version(&self) -> u32 {
        2
    }

    fn is_newer(&self, part: &str) -> bool {
        part.starts_with(MODIFIED)
    }

    fn cadence_hours(&self) -> u32 {
        2
    }

    fn sources(&self) -> Vec<Source> {
        let url = |name: &str| format!("https://nvd.nist.gov/feeds/json/cve/2.0/{name}.json.gz");
        let file = |name: &str, remote: Remote| {
            let mirror = [format!("nvd/{name}.json.gz"), format!("nvd/feeds-json-2.0/{name}*.json.gz")];
            let mirror: Vec<&str> = mirror.iter().map(String::as_str).collect();
            let source = Source::file(name, "", &mirror, SIZE_BYTES_MAX);
            Source { remote, optional: true, newest_only: true, ..source }
        };
        let year = |year: u16| {
            let name = format!("nvdcve-2.0-{year}");
            let remote =
                Remote::Standing { url: url(&name), changes: MODIFIED.to_owned(), days: MODIFIED_DAYS };
            file(&name, remote)
        };
        // What changed comes first: it takes the place of what the others say.
        let mut sources = vec![file(MODIFIED, Remote::File(url(MODIFIED)))];
        sources.extend((YEAR_FIRST..=YEAR_LAST).map(year));
        sources.push(Source {
            name: "api/*".to_owned(),
            remote: Remote::MirrorOnly,
            mirror: vec!["nvd/api/*.json.gz".to_owned(), "nvd/api-cves-2.0*.json.gz".to_owned()],
            except: Vec::new(),
            newest_only: false,
            optional: true,
            size_bytes_max: SIZE_BYTES_MAX,
        });
        sources
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "public domain",
            attribution: "This product uses data from the NVD API but is not endorsed or certified by the NVD.",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let page: Page<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for (index, item) in page.vulnerabilities.into_iter().enumerate() {
            record::read(item, (part.name, index), self.id(), out);
        }
        Ok(())
    }
}

/// A page of the API; the yearly files have the same shape.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    vulnerabilities: Vec<&'a RawValue>,
}
