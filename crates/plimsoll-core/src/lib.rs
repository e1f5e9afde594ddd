//! The vocabulary of Plimsoll, in the words of the field: digests, references,
//! platforms, packages, advisories, findings, reports, problems and limits.
//!
//! This crate serialises nothing, reads nothing and asks no clock. A type enters
//! when two crates say its name to a user, never because of a dependency cycle.
#![forbid(unsafe_code)]

mod advisory;
mod cpe;
mod digest;
mod distro;
mod ecosystem;
mod escape;
mod functions;
mod image_path;
mod inventory;
mod limits;
pub mod media_type;
mod observations;
mod platform;
mod problem;
mod purl;
mod reference;
mod report;
mod severity;
mod time;
mod verdict;
mod vex;

pub use advisory::{
    Advisory, CvssVector, End, Epss, Kev, NameKind, Range, Realm, Status, Vulnerability, VulnerabilityText,
    VulnerableCode,
};
pub use cpe::{CpeProduct, cpe_channel};
pub use digest::{Algorithm, Digest, DigestError};
pub use distro::{Distro, EndOfLife, Support};
pub use ecosystem::{
    Affected, Ecosystem, Extractor, Files, HEAD_BYTES, InFlight, Input, Pattern, Unreadable,
};
pub use escape::Escaped;
pub use functions::{LinkedFunctions, Reachable};
pub use image_path::{ImagePath, PathError};
pub use inventory::{InstalledPackage, Inventory, LayerInfo, Origin};
pub use limits::Limits;
pub use observations::{Evidence, Observations, OwnedFiles, Package, SourcePackage, UnnamedArchive};
pub use platform::{Platform, PlatformError};
pub use problem::{Problem, ProblemKind};
pub use purl::Purl;
pub use reference::{Reference, ReferenceError};
pub use report::{
    Finding, FindingClass, ImageReport, PackageRef, Report, ReportDigests, SnapshotInfo, Subject,
    SubjectKind, Summary, Suppression, SuppressionKind, Why, is_answered, parts,
};
pub use severity::{Rating, Severity};
pub use time::{Timestamp, TimestampError};
pub use verdict::{NamedFinding, Outcome, Reason, Verdict};
pub use vex::{FixState, IgnoreRule, TextPattern, VexIdentifier, VexProduct, VexStatement, VexStatus};
