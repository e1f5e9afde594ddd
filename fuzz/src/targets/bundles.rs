//! Databases on their way: a file that says it is one, the manifest, recipe and layers of a
//! registry's artifact, and keys with signatures. The first byte chooses which.

use std::cell::Cell;
use std::io::Write;

use plimsoll_core::{Digest, Timestamp};
use plimsoll_engine::db::{
    ArchiveSource, BundleError, BundleSource, Database, ImportOptions, PublicKey, SecretKey, Trust, import,
};

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((chosen, rest)) = input.split_first() else { return };
    match chosen % 3 {
        0 => archive(rest),
        1 => artifact(rest),
        _ => keys(rest),
    }
}

fn archive(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("there is a folder for temporary files");
    file.write_all(bytes).expect("a temporary file can be written");
    match ArchiveSource::open(file.path()) {
        Ok(source) => take(&source),
        Err(error) => drop(error.to_string()),
    }
}

/// Manifest, recipe and layers. Digests are not compared, or a fuzzer would never get beyond them;
/// what is unpacked is compared all the same.
fn artifact(bytes: &[u8]) {
    let mut parts = super::parts(bytes, 4).into_iter();
    let manifest = parts.next().unwrap_or_default();
    take(&InMemory { manifest, blobs: parts.collect(), asked: Cell::new(0) });
}

struct InMemory<'a> {
    manifest: &'a [u8],
    /// In the order in which they are asked for; the last one stays.
    blobs: Vec<&'a [u8]>,
    asked: Cell<usize>,
}

impl BundleSource for InMemory<'_> {
    fn name(&self) -> String {
        "fuzz".to_owned()
    }

    fn manifest(&self) -> Result<Vec<u8>, BundleError> {
        Ok(self.manifest.to_vec())
    }

    fn blob(&self, _: &Digest, _: u64) -> Result<Vec<u8>, BundleError> {
        let at = self.asked.replace(self.asked.get() + 1);
        Ok(self.blobs.get(at).or(self.blobs.last()).copied().unwrap_or_default().to_vec())
    }
}

/// Takes it into an empty database; what was taken can be opened, and taken again.
fn take(source: &dyn BundleSource) {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let database = Database::in_directory(folder.path().to_owned());
    let options = ImportOptions {
        trust: Trust::Anyone,
        signature: None,
        only: &[],
        allow_older: false,
        keep_days: 14,
        now: Timestamp(1_793_491_200),
    };
    match import(&database, source, &options) {
        Ok(_) => {
            let open = database.open().expect("what was just taken can be opened");
            let broken = super::snapshots::read_all(&open.snapshot);
            assert!(broken.is_none(), "{broken:?}");
        }
        Err(error) => {
            let _ = error.to_string();
            assert!(database.open().is_err(), "a bundle that was refused is in use");
        }
    }
}

/// A key's file, what was signed, and a signature's file.
fn keys(bytes: &[u8]) {
    let parts = super::parts(bytes, 3);
    let text = |at: usize| String::from_utf8_lossy(parts.get(at).copied().unwrap_or_default());
    if let Ok(key) = PublicKey::parse(&text(0)) {
        assert_eq!(PublicKey::parse(&key.to_text()).as_ref(), Ok(&key));
        let _ = key.verify(text(1).as_bytes(), &text(2)).map_err(|error| error.to_string());
    }
    match SecretKey::parse(&text(0)) {
        Ok(key) => {
            assert!(SecretKey::parse(&key.to_text()).is_ok());
            let signature = key.sign(text(1).as_bytes(), &text(2));
            let verified = key.public().verify(text(1).as_bytes(), &signature);
            assert!(verified.is_ok(), "a key that does not know its own signature: {verified:?}");
        }
        Err(error) => drop(error.to_string()),
    }
}
