//! `plimsoll remote tokens` and `users`.

use reqwest::Method;
use serde_json::{Value, json};

use super::Remote;
use super::client::segment;
use super::login::secret;
use super::table::{self, Column, text};
use crate::cli::remote::{RemoteFormat, TokensArgs, UsersArgs};
use crate::outcome::{Failure, Status};

/// Lists, makes or ends tokens.
pub fn tokens(remote: &Remote, args: &TokensArgs) -> Result<Status, Failure> {
    if let (Some(name), Some(username)) = (&args.create, &args.username) {
        let body = json!({
            "name": name,
            "permissions": args.permission,
            "namespace": args.namespace,
            "expires_at": args.expires,
        });
        let made =
            remote.client.by_password(username, secret()?).change(Method::POST, "/tokens", Some(&body))?;
        return match remote.format {
            RemoteFormat::Json => remote.done(&made, ""),
            RemoteFormat::Table => {
                table::sentence(&text(&made["token"]))?;
                Ok(Status::Clean)
            }
        };
    }
    if let Some(number) = args.remove {
        let done = remote.client.change(Method::DELETE, &format!("/tokens/{number}"), None)?;
        return remote.done(&done, &format!("token {number} was ended"));
    }
    // All of them come at once: nobody has more than a thousand.
    let mut found = remote.client.get("/tokens", &[])?;
    let items = found["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
    remote.list(
        &items,
        &[
            Column("NUMBER", |it| text(&it["id"])),
            Column("NAME", |it| text(&it["name"])),
            Column("BEGINS WITH", |it| text(&it["prefix"])),
            Column("PERMISSIONS", |it| text(&it["permissions"])),
            Column("UNTIL", |it| text(&it["expires_at"])),
            Column("USED", |it| text(&it["used_at"])),
        ],
    )
}

/// Lists, makes, changes or deletes users.
pub fn users(remote: &Remote, args: &UsersArgs) -> Result<Status, Failure> {
    let one = |name: &str| format!("/users/{}", segment(name));
    let disabled = |name: &str, disabled: bool| {
        remote.client.change(Method::PATCH, &one(name), Some(&json!({ "disabled": disabled })))
    };
    let (done, sentence): (Value, String) = if let Some(name) = &args.create {
        let body = json!({ "name": name, "password": secret()? });
        (remote.client.change(Method::POST, "/users", Some(&body))?, format!("user {name} was made"))
    } else if let Some(name) = &args.disable {
        (disabled(name, true)?, format!("user {name} may do nothing for now"))
    } else if let Some(name) = &args.enable {
        (disabled(name, false)?, format!("user {name} may do something again"))
    } else if let Some(name) = &args.delete {
        (remote.client.change(Method::DELETE, &one(name), None)?, format!("user {name} was deleted"))
    } else {
        let items = remote.client.pages("/users", &[], usize::MAX)?;
        return remote.list(
            &items,
            &[
                Column("NAME", |it| text(&it["name"])),
                Column("DISABLED", |it| text(&it["disabled"])),
                Column("MADE", |it| text(&it["created_at"])),
                Column("SEEN", |it| text(&it["seen_at"])),
            ],
        );
    };
    remote.done(&done, &sentence)
}
