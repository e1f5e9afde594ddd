//! The resources of the interface, one file each: their JSON, their rows of the table, and how each
//! is answered.

pub(super) mod account;
pub(super) mod artifacts;
pub(super) mod audit;
pub(super) mod database;
pub(super) mod documents;
pub(super) mod engines;
pub(super) mod events;
pub(super) mod exceptions;
pub(super) mod findings;
pub(super) mod grants;
pub(super) mod histories;
pub(super) mod images;
pub(super) mod instance;
pub(super) mod instance_webhooks;
mod named;
pub(super) mod namespaces;
pub(super) mod overview;
pub(super) mod plans;
pub(super) mod policies;
pub(super) mod pull_check;
pub(super) mod refused_pulls;
pub(super) mod registries;
pub(super) mod reports;
pub(super) mod repositories;
pub(super) mod robots;
pub(super) mod scan_lists;
pub(super) mod scans;
pub(super) mod search;
pub(super) mod tags;
pub(super) mod tokens;
pub(super) mod users;
pub(super) mod verdicts;
pub(super) mod vulnerabilities;
pub(super) mod webhooks;
mod whole;

/// What handlers of every resource use.
mod prelude {
    pub(super) use plimsoll_store::{Administer, Configure, Permission, Push, Read, Scan};
    pub(super) use serde_json::{Value, json};

    pub(super) use super::super::Api;
    pub(super) use super::super::answer::Answer;
    pub(super) use super::super::call::Call;
    pub(super) use super::super::page::{Beginning, Page, Paging};
    pub(super) use super::super::problem::{Kind, Problem};
    pub(super) use super::super::route::{
        Needs, PAGE, Parameter, Route, delete, get, patch, post, put, text, word,
    };
    pub(super) use super::super::schema::{DigestText, Time, wire, words};

    pub(super) use super::registries::lies_here;

    /// What a handler gives.
    pub(super) type Answered = Result<Answer, Problem>;
}
