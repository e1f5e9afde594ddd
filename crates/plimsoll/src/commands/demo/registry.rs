//! Pushing to the demonstration's server and pulling from it, by the registry's own protocol.

use plimsoll_core::{Limits, Reference};
use plimsoll_registry::{
    Access, CredentialFiles, Login, Options, Patience, PlatformChoice, Repository, Secret,
};
use serde_json::Value;

use super::images::{Image, MANIFEST};
use super::running::Running;
use crate::outcome::Failure;

/// Documents of ours are some kilobytes.
const BLOB_BYTES_MAX: u64 = 1 << 20;

/// What came of a pull.
pub(super) enum Pulled {
    /// The whole image: how many blobs and bytes.
    Whole { blobs: usize, size_bytes: usize },
    /// Nothing: the status and the server's own sentence.
    Refused { status: u16, sentence: String },
}

/// The server's registry, as its administrator.
pub(super) struct Registry<'a> {
    pub(super) server: &'a Running,
}

impl Registry<'_> {
    fn repository(&self, image: &str, access: Access) -> Result<Repository, Failure> {
        let reference: Reference =
            format!("{}/{image}", self.server.address).parse().map_err(Failure::unanswered)?;
        let login = Login {
            username: self.server.name.clone(),
            password: Secret::new(self.server.password.reveal().to_owned()),
        };
        let options = Options {
            platforms: PlatformChoice::All,
            login: Some(login),
            // Nobody's logins for other places are looked for.
            credential_files: CredentialFiles::default(),
            insecure_hosts: vec![self.server.address.to_string()],
            patience: Patience { attempts: 1, ..Patience::standard() },
            ..Options::from_environment()
        };
        Repository::connect(&reference, &options, &Limits::standard(), access).map_err(|it| failure(&it))
    }

    /// Sends an image; how many blobs were sent that were not there.
    pub(super) fn push(&self, name: &str, image: Image) -> Result<usize, Failure> {
        let repository = self.repository(name, Access::Write)?;
        let mut sent = 0;
        for blob in image.blobs {
            sent += usize::from(repository.push_blob(&blob.digest, blob.bytes).map_err(|it| failure(&it))?);
        }
        repository.push_manifest(MANIFEST, image.manifest.bytes).map_err(|it| failure(&it))?;
        Ok(sent)
    }

    /// Fetches an image, all of it, or says in the server's words why not.
    pub(super) fn pull(&self, name: &str) -> Result<Pulled, Failure> {
        if let Some(refused) = self.refusal(name)? {
            return Ok(refused);
        }
        let repository = self.repository(name, Access::Read)?;
        let manifest = repository.manifest().map_err(|it| failure(&it))?;
        let (mut blobs, mut size_bytes) = (0, manifest.len());
        let parsed: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let layers = parsed["layers"].as_array().into_iter().flatten();
        for descriptor in layers.chain([&parsed["config"]]) {
            let digest = descriptor["digest"].as_str().unwrap_or_default().parse();
            let digest = digest.map_err(|_| Failure::unanswered("the manifest names no blobs"))?;
            let length = descriptor["size"].as_u64().unwrap_or_default().min(BLOB_BYTES_MAX);
            size_bytes += repository.blob(&digest, length).map_err(|it| failure(&it))?.len();
            blobs += 1;
        }
        Ok(Pulled::Whole { blobs, size_bytes })
    }

    /// The client above cuts what a stranger writes; here the whole sentence is wanted.
    fn refusal(&self, name: &str) -> Result<Option<Pulled>, Failure> {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.server.address);
        let asked = reqwest::blocking::Client::builder().build().and_then(|client| {
            let request = client.get(url).header("accept", MANIFEST);
            request.basic_auth(&self.server.name, Some(self.server.password.reveal())).send()
        });
        let answer = asked.map_err(|error| Failure::unanswered(format!("no answer: {error}")))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(None);
        }
        let body = answer.text().unwrap_or_default();
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let error = &body["errors"][0];
        let part = |name: &str| error[name].as_str().unwrap_or_default();
        let sentence = format!("{}: {}", part("code"), part("message"));
        Ok(Some(Pulled::Refused { status: status.as_u16(), sentence }))
    }
}

fn failure(error: &plimsoll_registry::Error) -> Failure {
    Failure::unanswered(error.with_causes())
}
