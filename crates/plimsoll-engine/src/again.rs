//! Reads layers a second time for the files that only links lead to, and for those whose companion
//! lies in another layer: nobody could know that they would be wanted while the layers streamed past.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_core::{Extractor, Files, ImagePath, Input, Problem, ProblemKind};
use plimsoll_image::walk::Stop;
use plimsoll_image::{ExtractorSet, Matcher};
use plimsoll_registry::SourceImage;

use crate::ScanError;
use crate::extract::{Held, run};
use crate::facts::FileFacts;
use crate::inventory::{Extra, Missing};
use crate::layers::{Contents, KnownLayer, LayerReader};

/// What reading layers a second time came to.
pub struct Again {
    /// What was learned.
    pub facts: Vec<Extra>,
    /// Whether every layer could be read, and nothing was amiss.
    pub whole: bool,
}

/// Reads layers a second time for files that only links lead to, and keeps what was learned.
pub fn read_missing(
    image: &SourceImage,
    layers: &mut [Arc<KnownLayer>],
    missing: &BTreeSet<Missing>,
    reader: &LayerReader<'_>,
    extractors: &[&'static dyn Extractor],
) -> Result<Again, ScanError> {
    let mut whole = true;
    let mut pass = Pass {
        missing,
        reader,
        extractors,
        facts: Vec::new(),
        packages: 0,
        parts: BTreeMap::new(),
        parts_left_bytes: reader.limits.wanted_layer_bytes,
    };
    // One layer's files at a time are in memory, as in the first pass.
    for (layer, plan) in &plans(missing, layers.len()) {
        let source = &image.layers[*layer];
        if !source.is_readable() {
            whole = false;
            continue;
        }
        let (files, mut problems) = reader.read_files(source, &plan.fetched)?;
        problems.extend(pass.take(*layer, plan, files)?);
        whole &= problems.is_empty();
        problems.retain(|problem| problem.hides_findings);
        if !problems.is_empty() {
            Arc::make_mut(&mut layers[*layer]).problems.extend(problems);
        }
    }
    pass.read_together();
    Ok(Again { facts: pass.facts, whole })
}

/// What is wanted of one layer.
#[derive(Default)]
struct Plan {
    /// Every file to get.
    fetched: Matcher,
    /// Those that are read by themselves and under their own names. Companions are not: a
    /// write-ahead log is no database.
    by_itself: Matcher,
}

fn plans(missing: &BTreeSet<Missing>, layers: usize) -> BTreeMap<usize, Plan> {
    let mut plans: BTreeMap<usize, Plan> = BTreeMap::new();
    for missing in missing {
        match missing {
            Missing::File { layer, path, extractor } => {
                let (plan, set) = (plans.entry(*layer).or_default(), ExtractorSet::one(*extractor));
                plan.fetched.want_path(path, set);
                plan.by_itself.want_path(path, set);
            }
            Missing::Linked { layer, path, extractor, .. } => {
                plans.entry(*layer).or_default().fetched.want_path(path, ExtractorSet::one(*extractor));
            }
            Missing::Directory { path, ending, extractor } => {
                let set = ExtractorSet::one(*extractor);
                for layer in 0..layers {
                    let plan = plans.entry(layer).or_default();
                    plan.fetched.want_directory(path, ending.as_bytes(), set);
                    plan.by_itself.want_directory(path, ending.as_bytes(), set);
                }
            }
            Missing::Together { main, companion, extractor } => {
                let set = ExtractorSet::one(*extractor);
                plans.entry(main.0).or_default().fetched.want_path(&main.1, set);
                plans.entry(companion.1).or_default().fetched.want_path(&companion.2, set);
            }
        }
    }
    plans
}

struct Pass<'a> {
    missing: &'a BTreeSet<Missing>,
    reader: &'a LayerReader<'a>,
    extractors: &'a [&'static dyn Extractor],
    facts: Vec<Extra>,
    packages: usize,
    /// Files that wait for one of another layer, or that one waits for, by layer and path.
    parts: BTreeMap<(usize, ImagePath), Vec<u8>>,
    /// How many bytes more may wait, of the whole image.
    parts_left_bytes: u64,
}

impl Pass<'_> {
    /// Reads the files of one layer, and lets go of all that nothing waits for.
    fn take(&mut self, layer: usize, plan: &Plan, mut files: Contents) -> Result<Option<Problem>, ScanError> {
        for (path, content) in &files {
            for extractor in plan.by_itself.wanted(path).indices() {
                self.read(layer, extractor, path, content, false);
            }
        }
        // Any number of links may lead to one file, so that the size of the layer is no bound here.
        for missing in self.missing {
            if let Missing::Linked { layer: of, path, link, extractor } = missing
                && *of == layer
                && let Some(content) = files.get(path)
            {
                match self.exhausted() {
                    Some(Stop::Cancelled) => return Err(ScanError::Cancelled),
                    Some(Stop::Limit(what)) => return Ok(Some(Problem::new(ProblemKind::Limit, what))),
                    None => self.read(layer, *extractor, link, content, true),
                }
            }
        }
        for missing in self.missing {
            if let Missing::Together { main, companion, .. } = missing {
                self.keep(layer, &main.0, &main.1, &mut files);
                self.keep(layer, &companion.1, &companion.2, &mut files);
            }
        }
        Ok(None)
    }

    fn exhausted(&self) -> Option<Stop> {
        if self.packages > self.reader.limits.packages {
            let limit = self.reader.limits.packages;
            return Some(Stop::Limit(format!("links lead to more than {limit} packages")));
        }
        self.reader.in_time().err()
    }

    fn read(&mut self, layer: usize, extractor: usize, path: &ImagePath, content: &[u8], linked: bool) {
        let facts =
            read_file(self.extractors[extractor], path, content, (&(), Vec::new()), self.reader.limits);
        self.packages += facts.observations.packages.len();
        self.facts.push(Extra { layer, extractor, linked, facts });
    }

    /// Keeps a part of this layer. One for which there is no room is missing still, and the report
    /// says so.
    fn keep(&mut self, layer: usize, of: &usize, path: &ImagePath, files: &mut Contents) {
        if *of == layer
            && let Some(content) = files.remove(path)
            && let Some(left) = self.parts_left_bytes.checked_sub(content.len() as u64)
        {
            self.parts_left_bytes = left;
            self.parts.insert((layer, path.clone()), content);
        }
    }

    fn read_together(&mut self) {
        for missing in self.missing {
            if let Missing::Together { main, companion, extractor } = missing
                && let Some(content) = self.parts.get(main)
                && let Some(other) = self.parts.get(&(companion.1, companion.2.clone()))
            {
                let held = BTreeMap::from([(companion.0.clone(), other.clone())]);
                let others = (&Held(&held) as &dyn Files, vec![companion.0.clone()]);
                let limits = self.reader.limits;
                let facts = read_file(self.extractors[*extractor], &main.1, content, others, limits);
                self.facts.push(Extra { layer: main.0, extractor: *extractor, linked: false, facts });
            }
        }
    }
}

/// What an extractor sees in a file, with the companions that are there and their names.
pub fn read_file(
    extractor: &dyn Extractor,
    path: &ImagePath,
    content: &[u8],
    (others, companions): (&dyn Files, Vec<ImagePath>),
    limits: &plimsoll_core::Limits,
) -> FileFacts {
    let observations = run(extractor, &Input { path, content, others }, limits);
    FileFacts { path: path.clone(), companions, observations }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_is_got_and_not_read_by_itself() {
        let (main, log) = (ImagePath::new("db.sqlite"), ImagePath::new("db.sqlite-wal"));
        let companion = (log.clone(), 1, log.clone());
        let together = Missing::Together { main: (0, main.clone()), companion, extractor: 3 };
        let plans = plans(&BTreeSet::from([together]), 2);
        for (layer, path) in [(0, main), (1, log)] {
            assert!(plans[&layer].fetched.wanted(&path).has(3), "{path}");
            assert!(plans[&layer].by_itself.is_empty(), "{path}");
        }
    }
}
