//! Reading the parts of a feed into a shard, with what an earlier shard knows already.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Shard;
use super::view::UnitView;
use crate::entry;
use crate::feed::{Feed, FeedOutput, Part};

/// A feed that is being read.
pub struct Reading<'a> {
    feed: &'a dyn Feed,
    before: Option<Shard>,
    /// The documents of each part in the shard before.
    documents: HashMap<String, Range<usize>>,
    output: FeedOutput,
}

impl<'a> Reading<'a> {
    /// Begins. `before` is the shard of the last time, of which whatever did not change is taken
    /// over, if the same version of the parser made it.
    ///
    /// `parts` are the names of all parts that will come: one named `all.zip!x.json` takes the place
    /// of the member `x.json` of the part `all.zip`.
    pub fn new<'p>(
        feed: &'a dyn Feed,
        before: Option<Shard>,
        parts: impl Iterator<Item = &'p str>,
    ) -> Reading<'a> {
        let replaced = parts.filter(|name| name.contains('!')).map(str::to_owned).collect();
        let mut output = FeedOutput { replaced: Arc::new(replaced), ..FeedOutput::default() };
        let mut documents: HashMap<String, Range<usize>> = HashMap::new();
        if let Some(before) = before.as_ref().filter(|it| it.version == feed.version()) {
            output.known = before.known();
            for (at, (name, _)) in before.documents().enumerate() {
                let part = name.split('!').next().unwrap_or_default();
                let range = documents.entry(part.to_owned()).or_insert(at..at);
                range.end = at + 1;
            }
        }
        Reading { feed, before, documents, output }
    }

    /// Reads one part. `fingerprint` stands for its bytes, which are asked for only where they
    /// were not read before.
    ///
    /// # Errors
    /// The outer one is `bytes`'s own; the inner one says why the part as a whole is unreadable.
    pub fn part<E>(
        &mut self,
        name: &str,
        file_name: &str,
        fingerprint: u64,
        bytes: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Result<(), String>, E> {
        self.output.is_newer = self.feed.is_newer(name);
        let must_be_read = self.output.begin_part(name, fingerprint);
        if must_be_read || self.has_records_that_count_again(name) {
            let bytes = bytes()?;
            let part = Part { name, file_name, bytes: &bytes };
            if !name.contains('!') {
                return Ok(self.feed.parse(&part, &mut self.output));
            }
            // An empty one stands for a document that is gone; a broken one is one record.
            if !bytes.is_empty()
                && let Err(why) = self.feed.parse(&part, &mut self.output)
            {
                self.output.records_read += 1;
                self.output.quarantine(name, why);
            }
            return Ok(Ok(()));
        }
        if name.contains('!') {
            return Ok(Ok(()));
        }
        // The part itself was begun above; its members follow.
        for unit in units(self.before.as_ref(), &self.documents, name).filter(|unit| unit.name != name) {
            self.output.keep(unit.name, unit.fingerprint);
        }
        Ok(Ok(()))
    }

    /// Whether a newer record took the place of one in this part and does not any more.
    fn has_records_that_count_again(&self, name: &str) -> bool {
        units(self.before.as_ref(), &self.documents, name).any(|unit| {
            let id = unit.name.split_once('!').and_then(|(_, id)| id.strip_prefix(entry::PASSED_OVER));
            id.is_some_and(|id| !self.output.is_superseded(id, unit.fingerprint))
        })
    }

    /// The shard. `day` (since 1970) is the one on which new facts are first seen. With
    /// `keeps_releases` the last word on releases that are gone from the feed stays.
    pub fn finish(self, day: u32, keeps_releases: bool) -> Shard {
        let (feed, version) = (self.feed.id(), self.feed.version());
        Shard::update(feed, version, self.output, self.before.as_ref(), (day, keeps_releases))
    }
}

/// The documents of a part in the shard before.
fn units<'u>(
    before: Option<&'u Shard>,
    documents: &HashMap<String, Range<usize>>,
    part: &str,
) -> impl Iterator<Item = UnitView<'u>> {
    let range = documents.get(part).cloned().unwrap_or(0..0);
    before.into_iter().flat_map(move |it| it.units_in(range.clone()))
}
