//! Weighs findings against what VEX documents and ignore files say of them.
//!
//! Marks findings, never removes one. In doubt a finding counts: a statement about another
//! version, another image or a part of something else does not speak about this package.

use std::collections::{BTreeSet, HashMap};

use plimsoll_core::{
    Digest, Distro, Escaped, Finding, FixState, IgnoreRule, ImageReport, InstalledPackage, Problem,
    ProblemKind, Purl, Status, Subject, Suppression, SuppressionKind, Timestamp, VexIdentifier, VexProduct,
    VexStatement, VexStatus, parts,
};

/// What ignore rules of `now` are compared with besides the finding.
struct Package<'a> {
    installed: &'a InstalledPackage,
    purl: Option<Purl>,
    distro: Option<&'a Distro>,
}

/// Marks every finding of which the newest statement says that it does not count.
///
/// A statement speaks about a finding if it names the vulnerability (any of its ids) and either
/// the package itself, or this image, or a part of this image that is the package. Of several
/// the latest holds; of equally late ones the one that comes last.
pub fn apply_vex(image: &mut ImageReport, subject: &Subject, statements: &[VexStatement]) {
    let index = by_vulnerability(statements);
    let marks: Vec<Option<Suppression>> = image
        .findings
        .iter()
        .map(|finding| newest(finding, image, subject, statements, &index).and_then(suppression))
        .collect();
    for (finding, mark) in image.findings.iter_mut().zip(marks) {
        if mark.is_some() {
            finding.suppressed = mark;
        }
    }
}

/// Marks every finding that a rule names and that nothing suppresses yet. Gives the places of the
/// rules that spoke about any finding, whether it was suppressed already or not.
pub fn apply_ignore_rules(
    image: &mut ImageReport,
    subject: &Subject,
    statements: &[VexStatement],
    rules: &[IgnoreRule],
    now: Timestamp,
) -> BTreeSet<usize> {
    let index = by_vulnerability(statements);
    let speaking = Speaking::of(rules);
    let mut used = BTreeSet::new();
    let packages: Vec<Package<'_>> = image
        .packages
        .iter()
        .map(|installed| Package {
            installed,
            purl: Purl::parse(&installed.purl),
            distro: image.distro.as_ref(),
        })
        .collect();
    let mut marks = Vec::with_capacity(image.findings.len());
    for finding in &image.findings {
        let statement = newest(finding, image, subject, statements, &index);
        let package = packages.get(finding.package.0);
        let mut holding = Vec::new();
        for place in speaking.about(finding) {
            let Some(rule) = rules.get(place) else { continue };
            if holds(rule, finding, package, statement, now) {
                used.insert(place);
                holding.push(rule);
            }
        }
        marks.push(holding.first().filter(|_| answer(&holding, finding)).map(|rule| exception(rule)));
    }
    for (finding, mark) in image.findings.iter_mut().zip(marks) {
        if finding.suppressed.is_none() {
            finding.suppressed = mark;
        }
    }
    used
}

/// Whether rules speak about all that a finding is about, and not of one CVE of several only.
fn answer(rules: &[&IgnoreRule], finding: &Finding) -> bool {
    finding.is_answered(|id| {
        let mut named = rules.iter().map(|rule| rule.vulnerability.as_deref());
        named.any(|named| named.is_none_or(|it| it.eq_ignore_ascii_case(id)))
    })
}

/// What is to be said of rules: those that have ended, and those that spoke about nothing.
pub fn rule_problems(rules: &[IgnoreRule], used: &BTreeSet<usize>, now: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let name = named(rule);
        let what = match rule.until {
            Some(until) if until <= now => {
                format!("the exception {name} ended on {}, and does not hold any more", until.date_text())
            }
            _ if used.contains(&place) => continue,
            _ => format!("the exception {name} matches nothing"),
        };
        problems.push(Problem::new(ProblemKind::Exception, what).harmless());
    }
    problems
}

fn named(rule: &IgnoreRule) -> String {
    let of = rule.vulnerability.as_deref().or(rule.kind.as_deref()).unwrap_or("for packages");
    format!("{} ({})", Escaped(of), Escaped(&rule.source))
}

/// Which rules may speak about a finding: most name a vulnerability.
struct Speaking {
    by_id: Index,
    of_any: Vec<usize>,
}

impl Speaking {
    fn of(rules: &[IgnoreRule]) -> Speaking {
        let mut speaking = Speaking { by_id: Index::new(), of_any: Vec::new() };
        for (place, rule) in rules.iter().enumerate() {
            match &rule.vulnerability {
                Some(id) => speaking.by_id.entry(id.to_ascii_lowercase()).or_default().push(place),
                None => speaking.of_any.push(place),
            }
        }
        speaking
    }

    /// In the order of the rules.
    fn about(&self, finding: &Finding) -> BTreeSet<usize> {
        let named = std::iter::once(&finding.id)
            .chain(&finding.aliases)
            .filter_map(|id| self.by_id.get(&id.to_ascii_lowercase()))
            .flatten();
        named.chain(&self.of_any).copied().collect()
    }
}

type Index = HashMap<String, Vec<usize>>;

/// Where each id is spoken of; ids are compared without case.
fn by_vulnerability(statements: &[VexStatement]) -> Index {
    let mut index: Index = HashMap::new();
    for (place, statement) in statements.iter().enumerate() {
        for id in &statement.vulnerabilities {
            let places = index.entry(id.to_ascii_lowercase()).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
    index
}

/// The statement that holds for a finding. Of one that is about several CVEs the statement that
/// suppresses least: as long as nobody speaks of one of them, there is none.
fn newest<'s>(
    finding: &Finding,
    image: &ImageReport,
    subject: &Subject,
    statements: &'s [VexStatement],
    index: &Index,
) -> Option<&'s VexStatement> {
    if index.is_empty() {
        return None;
    }
    let places: Vec<BTreeSet<usize>> = parts(&finding.id, &finding.aliases)
        .into_iter()
        .map(|ids| ids.into_iter().filter_map(|id| index.get(&id.to_ascii_lowercase())))
        .map(|lists| lists.flatten().copied().collect())
        .collect();
    if places.iter().any(BTreeSet::is_empty) {
        return None;
    }
    let installed = image.packages.get(finding.package.0)?;
    let package = Package { installed, purl: Purl::parse(&installed.purl), distro: image.distro.as_ref() };
    let about = About { package: &package, image, subject };
    let newest = |places: BTreeSet<usize>| {
        places
            .into_iter()
            .filter_map(|place| statements.get(place))
            .filter(|statement| statement.products.iter().any(|product| about.is_meant(product)))
            .max_by_key(|statement| statement.time)
    };
    let of_parts: Option<Vec<&VexStatement>> = places.into_iter().map(newest).collect();
    of_parts?.into_iter().min_by_key(|statement| statement.status.suppresses())
}

fn suppression(statement: &VexStatement) -> Option<Suppression> {
    statement.status.suppresses().then(|| Suppression {
        source: statement.source.clone(),
        kind: SuppressionKind::Vex,
        status: statement.status.name().to_owned(),
        justification: statement.justification.clone(),
        text: statement.text.clone(),
        author: statement.author.clone(),
        until: None,
    })
}

fn exception(rule: &IgnoreRule) -> Suppression {
    Suppression {
        source: rule.source.clone(),
        kind: SuppressionKind::Exception,
        status: "ignored".to_owned(),
        justification: rule.vex_justification.clone(),
        text: rule.reason.clone(),
        author: None,
        until: rule.until,
    }
}

/// One package of one image, to compare products with.
struct About<'a> {
    package: &'a Package<'a>,
    image: &'a ImageReport,
    subject: &'a Subject,
}

impl About<'_> {
    fn is_meant(&self, product: &VexProduct) -> bool {
        if product.components.is_empty() {
            return self.is_package(&product.identifiers) || self.is_image(&product.identifiers);
        }
        // A part of something that is no image (a library in a program) is somewhere that nobody
        // can see here, unless the document names the same thing twice.
        let whole = self.is_image(&product.identifiers) || self.is_package(&product.identifiers);
        whole && product.components.iter().any(|component| self.is_package(component))
    }

    fn is_package(&self, identifiers: &[VexIdentifier]) -> bool {
        identifiers.iter().any(|identifier| match identifier {
            VexIdentifier::Purl(purl) => package_is(purl, self.package),
            VexIdentifier::Digest(_) => false,
            VexIdentifier::Name(name) => *name == self.package.installed.purl,
        })
    }

    fn is_image(&self, identifiers: &[VexIdentifier]) -> bool {
        identifiers.iter().any(|identifier| match identifier {
            VexIdentifier::Purl(purl) => self.image_is(purl),
            VexIdentifier::Digest(digest) => self.digests().any(|it| it == *digest),
            VexIdentifier::Name(name) => *name == self.subject.name || self.distro_is(name),
        })
    }

    /// `cpe:/o:redhat:enterprise_linux:8::baseos` is the product of a distribution's vendor: the
    /// whole that its packages are parts of.
    fn distro_is(&self, cpe: &str) -> bool {
        let ours = self.image.distro.as_ref().and_then(|distro| distro.cpe.as_deref());
        match (ours.and_then(CpeRelease::read), CpeRelease::read(cpe)) {
            (Some(ours), Some(theirs)) => ours.is(theirs),
            _ => false,
        }
    }

    fn digests(&self) -> impl Iterator<Item = Digest> {
        [self.image.digest, self.subject.digest].into_iter().flatten()
    }

    /// `pkg:oci/debian@sha256:…?repository_url=…` and `pkg:docker/library/debian@12`.
    fn image_is(&self, purl: &Purl) -> bool {
        if !matches!(&*purl.kind, "oci" | "docker") {
            return false;
        }
        let image = ImageName::of(&self.subject.name);
        let is_digest =
            purl.version.as_deref().is_some_and(|version| self.digests().any(|it| it.to_string() == version));
        let version_fits = purl
            .version
            .as_deref()
            .is_none_or(|version| is_digest || (purl.kind == "docker" && image.tag == Some(version)));
        if !version_fits {
            return false;
        }
        let tag_fits = purl.qualifier("tag").is_none_or(|tag| image.tag == Some(tag));
        let platform_fits = purl.qualifier("arch").is_none_or(|architecture| {
            self.image.platform.as_ref().is_some_and(|it| it.architecture == architecture)
        });
        let wanted = wanted_repository(purl);
        // The digest says already which image it is, wherever it lies.
        let name_fits = image.is_called(&wanted) || (is_digest && image.ends_with(&wanted));
        tag_fits && platform_fits && name_fits
    }
}

/// The repository that a package URL of an image means: with its host, where one is said or where
/// the type has one.
fn wanted_repository(purl: &Purl) -> String {
    let path = match &purl.namespace {
        Some(namespace) => format!("{namespace}/{}", purl.name),
        None => purl.name.clone(),
    };
    match (&*purl.kind, purl.qualifier("repository_url")) {
        ("docker", Some(registry)) if repository(registry).ends_with(&path) => registry.to_owned(),
        ("docker", Some(registry)) => format!("{}/{path}", registry.trim_end_matches('/')),
        ("docker", None) => format!("{DOCKER_HUB}/{path}"),
        (_, Some(address)) => address.to_owned(),
        (_, None) => path,
    }
}

/// The release that a CPE 2.2 name means.
#[derive(Clone, Copy)]
struct CpeRelease<'a> {
    vendor: &'a str,
    product: &'a str,
    version: &'a str,
    /// `sp5`; empty for any.
    update: &'a str,
}

impl<'a> CpeRelease<'a> {
    /// `None` where it names no release.
    fn read(cpe: &'a str) -> Option<CpeRelease<'a>> {
        let mut parts = cpe.strip_prefix("cpe:/")?.split(':').skip(1);
        let (vendor, product) = (parts.next()?, parts.next()?);
        let version = parts.next().filter(|it| !it.split('.').next().unwrap_or_default().is_empty())?;
        Some(CpeRelease { vendor, product, version, update: parts.next().unwrap_or_default() })
    }

    /// A release without a minor number, or without an update, is all of its own.
    fn is(self, other: CpeRelease<'_>) -> bool {
        let updates_fit = [self.update, other.update].contains(&"") || self.update == other.update;
        (self.vendor, self.product) == (other.vendor, other.product)
            && (is_release(self.version, other.version) || is_release(other.version, self.version))
            && updates_fit
    }
}

/// The parts of an image's name as a user writes it.
struct ImageName<'a> {
    repository: &'a str,
    tag: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    fn of(name: &'a str) -> ImageName<'a> {
        let name = name.split_once('@').map_or(name, |(before, _)| before);
        match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => ImageName { repository, tag: Some(tag) },
            _ => ImageName { repository: name, tag: None },
        }
    }

    /// Whether this is the repository. A name with a host means that of this registry alone.
    fn is_called(&self, wanted: &str) -> bool {
        if has_host(wanted) {
            repository(self.repository) == repository(wanted)
        } else {
            self.ends_with(wanted)
        }
    }

    /// Whether all segments of this name, its host and the `library` of Docker Hub aside, are the
    /// last of the repository's.
    fn ends_with(&self, wanted: &str) -> bool {
        let segments = |text: &str| -> Vec<String> {
            let name = repository(text);
            let path = name.split_once('/').map_or(name.as_str(), |(_, path)| path);
            let path = path.strip_prefix("library/").unwrap_or(path);
            path.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
        };
        let (ours, theirs) = (segments(self.repository), segments(wanted));
        !theirs.is_empty() && ours.ends_with(&theirs)
    }
}

/// Where images without a host in their name are.
const DOCKER_HUB: &str = "docker.io";

/// Whether a repository's name begins with a host, as Docker tells it from a path.
fn has_host(name: &str) -> bool {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let host = name.split_once('/').map(|(host, _)| host);
    host.is_some_and(|it| it == "localhost" || it.contains(['.', ':']))
}

/// The whole name, `docker.io/library/debian` of `debian`.
fn repository(name: &str) -> String {
    let plain = name.split_once("://").map_or(name, |(_, rest)| rest).trim_matches('/').to_ascii_lowercase();
    let (host, path) = match plain.split_once('/') {
        Some((host, path)) if has_host(&plain) => (host, path),
        _ => (DOCKER_HUB, plain.as_str()),
    };
    match host {
        DOCKER_HUB | "index.docker.io" | "registry-1.docker.io" | "hub.docker.com" if !path.contains('/') => {
            format!("{DOCKER_HUB}/library/{path}")
        }
        "index.docker.io" | "registry-1.docker.io" | "hub.docker.com" => format!("{DOCKER_HUB}/{path}"),
        _ => format!("{host}/{path}"),
    }
}

/// Whether a purl of a statement or rule means this package: what it leaves out may be anything.
fn package_is(wanted: &Purl, package: &Package<'_>) -> bool {
    let Some(purl) = &package.purl else { return false };
    if wanted.kind != purl.kind || wanted.namespace != purl.namespace {
        return false;
    }
    let source = matches!(wanted.qualifier("arch"), Some("source" | "src"));
    let (name, version) = match (source, &package.installed.package.source) {
        (true, Some(source)) => (Some(source.name.as_str()), source.version.as_deref()),
        _ => (None, None),
    };
    let name_fits = name.unwrap_or(&purl.name) == wanted.name;
    let version_fits = wanted
        .version
        .as_deref()
        .is_none_or(|it| version.or(purl.version.as_deref()) == Some(it) || with_epoch(purl) == it);
    name_fits
        && version_fits
        && wanted.qualifiers.iter().all(|(key, value)| qualifier_fits(key, value, purl, package))
}

/// rpm's epoch is a qualifier; some write it into the version.
fn with_epoch(purl: &Purl) -> String {
    let version = purl.version.as_deref().unwrap_or_default();
    purl.qualifier("epoch").map_or(version.to_owned(), |epoch| format!("{epoch}:{version}"))
}

/// Qualifiers that say where a package is from must agree with it; how one distribution is
/// called, differs from author to author.
fn qualifier_fits(key: &str, value: &str, purl: &Purl, package: &Package<'_>) -> bool {
    let distro = package.distro;
    match key {
        "arch" if matches!(value, "source" | "src") => package.installed.package.source.is_some(),
        "distro" => purl.qualifier(key) == Some(value) || distro.is_some_and(|it| is_distro(value, it)),
        "os_name" => distro.is_some_and(|it| it.id == value),
        "os_version" => distro.is_some_and(|it| is_release(value, &it.version_id)),
        "os_distro" => distro.is_some_and(|it| it.codename.as_deref().is_none_or(|name| name == value)),
        // Where to get it says nothing of what it is.
        "repository_url" | "download_url" | "vcs_url" | "checksum" => true,
        _ => purl.qualifier(key) == Some(value),
    }
}

fn is_distro(value: &str, distro: &Distro) -> bool {
    if distro.codename.as_deref() == Some(value) {
        return true;
    }
    match value.split_once('-') {
        Some((id, release)) => id == distro.id && is_release(release, &distro.version_id),
        None => value == distro.id,
    }
}

/// `12` is the release of `12` and of `12.4`.
fn is_release(wanted: &str, version: &str) -> bool {
    version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

fn holds(
    rule: &IgnoreRule,
    finding: &Finding,
    package: Option<&Package<'_>>,
    statement: Option<&VexStatement>,
    now: Timestamp,
) -> bool {
    if rule.until.is_some_and(|until| until <= now) || !rule.has_condition() {
        return false;
    }
    let id_fits = rule.vulnerability.as_ref().is_none_or(|id| {
        std::iter::once(&finding.id).chain(&finding.aliases).any(|it| it.eq_ignore_ascii_case(id))
    });
    let state_fits = rule.fix_state.is_none_or(|state| state == fix_state(finding));
    id_fits && state_fits && vex_fits(rule, statement) && package_fits(rule, package)
}

fn vex_fits(rule: &IgnoreRule, statement: Option<&VexStatement>) -> bool {
    let status = |it: VexStatus| statement.is_some_and(|statement| statement.status == it);
    let justification = |it: &String| {
        statement.and_then(|statement| statement.justification.as_ref()).is_some_and(|its| its == it)
    };
    rule.vex_status.is_none_or(status) && rule.vex_justification.as_ref().is_none_or(justification)
}

fn package_fits(rule: &IgnoreRule, package: Option<&Package<'_>>) -> bool {
    let Some(package) = package else {
        // Nothing is known of the package, so that no condition about it holds.
        return rule.package.is_none()
            && rule.source_package.is_none()
            && rule.version.is_none()
            && rule.kind.is_none()
            && rule.purls.is_empty()
            && rule.paths.is_empty();
    };
    let its = &package.installed.package;
    let source = its.source.as_ref().map_or(its.name.as_str(), |source| &source.name);
    rule.package.as_ref().is_none_or(|it| it.matches(&its.name))
        && rule.source_package.as_ref().is_none_or(|it| it.matches(source))
        && rule.version.as_ref().is_none_or(|it| *it == its.version)
        && rule.kind.as_ref().is_none_or(|it| *it == its.kind)
        && (rule.purls.is_empty() || rule.purls.iter().any(|it| package_is(it, package)))
        && (rule.paths.is_empty() || lies_at(rule, package))
}

fn lies_at(rule: &IgnoreRule, package: &Package<'_>) -> bool {
    let path = package.installed.origin.path.as_str().unwrap_or_default();
    rule.paths.iter().any(|it| it.matches(path))
}

fn fix_state(finding: &Finding) -> FixState {
    match (&finding.fixed_version, finding.status) {
        (Some(_), _) | (None, Status::Fixed) => FixState::Fixed,
        (None, Status::WillNotFix | Status::EndOfLife) => FixState::WillNotFix,
        (None, Status::Affected | Status::FixDeferred) => FixState::NotFixed,
        (None, Status::UnderInvestigation | Status::NotAffected) => FixState::Unknown,
    }
}

#[cfg(test)]
mod tests;
