//! The registry's side of the gate: who is asked about, and how a refusal is written.
//!
//! A `GET` of a denied manifest is refused to everybody. A `HEAD` is refused to who wants to pull:
//! engines that see one answered go on with what they have in their cache, past the gate. It is
//! answered to who wants to push, for clients look what is there before they send the image that
//! mends it. The two are told apart by what their token was asked for; who comes without a token
//! wants to push if he may. A push is never asked about.

use axum::http::StatusCode;
use plimsoll_store::{Artifact, ManifestReference, NamespaceId, RefusalForm};

use super::access::{Caller, reached};
use super::accounts::Account;
use super::call::Call;
use super::error::{Code, Refusal};
use super::name::Repository;
use super::registry::{Registry, now};
use super::scope::Actions;
use crate::gate::{Decided, PullRequest, Refused};

/// What is pulled, as the client names it.
type Named<'a> = (NamespaceId, &'a Repository, &'a ManifestReference);

/// Lets a pull through, with a warning or without, or says why not.
pub(super) async fn pull(
    registry: &Registry,
    (caller, call): (&Caller, &Call),
    (namespace, name, reference): Named<'_>,
    artifact: &Artifact,
) -> Result<Option<String>, Refusal> {
    let Some(gate) = &registry.gate else { return Ok(None) };
    let account = caller.account();
    let pull = PullRequest {
        namespace,
        repository: &name.name,
        reference,
        artifact,
        account: account.as_ref().map(Account::actor),
        reached: reached(registry, call),
    };
    match gate.decide(&pull, now()).await? {
        Decided::Passes => Ok(None),
        Decided::Warned(why) => Ok(Some(warning(name, &why))),
        Decided::Refused(refused) => Err(refusal(*refused, artifact)),
    }
}

/// The longest text of a warning: clients show it on one line.
const WARNING_CHARACTERS_MAX: usize = 500;

/// The value of a `Warning` header (OCI distribution specification 1.1, "Warnings"): quoted, in letters
/// that a header may have.
fn warning(name: &Repository, why: &str) -> String {
    let text = format!("{}/{} may be pulled, but: {why}", name.namespace, name.name);
    let letter = |it: char| match it {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => it,
        _ => '?',
    };
    let text: String = text.chars().take(WARNING_CHARACTERS_MAX).map(letter).collect();
    format!("299 - \"{text}\"")
}

/// The same for somebody who only asks whether it is there.
pub(super) async fn look(
    registry: &Registry,
    (caller, call): (&Caller, &Call),
    named: Named<'_>,
    artifact: &Artifact,
) -> Result<Option<String>, Refusal> {
    if registry.gate.is_none() || caller.actions(registry, named.1).await?.include(Actions::PUSH) {
        return Ok(None);
    }
    pull(registry, (caller, call), named, artifact).await
}

/// Tells the gate that a tag points elsewhere.
pub(super) async fn tag_moved(
    registry: &Registry,
    namespace: NamespaceId,
    name: &Repository,
    reference: &ManifestReference,
) -> Result<(), Refusal> {
    match &registry.gate {
        Some(gate) => Ok(gate.tag_moved(namespace, &name.name, reference, now()).await?),
        None => Ok(()),
    }
}

/// 403 is the one status after which containerd fetches the reason, so it is the usual one.
fn refusal(refused: Refused, artifact: &Artifact) -> Refusal {
    let (code, status) = match refused.form {
        RefusalForm::Denied => (Code::Denied, StatusCode::FORBIDDEN),
        RefusalForm::Harbor => (Code::PolicyViolation, StatusCode::PRECONDITION_FAILED),
    };
    let detail = serde_json::json!({ "digest": artifact.digest.to_string(), "page": refused.page });
    Refusal::new(code, refused.sentence).with_status(status).with_detail(detail)
}
