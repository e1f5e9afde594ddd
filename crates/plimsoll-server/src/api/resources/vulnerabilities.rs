//! What the database knows of a vulnerability, and which images it and a package are in.

use plimsoll_store::{AffectedArtifact, After, ArtifactId, EpssScore, InventoryId, UnitId};

use super::artifacts::SeverityWord;
use super::database::typed;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getVulnerability",
        "/vulnerabilities/{vulnerability}",
        Needs::Somebody,
        "What the database knows of a vulnerability, by any of its ids.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<Vulnerability>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listEpssScores",
        "/vulnerabilities/{vulnerability}/epss",
        Needs::Somebody,
        "How probable attacks were said to be over time, of a vulnerability that an image has which whoever calls may read; oldest first, each score with the day from which it held.",
        |api, call| Box::pin(scores(api, call)),
    )
    .gives::<Beginning<EpssOfDay>>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listAffectedPackages",
        "/vulnerabilities/{vulnerability}/packages",
        Needs::Somebody,
        "What the feeds say of a vulnerability in packages: by distribution and ecosystem, with the versions that fix it; at most 5000.",
        |api, call| Box::pin(packages(api, call)),
    )
    .gives::<Beginning<AffectedPackage>>()
    .refuses(&[Kind::NotAvailable]),
    get(
        "listAffectedArtifacts",
        "/vulnerabilities/{vulnerability}/artifacts",
        Needs::Somebody,
        "The artifacts with a vulnerability, of all namespaces that whoever calls may read; one entry for each package.",
        |api, call| Box::pin(affected(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Affected>>(),
    get(
        "listArtifactsWithPackage",
        "/packages/{package}/artifacts",
        Needs::Somebody,
        "The artifacts with a package of this name, of all namespaces that whoever calls may read.",
        |api, call| Box::pin(with_package(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Affected>>(),
    get(
        "listPackageVersions",
        "/packages/{package}/versions",
        Needs::Somebody,
        "The versions of a package, and how many artifacts have each; at most a thousand.",
        |api, call| Box::pin(versions(api, call)),
    )
    .gives::<Beginning<PackageVersion>>(),
];

wire! {
    /// What the database knows of a vulnerability. Its texts come from strangers.
    struct Vulnerability {
        /// Its canonical id.
        id: String,
        /// Its other ids.
        aliases: Vec<String>,
        /// One line about it.
        summary: Option<String>,
        /// The longest text about it, often Markdown.
        description: Option<String>,
        /// Addresses.
        references: Vec<String>,
        /// Who says how severe it is, each for themselves.
        ratings: Vec<VulnerabilityRating>,
        /// CVSS vectors.
        cvss: Vec<VulnerabilityVector>,
        /// CWE ids.
        cwes: Vec<String>,
        /// When it was published.
        published_at: Option<Time>,
        /// When it was changed last.
        modified_at: Option<Time>,
        /// The probability that it is used in attacks within thirty days, from 0 to 1.
        epss: Option<f64>,
        /// That it is known to be used in attacks: the entry of CISA's catalogue.
        exploited: Option<VulnerabilityExploited>,
        /// That it is no vulnerability but a notice, and of which kind.
        informational: Option<String>,
        /// The number of the snapshot.
        snapshot: u64,
    }

    /// An EPSS score.
    struct EpssOfDay {
        /// From which day on it held, `2026-08-20`.
        day: String,
        /// The probability that the vulnerability is used in attacks within thirty days, from 0 to 1.
        score: f64,
    }

    /// How severe somebody says that it is.
    struct VulnerabilityRating {
        /// Who.
        source: String,
        /// How severe.
        severity: SeverityWord,
    }

    /// A CVSS vector.
    struct VulnerabilityVector {
        /// Whose.
        source: String,
        /// The version of CVSS.
        version: String,
        /// The vector.
        vector: String,
        /// The score that it comes to.
        score: f64,
    }

    /// An entry of CISA's catalogue.
    struct VulnerabilityExploited {
        /// Since which day.
        added: Option<String>,
        /// Until which day those who have to must have mended it.
        due: Option<String>,
        /// Whether it is known to be used for ransom.
        ransomware: bool,
    }

    /// What a feed says of a vulnerability in a package.
    struct AffectedPackage {
        /// Of which realm: `deb:debian:12`, `npm`.
        realm: String,
        /// The package, as the advisory names it.
        package: String,
        /// Who says so.
        feed: String,
        /// What they say: `fixed`, `affected`, `will_not_fix`, and so on.
        status: String,
        /// How severe they say that it is.
        severity: Option<SeverityWord>,
        /// The versions that fix it.
        fixed_versions: Vec<String>,
        /// The versions that have it, as ranges.
        ranges: Vec<String>,
        /// The channel that the fix needs.
        channel: Option<String>,
        /// Their announcements.
        advisories: Vec<String>,
        /// Their note.
        note: Option<String>,
    }

    /// An artifact that has it.
    struct Affected {
        /// Its namespace.
        namespace: String,
        /// Its repository inside of the namespace.
        repository: String,
        /// Its digest.
        digest: DigestText,
        /// The package by which, as a package URL.
        purl: String,
        /// The package's version.
        version: String,
    }

    /// A version of a package.
    struct PackageVersion {
        /// The kind of package: `deb`, `maven`.
        kind: String,
        /// The version.
        version: String,
        /// How many artifacts have it.
        artifacts: u64,
    }
}

const VERSIONS_MAX: u32 = 1000;

async fn show(api: &Api, call: &Call) -> Answered {
    let database = api.database.as_ref().ok_or_else(|| Problem::not_available("vulnerability database"))?;
    let found = database.vulnerability(call.value("vulnerability")).await;
    let found = found.map_err(|why| Problem::internal(&std::io::Error::other(why)))?;
    match found {
        Some(it) => Answer::json(&typed::<Vulnerability>(it)?),
        None => Err(Problem::new(Kind::NotFound, "the database has never heard of it")),
    }
}

/// That somebody's image has it is nobody's business who may not read that image.
async fn scores(api: &Api, call: &Call) -> Answered {
    let database = api.database.as_ref().ok_or_else(|| Problem::not_available("vulnerability database"))?;
    let found = database.vulnerability(call.value("vulnerability")).await;
    let found = found.map_err(|why| Problem::internal(&std::io::Error::other(why)))?;
    let found = found.ok_or_else(|| Problem::new(Kind::NotFound, "the database has never heard of it"))?;
    let id = found["id"].as_str().unwrap_or_default();
    let visible = api.authoriser.visible(&call.caller).await?;
    let items = match api.store.visible_with_vulnerability(&visible, id, None, 1).await?.is_empty() {
        true => Vec::new(),
        false => api.store.epss_scores(&api.authoriser.system::<Scan>(), id).await?,
    };
    let shown =
        |it: EpssScore| EpssOfDay { day: it.day.date_text(), score: f64::from(it.score_millionths) / 1e6 };
    Answer::json(&Beginning { items: items.into_iter().map(shown).collect(), next: None, is_cut: false })
}

async fn packages(api: &Api, call: &Call) -> Answered {
    let database = api.database.as_ref().ok_or_else(|| Problem::not_available("vulnerability database"))?;
    let found = database.affected(call.value("vulnerability")).await;
    let mut found = found.map_err(|why| Problem::internal(&std::io::Error::other(why)))?;
    let is_cut = found["is_cut"] == true;
    let items = typed::<Vec<AffectedPackage>>(found["items"].take())?;
    Answer::json(&Beginning { items, next: None, is_cut })
}

/// The place behind which a page begins.
fn after(paging: &Paging) -> Option<After> {
    let (unit, inventory) = (paging.number(0)?, paging.number(1)?);
    let artifact = paging.number(2)?;
    Some((UnitId::from_number(unit), InventoryId::from_number(inventory), ArtifactId::from_number(artifact)))
}

fn keys(last: &AffectedArtifact) -> Vec<Value> {
    let (unit, inventory, artifact) = last.place();
    vec![json!(unit.number()), json!(inventory.number()), json!(artifact.number())]
}

fn shown(it: AffectedArtifact) -> Affected {
    Affected {
        namespace: it.namespace,
        repository: it.repository,
        digest: DigestText(it.digest),
        purl: it.purl,
        version: it.version,
    }
}

async fn affected(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "affected")?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let id = call.value("vulnerability");
    let found = api.store.visible_with_vulnerability(&visible, id, after(&paging), paging.fetch()).await?;
    Answer::page(&paging.cut(found, keys, shown))
}

async fn with_package(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "with package")?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let name = call.value("package");
    let found = api.store.visible_with_package(&visible, name, after(&paging), paging.fetch()).await?;
    Answer::page(&paging.cut(found, keys, shown))
}

async fn versions(api: &Api, call: &Call) -> Answered {
    let visible = api.authoriser.visible(&call.caller).await?;
    let found = api.store.visible_versions(&visible, call.value("package"), VERSIONS_MAX + 1).await?;
    let shown = found.into_iter().map(|it| PackageVersion {
        kind: it.kind,
        version: it.version,
        artifacts: it.artifacts,
    });
    Answer::json(&Beginning::of(shown.collect(), VERSIONS_MAX as usize))
}
