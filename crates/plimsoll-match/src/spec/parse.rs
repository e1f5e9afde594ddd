//! The language of the specifications; `spec/match/README.md` says what each word means.

use plimsoll_core::{
    Advisory, CvssVector, End, ImagePath, InstalledPackage, Inventory, Kev, LinkedFunctions, NameKind,
    Origin, Package, Range, Rating, Realm, SourcePackage, Status, VulnerableCode,
};
use plimsoll_ecosystems::redhat::Channels;
use plimsoll_vulndb::{FeedOutput, Record};

/// One case: everything under one heading up to its matches.
#[derive(Default)]
pub struct Case {
    /// By feed.
    pub feeds: Vec<(String, FeedOutput)>,
    pub inventory: Inventory,
    /// What the context knows of each package, in the inventory's order.
    pub known: Vec<Known>,
    pub channels: Vec<String>,
    /// The channels of an image of Red Hat's.
    pub red_hat: Option<Channels>,
    pub trust: Vec<String>,
    pub findings_max: Option<usize>,
    pub informational: bool,
}

#[derive(Clone, Default)]
pub struct Known {
    /// `None` for a language's registry.
    pub realm: Option<Realm>,
    pub nobody: Option<String>,
    pub unspoken: Option<String>,
    pub channel: Option<String>,
    pub headers: bool,
    pub owner: Option<String>,
}

impl plimsoll_testkit::spec::Case for Case {
    fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String> {
        match kind {
            "matches" => Ok(Some(super::show::matches(self))),
            _ => self.block(kind, lines).map(|()| None),
        }
    }
}

impl Case {
    pub fn block(&mut self, kind: &str, lines: &[&str]) -> Result<(), String> {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let mut words = Words::of(line)?;
            let done = match kind {
                "advisory" => self.advisory(&mut words),
                "inventory" => self.package(&mut words),
                "vulnerability" => self.vulnerability(&mut words),
                "image" => self.image(&mut words),
                other => Err(format!("a block of a kind that is none: {other}")),
            };
            done.map_err(|error| format!("{error}, in `{line}`"))?;
        }
        Ok(())
    }

    /// `ID REALM PACKAGE WORD…`
    fn advisory(&mut self, words: &mut Words) -> Result<(), String> {
        let id = words.take("an id")?;
        let realm = words.take("a realm")?;
        let distro = realm.contains('/');
        let mut feed = if distro { "vendor" } else { "osv" }.to_owned();
        let mut status = None;
        let mut introduced = None;
        let mut record = Record { id: id.clone(), ..Record::default() };
        let mut advisory = Advisory {
            feed: String::new(),
            realm: Realm(realm),
            package: words.take("a package")?,
            name_kind: if distro { NameKind::Source } else { NameKind::Binary },
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: id,
            advisory_ids: Vec::new(),
            ranges: Vec::new(),
            versions: Vec::new(),
            status: Status::Affected,
            severity: None,
            note: None,
        };
        while let Some(word) = words.next() {
            let mut range = |end: End| advisory.ranges.push(Range { introduced: introduced.take(), end });
            match word.as_str() {
                "from" => introduced = Some(words.take("a version")?),
                "fixed" => {
                    range(End::Fixed(words.take("a version")?));
                    status.get_or_insert(Status::Fixed);
                }
                "announced" => range(End::Fixed(words.take("a version")?)),
                "last" => range(End::LastAffected(words.take("a version")?)),
                "limit" => range(End::Limit(words.take("a version")?)),
                "open" => range(End::Open),
                "versions" => advisory.versions = words.list("versions")?,
                "affected" => status = Some(Status::Affected),
                "will-not-fix" => status = Some(Status::WillNotFix),
                "fix-deferred" => status = Some(Status::FixDeferred),
                "end-of-life" => status = Some(Status::EndOfLife),
                "under-investigation" => status = Some(Status::UnderInvestigation),
                "not-affected" => status = Some(Status::NotAffected),
                "binary" => advisory.name_kind = NameKind::Binary,
                "feed" => feed = words.take("a feed")?,
                "channel" => advisory.channel = Some(words.take("a channel")?),
                "arch" => advisory.architectures = words.list("architectures")?,
                "module" => advisory.module = Some(words.take("a module")?),
                "severity" => advisory.severity = Some(words.take("a severity")?.parse()?),
                "ids" => advisory.advisory_ids = words.list("ids")?,
                "note" => advisory.note = Some(words.take("a note")?),
                "alias" => record.aliases = words.list("ids")?,
                "informational" => record.informational = Some(words.take("a kind")?),
                "withdrawn" => record.withdrawn = true,
                other => return Err(format!("no word of an advisory: {other}")),
            }
        }
        advisory.feed.clone_from(&feed);
        advisory.status = status.unwrap_or(Status::Affected);
        let out = self.feed(feed);
        out.advisories.push(advisory);
        out.records.push(record);
        Ok(())
    }

    /// `ID WORD…`: facts that stand in no advisory.
    fn vulnerability(&mut self, words: &mut Words) -> Result<(), String> {
        let id = words.take("an id")?;
        let mut record = Record { id: id.clone(), ..Record::default() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "rated" => {
                    let source = words.take("a source")?;
                    record.ratings.push(Rating { source, severity: words.take("a severity")?.parse()? });
                }
                "cvss" => record.cvss.push(CvssVector {
                    version: words.take("a version")?,
                    source: words.take("a source")?,
                    vector: "CVSS".to_owned(),
                    score_tenths: words.take("tenths")?.parse().map_err(|_| "no number")?,
                }),
                "kev" => {
                    let kev = Kev { added: None, due: None, ransomware: false };
                    self.feed("kev".to_owned()).kev.push((id.clone(), kev));
                }
                "alias" => record.aliases = words.list("ids")?,
                "code" => record.code.push(VulnerableCode {
                    package: words.take("a package")?,
                    path: words.take("a path")?.trim_matches('-').to_owned(),
                    symbols: words.list("functions")?.into_iter().filter(|it| it != "*").collect(),
                }),
                other => return Err(format!("no word of a vulnerability: {other}")),
            }
        }
        self.feed("facts".to_owned()).records.push(record);
        Ok(())
    }

    /// `REALM NAME VERSION WORD…`
    fn package(&mut self, words: &mut Words) -> Result<(), String> {
        let realm = words.take("a realm")?;
        let kind = realm.split('/').next().unwrap_or_default().to_owned();
        let mut known = Known { realm: realm.contains('/').then_some(Realm(realm)), ..Known::default() };
        let mut package = Package {
            kind,
            name: words.take("a name")?,
            version: words.take("a version")?,
            ..Package::default()
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "source" => {
                    let name = words.take("a name")?;
                    package.source = Some(SourcePackage { name, version: words.in_parentheses() });
                }
                "arch" => package.architecture = Some(words.take("an architecture")?),
                "module" => package.module = Some(words.take("a module")?),
                "nobody" => known.nobody = Some(words.take("a reason")?),
                "linked" => package.functions = Some(linked(&words.list("functions")?)?),
                "unspoken" => known.unspoken = Some(words.take("a reason")?),
                "built-in" => known.channel = Some(words.take("a channel")?),
                "headers" => known.headers = true,
                "owned-by" => known.owner = Some(words.take("a package")?),
                other => return Err(format!("no word of a package: {other}")),
            }
        }
        let architecture = package.architecture.as_deref().map(|it| format!("?arch={it}"));
        let purl = format!(
            "pkg:{}/{}@{}{}",
            package.kind,
            package.name,
            package.version,
            architecture.unwrap_or_default()
        );
        let origin = Origin { path: ImagePath::new("db"), layer: Some(0), extractor: "spec".to_owned() };
        self.inventory.packages.push(InstalledPackage { package, purl, origin, owner: None });
        self.known.push(known);
        Ok(())
    }

    /// `channels A,B`, `trust A,B`, `findings-max N`, `informational`
    fn image(&mut self, words: &mut Words) -> Result<(), String> {
        match words.take("a word")?.as_str() {
            "channels" => self.channels = words.list("channels")?,
            "red-hat" => {
                let release = words.take("a release")?;
                let mut numbers = release.split('.').map(|it| it.parse::<u32>().map_err(|_| "no release"));
                let major = numbers.next().ok_or("no release")??;
                let named = words.next().map(|it| it.split(',').map(str::to_owned).collect::<Vec<_>>());
                let assumed = named.is_none();
                let minor = numbers.next().transpose()?;
                self.red_hat = Some(Channels::new(major, minor, named.unwrap_or_default(), assumed));
            }
            "informational" => self.informational = true,
            "trust" => self.trust = words.list("sources")?,
            "findings-max" => {
                self.findings_max = Some(words.take("a number")?.parse().map_err(|_| "no number")?);
            }
            other => return Err(format!("no word of an image: {other}")),
        }
        Ok(())
    }

    fn feed(&mut self, id: String) -> &mut FeedOutput {
        let at = self.feeds.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            self.feeds.push((id, FeedOutput::default()));
            self.feeds.len() - 1
        });
        &mut self.feeds[at].1
    }
}

/// `PATH:FUNCTION`, as the reader of Go's programs notes them: each function, and that anything of
/// its path is there at all.
fn linked(functions: &[String]) -> Result<LinkedFunctions, String> {
    let mut hashes = Vec::new();
    for function in functions {
        let (path, symbol) = function.split_once(':').ok_or("a function is written PATH:FUNCTION")?;
        hashes.extend([LinkedFunctions::hash(path, ""), LinkedFunctions::hash(path, symbol)]);
    }
    Ok(LinkedFunctions::new(hashes))
}

/// The words of a line; those in double quotes are one.
struct Words(std::iter::Peekable<std::vec::IntoIter<String>>);

impl Words {
    fn of(line: &str) -> Result<Words, String> {
        let mut words = Vec::new();
        for (index, part) in line.split('"').enumerate() {
            match index % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        if line.matches('"').count() % 2 == 1 {
            return Err("a quotation mark is missing".to_owned());
        }
        Ok(Words(words.into_iter().peekable()))
    }

    fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    fn take(&mut self, what: &str) -> Result<String, String> {
        self.next().ok_or_else(|| format!("{what} is missing"))
    }

    fn list(&mut self, what: &str) -> Result<Vec<String>, String> {
        Ok(self.take(what)?.split(',').map(str::to_owned).collect())
    }

    fn in_parentheses(&mut self) -> Option<String> {
        let word = self.0.next_if(|word| word.starts_with('(') && word.ends_with(')'))?;
        Some(word.trim_matches(['(', ')']).to_owned())
    }
}
