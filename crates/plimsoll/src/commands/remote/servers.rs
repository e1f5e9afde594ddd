//! The servers that one has signed in at, with their tokens, in a file for nobody else to read.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::outcome::Failure;
use crate::surroundings;

/// What is kept of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The token.
    pub token: String,
    /// Its number there, where `login` made it.
    pub token_id: Option<i64>,
    /// Whose it is.
    pub account: String,
}

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers {
    /// The one signed in at last.
    pub current: Option<String>,
    /// Each by its address.
    pub servers: BTreeMap<String, Server>,
}

fn file() -> PathBuf {
    surroundings::configuration_directory().join("servers.json")
}

impl Servers {
    /// Reads the file; one that is not there holds nothing.
    pub fn read() -> Result<Servers, Failure> {
        let file = file();
        match std::fs::read(&file) {
            Ok(bytes) => Servers::parse(&bytes).ok_or_else(|| {
                Failure::misuse(format!("{} cannot be read", file.display()))
                    .hint("delete it and sign in again")
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Servers::default()),
            Err(error) => Err(Failure::unanswered(format!("{} cannot be read: {error}", file.display()))),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Servers> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let mut servers = BTreeMap::new();
        for (address, it) in value["servers"].as_object()? {
            let token = it["token"].as_str()?.to_owned();
            let account = it["account"].as_str().unwrap_or_default().to_owned();
            servers.insert(address.clone(), Server { token, token_id: it["token_id"].as_i64(), account });
        }
        Some(Servers { current: value["current"].as_str().map(str::to_owned), servers })
    }

    fn text(&self) -> String {
        let servers: serde_json::Map<String, Value> = self
            .servers
            .iter()
            .map(|(address, it)| {
                let value = json!({ "token": it.token, "token_id": it.token_id, "account": it.account });
                (address.clone(), value)
            })
            .collect();
        format!("{:#}\n", json!({ "current": self.current, "servers": servers }))
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self) -> Result<(), Failure> {
        let file = file();
        self.try_write(&file)
            .map_err(|error| Failure::unanswered(format!("{} cannot be written: {error}", file.display())))
    }

    fn try_write(&self, file: &std::path::Path) -> std::io::Result<()> {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        let directory = file.parent().unwrap_or_else(|| std::path::Path::new("."));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let private = std::fs::Permissions::from_mode(0o600);
        let mut new = tempfile::Builder::new().permissions(private).tempfile_in(directory)?;
        new.write_all(self.text().as_bytes())?;
        new.persist(file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_is_for_nobody_else() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plimsoll/servers.json");
        let server = Server { token: "plim_x".into(), token_id: Some(7), account: "anna".into() };
        let servers = Servers {
            current: Some("https://a".into()),
            servers: BTreeMap::from([("https://a".to_owned(), server)]),
        };
        servers.try_write(&file).unwrap();
        assert_eq!(Servers::parse(&std::fs::read(&file).unwrap()), Some(servers));
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Servers::parse(b"[]"), None);
    }
}
