//! The report of an artifact in every form that the report crate writes.

use std::sync::Arc;

use axum::http::header;
use plimsoll_core::Report;
use plimsoll_report::{FORMATS, Format, Style, format_named};

use super::artifacts::artifact;
use super::prelude::*;
use super::whole::of_index;

pub(in super::super) const ROUTES: &[Route] = &[get(
    "getReport",
    "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/report",
    Needs::Namespace(Permission::Read),
    "The report in the form that `format` names, or else the one that `Accept` asks for; JSON, if neither says.",
    |api, call| Box::pin(show(api, call)),
)
.query(&[&[Parameter {
    name: "format",
    about: "The form.",
    schema: |_| json!({ "type": "string", "enum": formats().map(Format::name).collect::<Vec<_>>() }),
}]])
.gives_other("application/json")
.refuses(&[Kind::NotFound, Kind::NotAcceptable, Kind::NotAvailable])];

/// Every form: all of the report crate's.
pub(super) fn formats() -> impl Iterator<Item = &'static dyn Format> {
    FORMATS.iter().copied()
}

/// The media types of the forms that have one of their own; the first row of a type is what `Accept`
/// gets by it.
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("json", "application/json"),
    ("html", "text/html"),
    ("csv", "text/csv"),
    ("table", "text/plain"),
    ("junit", "application/xml"),
    ("sarif", "application/sarif+json"),
    ("cyclonedx", "application/vnd.cyclonedx+json"),
    ("cyclonedx-sbom", "application/vnd.cyclonedx+json"),
    ("spdx-json", "application/spdx+json"),
    ("spdx", "text/spdx"),
    ("openvex", "application/openvex+json"),
];

fn media_type(name: &str) -> &'static str {
    MEDIA_TYPES.iter().find(|it| it.0 == name).map_or("application/json", |it| it.1)
}

/// What has been found in the artifact of the path.
pub(super) async fn report(api: &Api, call: &Call) -> Result<Arc<Report>, Problem> {
    let reports = api.reports.as_ref().ok_or_else(|| Problem::not_available("reports"))?;
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let found = reports.report(&access, artifact.id).await.map_err(|it| Problem::internal(it.as_ref()))?;
    let found = match found {
        Some(report) => Some(report),
        None => of_index(api, call, &access, &artifact).await?.map(Arc::new),
    };
    found.ok_or_else(|| {
        Problem::new(Kind::NotFound, "there is no report on it: it was never scanned to the end")
    })
}

async fn show(api: &Api, call: &Call) -> Answered {
    let format = wanted(call)?;
    let mut report = report(api, call).await?.as_ref().clone();
    // The same report may be of images of others; here it is of this one.
    report.subject.name =
        format!("{}/{}:{}", call.value("namespace"), call.value("repository"), call.value("reference"));
    if call.value("reference").contains(':') {
        report.subject.name = report.subject.name.replacen(":sha", "@sha", 1);
    }
    let style = Style {
        color: false,
        width_columns: 160,
        show_kernel_headers: false,
        tool_version: api.options.version.clone(),
        next_steps: Vec::new(),
        ecosystems: &[],
        list_packages: true,
        commit: None,
    };
    // A large report takes its time, which is not taken from other requests.
    let written = tokio::task::spawn_blocking(move || {
        let mut out = Vec::new();
        format.render(&report, &style, &mut out).map(|()| out)
    });
    let bytes = written.await.map_err(|error| Problem::internal(&error))?;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    let media_type = media_type(format.name());
    let text = if media_type.starts_with("text/") { "; charset=utf-8" } else { "" };
    let answer = Answer::bytes(&format!("{media_type}{text}"), bytes);
    // What is in a report was written by strangers.
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    Ok(answer.with(header::CONTENT_SECURITY_POLICY, policy))
}

fn wanted(call: &Call) -> Result<&'static dyn Format, Problem> {
    if let Some(name) = call.parameter("format") {
        return format_named(name)
            .ok_or_else(|| Problem::invalid("format", "none of the forms; see `/instance`"));
    }
    let accept = call.header(&header::ACCEPT).unwrap_or("*/*");
    let name = negotiated(accept).ok_or_else(|| {
        Problem::new(Kind::NotAcceptable, "name a form with `format`; `/instance` lists them")
    })?;
    format_named(name).ok_or_else(|| Problem::not_available("such reports"))
}

/// The form that `Accept` likes most; of those that it likes the same, the first of the table.
fn negotiated(accept: &str) -> Option<&'static str> {
    let mut best: Option<(u32, &'static str)> = None;
    for (name, media_type) in MEDIA_TYPES {
        let liking = accept.split(',').filter_map(|range| liking(range, media_type)).max_by_key(|it| it.0);
        if let Some((_, quality)) = liking
            && quality > 0
            && best.is_none_or(|it| quality > it.0)
        {
            best = Some((quality, name));
        }
    }
    best.map(|it| it.1)
}

/// How exactly a range names a type, and how much it likes it in thousandths.
fn liking(range: &str, media_type: &str) -> Option<(u8, u32)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let exactness = if name == media_type {
        2
    } else if name.strip_suffix("/*").is_some_and(|it| it != "*" && media_type.split('/').next() == Some(it))
    {
        1
    } else if name == "*/*" {
        0
    } else {
        return None;
    };
    let quality = parts.find_map(|it| it.strip_prefix("q=")).map_or(Some(1.0), |it| it.parse::<f64>().ok());
    Some((exactness, (quality.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_that_is_liked_most() {
        for (accept, expected) in [
            ("*/*", Some("json")),
            ("application/json", Some("json")),
            ("application/sarif+json", Some("sarif")),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some("html")),
            ("text/csv;q=0.1, application/vnd.cyclonedx+json;q=0.5", Some("cyclonedx")),
            ("image/png", None),
            ("application/json;q=0, text/*", Some("html")),
            ("nonsense", None),
        ] {
            assert_eq!(negotiated(accept), expected, "{accept}");
        }
    }

    #[test]
    fn every_named_form_is_one_of_the_report_crate() {
        for (name, _) in MEDIA_TYPES {
            assert!(format_named(name).is_some(), "{name}");
        }
    }
}
