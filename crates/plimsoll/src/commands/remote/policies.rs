//! `plimsoll remote policy` and `exceptions`.

use std::io::Read;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::Remote;
use super::client::segment;
use super::table::{self, Column, text};
use crate::cli::remote::{ExceptionsArgs, PolicyArgs};
use crate::outcome::{Failure, Status};

/// Shows or changes the policy of a namespace.
pub fn policy(remote: &Remote, args: &PolicyArgs) -> Result<Status, Failure> {
    let path = format!("/namespaces/{}/policy", segment(&args.namespace));
    if args.remove {
        let done = remote.client.change(Method::DELETE, &path, None)?;
        return remote.done(&done, &format!("{} has no policy of its own any more", args.namespace));
    }
    let found = match &args.set {
        Some(file) => {
            let body = json!({ "policy": document(file)? });
            remote.client.change(Method::PUT, &path, Some(&body))?
        }
        None => remote.client.get(&path, &[])?,
    };
    table::json(&found["policy"])?;
    Ok(Status::Clean)
}

fn document(file: &Path) -> Result<Value, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::misuse(format!("{}: {error}", file.display()));
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(1 << 20).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    } else {
        text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    }
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

/// Lists, makes or ends exceptions.
pub fn exceptions(remote: &Remote, args: &ExceptionsArgs) -> Result<Status, Failure> {
    let path = format!("/namespaces/{}/exceptions", segment(&args.namespace));
    if let Some(ids) = &args.add {
        let body = json!({ "vulnerabilities": [ids], "reason": args.reason, "expires_at": args.expires });
        let made = remote.client.change(Method::POST, &path, Some(&body))?;
        let count = made["ids"].as_array().map_or(0, Vec::len);
        return remote.done(&made, &format!("{count} exceptions were made"));
    }
    if let Some(number) = args.remove {
        let done = remote.client.change(Method::DELETE, &format!("{path}/{number}"), None)?;
        return remote.done(&done, &format!("exception {number} was ended"));
    }
    let items = remote.client.pages(&path, &[], usize::MAX)?;
    remote.list(
        &items,
        &[
            Column("NUMBER", |it| text(&it["id"])),
            Column("VULNERABILITY", |it| text(&it["vulnerability"])),
            Column("PACKAGE", |it| text(&it["package"])),
            Column("REPOSITORY", |it| text(&it["repository"])),
            Column("TAGS", |it| text(&it["tags"])),
            Column("EVERYWHERE", |it| text(&it["everywhere"])),
            Column("UNTIL", |it| text(&it["expires_at"])),
            Column("AUTHOR", |it| text(&it["author"])),
            Column("REASON", |it| text(&it["reason"])),
        ],
    )
}
