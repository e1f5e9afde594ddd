//! What the registry changes, in the audit log: who pushed and who deleted what.
//!
//! Uploads and blobs that come are no change that anybody sees; manifests and tags are.

use plimsoll_store::{Access, Needs, NewAuditEntry};

use super::call::Call;
use super::registry::{Registry, now};

/// Writes a line about what somebody did with their leave. That the change was made does not depend
/// on it.
pub(super) async fn note<P: Needs>(
    registry: &Registry,
    call: &Call,
    access: &Access<P>,
    (action, target): (&str, &str),
) {
    let address = call.client.map(|it| it.to_string());
    let entry = NewAuditEntry {
        actor: access.actor(),
        action,
        namespace: Some(access.namespace()),
        target,
        allowed: true,
        address: address.as_deref(),
        detail: None,
    };
    if let Err(error) = registry.store.audit(&[entry], now()).await {
        (registry.options.log)(&format!("the audit log could not be written: {error}"));
    }
}
