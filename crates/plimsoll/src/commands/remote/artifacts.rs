//! `plimsoll remote artifacts`, `status`, `report` and `findings`.

use serde_json::Value;

use super::super::output;
use super::Remote;
use super::client::segment;
use super::image::{path, place};
use super::table::{Column, text};
use crate::cli::remote::{ArtifactsArgs, FindingsArgs, ImageArgs, RemoteReportArgs};
use crate::outcome::{Failure, Status};

/// Lists artifacts.
pub fn list(remote: &Remote, args: &ArtifactsArgs) -> Result<Status, Failure> {
    let list = match args.place.as_deref().map(place).transpose()? {
        None => "/artifacts".to_owned(),
        Some((namespace, None)) => format!("/namespaces/{}/artifacts", segment(namespace)),
        Some((namespace, Some(repository))) => {
            format!("/namespaces/{}/repositories/{}/artifacts", segment(namespace), segment(repository))
        }
    };
    let mut query = vec![("sort", args.sort.clone())];
    query.extend(args.tag.clone().map(|it| ("tag", it)));
    query.extend(args.state.clone().map(|it| ("state", it)));
    query.extend(args.verdict.clone().map(|it| ("verdict", it)));
    query.extend(args.severity.map(|it| ("severity", it.name().to_owned())));
    let items = remote.client.pages(&list, &query, args.limit)?;
    remote.list(
        &items,
        &[
            Column("IMAGE", |it| format!("{}/{}", text(&it["namespace"]), text(&it["repository"]))),
            Column("TAGS", |it| text(&it["tags"])),
            Column("DIGEST", |it| text(&it["digest"]).chars().take(19).collect()),
            Column("STATE", |it| state(&it["scan"])),
            Column("FINDINGS", |it| counts(&it["summary"])),
            Column("VERDICT", |it| text(&it["verdict"]["answer"])),
            Column("PUSHED", |it| text(&it["pushed_at"])),
        ],
    )
}

/// Where a scan stands, in words.
pub fn state(scan: &Value) -> String {
    let word = text(&scan["state"]).replace('_', " ");
    match scan["progress_percent"].as_u64() {
        Some(percent) => format!("{word} {percent} %"),
        None => word,
    }
}

/// What was found, in words.
pub fn counts(summary: &Value) -> String {
    if summary.is_null() {
        return "-".to_owned();
    }
    let each = ["critical", "high", "medium", "low"].iter().filter_map(|name| {
        summary[*name].as_u64().filter(|it| *it > 0).map(|count| format!("{count} {name}"))
    });
    let counts = each.collect::<Vec<_>>().join(", ");
    let counts = if counts.is_empty() { text(&summary["total"]) } else { counts };
    if summary["complete"] == false { format!("{counts} (incomplete)") } else { counts }
}

/// Shows one artifact.
pub fn status(remote: &Remote, args: &ImageArgs) -> Result<Status, Failure> {
    let found = remote.client.get(&path(&args.image)?, &[])?;
    show(remote, &found)
}

/// What an overview says of the whole: of an index, of all its images.
pub fn whole(found: &Value) -> (String, &Value) {
    match found["index_state"].as_str() {
        Some(state) => (state.replace('_', " "), &found["sum"]),
        None => (state(&found["artifact"]["scan"]), &found["artifact"]["summary"]),
    }
}

/// Writes an overview.
pub fn show(remote: &Remote, found: &Value) -> Result<Status, Failure> {
    let artifact = &found["artifact"];
    let (state, summary) = whole(found);
    let mut lines = vec![
        ("Image", format!("{}/{}", text(&artifact["namespace"]), text(&artifact["repository"]))),
        ("Digest", text(&artifact["digest"])),
        ("Tags", text(&artifact["tags"])),
        ("State", state),
        ("Findings", counts(summary)),
        ("Fixable", text(&summary["fixable"])),
        ("Scanned", text(&summary["scanned_at"])),
        ("Verdict", text(&artifact["verdict"]["answer"])),
    ];
    for platform in found["platforms"].as_array().into_iter().flatten() {
        let words = format!(
            "{}, {}, {}",
            text(&platform["platform"]),
            self::state(&platform["scan"]),
            counts(&platform["summary"])
        );
        lines.push(("Platform", words));
    }
    remote.one(found, &lines)
}

/// Writes the report in any form.
pub fn report(remote: &Remote, args: &RemoteReportArgs) -> Result<Status, Failure> {
    let report = format!("{}/report", path(&args.image)?);
    let bytes = remote.client.bytes(&report, &[("format", args.form.clone())])?;
    output::write(&bytes, args.output.as_deref())?;
    Ok(Status::Clean)
}

/// Lists findings.
pub fn findings(remote: &Remote, args: &FindingsArgs) -> Result<Status, Failure> {
    let list = format!("{}/findings", path(&args.image)?);
    let mut query = Vec::new();
    query.extend(args.severity.map(|it| ("severity", it.name().to_owned())));
    query.extend(args.only_fixable.then(|| ("fixable", "true".to_owned())));
    query.extend(args.suppressed.then(|| ("suppressed", "true".to_owned())));
    let items = remote.client.pages(&list, &query, args.limit)?;
    remote.list(
        &items,
        &[
            Column("ID", |it| text(&it["id"])),
            Column("SEVERITY", |it| text(&it["severity"])),
            Column("PACKAGE", |it| text(&it["package"])),
            Column("VERSION", |it| text(&it["version"])),
            Column("FIXED BY", |it| text(&it["fixed_version"])),
            Column("LAYER", |it| text(&it["layer"]["index"])),
            Column("SUMMARY", |it| match it["suppressed"].is_null() {
                true => text(&it["summary"]),
                false => text(&it["suppressed"]["reason"]),
            }),
        ],
    )
}
