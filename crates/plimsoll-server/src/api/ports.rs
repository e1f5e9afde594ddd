//! What the interface asks of the other parts of the server, one small trait each.
//!
//! What is only read from the store or written to it is done on the store. A part that is not there
//! is answered with `not-available`, never with an empty list.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use futures_util::future::BoxFuture;
use plimsoll_core::{Outcome, Reason, Report, Timestamp};
use plimsoll_engine::fix_plan::FixPlan;
use plimsoll_store::{
    Access, Administer, ArtifactId, Caller, ExceptionId, InstanceAccess, NamespaceId, PrincipalId, Read, Scan,
};
use serde_json::Value;

/// An answer that takes a while.
pub type Asked<'a, T> = BoxFuture<'a, T>;

/// Why somebody was not let in.
#[derive(Debug)]
pub enum SignInRefusal {
    /// Name or secret is wrong; not said which.
    Wrong,
    /// Too often wrong: wait so many seconds.
    Wait(u64),
    /// The accounts cannot be asked now.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

/// Whoever knows passwords and makes secrets.
pub trait SignIn: Send + Sync + 'static {
    /// Whose name and secret these are: a user's password, or a token under its owner's name.
    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        secret: &'a str,
        address: Option<IpAddr>,
    ) -> Asked<'a, Result<Caller, SignInRefusal>>;

    /// Is told of a token that is nobody's, or over.
    fn refused_token(&self, token: &str, address: Option<IpAddr>);

    /// Makes a user; without a password they sign in elsewhere, or with tokens.
    fn make_user<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        name: &'a str,
        password: Option<&'a str>,
    ) -> Asked<'a, Result<PrincipalId, AccountRefusal>>;

    /// Gives a user another password; their sessions and tokens end.
    fn set_password<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        user: PrincipalId,
        password: &'a str,
    ) -> Asked<'a, Result<(), AccountRefusal>>;
}

/// Why an account was not made or changed.
#[derive(Debug)]
pub enum AccountRefusal {
    /// The password will not do, and why.
    Password(String),
    /// The store refused.
    Store(plimsoll_store::Error),
    /// It cannot be done now.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

/// Why there is no report, though there should be one.
pub type NoReport = Box<dyn std::error::Error + Send + Sync>;

/// A report, and what to change in the image.
pub type Planned = (Arc<Report>, FixPlan);

/// The id of a record that was set aside, and why.
pub type Quarantined = (String, String);

/// Whoever knows what was found in an artifact, at the newest database.
pub trait Reports: Send + Sync + 'static {
    /// The report of an artifact; none where it was never scanned.
    fn report<'a>(
        &'a self,
        access: &'a Access<Read>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<Option<Arc<Report>>, NoReport>>;

    /// The report of an image with what to change in it, tried; none where there is nothing to try by.
    fn plan<'a>(
        &'a self,
        _access: &'a Access<Read>,
        _artifact: ArtifactId,
    ) -> Asked<'a, Result<Option<Planned>, NoReport>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// A secret that was made up, of which the hash alone is stored.
#[derive(Clone)]
pub struct Secret {
    /// What its owner is told once.
    pub text: String,
    /// By which it is recognised.
    pub prefix: String,
    /// What is stored.
    pub hash: String,
}

/// A database that is brought as a file.
#[derive(Clone, Debug)]
pub struct Bundled {
    /// The public key that it has to be signed with; whoever signed it, where there is none.
    pub key: Option<String>,
    /// Whether it is taken though what is here is newer.
    pub is_older_taken: bool,
}

/// Why a bundle was not taken.
#[derive(Debug)]
pub enum NoImport {
    /// What was named as a key is none.
    Key(String),
    /// It is no bundle, damaged, not signed as it has to be, or older than what is here.
    Bad(String),
    /// It has more bytes than that.
    TooLarge(u64),
    /// An update runs.
    Busy,
    /// Something on our side failed.
    Failed(String),
}

/// The vulnerability database of the instance. What it says is JSON of the interface's types.
pub trait Database: Send + Sync + 'static {
    /// The snapshot and its feeds: a `DatabaseStatus`.
    fn status(&self) -> Asked<'_, Value>;
    /// Begins an update; false if one runs already.
    fn update(&self) -> Asked<'_, Result<bool, String>>;
    /// Takes a bundle and puts what it makes in use: a `DatabaseImported`.
    fn import(&self, content: Body, bundled: Bundled) -> Asked<'_, Result<Value, NoImport>>;
    /// The snapshots that are kept: a list of `DatabaseSnapshot`.
    fn snapshots(&self) -> Asked<'_, Result<Value, String>>;
    /// What a snapshot (the one in use, if none is named) says otherwise than an older one: a
    /// `SnapshotComparison`; none where one of them is not kept.
    fn differences(&self, old: u64, new: Option<u64>) -> Asked<'_, Result<Option<Value>, String>>;
    /// The records of a feed that were set aside, each with why; none where there is no such feed.
    fn quarantined<'a>(&'a self, feed: &'a str) -> Asked<'a, Result<Option<Vec<Quarantined>>, String>>;
    /// What is known of a vulnerability by any of its ids: a `Vulnerability`.
    fn vulnerability<'a>(&'a self, id: &'a str) -> Asked<'a, Result<Option<Value>, String>>;
    /// What is said of a vulnerability in packages: `items`, a list of `AffectedPackage`, and `is_cut`.
    fn affected<'a>(&'a self, id: &'a str) -> Asked<'a, Result<Value, String>>;
}

/// What is answered to a pull, and by what.
#[derive(Clone, Debug)]
pub struct PullWord {
    /// What.
    pub outcome: Outcome,
    /// Every reason.
    pub reasons: Vec<Reason>,
    /// Why less came of it than of its reasons, as a word.
    pub lowered: Option<&'static str>,
    /// From when on it may be another answer, though nothing is changed but the time.
    pub until: Option<Timestamp>,
    /// The policy; none where nobody can read it.
    pub policy: Option<Value>,
    /// Whether nothing is asked there.
    pub is_off: bool,
    /// Whether it is an index, of which the images are asked about.
    pub is_index: bool,
    /// Whether the account is let through because it scans.
    pub is_scanner: bool,
    /// The exceptions that spoke.
    pub exceptions: Vec<ExceptionId>,
}

/// The policies and what they come to.
pub trait Judge: Send + Sync + 'static {
    /// A policy in its canonical form, or what is wrong with it.
    fn check(&self, policy: &Value) -> Result<Value, String>;
    /// What a policy would have done to the pulls of the last days.
    fn preview<'a>(
        &'a self,
        namespace: NamespaceId,
        policy: &'a Value,
        days: u32,
    ) -> Asked<'a, Result<Value, String>>;
    /// What would be answered to an account that pulls an artifact now, and why; nothing of one that
    /// is gone.
    fn explain<'a>(
        &'a self,
        artifact: ArtifactId,
        account: Option<&'a str>,
    ) -> Asked<'a, Result<Option<PullWord>, String>>;
    /// A policy or an exception has changed.
    fn changed(&self, namespace: Option<NamespaceId>);
}

/// What became of asking for a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedScan {
    /// So many scans were put down: one, or some images of an index.
    Scans(usize),
    /// There is one on its way.
    OnItsWay,
    /// There is nothing to scan, and why.
    NotSupported(String),
}

/// Whoever scans.
pub trait Scans: Send + Sync + 'static {
    /// Has an artifact scanned, of an index its images.
    fn request<'a>(
        &'a self,
        access: &'a Access<Scan>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<AskedScan, plimsoll_store::Error>>;

    /// Stops the scan of an artifact, or of the images of an index; says whether there was one.
    fn stop<'a>(
        &'a self,
        access: &'a Access<Scan>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<bool, plimsoll_store::Error>>;

    /// Something may be due: settings were changed.
    fn look(&self);
}
