//! Why can't I pull: takes the name of an image and answers in sentences.
//!
//! Says to nobody more than they may know: an image that somebody may not read is answered like one that
//! is not there.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{NamedFinding, Outcome, Reason};
use plimsoll_store::{Access, Artifact, Child, Error, ExceptionId, ManifestReference, Permissions};

use super::super::ports::PullWord;
use super::artifacts::{AnswerWord, ScanStatus, SeverityWord, status};
use super::named::Named;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[get(
    "checkPull",
    "/pull-check",
    Needs::Somebody,
    "What whoever calls would be answered who pulls an image now, why, and what to do about it.",
    |api, call| Box::pin(check(api, call)),
)
.query(&[&[text("image", "The image, as one pulls it: `registry.example/team/app:1.2`.")]])
.gives::<PullCheck>()];

wire! {
    /// What is answered to a pull.
    struct PullCheck {
        /// The image, as it is called here.
        image: String,
        /// The registry that was named with it, if one was: this one answers whatever it is.
        registry: Option<String>,
        /// Whether it is there; null where whoever calls may not know.
        exists: Option<bool>,
        /// Whether whoever calls may see it.
        may_read: bool,
        /// Whether they may pull it at all, whatever is in it.
        may_pull: bool,
        /// What they would be answered; null where that is not for the policy to say, and of an index of
        /// which not every image was looked at.
        answer: Option<AnswerWord>,
        /// The answer in a sentence.
        sentence: String,
        /// Where it is: the namespace.
        namespace: String,
        /// Its repository inside of the namespace.
        repository: String,
        /// What the name means now.
        digest: Option<DigestText>,
        /// Where its scanning stands.
        scan: Option<ScanStatus>,
        /// Every reason of the verdict.
        reasons: Vec<PullReason>,
        /// Why less came of it than of its reasons: `dry_run`, `spared`.
        lowered: Option<String>,
        /// From when on it may be another answer, though nothing is changed but the time.
        holds_until: Option<Time>,
        /// The policy by which.
        policy: Option<Value>,
        /// The exceptions that spoke.
        exceptions: Vec<ExceptionUsed>,
        /// Of an index: each of its images, those of indexes in it as well.
        images: Vec<PullCheckImage>,
        /// Whether the index has more images, which nobody has looked at here.
        images_is_cut: bool,
        /// What to do, in sentences, the best first.
        what_to_do: Vec<String>,
    }

    /// A reason.
    struct PullReason {
        /// The rule that speaks.
        rule: String,
        /// What it alone comes to.
        outcome: AnswerWord,
        /// The sentence.
        what: String,
        /// How many vulnerabilities it is about.
        count: u64,
        /// Some of them, the worst first.
        findings: Vec<PullFinding>,
    }

    /// A finding that a reason names.
    struct PullFinding {
        /// The vulnerability.
        vulnerability: String,
        /// How severe it is.
        severity: SeverityWord,
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// The version that fixes it.
        fixed_version: Option<String>,
    }

    /// An exception that spoke.
    struct ExceptionUsed {
        /// Its number.
        id: i64,
        /// The vulnerability, or a glob of such.
        vulnerability: String,
        /// Why.
        reason: String,
        /// On whose word.
        author: String,
        /// When it ends.
        expires_at: Option<Time>,
    }

    /// An image of an index.
    struct PullCheckImage {
        /// Its digest.
        digest: DigestText,
        /// Its platform.
        platform: Option<String>,
        /// What is answered; null where it is not here.
        answer: Option<AnswerWord>,
        /// The reasons, as sentences.
        reasons: Vec<String>,
    }
}

/// So many images of an index are judged, or looked for; of one that has more it is said that there are more.
const IMAGES_MAX: usize = 1_000;
/// So many upgrades are named.
const UPGRADES_MAX: usize = 5;

async fn check(api: &Api, call: &Call) -> Answered {
    let text = call.parameter("image").ok_or_else(|| Problem::invalid("image", "name an image"))?;
    let named = Named::parse(text).map_err(|why| Problem::invalid("image", why))?;
    let permissions = api.authoriser.permissions(&call.caller, &named.namespace).await?;
    if !permissions.contains(Permission::Read) {
        return Answer::json(&unknown(&named, permissions));
    }
    let access = api.authoriser.namespace::<Read>(&call.caller, &named.namespace).await?;
    match api.store.artifact(&access, &named.repository, &named.reference).await {
        Ok(artifact) => Answer::json(&known(api, call, (&access, permissions), (&named, artifact)).await?),
        Err(Error::Unknown { .. }) => Answer::json(&missing(&named, permissions)),
        Err(error) => Err(error.into()),
    }
}

fn empty(named: &Named, permissions: Permissions) -> PullCheck {
    PullCheck {
        image: named.full(),
        registry: named.registry.clone(),
        exists: None,
        may_read: permissions.contains(Permission::Read),
        may_pull: permissions.contains(Permission::Pull),
        answer: None,
        sentence: String::new(),
        namespace: named.namespace.to_string(),
        repository: named.repository.to_string(),
        digest: None,
        scan: None,
        reasons: Vec::new(),
        lowered: None,
        holds_until: None,
        policy: None,
        exceptions: Vec::new(),
        images: Vec::new(),
        images_is_cut: false,
        what_to_do: Vec::new(),
    }
}

fn unknown(named: &Named, permissions: Permissions) -> PullCheck {
    let namespace = &named.namespace;
    PullCheck {
        sentence: format!("{} is not here, or you may not see it", named.full()),
        what_to_do: vec![
            format!("Ask an administrator of {namespace} for the role viewer, if it is there."),
            "Look whether namespace, repository and tag are written as they were pushed.".to_owned(),
        ],
        ..empty(named, permissions)
    }
}

fn missing(named: &Named, permissions: Permissions) -> PullCheck {
    let what_to_do = match &named.reference {
        ManifestReference::Tag(tag) => format!(
            "Look at the tags of {}/{}: `{tag}` is none of them, or was deleted.",
            named.namespace, named.repository
        ),
        ManifestReference::Digest(_) => "It was deleted, or pushed to another repository.".to_owned(),
    };
    PullCheck {
        exists: Some(false),
        sentence: format!("{} is not here", named.full()),
        what_to_do: vec![what_to_do],
        ..empty(named, permissions)
    }
}

async fn known(
    api: &Api,
    call: &Call,
    (access, permissions): (&Access<Read>, Permissions),
    (named, artifact): (&Named, Artifact),
) -> Result<PullCheck, Problem> {
    let row = api.store.artifact_row(access, artifact.id).await?;
    let word = match explain(api, call, &artifact).await? {
        // It was deleted while it was looked at.
        Word::Gone => return Ok(missing(named, permissions)),
        Word::NoPolicies => None,
        Word::Is(word) => Some(*word),
    };
    let images = match word.as_ref().is_some_and(|it| it.is_index) {
        true => images(api, call, access, (named, &artifact)).await?,
        false => Images::default(),
    };
    let mut check = PullCheck {
        exists: Some(true),
        digest: Some(DigestText(artifact.digest)),
        scan: row.as_ref().map(status),
        ..empty(named, permissions)
    };
    match word {
        // Without policies everything passes.
        None => check.answer = Some(AnswerWord::Allow),
        Some(word) => {
            check.exceptions = exceptions(api, access, &word.exceptions).await?;
            check.answer = Some(answer(&word));
            check.what_to_do = what_to_do(named, &word, permissions);
            check.sentence = sentence(named, &word);
            check.reasons = word.reasons.iter().map(reason).collect();
            check.lowered = word.lowered.map(str::to_owned);
            check.holds_until = word.until.map(Time);
            check.policy = word.policy;
        }
    }
    if check.sentence.is_empty() {
        check.sentence = format!("{} may be pulled", named.full());
    }
    say_of_images(&mut check, named, images);
    if !check.may_pull {
        check.answer = None;
        check.sentence = format!("you may see {}, and not pull it", named.full());
        check
            .what_to_do
            .insert(0, format!("Ask an administrator of {} for the permission pull.", named.namespace));
    }
    Ok(check)
}

/// What is said of an index because of its images.
fn say_of_images(check: &mut PullCheck, named: &Named, images: Images) {
    check.images = images.found;
    check.images_is_cut = images.is_cut;
    let (count, name) = (check.images.len(), named.full());
    let denied = check.images.iter().filter(|it| matches!(it.answer, Some(AnswerWord::Deny))).count();
    if images.is_cut {
        // Of what nobody has looked at nobody can say that it may be pulled.
        check.answer = None;
        check.sentence = format!(
            "{name} is an index of more than {count} images; {denied} of the first {count} may not be pulled, and the others were not looked at"
        );
    } else if denied > 0 {
        check.sentence = format!("{name} is an index of {count} images, of which {denied} may not be pulled");
    }
    if images.is_cut || denied > 0 {
        check.what_to_do.push("Ask again with the digest of the image of your platform.".to_owned());
    }
}

/// What the policies say of an artifact.
enum Word {
    /// There are none.
    NoPolicies,
    /// It is not there any more.
    Gone,
    Is(Box<PullWord>),
}

async fn explain(api: &Api, call: &Call, artifact: &Artifact) -> Result<Word, Problem> {
    let Some(judge) = &api.judge else { return Ok(Word::NoPolicies) };
    let account = call.caller.principal().map(|_| call.caller.actor());
    let word = judge.explain(artifact.id, account.as_ref().map(|it| it.as_str())).await;
    let word = word.map_err(|why| Problem::internal(&std::io::Error::other(why)))?;
    Ok(word.map_or(Word::Gone, |word| Word::Is(Box::new(word))))
}

fn answer(word: &PullWord) -> AnswerWord {
    if word.is_scanner { AnswerWord::Allow } else { word.outcome.into() }
}

/// The images of an index, as far as they were looked at.
#[derive(Default)]
struct Images {
    found: Vec<PullCheckImage>,
    is_cut: bool,
}

async fn images(
    api: &Api,
    call: &Call,
    access: &Access<Read>,
    (named, index): (&Named, &Artifact),
) -> Result<Images, Problem> {
    let mut images = Images::default();
    let mut indexes = vec![index.id];
    let mut seen = BTreeSet::from([index.digest]);
    while let Some(index) = indexes.pop() {
        for child in api.store.children(access, index).await? {
            if !seen.insert(child.digest) {
                continue;
            }
            if seen.len() > IMAGES_MAX + 1 {
                images.is_cut = true;
                return Ok(images);
            }
            let reference = ManifestReference::Digest(child.digest);
            let (id, word) = match api.store.artifact(access, &named.repository, &reference).await {
                Ok(artifact) => (Some(artifact.id), explain(api, call, &artifact).await?),
                Err(Error::Unknown { .. }) => (None, Word::Gone),
                Err(error) => return Err(error.into()),
            };
            match (id, word) {
                // An index passes; what is in it is asked about.
                (Some(id), Word::Is(word)) if word.is_index => indexes.push(id),
                (_, word) => images.found.push(image(child, &word)),
            }
        }
    }
    Ok(images)
}

fn image(child: Child, word: &Word) -> PullCheckImage {
    let (answer, reasons) = match word {
        Word::NoPolicies => (Some(AnswerWord::Allow), Vec::new()),
        Word::Gone => (None, vec!["it is not here any more".to_owned()]),
        Word::Is(word) => (Some(answer(word)), word.reasons.iter().map(|it| it.what.clone()).collect()),
    };
    PullCheckImage { digest: DigestText(child.digest), platform: child.platform, answer, reasons }
}

async fn exceptions(
    api: &Api,
    access: &Access<Read>,
    used: &[ExceptionId],
) -> Result<Vec<ExceptionUsed>, Problem> {
    let mut found = Vec::new();
    for id in used {
        let before = ExceptionId::from_number(id.number() - 1);
        let next = api.store.exceptions(access, Some(before), 1).await?;
        found.extend(next.into_iter().filter(|it| it.id == *id).map(|it| ExceptionUsed {
            id: it.id.number(),
            vulnerability: it.vulnerability,
            reason: it.reason,
            author: it.author,
            expires_at: it.expires_at.map(Time),
        }));
    }
    Ok(found)
}

fn sentence(named: &Named, word: &PullWord) -> String {
    let (image, namespace) = (named.full(), &named.namespace);
    let why = |outcome: Outcome| {
        let reasons = word.reasons.iter().filter(|it| it.outcome == outcome).map(|it| it.what.as_str());
        reasons.collect::<Vec<_>>().join("; ")
    };
    match (word.outcome, word.lowered) {
        _ if word.is_off => format!("{image} may be pulled: {namespace} asks nothing of its images"),
        _ if word.is_scanner => format!("{image} may be pulled by you, who scans it"),
        (Outcome::Deny, _) => {
            format!("{image} may not be pulled by the policy of {namespace}: {}", why(Outcome::Deny))
        }
        (_, Some("dry_run")) => {
            format!("{image} may be pulled, since the policy is tried out only; else: {}", why(Outcome::Deny))
        }
        (_, Some(_)) => {
            format!("{image} may be pulled, since it is in use already; else: {}", why(Outcome::Deny))
        }
        (Outcome::Warn, None) => format!("{image} may be pulled, with a warning: {}", why(Outcome::Warn)),
        (Outcome::Allow, None) => format!("{image} may be pulled"),
    }
}

fn reason(reason: &Reason) -> PullReason {
    let finding = |it: &NamedFinding| PullFinding {
        vulnerability: it.id.clone(),
        severity: it.severity.into(),
        package: it.package.clone(),
        version: it.version.clone(),
        fixed_version: it.fixed_version.clone(),
    };
    PullReason {
        rule: reason.rule.clone(),
        outcome: reason.outcome.into(),
        what: reason.what.clone(),
        count: reason.count as u64,
        findings: reason.findings.iter().map(finding).collect(),
    }
}

/// One line for each package; which of several versions is the newest, its fix plan knows.
fn upgrade((package, fixes): (&str, BTreeSet<&str>)) -> String {
    let versions: Vec<&str> = fixes.into_iter().collect();
    match versions.as_slice() {
        [only] => format!("{package} to {only}"),
        several => format!("{package} to the newest of {}", several.join(" and ")),
    }
}

/// What to do about what denies or warns.
fn what_to_do(named: &Named, word: &PullWord, permissions: Permissions) -> Vec<String> {
    let mut advice = Vec::new();
    let namespace = &named.namespace;
    let against = word.reasons.iter().filter(|it| it.outcome != Outcome::Allow);
    let (mut fixes, mut unfixed) = (BTreeMap::<&str, BTreeSet<&str>>::new(), false);
    for reason in against.clone() {
        for finding in &reason.findings {
            match &finding.fixed_version {
                Some(fixed) => drop(fixes.entry(&finding.package).or_default().insert(fixed)),
                None => unfixed = true,
            }
        }
        let advised = match reason.rule.as_str() {
            "unscanned" if reason.what.contains("scan failed") => {
                "Look into its scan's log, and have it scanned again."
            }
            "unscanned" if permissions.contains(Permission::Scan) => "Have it scanned, and ask again.",
            "unscanned" => "Ask somebody who may scan it to have it scanned.",
            "incomplete" => "Look into its scan's log: something in it could not be read.",
            "end-of-life" => "Build it on a release of the distribution that still gets updates.",
            "stale-database" => "Have the vulnerability database updated, which an administrator can do.",
            "unsupported" => "It is nothing that can be scanned; the policy says what becomes of such.",
            _ => continue,
        };
        advice.push(advised.to_owned());
    }
    let mut upgrades: Vec<String> = fixes.into_iter().map(upgrade).collect();
    if !upgrades.is_empty() {
        let more = upgrades.len().saturating_sub(UPGRADES_MAX);
        upgrades.truncate(UPGRADES_MAX);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let upgrades = upgrades.join(", ");
        advice.insert(0, format!("Upgrade {upgrades}{more}, build it again and push it: a push is never refused. Its fix plan says the rest."));
    }
    if unfixed || word.outcome == Outcome::Deny {
        advice.push(match permissions.contains(Permission::Configure) {
            true => format!("Where that cannot wait, except it for a while in {namespace}, with a reason."),
            false => format!("Where that cannot wait, ask a maintainer of {namespace} for an exception."),
        });
    }
    advice.dedup();
    advice
}

impl From<Outcome> for AnswerWord {
    fn from(outcome: Outcome) -> AnswerWord {
        match outcome {
            Outcome::Allow => AnswerWord::Allow,
            Outcome::Warn => AnswerWord::Warn,
            Outcome::Deny => AnswerWord::Deny,
        }
    }
}
