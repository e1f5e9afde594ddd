//! `plimsoll remote registries` and `source`.

use reqwest::Method;
use serde_json::{Value, json};

use super::Remote;
use super::client::segment;
use super::login::secret;
use super::table::{Column, text};
use crate::cli::remote::{RegistriesArgs, SourceArgs};
use crate::outcome::{Failure, Status};

/// Lists registries of others, makes them known, asks how they are, forgets them.
pub fn registries(remote: &Remote, args: &RegistriesArgs) -> Result<Status, Failure> {
    if let (Some(name), Some(host)) = (&args.create, &args.host) {
        let password = args.username.as_ref().map(|_| secret()).transpose()?;
        let body = json!({
            "name": name,
            "host": host,
            "username": args.username,
            "password": password,
            "insecure": args.insecure,
        });
        let made = remote.client.change(Method::POST, "/registries", Some(&body))?;
        return remote.done(&made, &format!("registry {name} is known; see how it is by --check {name}"));
    }
    if let Some(name) = &args.delete {
        let path = format!("/registries/{}", number(remote, name)?);
        let done = remote.client.change(Method::DELETE, &path, None)?;
        return remote.done(&done, &format!("registry {name} is forgotten"));
    }
    if let Some(name) = &args.check {
        return check(remote, name);
    }
    let items = remote.client.pages("/registries", &[], usize::MAX)?;
    remote.list(
        &items,
        &[
            Column("REGISTRY", |it| text(&it["name"])),
            Column("HOST", |it| text(&it["host"])),
            Column("KIND", |it| text(&it["kind"])),
            Column("ACCOUNT", |it| text(&it["username"])),
            Column("NAMESPACES", |it| text(&it["namespaces"])),
            Column("CHECKED", |it| text(&it["checked_at"])),
            Column("PROBLEM", |it| text(&it["problem"])),
        ],
    )
}

fn check(remote: &Remote, name: &str) -> Result<Status, Failure> {
    let path = format!("/registries/{}/check", number(remote, name)?);
    let found = remote.client.change(Method::POST, &path, None)?;
    if !found["problem"].is_null() {
        return Err(Failure::unanswered(format!("registry {name}: {}", text(&found["problem"]))));
    }
    remote.done(&found, &format!("registry {name} answers and takes the login: {}", text(&found["kind"])))
}

/// The number of a registry that is known by name.
fn number(remote: &Remote, name: &str) -> Result<i64, Failure> {
    let items = remote.client.pages("/registries", &[], usize::MAX)?;
    let found = items.iter().find(|it| it["name"] == name).and_then(|it| it["id"].as_i64());
    found.ok_or_else(|| Failure::unanswered(format!("there is no registry `{name}`")))
}

/// Shows or sets where the images of a namespace lie.
pub fn source(remote: &Remote, args: &SourceArgs) -> Result<Status, Failure> {
    let path = format!("/namespaces/{}/source", segment(&args.namespace));
    if args.remove {
        let done = remote.client.change(Method::DELETE, &path, None)?;
        let sentence = format!("nothing is listed in {} any more; its images lie here", args.namespace);
        return remote.done(&done, &sentence);
    }
    if args.sync {
        let done = remote.client.change(Method::POST, &format!("{path}/sync"), None)?;
        return remote.done(&done, "it is looked as soon as possible");
    }
    let found = match &args.registry {
        None => remote.client.get(&path, &[])?,
        Some(registry) => {
            let body = json!({
                "registry": number(remote, registry)?,
                "repositories": args.repository,
                "tags": (!args.tag.is_empty()).then_some(&args.tag),
                "every_minutes": args.every,
            });
            remote.client.change(Method::PUT, &path, Some(&body))?
        }
    };
    show(remote, &found)
}

fn show(remote: &Remote, source: &Value) -> Result<Status, Failure> {
    let mut lines = vec![
        ("registry", format!("{} ({})", text(&source["registry_name"]), text(&source["host"]))),
        ("repositories", text(&source["repositories"])),
        ("tags", text(&source["tags"])),
        ("looked", format!("every {} minutes", text(&source["every_minutes"]))),
        ("last look", text(&source["synced_at"])),
        (
            "listed",
            format!(
                "{} repositories, {} tags",
                text(&source["repositories_seen"]),
                text(&source["images_seen"])
            ),
        ),
    ];
    if source["is_cut"] == true {
        lines.push(("beyond", "there is more than is listed".to_owned()));
    }
    if !source["problem"].is_null() {
        lines.push(("problem", text(&source["problem"])));
    }
    remote.one(source, &lines)
}
