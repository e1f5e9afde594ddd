//! Runs the extractors on the files of one layer while the layer streams past.
//!
//! A panic of an extractor is a bug of ours: it becomes a problem of the report, never a
//! missing finding and never the end of the process.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use plimsoll_core::{
    Extractor, Files, HEAD_BYTES, ImagePath, InFlight, Input, Limits, Observations, Pattern, Problem,
    ProblemKind,
};
use plimsoll_image::walk::{FileSink, Stop};
use plimsoll_image::{ExtractorSet, Matcher};

use crate::facts::{FileFacts, Section};

/// Some extractors, and the matcher compiled from what they want.
pub struct Wanted {
    extractors: Vec<&'static dyn Extractor>,
    /// Which files are read.
    matcher: Matcher,
    /// Which files are kept for others.
    companions: Matcher,
    /// The indices of those that read in flight.
    in_flight: Vec<usize>,
}

impl Wanted {
    /// Everything that these extractors ask for.
    pub fn all_of(extractors: Vec<&'static dyn Extractor>) -> Wanted {
        let of_all = |patterns: fn(&dyn Extractor) -> &'static [Pattern]| {
            let each = extractors.iter().enumerate();
            Matcher::new(each.flat_map(|(index, it)| patterns(*it).iter().map(move |it| (index, it))))
        };
        let matcher = of_all(|it| it.wants());
        let mut companions = of_all(|it| it.companion_patterns());
        for (index, extractor) in extractors.iter().enumerate() {
            for pattern in extractor.wants() {
                if let Pattern::Path(path) = pattern {
                    for companion in extractor.companions(&ImagePath::new(path)) {
                        companions.want_path(&companion, ExtractorSet::one(index));
                    }
                }
            }
        }
        let in_flight = (0..extractors.len()).filter(|index| extractors[*index].reads_in_flight()).collect();
        Wanted { extractors, matcher, companions, in_flight }
    }

    /// The extractors, in the order of their indices.
    pub fn extractors(&self) -> &[&'static dyn Extractor] {
        &self.extractors
    }

    /// The companions of a file that an extractor reads.
    fn companions_of(&self, index: usize, path: &ImagePath) -> Vec<ImagePath> {
        let companions = self.extractors[index].companions(path);
        debug_assert!(
            companions.iter().all(|it| self.companions.wanted(it).has(index)),
            "{} has companions of {path} that none of its patterns keeps",
            self.extractors[index].id(),
        );
        companions
    }
}

/// Takes the wanted files of one layer.
pub struct LayerSink<'a> {
    wanted: &'a Wanted,
    limits: &'a Limits,
    seen: Vec<BTreeMap<ImagePath, FileFacts>>,
    /// Files that wait for their companions, and companions.
    held: BTreeMap<ImagePath, Vec<u8>>,
    /// Who reads the file that streams past, by index; `None` in place of one that failed.
    in_flight: Vec<(usize, Option<Box<dyn InFlight>>)>,
    problems: Vec<Problem>,
    problems_left_out: usize,
}

impl<'a> LayerSink<'a> {
    /// A sink for one layer.
    pub fn new(wanted: &'a Wanted, limits: &'a Limits) -> LayerSink<'a> {
        LayerSink {
            wanted,
            limits,
            seen: vec![BTreeMap::new(); wanted.extractors.len()],
            held: BTreeMap::new(),
            in_flight: Vec::new(),
            problems: Vec::new(),
            problems_left_out: 0,
        }
    }

    /// What was seen, and what was wrong with the archive.
    pub fn finish(mut self) -> (Vec<Section>, Vec<Problem>) {
        let held = std::mem::take(&mut self.held);
        for (path, content) in &held {
            for index in self.wanted.matcher.wanted(path).indices() {
                if !self.seen[index].contains_key(path) {
                    self.extract(index, path, content, &Held(&held));
                }
            }
        }
        if self.problems_left_out > 0 {
            let what = format!("{} more problems of this layer were left out", self.problems_left_out);
            self.problems.push(Problem::new(ProblemKind::Limit, what));
        }
        let sections = self.wanted.extractors.iter().zip(self.seen).map(|(extractor, files)| Section {
            extractor: extractor.id().to_owned(),
            version: extractor.version(),
            files: files.into_values().collect(),
        });
        (sections.collect(), self.problems)
    }

    fn extract(&mut self, index: usize, path: &ImagePath, content: &[u8], others: &dyn Files) {
        let extractor = self.wanted.extractors[index];
        let mut companions = self.wanted.companions_of(index, path);
        companions.retain(|companion| others.get(companion).is_some());
        let observations = run(extractor, &Input { path, content, others }, self.limits);
        self.seen[index].insert(path.clone(), FileFacts { path: path.clone(), companions, observations });
    }
}

/// Runs one extractor on one file, within the limits, whatever it does.
pub fn run(extractor: &dyn Extractor, input: &Input<'_>, limits: &Limits) -> Observations {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut out = Observations::default();
        extractor.extract(*input, &mut out);
        out
    }));
    let out = outcome.unwrap_or_else(|_| failed(extractor, input.path));
    bounded(out, input.path, limits)
}

fn failed(extractor: &dyn Extractor, path: &ImagePath) -> Observations {
    let what = format!("the extractor {} failed on this file; please report this", extractor.id());
    Observations {
        problems: vec![Problem::new(ProblemKind::Internal, what).at(path)],
        ..Observations::default()
    }
}

/// What was seen, within the limits.
fn bounded(mut out: Observations, path: &ImagePath, limits: &Limits) -> Observations {
    if out.packages.len() > limits.packages {
        let what = format!("the file lists {} packages, more than {}", out.packages.len(), limits.packages);
        out.packages.truncate(limits.packages);
        out.problems.push(Problem::new(ProblemKind::Limit, what).at(path));
    }
    if out.unnamed.len() > limits.problems {
        let what = format!("{} archives in this file have no name, too many", out.unnamed.len());
        out.unnamed.truncate(limits.problems);
        out.problems.push(Problem::new(ProblemKind::Limit, what).at(path));
    }
    if out.problems.len() > limits.problems {
        let more = out.problems.len() - limits.problems;
        // What hides findings is told before what does not.
        out.problems.sort_by_key(|problem| !problem.hides_findings);
        out.problems.truncate(limits.problems);
        out.problems
            .push(Problem::new(ProblemKind::Limit, format!("{more} more problems of this file")).at(path));
    }
    out
}

impl FileSink for LayerSink<'_> {
    fn wants(&self, path: &ImagePath) -> bool {
        !self.wanted.matcher.wanted(path).is_empty() || !self.wanted.companions.wanted(path).is_empty()
    }

    fn file(&mut self, path: &ImagePath, content: &[u8]) {
        self.replaced(path);
        let mut hold = !self.wanted.companions.wanted(path).is_empty();
        for index in self.wanted.matcher.wanted(path).indices() {
            if self.wanted.companions_of(index, path).is_empty() {
                self.extract(index, path, content, &());
            } else {
                hold = true;
            }
        }
        if hold {
            self.held.insert(path.clone(), content.to_vec());
        }
    }

    fn head_bytes(&self) -> usize {
        if self.wanted.in_flight.is_empty() { 0 } else { HEAD_BYTES }
    }

    fn begin(&mut self, path: &ImagePath, head: &[u8], size_bytes: u64) -> bool {
        self.in_flight.clear();
        for index in &self.wanted.in_flight {
            self.seen[*index].remove(path);
            let extractor = self.wanted.extractors[*index];
            let begun = catch_unwind(AssertUnwindSafe(|| extractor.begin(path, head, size_bytes)));
            match begun {
                Ok(None) => (),
                Ok(Some(reading)) => self.in_flight.push((*index, Some(reading))),
                Err(_) => self.in_flight.push((*index, None)),
            }
        }
        !self.in_flight.is_empty()
    }

    fn chunk(&mut self, bytes: &[u8]) {
        for (_, reading) in &mut self.in_flight {
            if let Some(it) = reading
                && catch_unwind(AssertUnwindSafe(|| it.feed(bytes))).is_err()
            {
                *reading = None;
            }
        }
    }

    fn end(&mut self, path: &ImagePath, whole: bool) {
        for (index, reading) in std::mem::take(&mut self.in_flight) {
            let extractor = self.wanted.extractors[index];
            let finished = reading.and_then(|reading| {
                let mut out = Observations::default();
                catch_unwind(AssertUnwindSafe(|| reading.finish(path, whole, &mut out))).ok().map(|()| out)
            });
            let observations = finished.unwrap_or_else(|| failed(extractor, path));
            if !observations.is_empty() {
                let observations = bounded(observations, path, self.limits);
                let facts = FileFacts { path: path.clone(), companions: Vec::new(), observations };
                self.seen[index].insert(path.clone(), facts);
            }
        }
    }

    fn replaced(&mut self, path: &ImagePath) {
        for files in &mut self.seen {
            files.remove(path);
        }
        self.held.remove(path);
    }

    fn directory_replaced(&mut self, path: &ImagePath) {
        for files in &mut self.seen {
            files.retain(|it, _| !it.is_within(path));
        }
        self.held.retain(|it, _| !it.is_within(path));
    }

    fn problem(&mut self, problem: Problem) {
        if self.problems.len() < self.limits.problems {
            self.problems.push(problem);
        } else {
            self.problems_left_out += 1;
        }
    }

    fn proceed(&mut self, _position_bytes: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// Keeps the content of wanted files as it is, for reading a layer a second time.
pub struct ContentSink<'a> {
    wanted: &'a Matcher,
    /// The files found, with their content.
    pub files: BTreeMap<ImagePath, Vec<u8>>,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

impl<'a> ContentSink<'a> {
    /// A sink for these files.
    pub fn new(wanted: &'a Matcher) -> ContentSink<'a> {
        ContentSink { wanted, files: BTreeMap::new(), problems: Vec::new() }
    }
}

impl FileSink for ContentSink<'_> {
    fn wants(&self, path: &ImagePath) -> bool {
        !self.wanted.wanted(path).is_empty()
    }

    fn file(&mut self, path: &ImagePath, content: &[u8]) {
        self.files.insert(path.clone(), content.to_vec());
    }

    fn replaced(&mut self, path: &ImagePath) {
        self.files.remove(path);
    }

    fn directory_replaced(&mut self, path: &ImagePath) {
        self.files.retain(|it, _| !it.is_within(path));
    }

    fn problem(&mut self, problem: Problem) {
        // However many there are, one that hides findings is not lost behind those that do not.
        let is_first = problem.hides_findings && !self.problems.iter().any(|it| it.hides_findings);
        if self.problems.len() < 100 || is_first {
            self.problems.push(problem);
        }
    }
}

/// The held files of a layer, for extractors that need more than one.
pub struct Held<'a>(pub &'a BTreeMap<ImagePath, Vec<u8>>);

impl Files for Held<'_> {
    fn get(&self, path: &ImagePath) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_ecosystems as ecosystems;

    use super::*;

    /// What is seen in the files of one layer, in the order in which they stream past.
    #[track_caller]
    fn check(files: &[(&str, &str)], extractor: &str, expected: &[&str]) {
        let (wanted, limits) = (Wanted::all_of(ecosystems::extractors().collect()), Limits::standard());
        let mut sink = LayerSink::new(&wanted, &limits);
        for (path, content) in files {
            let path = ImagePath::new(path);
            if sink.wants(&path) {
                sink.file(&path, content.as_bytes());
            }
        }
        let (sections, problems) = sink.finish();
        assert_eq!(problems, []);
        let section = sections.iter().find(|it| it.extractor == extractor).unwrap();
        let mut seen = Vec::new();
        for facts in &section.files {
            let packages = facts.observations.packages.iter();
            seen.extend(packages.map(|it| format!("{} {}", it.name, it.version).trim_end().to_owned()));
            seen.extend(facts.observations.owned.iter().map(|it| format!("owned by {}", it.package)));
        }
        assert_eq!(seen, expected);
    }

    const GO_MOD: (&str, &str) = ("src/go.mod", "module m\ngo 1.16\nrequire a.b/c v1.2.0\n");
    const GO_SUM: (&str, &str) = ("src/go.sum", "a.b/c v1.2.0 h1:=\na.b/d v1.0.0 h1:=\n");

    #[test]
    fn the_go_sum_beside_an_old_go_mod_is_read_with_it() {
        let all = ["m", "a.b/c v1.2.0", "a.b/d v1.0.0"];
        check(&[GO_MOD, GO_SUM], "go/go-mod", &all);
        check(&[GO_SUM, GO_MOD], "go/go-mod", &all);
        check(&[GO_MOD, ("other/go.sum", GO_SUM.1)], "go/go-mod", &all[..2]);
    }

    #[test]
    fn the_stanza_beside_a_list_of_sums_tells_the_package_s_name() {
        let stanza = "Package: libssl1.1\nVersion: 1\nArchitecture: amd64\n";
        let sums = "d41d8cd98f00b204e9800998ecf8427e  usr/lib/libssl.so.1.1\n";
        let folder = "var/lib/dpkg/status.d/";
        let (stanza, sums) =
            ((format!("{folder}libssl1"), stanza), (format!("{folder}libssl1.md5sums"), sums));
        let files = [(&stanza.0[..], stanza.1), (&sums.0[..], sums.1)];
        check(&files, "os/dpkg-files", &["owned by libssl1.1"]);
        check(&files, "os/dpkg", &["libssl1.1 1"]);
    }
}
