//! Updates of distributions that serve them beside their rpm packages, as `updateinfo.xml`.
//!
//! The reader ([`read`]) and what an update comes to ([`rows`]) are shared; a distribution adds
//! its addresses and how the name of a collection is read. Names are those of binary packages,
//! and only fixes are named. Modules: `name:stream` where a collection says so, else any stream.

mod amazon;
mod bottlerocket;
mod fedora;
mod read;
mod rocky;
mod rows;

use super::shared::text;
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};
use rows::HomeOf;

pub(super) use amazon::AMAZON;
pub(super) use bottlerocket::BOTTLEROCKET;
pub(super) use fedora::FEDORA;
pub(super) use rocky::ROCKY;

/// Inflated; the largest, Amazon's core of the second generation, has 60 MB.
const SIZE_BYTES_MAX: u64 = 1 << 30;

/// A distribution that serves `updateinfo.xml`.
pub(super) struct UpdateInfo {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    sources: fn() -> Vec<Source>,
    licence: Licence,
    home: HomeOf,
}

/// Updates of a repository: its address, or that of its list of mirrors, and where mirrors of
/// feeds hold the file.
fn repository(name: &str, url: impl Into<String>, mirror: &[&str]) -> Source {
    Source {
        name: name.to_owned(),
        remote: Remote::Repository { address: url.into(), kind: "updateinfo".to_owned() },
        mirror: mirror.iter().map(|&path| path.to_owned()).collect(),
        except: Vec::new(),
        newest_only: false,
        optional: true,
        size_bytes_max: 256 << 20,
    }
}

impl Feed for UpdateInfo {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn says(&self) -> &'static str {
        self.says
    }

    fn is_silent_on(&self) -> &'static str {
        self.is_silent_on
    }

    fn cadence_hours(&self) -> u32 {
        self.cadence_hours
    }

    fn sources(&self) -> Vec<Source> {
        (self.sources)()
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        read::each_update(&text, &mut |update| rows::store(self.id, self.home, &update, out))
    }
}

#[cfg(test)]
mod tests;
