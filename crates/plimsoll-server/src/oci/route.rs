//! Which of the specification's endpoints a path names, read from the right: a repository's name
//! has any number of parts, the ends of the paths are fixed.
//!
//! Pure: knows no handler and no method.

use plimsoll_core::Digest;
use plimsoll_store::{ManifestReference, NameError, TagName};

use super::name::Repository;
use super::percent;
use crate::blobs::BlobKey;

/// An endpoint below `/v2/`, its parameters checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/v2/`: whether this is a registry, and whether the caller is known.
    Base,
    /// `/v2/token`: where tokens are issued.
    Token,
    /// `/v2/_catalog`: every repository.
    Catalog,
    /// `/v2/NAME/tags/list`.
    Tags(Repository),
    /// `/v2/NAME/manifests/REFERENCE`.
    Manifest(Repository, ManifestReference),
    /// `/v2/NAME/blobs/DIGEST`.
    Blob(Repository, Digest),
    /// `/v2/NAME/blobs/uploads/`: where uploads begin.
    Uploads(Repository),
    /// `/v2/NAME/blobs/uploads/ID`: an upload that has begun.
    Upload(Repository, BlobKey),
    /// `/v2/NAME/referrers/DIGEST`.
    Referrers(Repository, Digest),
}

/// Why a path names no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteError {
    /// No endpoint of the specification looks like this.
    Unknown,
    /// The repository's name breaks the grammar.
    Name(NameError),
    /// What should be a digest is none.
    Digest,
    /// Neither a tag nor a digest.
    Reference(NameError),
    /// No id that this registry gives uploads.
    Upload,
}

impl Route {
    /// Reads the path of a request, as it stands in the request line.
    pub fn parse(path: &str) -> Result<Route, RouteError> {
        let path = percent::decode(path).ok_or(RouteError::Unknown)?;
        let rest = match path.strip_prefix("/v2") {
            Some("" | "/") => return Ok(Route::Base),
            Some(rest) => rest.strip_prefix('/').ok_or(RouteError::Unknown)?,
            None => return Err(RouteError::Unknown),
        };
        match rest {
            "token" => return Ok(Route::Token),
            "_catalog" => return Ok(Route::Catalog),
            _ => (),
        }
        let (front, last) = rest.rsplit_once('/').ok_or(RouteError::Unknown)?;
        let (name, kind) = front.rsplit_once('/').ok_or(RouteError::Unknown)?;
        match (kind, last) {
            ("tags", "list") => Ok(Route::Tags(repository(name)?)),
            ("manifests", reference) => Ok(Route::Manifest(repository(name)?, manifest(reference)?)),
            ("referrers", subject) => Ok(Route::Referrers(repository(name)?, digest(subject)?)),
            // Some clients leave off the slash at the end.
            ("blobs", "uploads") => Ok(Route::Uploads(repository(name)?)),
            ("blobs", blob) => Ok(Route::Blob(repository(name)?, digest(blob)?)),
            ("uploads", id) => upload(name, id),
            _ => Err(RouteError::Unknown),
        }
    }

    /// The repository that the path speaks of.
    pub fn repository(&self) -> Option<&Repository> {
        match self {
            Route::Base | Route::Token | Route::Catalog => None,
            Route::Tags(name)
            | Route::Manifest(name, _)
            | Route::Blob(name, _)
            | Route::Uploads(name)
            | Route::Upload(name, _)
            | Route::Referrers(name, _) => Some(name),
        }
    }
}

/// `NAME/blobs` and what stands behind `uploads/`.
fn upload(front: &str, id: &str) -> Result<Route, RouteError> {
    let name = front.strip_suffix("/blobs").ok_or(RouteError::Unknown)?;
    let name = repository(name)?;
    match id {
        "" => Ok(Route::Uploads(name)),
        id => Ok(Route::Upload(name, id.parse().map_err(|_| RouteError::Upload)?)),
    }
}

fn repository(name: &str) -> Result<Repository, RouteError> {
    name.parse().map_err(RouteError::Name)
}

fn digest(text: &str) -> Result<Digest, RouteError> {
    text.parse().map_err(|_| RouteError::Digest)
}

/// A colon makes it a digest: tags have none.
fn manifest(text: &str) -> Result<ManifestReference, RouteError> {
    match text.contains(':') {
        true => Ok(ManifestReference::Digest(digest(text)?)),
        false => Ok(ManifestReference::Tag(TagName::parse(text).map_err(RouteError::Reference)?)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A route in one line, so that the table can be read.
    fn show(path: &str) -> String {
        match Route::parse(path) {
            Ok(Route::Base) => "base".to_owned(),
            Ok(Route::Token) => "token".to_owned(),
            Ok(Route::Catalog) => "catalog".to_owned(),
            Ok(Route::Tags(name)) => format!("tags of {name}"),
            Ok(Route::Manifest(name, ManifestReference::Tag(tag))) => format!("manifest {tag} of {name}"),
            Ok(Route::Manifest(name, ManifestReference::Digest(digest))) => {
                format!("manifest {} of {name}", digest.short())
            }
            Ok(Route::Blob(name, digest)) => format!("blob {} of {name}", digest.short()),
            Ok(Route::Uploads(name)) => format!("uploads of {name}"),
            Ok(Route::Upload(name, _)) => format!("an upload of {name}"),
            Ok(Route::Referrers(name, digest)) => format!("referrers of {} in {name}", digest.short()),
            Err(RouteError::Unknown) => "!".to_owned(),
            Err(RouteError::Name(_)) => "! name".to_owned(),
            Err(RouteError::Digest) => "! digest".to_owned(),
            Err(RouteError::Reference(_)) => "! reference".to_owned(),
            Err(RouteError::Upload) => "! upload".to_owned(),
        }
    }

    #[test]
    fn paths_are_read_from_the_right() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let id = "0123456789abcdef0123456789abcdef";
        let table = [
            ("/v2", "base"),
            ("/v2/", "base"),
            ("/v2/token", "token"),
            ("/v2/_catalog", "catalog"),
            ("/v2/x/app/tags/list", "tags of x/app"),
            ("/v2/a/b/c/tags/list", "tags of a/b/c"),
            ("/v2/x/app/manifests/latest", "manifest latest of x/app"),
            ("/v2/x/app/manifests/DIGEST", "manifest sha256:aaaaaaaaaaaa of x/app"),
            ("/v2/x/app/manifests/sha256%3AHEX", "manifest sha256:aaaaaaaaaaaa of x/app"),
            ("/v2/a%2Fb/manifests/latest", "manifest latest of a/b"),
            ("/v2/x/app/blobs/DIGEST", "blob sha256:aaaaaaaaaaaa of x/app"),
            ("/v2/x/app/blobs/uploads", "uploads of x/app"),
            ("/v2/x/app/blobs/uploads/", "uploads of x/app"),
            ("/v2/x/app/blobs/uploads/ID", "an upload of x/app"),
            ("/v2/x/app/referrers/DIGEST", "referrers of sha256:aaaaaaaaaaaa in x/app"),
            // Names that look like endpoints.
            ("/v2/token/token/manifests/latest", "manifest latest of token/token"),
            ("/v2/a/manifests/manifests/b", "manifest b of a/manifests"),
            ("/v2/blobs/uploads/manifests/v1", "manifest v1 of blobs/uploads"),
            ("/v2/a/tags/list/tags/list", "tags of a/tags/list"),
            ("/v2/a/blobs/uploads/blobs/uploads/", "uploads of a/blobs/uploads"),
            ("/v2/tags/list/tags/list", "tags of tags/list"),
            // What is wrong is said.
            ("/v2/x/App/tags/list", "! name"),
            ("/v2/app/tags/list", "! name"),
            ("/v2/a//b/tags/list", "! name"),
            ("/v2/../tags/list", "! name"),
            ("/v2/a/..%2f..%2fetc/blobs/DIGEST", "! name"),
            ("/v2/x/app/blobs/sha256:abc", "! digest"),
            ("/v2/x/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e", "! digest"),
            ("/v2/x/app/manifests/sha256:abc", "! digest"),
            ("/v2/x/app/manifests/.hidden", "! reference"),
            ("/v2/x/app/manifests/", "! reference"),
            ("/v2/x/app/blobs/uploads/..", "! upload"),
            ("/v2/x/app/blobs/uploads/1234", "! upload"),
            ("/v2/x/app/referrers/latest", "! digest"),
            ("/v2/app", "!"),
            ("/v2/x/app/", "!"),
            ("/v2/x/app", "!"),
            ("/v2/tags/list", "!"),
            ("/v2//", "!"),
            ("/v2x", "!"),
            ("/v1/app/tags/list", "!"),
            ("/v2/x/app/tags/list/", "!"),
            ("/v2/x/app/%zz/list", "!"),
            ("/v2/x/app/%ff/tags/list", "!"),
        ];
        for (path, expected) in table {
            let path = path.replace("DIGEST", &digest).replace("ID", id).replace("HEX", &"a".repeat(64));
            assert_eq!(show(&path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "\\PC{0,80}", tail in "(/v2)?/[a-z/%:.]{0,60}") {
            let _ = Route::parse(&path);
            let _ = Route::parse(&tail);
        }
    }
}
