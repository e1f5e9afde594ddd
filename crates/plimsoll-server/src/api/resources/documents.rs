//! The OpenAPI document, and a page to read it that asks nobody else for anything.

use axum::http::header;

use super::super::document;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get("getDocument", "/openapi.json", Needs::Nobody, "This document.", |api, call| {
        Box::pin(document(api, call))
    })
    .gives_other("application/json"),
    get("getManual", "/docs", Needs::Nobody, "This document as a page for people.", |api, call| {
        Box::pin(page(api, call))
    })
    .gives_other("text/html"),
];

async fn document(api: &Api, _call: &Call) -> Answered {
    let text = api.document.get_or_init(|| document::text().into());
    Ok(Answer::bytes("application/json", text.clone()))
}

/// A page of plain HTML: no script, nothing from elsewhere.
async fn page(_api: &Api, _call: &Call) -> Answered {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    let answer = Answer::bytes("text/html; charset=utf-8", document::page());
    Ok(answer.with(header::CONTENT_SECURITY_POLICY, policy))
}
