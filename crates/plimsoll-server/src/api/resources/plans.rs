//! The fix plan of an image: what to change, and what would be found then, tried by the matcher.

use plimsoll_core::{ImageReport, Severity, Summary};
use plimsoll_engine::fix_plan::{FixPlan as Made, Left, Step};
use plimsoll_engine::judge::place_in_words;

use super::artifacts::{SeverityWord, artifact};
use super::named::{self, Named};
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[get(
    "getFixPlan",
    "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/plan",
    Needs::Namespace(Permission::Read),
    "What to change in an image, and what would be found then: the upgrades are carried out on the list of its packages, and the matcher judges that.",
    |api, call| Box::pin(show(api, call)),
)
.gives::<FixPlan>()
.refuses(&[Kind::NotFound, Kind::NotAvailable])];

wire! {
    /// What to change in an image.
    struct FixPlan {
        /// The number of the snapshot that judged both.
        snapshot: Option<u64>,
        /// What is found now.
        before: FixCounts,
        /// What would be found after all steps but those in a channel that the image does not have.
        after: FixCounts,
        /// The upgrades, those first that clear the worst.
        steps: Vec<FixStep>,
        /// What would be left, the worst first; at most a thousand.
        left: Vec<FixLeft>,
        /// What would be found that is not found now: a version that fixes one thing may have another.
        introduced: Vec<FixLeft>,
        /// The base image, where the image says which it is.
        base: Option<FixBase>,
        /// That the image's distribution gets no more updates, in a sentence: no upgrade of a package mends
        /// that.
        end_of_life: Option<String>,
    }

    /// Vulnerabilities, counted.
    struct FixCounts {
        /// In all.
        total: u64,
        /// Critical.
        critical: u64,
        /// High.
        high: u64,
        /// Medium.
        medium: u64,
        /// Low.
        low: u64,
        /// Negligible and unknown.
        other: u64,
        /// Those with a fix.
        fixable: u64,
    }

    /// An upgrade.
    struct FixStep {
        /// The package's name, or that of the source that several are built from.
        name: String,
        /// The installed packages that it is about.
        packages: Vec<FixPackage>,
        /// The version that is installed.
        from: String,
        /// The version to have.
        to: String,
        /// The channel that it needs; such a step is not carried out.
        channel: Option<String>,
        /// The worst that it clears.
        severity: SeverityWord,
        /// The vulnerabilities that are not found in these packages any more.
        clears: Vec<String>,
        /// Those that it is said to clear and that are found still.
        not_cleared: Vec<String>,
        /// A command for a Dockerfile that does it.
        command: Option<String>,
        /// What to change where the packages belong to an application's own build, in a sentence; null where
        /// there is a command.
        hint: Option<String>,
        /// Where to do it, in words.
        place: String,
        /// The layer that brought the packages in, counted from 0.
        layer: Option<u64>,
        /// The instruction that made this layer.
        instruction: Option<String>,
    }

    /// An installed package.
    struct FixPackage {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    }

    /// A vulnerability that would be found.
    struct FixLeft {
        /// The vulnerability.
        id: String,
        /// How severe it is.
        severity: SeverityWord,
        /// In which package.
        package: String,
        /// Of which version.
        version: String,
        /// The version that fixes it, which this plan does not reach.
        fixed_version: Option<String>,
        /// The channel that the fix needs.
        channel: Option<String>,
    }

    /// The base image.
    struct FixBase {
        /// What the image says it is called.
        name: Option<String>,
        /// What the image says it was.
        digest: Option<String>,
        /// What is called so here now, where it is an image of this instance that whoever calls may read.
        current: Option<DigestText>,
        /// Whether that is another one: building again takes it. Null where that is not known.
        is_outdated: Option<bool>,
    }
}

/// More is a list that nobody reads.
const LEFT_MAX: usize = 1000;
/// What images call their base by (OCI image specification, annotations).
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

fn counts(summary: &Summary) -> FixCounts {
    let of = |severity: Severity| {
        let place = Severity::ALL.iter().position(|it| *it == severity);
        place.and_then(|it| summary.vulnerabilities.get(it)).map_or(0, |it| *it as u64)
    };
    FixCounts {
        total: summary.total() as u64,
        critical: of(Severity::Critical),
        high: of(Severity::High),
        medium: of(Severity::Medium),
        low: of(Severity::Low),
        other: of(Severity::Negligible) + of(Severity::Unknown),
        fixable: summary.fixable as u64,
    }
}

fn step(step: Step, image: &ImageReport) -> FixStep {
    let Step { remedy, packages, cleared, not_cleared } = step;
    let layer = remedy.layer.and_then(|it| image.layers.get(it));
    FixStep {
        name: remedy.name,
        packages: packages.into_iter().map(|(name, version)| FixPackage { name, version }).collect(),
        from: remedy.from,
        to: remedy.to,
        channel: remedy.channel,
        severity: remedy.worst.into(),
        clears: cleared,
        not_cleared,
        command: remedy.command,
        hint: remedy.hint,
        place: place_in_words(remedy.place).to_owned(),
        layer: remedy.layer.map(|it| it as u64),
        instruction: layer.and_then(|it| it.instruction.clone()),
    }
}

fn left(found: Vec<Left>) -> Vec<FixLeft> {
    let mut found: Vec<Left> = found;
    found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    found.dedup();
    found.truncate(LEFT_MAX);
    let shown = found.into_iter().map(|it| FixLeft {
        id: it.id,
        severity: it.severity.into(),
        package: it.package,
        version: it.version,
        fixed_version: it.fixed_version,
        channel: it.channel,
    });
    shown.collect()
}

async fn show(api: &Api, call: &Call) -> Answered {
    let reports = api.reports.as_ref().ok_or_else(|| Problem::not_available("scanning"))?;
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let planned = reports.plan(&access, artifact.id).await;
    let planned = planned.map_err(|error| Problem::internal(error.as_ref()))?;
    let found = planned
        .and_then(|(report, plan)| Some((report.snapshot.clone(), report.images.first()?.clone(), plan)));
    let Some((snapshot, image, plan)) = found else {
        return Err(Problem::new(
            Kind::NotFound,
            "there is nothing to plan by: it was not scanned, there is no database, or it is an index, whose images have plans of their own",
        ));
    };
    let base = base(api, call, &artifact.annotations).await?;
    let Made { steps, before, after, left: remains, introduced } = plan;
    Answer::json(&FixPlan {
        snapshot: snapshot.map(|it| it.sequence),
        before: counts(&before),
        after: counts(&after),
        steps: steps.into_iter().map(|it| step(it, &image)).collect(),
        left: left(remains),
        introduced: left(introduced),
        base,
        end_of_life: end_of_life(&image),
    })
}

fn end_of_life(image: &ImageReport) -> Option<String> {
    if image.support != plimsoll_core::Support::Ended {
        return None;
    }
    let since = image.support_ends.map(|it| format!(" since {}", it.date_text())).unwrap_or_default();
    Some(format!("its distribution gets no more updates{since}; build it on a newer release"))
}

async fn base(
    api: &Api,
    call: &Call,
    annotations: &std::collections::BTreeMap<String, String>,
) -> Result<Option<FixBase>, Problem> {
    let (name, digest) = (annotations.get(BASE_NAME).cloned(), annotations.get(BASE_DIGEST).cloned());
    if name.is_none() && digest.is_none() {
        return Ok(None);
    }
    let current = match name.as_deref().and_then(|it| Named::parse(it).ok()) {
        Some(named) => named::found(api, call, &named).await?.map(|it| it.1.digest),
        None => None,
    };
    let is_outdated = current.zip(digest.as_ref()).map(|(current, was)| current.to_string() != *was);
    Ok(Some(FixBase { name, digest, current: current.map(DigestText), is_outdated }))
}
