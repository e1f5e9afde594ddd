//! What must outlive a process: namespaces, repositories, blobs, manifests, tags, uploads;
//! accounts, and what they may; jobs, scans and what they found; verdicts, exceptions and webhooks.
//!
//! One [`Store`] with SQLite or PostgreSQL behind it; its methods are grouped by noun, one file
//! a noun. Every method that touches a namespace takes an [`Access`], which only the
//! [`Authoriser`] makes. The time is always an argument. Keeps no blob's bytes (those lie in files
//! or in a bucket, under the storage key that stands here), speaks no HTTP, runs no job, and lets
//! no row or statement out.
#![forbid(unsafe_code)]

mod access;
mod administrators;
mod affected;
mod artifacts;
mod audit;
mod blobs;
mod callers;
mod check;
mod collect;
mod copy;
mod database;
mod deliveries;
mod due;
mod epss;
mod error;
mod events;
mod exceptions;
mod forget;
mod grants;
mod history;
mod ids;
mod indexes;
mod issuer;
mod jobs;
mod judgements;
mod judging;
mod links;
mod listed;
mod lists;
mod lookups;
mod memory;
mod migrate;
mod names;
mod namespaces;
mod newly;
mod pages;
mod places;
mod principals;
mod put;
mod quota;
mod rank;
mod refused;
mod registries;
mod repositories;
mod scan_lists;
mod scans;
mod sources;
mod store;
mod tags;
mod tellings;
#[cfg(test)]
mod tests;
mod tokens;
mod totals;
mod units;
mod uploads;
mod verdicts;
mod visible;
mod wanted;
mod webhooks;

pub use access::{
    Access, Actor, Administer, Authoriser, Configure, InstanceAccess, Needs, Permission, Pull, Push, Read,
    Scan, Sees,
};
pub use affected::{AffectedArtifact, After, PackageVersion};
pub use artifacts::{Artifact, Manifest, ManifestReference, Referrer};
pub use audit::{AuditEntry, AuditFilter, NewAuditEntry};
pub use blobs::{Blob, StorageKey};
pub use callers::Caller;
pub use check::check_sqlite;
pub use collect::Collected;
pub use copy::{blobs_of_copy, copy_sqlite};
pub use deliveries::{Delivery, DeliveryState, NewDelivery, TakenDelivery, Tried};
pub use due::{Candidate, StoredManifest};
pub use epss::EpssScore;
pub use error::{Error, Noun};
pub use events::{Event, EventKind};
pub use exceptions::{Exception, NewException};
pub use grants::{Grant, Granted, Permissions, ROLES, Role};
pub use history::ArtifactEvent;
pub use ids::{
    ArtifactId, DeliveryId, ExceptionId, InventoryId, JobId, NamespaceId, OtherRegistryId, PrincipalId,
    RepositoryId, ScanId, TokenId, UnitId, UploadId, WebhookId,
};
pub use indexes::Together;
pub use issuer::{IssuerGrant, IssuerGrantChanges};
pub use jobs::{Beat, JobState, Lease, NewJob, Priority, WhileRunning};
pub use judgements::{Judgement, NewEvent, Recount, UnitChange, UnitsOfInventory};
pub use judging::{Judged, RefusedPull};
pub use lists::{ArtifactRow, ListedRepository, NamespaceSummary};
pub use names::{NameError, NamespaceName, RepositoryName, TagName, full_name};
pub use namespaces::{Namespace, NamespaceSettings, RefusalForm};
pub use newly::{NEWLY_COUNTED_MAX, NewlyAffected, NewlyFound};
pub use pages::{ArtifactFilter, ArtifactOrder, ArtifactPage};
pub use places::ArtifactPlace;
pub use principals::{Login, Principal, PrincipalKind};
pub use put::{Child, NewManifest, Put};
pub use refused::{NewRefused, Refused};
pub use registries::{OtherRegistry, OtherRegistrySettings, RegistryLogin, RegistryPassword};
pub use repositories::Repository;
pub use scan_lists::{ListedScan, ScanFigures, ScanFilter};
pub use scans::{ArtifactScan, Counts, NewResult, SCAN_JOB, ScanResult, ScanState};
pub use sources::{DueSource, Elsewhere, Looked, Source, SourceSettings};
pub use store::{Options, Store};
pub use tags::{Tag, TagMove};
pub use tellings::Telling;
pub use tokens::{NewToken, Session, Token};
pub use totals::{Coverage, DayTotals, Totals};
pub use units::{NewUnit, StoredUnit, UnitFinding, UnitFindingOf};
pub use uploads::Upload;
pub use verdicts::{Answer, NewVerdict, Recorded, StandingAnswer, StoredVerdict};
pub use visible::Visible;
pub use webhooks::{Webhook, WebhookSecret, WebhookSettings};
