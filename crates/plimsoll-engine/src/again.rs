//! Reads layers a second time for the files that only links lead to: nobody could know that they
//! would be wanted while the layers streamed past.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_core::{Extractor, ImagePath, Input, Limits};
use plimsoll_image::{ExtractorSet, Matcher};
use plimsoll_registry::SourceImage;

use crate::ScanError;
use crate::extract::{Held, run};
use crate::facts::FileFacts;
use crate::inventory::Missing;
use crate::layers::{KnownLayer, LayerReader};

/// What reading layers a second time came to.
pub struct Again {
    /// As (layer, extractor, facts).
    pub facts: Vec<(usize, usize, FileFacts)>,
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
    let mut matchers: BTreeMap<usize, Matcher> = BTreeMap::new();
    for missing in missing {
        match missing {
            Missing::File { layer, path, extractor } => {
                matchers.entry(*layer).or_default().want_path(path, ExtractorSet::one(*extractor));
            }
            Missing::Directory { path, ending, extractor } => {
                for layer in 0..layers.len() {
                    let matcher = matchers.entry(layer).or_default();
                    matcher.want_directory(path, ending.as_bytes(), ExtractorSet::one(*extractor));
                }
            }
            Missing::Together { main, companion, extractor } => {
                let set = ExtractorSet::one(*extractor);
                matchers.entry(main.0).or_default().want_path(&main.1, set);
                matchers.entry(companion.1).or_default().want_path(&companion.2, set);
            }
        }
    }
    let mut contents: BTreeMap<usize, BTreeMap<ImagePath, Vec<u8>>> = BTreeMap::new();
    for (layer, matcher) in &matchers {
        if !image.layers[*layer].is_readable() {
            whole = false;
            continue;
        }
        let (files, problems) = reader.read_files(&image.layers[*layer], matcher)?;
        contents.insert(*layer, files);
        whole &= problems.is_empty();
        let problems = problems.into_iter().filter(|problem| problem.hides_findings);
        Arc::make_mut(&mut layers[*layer]).problems.extend(problems);
    }
    let facts = facts_of(missing, &matchers, &contents, reader.limits, extractors);
    Ok(Again { facts, whole })
}

fn facts_of(
    missing: &BTreeSet<Missing>,
    matchers: &BTreeMap<usize, Matcher>,
    contents: &BTreeMap<usize, BTreeMap<ImagePath, Vec<u8>>>,
    limits: &Limits,
    extractors: &[&'static dyn Extractor],
) -> Vec<(usize, usize, FileFacts)> {
    let mut facts = Vec::new();
    for (layer, files) in contents {
        for (path, content) in files {
            for extractor in matchers[layer].wanted(path).indices() {
                let input = Input { path, content, others: &() };
                let observations = run(extractors[extractor], &input, limits);
                facts.push((
                    *layer,
                    extractor,
                    FileFacts { path: path.clone(), companions: Vec::new(), observations },
                ));
            }
        }
    }
    for missing in missing {
        if let Missing::Together { main, companion, extractor } = missing {
            let content = contents.get(&main.0).and_then(|files| files.get(&main.1));
            let other = contents.get(&companion.1).and_then(|files| files.get(&companion.2));
            if let (Some(content), Some(other)) = (content, other) {
                let held = BTreeMap::from([(companion.0.clone(), other.clone())]);
                let input = Input { path: &main.1, content, others: &Held(&held) };
                let observations = run(extractors[*extractor], &input, limits);
                let companions = vec![companion.0.clone()];
                facts.push((
                    main.0,
                    *extractor,
                    FileFacts { path: main.1.clone(), companions, observations },
                ));
            }
        }
    }
    facts
}
