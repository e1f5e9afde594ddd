//! `plimsoll login` and `plimsoll logout`.

use std::io::Read;

use reqwest::Method;
use serde_json::json;

use super::client::{Client, Proof, address};
use super::servers::{Server, Servers};
use super::table;
use crate::cli::remote::{LoginArgs, LogoutArgs};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// How long a token that `login` makes holds.
const TOKEN_DAYS: i64 = 90;

/// Signs in: proves name and password once, and keeps a token made for this machine.
pub fn login(args: &LoginArgs) -> Result<Status, Failure> {
    let base = address(&args.server)?;
    let secret = secret()?;
    let (token, token_id) = match &args.username {
        None => (secret, None),
        Some(name) => {
            let client = Client::at(&base, &args.trust, Some(Proof::Password(name.clone(), secret)))?;
            let (token, id) = make_token(&client)?;
            (token, Some(id))
        }
    };
    let client = Client::at(&base, &args.trust, Some(Proof::Token(token.clone())))?;
    let account = client.get("/account", &[])?["name"].as_str().unwrap_or_default().to_owned();
    let mut servers = Servers::read()?;
    servers.servers.insert(base.clone(), Server { token, token_id, account: account.clone() });
    servers.current = Some(base.clone());
    servers.write()?;
    table::sentence(&format!("signed in at {base} as {account}"))?;
    Ok(Status::Clean)
}

fn make_token(client: &Client) -> Result<(String, i64), Failure> {
    let expires = plimsoll_core::Timestamp(surroundings::now().0 + TOKEN_DAYS * 86_400);
    let body = json!({
        "name": "plimsoll login",
        "permissions": ["read", "pull", "push", "scan", "configure", "administer"],
        "expires_at": expires.to_string(),
    });
    let made = client.change(Method::POST, "/tokens", Some(&body))?;
    let token = made["token"].as_str().map(str::to_owned);
    token.zip(made["id"].as_i64()).ok_or_else(|| Failure::unanswered("the server made no token"))
}

/// A password or a token from standard input: the first line of it.
pub fn secret() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text);
    read.map_err(|error| Failure::misuse(format!("standard input cannot be read: {error}")))?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() {
        return Err(Failure::misuse("nothing came on standard input"));
    }
    Ok(line)
}

/// Forgets a server; that its token is ended there is tried, and said if it was not.
pub fn logout(args: &LogoutArgs) -> Result<Status, Failure> {
    let mut servers = Servers::read()?;
    let base = match &args.server {
        Some(server) => address(server)?,
        None => servers.current.clone().ok_or_else(|| Failure::misuse("nobody is signed in anywhere"))?,
    };
    let Some(server) = servers.servers.remove(&base) else {
        return Err(Failure::misuse(format!("nobody is signed in at {base}")));
    };
    if servers.current.as_ref() == Some(&base) {
        servers.current = servers.servers.keys().next().cloned();
    }
    servers.write()?;
    if let Some(id) = server.token_id {
        let client = Client::at(&base, &args.trust, Some(Proof::Token(server.token)))?;
        client.change(Method::DELETE, &format!("/tokens/{id}"), None)?;
    }
    table::sentence(&format!("signed out at {base}"))?;
    Ok(Status::Clean)
}
