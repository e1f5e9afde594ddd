//! Events as CloudEvents 1.0 in JSON
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>), and who
//! wants to hear of them.

use std::collections::BTreeSet;

use plimsoll_core::{Severity, Timestamp};
use plimsoll_store::{self as store, ArtifactPlace, Telling, WebhookId, WebhookSettings};
use serde_json::{Value, json};

use crate::gate::{self, Change, Scanned};

/// How many findings one event names.
const NAMED_MAX: usize = 100;

/// What kinds of events there are. A new one is a row of [`EventKind::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A scan ended well.
    ScanCompleted,
    /// A scan was tried as often as it may, or can never be done.
    ScanFailed,
    /// A vulnerability is seen in an artifact for the first time.
    FindingNew,
    /// A vulnerability is in an artifact no more.
    FindingFixed,
    /// A vulnerability is seen in another light: its severity, its fix.
    FindingChanged,
    /// Something else is said of an artifact than before.
    VerdictChanged,
    /// Somebody tries whether it arrives.
    Ping,
}

impl EventKind {
    /// Every kind, in the order of the manual.
    pub const ALL: [EventKind; 7] = [
        EventKind::ScanCompleted,
        EventKind::ScanFailed,
        EventKind::FindingNew,
        EventKind::FindingFixed,
        EventKind::FindingChanged,
        EventKind::VerdictChanged,
        EventKind::Ping,
    ];

    /// The word for it, in settings and, behind `plimsoll.`, as the event's type.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::ScanCompleted => "scan.completed",
            EventKind::ScanFailed => "scan.failed",
            EventKind::FindingNew => "finding.new",
            EventKind::FindingFixed => "finding.fixed",
            EventKind::FindingChanged => "finding.changed",
            EventKind::VerdictChanged => "verdict.changed",
            EventKind::Ping => "ping",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<EventKind> {
        EventKind::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id; whoever hears of it twice can tell by it.
    pub id: String,
    /// What kind of event it is.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// To what: `team/app@sha256:…`.
    pub subject: String,
    /// The worst severity that it is about, if it is about one.
    pub severity: Option<Severity>,
    /// Whether something of it can be fixed.
    pub is_fixable: bool,
    /// Whether something of it is new.
    pub is_new: bool,
    /// The rest.
    pub data: Value,
}

impl Event {
    /// Whether somebody with these settings wants to hear of it. What is about no vulnerability
    /// is not held back by filters for them.
    pub(super) fn interests(&self, settings: &WebhookSettings) -> bool {
        let kind = settings.kinds.is_empty() || settings.kinds.iter().any(|it| it == self.kind.name());
        let Some(severity) = self.severity else { return kind };
        kind && settings.severity.is_none_or(|least| least <= severity)
            && (!settings.only_fixable || self.is_fixable)
            && (!settings.only_new || self.is_new)
    }

    /// What is sent.
    pub(super) fn body(&self, external_url: Option<&str>) -> String {
        json!({
            "specversion": "1.0",
            "id": self.id,
            "source": external_url.unwrap_or("/plimsoll"),
            "type": format!("plimsoll.{}", self.kind.name()),
            "time": self.at.to_string(),
            "subject": self.subject,
            "datacontenttype": "application/json",
            "data": self.data,
        })
        .to_string()
    }

    /// The event that a scan is.
    pub(super) fn of_scan(scanned: &Scanned<'_>, external_url: Option<&str>) -> Event {
        let findings = &scanned.summary.findings;
        let count = |severity: Severity| {
            let ids = findings.iter().filter(|it| it.severity == severity).map(|it| it.id.as_str());
            ids.collect::<BTreeSet<_>>().len()
        };
        let counts: serde_json::Map<String, Value> =
            Severity::ALL.iter().map(|it| (it.name().to_owned(), json!(count(*it)))).collect();
        let data = json!({
            "vulnerabilities": counts,
            "new": scanned.new.len(),
            "complete": !scanned.summary.incomplete,
        });
        // It is about the image: a filter for what is found in it holds it back no less than one that
        // found nothing.
        Event { severity: None, ..Event::of_image(EventKind::ScanCompleted, scanned, data, external_url) }
    }

    /// The event that somebody tries whether it arrives.
    pub(super) fn ping(webhook: WebhookId, actor: &str, at: Timestamp) -> Event {
        Event {
            id: format!("ping-{webhook}-{}", at.0),
            kind: EventKind::Ping,
            at,
            subject: format!("webhook/{webhook}"),
            severity: None,
            is_fixable: false,
            is_new: true,
            data: json!({ "webhook": webhook.number(), "asked_by": actor }),
        }
    }

    /// The event that a scan has failed.
    pub(super) fn of_failure(
        place: &ArtifactPlace,
        why: &str,
        at: Timestamp,
        external_url: Option<&str>,
    ) -> Event {
        let (namespace, repository, digest) = (&place.namespace_name, &place.repository, &place.digest);
        Event {
            id: format!("{}-{}-{}", EventKind::ScanFailed.name(), place.artifact, at.0),
            kind: EventKind::ScanFailed,
            at,
            subject: format!("{namespace}/{repository}@{digest}"),
            severity: None,
            is_fixable: false,
            is_new: true,
            data: json!({
                "namespace": namespace.as_str(),
                "repository": repository.as_str(),
                "digest": digest.to_string(),
                "why": why,
                "page": external_url.map(|it| gate::page(it, namespace, repository, digest)),
            }),
        }
    }

    /// The event that something new is in an image; nothing where there is none.
    pub(super) fn of_new_findings(scanned: &Scanned<'_>, external_url: Option<&str>) -> Option<Event> {
        let new = || scanned.summary.findings.iter().filter(|it| scanned.new.contains(it.id.as_str()));
        let named: Vec<Value> = new()
            .take(NAMED_MAX)
            .map(|it| {
                json!({
                    "vulnerability": it.id,
                    "severity": it.severity.name(),
                    "package": it.purl,
                    "fixed_version": it.fixed_version,
                })
            })
            .collect();
        let severity = new().map(|it| it.severity).max()?;
        let is_fixable = new().any(|it| it.is_fixable);
        let data = json!({ "findings": named, "vulnerabilities": scanned.new.len() });
        let event = Event::of_image(EventKind::FindingNew, scanned, data, external_url);
        Some(Event { severity: Some(severity), is_fixable, ..event })
    }

    fn of_image(
        kind: EventKind,
        scanned: &Scanned<'_>,
        mut data: Value,
        external_url: Option<&str>,
    ) -> Event {
        let (namespace, judged) = (scanned.namespace, scanned.judged);
        let repository = &judged.repository_name;
        let page = external_url.map(|it| gate::page(it, namespace, repository, &judged.digest));
        data["namespace"] = json!(namespace.as_str());
        data["repository"] = json!(repository.as_str());
        data["digest"] = json!(judged.digest.to_string());
        data["page"] = json!(page);
        Event {
            id: format!("{}-{}-{}", kind.name(), judged.artifact, scanned.at.0),
            kind,
            at: scanned.at,
            subject: format!("{namespace}/{repository}@{}", judged.digest),
            severity: None,
            is_fixable: false,
            is_new: true,
            data,
        }
    }

    /// The event that a new database changed something in a namespace.
    pub(super) fn of_finding(telling: &Telling) -> Event {
        let kind = match telling.kind {
            store::EventKind::Appeared => EventKind::FindingNew,
            store::EventKind::Gone => EventKind::FindingFixed,
            store::EventKind::SeverityChanged | store::EventKind::FixAvailable => EventKind::FindingChanged,
        };
        let name = |severity: Option<Severity>| severity.map(Severity::name);
        Event {
            id: format!("event-{}-{}", telling.number, telling.namespace),
            kind,
            at: telling.at,
            subject: format!("{}/{}", telling.namespace_name, telling.vulnerability),
            severity: telling.after.max(telling.before),
            is_fixable: telling.fixable,
            is_new: telling.kind == store::EventKind::Appeared,
            data: json!({
                "namespace": telling.namespace_name,
                "vulnerability": telling.vulnerability,
                "package": telling.purl,
                "change": telling.kind.name(),
                "severity_before": name(telling.before),
                "severity": name(telling.after),
                "fixable": telling.fixable,
                "artifacts": telling.artifacts,
            }),
        }
    }

    /// The event that a changed verdict is.
    pub(super) fn of_verdict(change: &Change<'_>, external_url: Option<&str>) -> Event {
        let (judged, verdict) = (change.judged, &change.judgement.verdict);
        let (namespace, repository) = (change.namespace, &judged.repository_name);
        let findings = || verdict.reasons.iter().flat_map(|it| &it.findings);
        let reasons: Vec<Value> = verdict
            .reasons
            .iter()
            .map(|it| json!({ "rule": it.rule, "outcome": it.outcome.name(), "what": it.what }))
            .collect();
        let page = external_url.map(|it| gate::page(it, namespace, repository, &judged.digest));
        Event {
            id: format!("verdict-{}-{}-{}", judged.artifact, change.at.0, verdict.outcome),
            kind: EventKind::VerdictChanged,
            at: change.at,
            subject: format!("{namespace}/{repository}@{}", judged.digest),
            severity: findings().map(|it| it.severity).max(),
            is_fixable: findings().any(|it| it.fixed_version.is_some()),
            is_new: true,
            data: json!({
                "namespace": namespace.as_str(),
                "repository": repository.as_str(),
                "digest": judged.digest.to_string(),
                "verdict": verdict.outcome.name(),
                "lowered": change.judgement.lowered.map(|it| it.name()),
                "reasons": reasons,
                "page": page,
            }),
        }
    }
}
