//! The predicate of cosign's vulnerability attestation, for `cosign attest --type vuln`.
//!
//! Source: sigstore/cosign:specs/COSIGN_VULN_ATTESTATION_SPEC.md; `scanner` is an object, as
//! cosign's own types and the policies that read it have it, whatever the page says. The result
//! inside is exactly the versioned JSON report.

use std::io;

use plimsoll_core::Report;
use serde_json::json;

use crate::{Format, Style, json};

/// The row of cosign's predicate.
pub(crate) struct CosignVuln;

impl Format for CosignVuln {
    fn name(&self) -> &'static str {
        "cosign-vuln"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let database = report.snapshot.as_ref();
        let time = report.created.to_string();
        // Nulls inside the result are part of the report and stay.
        let document = json!({
            "invocation": { "parameters": [], "uri": "", "event_id": "", "builder.id": "" },
            "scanner": {
                "uri": format!("pkg:generic/plimsoll@{}", style.tool_version),
                "version": style.tool_version,
                "db": {
                    "uri": database.map(|it| format!("urn:plimsoll:snapshot:{}", it.digest)).unwrap_or_default(),
                    "version": database.map(|it| it.built.to_string()).unwrap_or_default(),
                },
                "result": serde_json::to_value(json::document(report, style))?,
            },
            "metadata": { "scanStartedOn": time, "scanFinishedOn": time },
        });
        json::write(&document, out)
    }
}

#[cfg(test)]
mod tests;
