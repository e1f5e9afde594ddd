//! `plimsoll remote namespaces`.

use reqwest::Method;
use serde_json::json;

use super::Remote;
use super::client::segment;
use super::table::{Column, text};
use crate::cli::remote::NamespacesArgs;
use crate::outcome::{Failure, Status};

/// Lists, makes or deletes.
pub fn run(remote: &Remote, args: &NamespacesArgs) -> Result<Status, Failure> {
    if let Some(name) = &args.create {
        let body = json!({
            "name": name,
            "public": args.public,
            "auto_scan": !args.no_auto_scan,
            "engine": args.engine,
        });
        let made = remote.client.change(Method::POST, "/namespaces", Some(&body))?;
        return remote.done(&made, &format!("namespace {name} was made"));
    }
    if let Some(name) = &args.delete {
        let path = format!("/namespaces/{}", segment(name));
        let done = remote.client.change(Method::DELETE, &path, None)?;
        return remote.done(&done, &format!("namespace {name} was deleted"));
    }
    let items = remote.client.pages("/namespaces", &[], usize::MAX)?;
    remote.list(
        &items,
        &[
            Column("NAMESPACE", |it| text(&it["name"])),
            Column("PUBLIC", |it| text(&it["public"])),
            Column("AUTO-SCAN", |it| text(&it["auto_scan"])),
            Column("ENGINE", |it| text(&it["engine"])),
            Column("POLICY", |it| text(&it["has_policy"])),
            Column("BYTES", |it| text(&it["used_bytes"])),
            Column("QUOTA", |it| text(&it["quota_bytes"])),
            Column("IMAGES IN", |it| text(&it["source_host"])),
        ],
    )
}
