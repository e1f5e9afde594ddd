//! A bundle as one file: an OCI image layout in a tar file (`oci-archive`), with the signature
//! beside it as minisign's own file.
//!
//! Reads with one pass over the headers; extended names, links and everything else that a tar file
//! may hold are passed over, since no file of a bundle needs them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use plimsoll_core::{Digest, Escaped};
use serde_json::Value;

use super::export::Bundle;
use super::form::{ARTIFACT_TYPE, DOCUMENT_BYTES_MAX, MANIFEST_TYPE};
use super::{BundleError, BundleSource, sha256};

/// The signature's name in the archive.
const SIGNATURE_NAME: &str = "recipe.minisig";
/// More members than any bundle has.
const MEMBERS_MAX: usize = 10_000;

/// Writes a bundle to a file: whole, or not at all. Gives its size.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_archive(bundle: &Bundle, path: &Path) -> Result<u64, BundleError> {
    let attempt = || {
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(directory)?;
        let mut tar = tar::Builder::new(io::BufWriter::new(file));
        for (name, bytes) in members(bundle) {
            append(&mut tar, &name, &bytes)?;
        }
        let file = tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let size_bytes = file.as_file().metadata()?.len();
        readable_by_all(file.as_file())?;
        file.persist(path)?;
        Ok(size_bytes)
    };
    attempt().map_err(|source| BundleError::Io { path: path.to_owned(), source })
}

/// A temporary file is its owner's alone; a bundle holds nothing secret and is carried around.
fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// The files of the layout, small ones first.
fn members(bundle: &Bundle) -> impl Iterator<Item = (String, std::borrow::Cow<'_, [u8]>)> {
    let manifest = bundle.manifest();
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            "mediaType": MANIFEST_TYPE,
            "artifactType": ARTIFACT_TYPE,
            "digest": sha256(&manifest).to_string(),
            "size": manifest.len(),
        }],
    });
    let own = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes.into());
    let mut first = vec![
        own("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
        own("index.json", format!("{index:#}").into_bytes()),
    ];
    if let Some(signature) = &bundle.signature {
        first.push(own(SIGNATURE_NAME, signature.clone().into_bytes()));
    }
    first.push(own(&blob_name(&sha256(&manifest)), manifest));
    first.push(own(&blob_name(&sha256(&bundle.recipe_text)), bundle.recipe_text.clone()));
    let layers = bundle.layers.iter().map(|(layer, bytes)| (blob_name(&layer.digest), bytes.into()));
    first.into_iter().chain(layers)
}

fn blob_name(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

fn append<W: Write>(tar: &mut tar::Builder<W>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    tar.append_data(&mut header, name, bytes)
}

/// A bundle in a file.
pub struct ArchiveSource {
    path: PathBuf,
    file: File,
    /// Where each regular file begins, and its size.
    members: HashMap<String, (u64, u64)>,
}

impl ArchiveSource {
    /// Opens a file and finds what is in it.
    ///
    /// # Errors
    /// Where it cannot be read, or is no tar file.
    pub fn open(path: &Path) -> Result<ArchiveSource, BundleError> {
        let io = |source| BundleError::Io { path: path.to_owned(), source };
        // Before it is opened: nobody may ever write to a pipe.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(io(io::Error::other("it is no file")));
        }
        let file = File::open(path).map_err(io)?;
        let name = name(path);
        let malformed = |why: String| BundleError::Malformed { name: name.clone(), why };
        let mut members = HashMap::new();
        let mut tar = tar::Archive::new(&file);
        // Raw: nothing that a header announces is read into memory.
        let entries = tar.entries_with_seek().map_err(io)?.raw(true);
        for (at, entry) in entries.enumerate() {
            let entry = entry.map_err(|error| malformed(error.to_string()))?;
            if at >= MEMBERS_MAX {
                return Err(malformed(format!("it holds more than {MEMBERS_MAX} files")));
            }
            if entry.header().entry_type() == tar::EntryType::Regular {
                let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let place = (entry.raw_file_position(), entry.size());
                members.insert(name.trim_start_matches("./").to_owned(), place);
            }
        }
        Ok(ArchiveSource { path: path.to_owned(), file, members })
    }

    fn malformed(&self, why: impl Into<String>) -> BundleError {
        BundleError::Malformed { name: self.name(), why: why.into() }
    }

    fn member(&self, member: &str, most_bytes: u64) -> Result<Vec<u8>, BundleError> {
        let (offset, size_bytes) =
            *self.members.get(member).ok_or_else(|| self.malformed(format!("`{member}` is missing")))?;
        if size_bytes > most_bytes {
            return Err(self.malformed(format!("`{member}` is larger than {most_bytes} bytes")));
        }
        let mut bytes = Vec::new();
        let mut read = || {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(offset))?;
            file.take(size_bytes).read_to_end(&mut bytes)
        };
        read().map_err(|source| BundleError::Io { path: self.path.clone(), source })?;
        if bytes.len() as u64 == size_bytes {
            Ok(bytes)
        } else {
            Err(self.malformed(format!("it is cut short in `{member}`")))
        }
    }
}

impl BundleSource for ArchiveSource {
    fn name(&self) -> String {
        name(&self.path)
    }

    fn manifest(&self) -> Result<Vec<u8>, BundleError> {
        let index = self.member("index.json", DOCUMENT_BYTES_MAX)?;
        let index: Value =
            serde_json::from_slice(&index).map_err(|error| self.malformed(format!("its index: {error}")))?;
        let descriptor = match index["manifests"].as_array().map(Vec::as_slice) {
            Some([one]) => one,
            _ => return Err(self.malformed("its index does not name one manifest")),
        };
        let digest = descriptor["digest"].as_str().and_then(|it| it.parse().ok());
        let digest: Digest = digest.ok_or_else(|| self.malformed("its index names no digest"))?;
        let size_bytes = descriptor["size"].as_u64().filter(|it| *it <= DOCUMENT_BYTES_MAX);
        self.blob(&digest, size_bytes.ok_or_else(|| self.malformed("its manifest is too large"))?)
    }

    fn blob(&self, digest: &Digest, size_bytes: u64) -> Result<Vec<u8>, BundleError> {
        let bytes = self.member(&blob_name(digest), size_bytes)?;
        if bytes.len() as u64 == size_bytes && sha256(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(self.malformed(format!("the content of {digest} is another")))
        }
    }
}

fn name(path: &Path) -> String {
    format!("`{}`", Escaped(&path.to_string_lossy()))
}
