//! The form of a bundle: an OCI image manifest whose configuration is the recipe and whose layers
//! are shards, packed whole or as what changed since another shard.
//!
//! The recipe is what is signed: it names every shard by the digest of its unpacked bytes, so that
//! nothing of the manifest needs to be believed.

use std::collections::{BTreeMap, HashSet};

use plimsoll_core::Digest;
use serde::{Deserialize, Serialize};

use super::BundleError;

/// The kind of artifact (OCI image specification 1.1, "artifactType").
pub(super) const ARTIFACT_TYPE: &str = "application/vnd.plimsoll.database.v1";
pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const RECIPE_TYPE: &str = "application/vnd.plimsoll.database.recipe.v1+json";
const WHOLE_TYPE: &str = "application/vnd.plimsoll.database.piece.v1+zstd";
const PATCH_TYPE: &str = "application/vnd.plimsoll.database.patch.v1+zstd";

/// The digest of a layer's unpacked bytes.
const UNPACKED: &str = "org.plimsoll.unpacked";
/// The digest of the bytes that a patch is applied to.
const SINCE: &str = "org.plimsoll.since";
/// The feed that a layer is of, for people.
const FEED: &str = "org.plimsoll.feed";
/// The signature of the recipe, as minisign's file.
const SIGNATURE: &str = "org.plimsoll.signature";

/// The form that this code writes, and the only one it reads.
const FORM: u32 = 1;
/// A manifest or recipe is at most so large; those with fifty feeds have 30 kB.
pub(super) const DOCUMENT_BYTES_MAX: u64 = 4 << 20;
/// A packed layer is at most so large; the largest in the field has 20 MB.
const LAYER_BYTES_MAX: u64 = 1 << 30;
/// A shard is at most so large.
const SHARD_BYTES_MAX: u64 = 1 << 30;
/// All shards together are at most so large.
const SHARDS_BYTES_MAX: u64 = 3 << 30;
/// A dictionary is at most so large; ours have 100 kB.
const DICTIONARY_BYTES_MAX: u64 = 4 << 20;
/// More feeds, or layers, than anybody has.
const FEEDS_MAX: usize = 1000;
/// Numbers of snapshots are below this: nobody publishes a billion.
const SEQUENCE_MAX: u64 = 1 << 40;

/// Which shards make which snapshot, for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRecipe {
    /// The version of this form.
    pub form: u32,
    /// The version of Plimsoll that built the snapshot; only the same builds the same bytes.
    pub plimsoll: String,
    /// The snapshot's number.
    pub sequence: u64,
    /// When it was built, in seconds since 1970.
    pub built: i64,
    /// The digest of the snapshot that comes out.
    pub snapshot: String,
    /// The dictionary that its texts are packed with; none where it is trained anew.
    pub dictionary: Option<Piece>,
    /// The feeds, in the order in which they are built.
    pub feeds: Vec<BundleFeed>,
}

/// Some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Their digest.
    pub digest: String,
    /// Their size.
    pub size_bytes: u64,
}

/// One feed of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFeed {
    /// The feed's id.
    pub feed: String,
    /// Where it was taken from, for people.
    pub source: String,
    /// Its shard, unpacked.
    pub shard: Piece,
    /// Its licence.
    pub licence: String,
    /// The attribution that its publisher asks for.
    pub attribution: String,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// The digest of its bytes.
    pub(super) digest: Digest,
    /// Their number.
    pub(super) size_bytes: u64,
    /// The digest of what it unpacks to.
    pub(super) unpacked: String,
    /// For a patch: the digest of what it is applied to.
    pub(super) since: Option<String>,
    /// The feed, or the word `dictionary`.
    pub(super) feed: String,
}

/// What a bundle's manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) recipe: Digest,
    pub(super) recipe_bytes: u64,
    pub(super) signature: Option<String>,
    pub(super) layers: Vec<Layer>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u32,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl BundleRecipe {
    pub(super) fn new(sequence: u64, built: i64, snapshot: String) -> BundleRecipe {
        let plimsoll = env!("CARGO_PKG_VERSION").to_owned();
        BundleRecipe { form: FORM, plimsoll, sequence, built, snapshot, dictionary: None, feeds: Vec::new() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a recipe is plain data")
    }

    /// Reads a recipe and holds its claims against every limit.
    pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<BundleRecipe, BundleError> {
        let malformed = |why: String| BundleError::Malformed { name: name.to_owned(), why };
        let recipe: BundleRecipe =
            serde_json::from_slice(bytes).map_err(|error| malformed(format!("its recipe: {error}")))?;
        recipe.objection().map_or(Ok(recipe.clone()), |why| Err(malformed(why)))
    }

    fn objection(&self) -> Option<String> {
        if self.form != FORM {
            return Some(format!("its recipe has the form {}; another Plimsoll is needed", self.form));
        }
        if self.feeds.is_empty() || self.feeds.len() > FEEDS_MAX {
            return Some(format!("its recipe has {} feeds", self.feeds.len()));
        }
        if self.sequence == 0 || self.sequence >= SEQUENCE_MAX {
            return Some(format!("its number is {}", self.sequence));
        }
        let mut known = HashSet::new();
        if let Some(twice) = self.feeds.iter().find(|it| !known.insert(&it.feed)) {
            return Some(format!("its recipe names the feed `{}` twice", twice.feed));
        }
        let shards = self.feeds.iter().map(|it| (&it.shard, SHARD_BYTES_MAX));
        let dictionary = self.dictionary.iter().map(|it| (it, DICTIONARY_BYTES_MAX));
        let mut sum_bytes: u64 = 0;
        for (piece, most_bytes) in shards.chain(dictionary) {
            sum_bytes = sum_bytes.saturating_add(piece.size_bytes);
            if piece.size_bytes > most_bytes || sum_bytes > SHARDS_BYTES_MAX {
                return Some(format!("{} is larger than any database's", piece.digest));
            }
            // The digest becomes a file's name.
            if let Err(why) = sha256_of(&piece.digest) {
                return Some(why);
            }
        }
        sha256_of(&self.snapshot).err()
    }
}

impl Manifest {
    pub(super) fn encode(&self) -> Vec<u8> {
        let annotations = |pairs: &[(&str, Option<&String>)]| -> BTreeMap<String, String> {
            pairs.iter().filter_map(|(key, value)| Some(((*key).to_owned(), (*value)?.clone()))).collect()
        };
        let layer = |layer: &Layer| Descriptor {
            media_type: if layer.since.is_some() { PATCH_TYPE } else { WHOLE_TYPE }.to_owned(),
            digest: layer.digest.to_string(),
            size: layer.size_bytes,
            annotations: annotations(&[
                (FEED, Some(&layer.feed)),
                (UNPACKED, Some(&layer.unpacked)),
                (SINCE, layer.since.as_ref()),
            ]),
        };
        let document = Document {
            schema_version: 2,
            media_type: Some(MANIFEST_TYPE.to_owned()),
            artifact_type: Some(ARTIFACT_TYPE.to_owned()),
            config: Descriptor {
                media_type: RECIPE_TYPE.to_owned(),
                digest: self.recipe.to_string(),
                size: self.recipe_bytes,
                annotations: BTreeMap::new(),
            },
            layers: self.layers.iter().map(layer).collect(),
            annotations: annotations(&[(SIGNATURE, self.signature.as_ref())]),
        };
        serde_json::to_vec_pretty(&document).expect("a manifest is plain data")
    }

    /// Reads a manifest. Layers of other kinds are passed over: a later form may add some.
    pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Manifest, BundleError> {
        let malformed = |why: String| BundleError::Malformed { name: name.to_owned(), why };
        let mut document: Document =
            serde_json::from_slice(bytes).map_err(|error| malformed(format!("its manifest: {error}")))?;
        if document.config.media_type != RECIPE_TYPE {
            return Err(malformed(format!("it is a {}", document.config.media_type)));
        }
        if document.config.size > DOCUMENT_BYTES_MAX || document.layers.len() > 4 * FEEDS_MAX {
            return Err(malformed("its manifest is larger than any database's".to_owned()));
        }
        let mut layers = Vec::new();
        for descriptor in document.layers {
            if descriptor.media_type == WHOLE_TYPE || descriptor.media_type == PATCH_TYPE {
                layers.push(layer(descriptor).map_err(malformed)?);
            }
        }
        Ok(Manifest {
            recipe: sha256_of(&document.config.digest).map_err(malformed)?,
            recipe_bytes: document.config.size,
            signature: document.annotations.remove(SIGNATURE),
            layers,
        })
    }
}

fn layer(mut descriptor: Descriptor) -> Result<Layer, String> {
    let digest = sha256_of(&descriptor.digest)?;
    if descriptor.size > LAYER_BYTES_MAX {
        return Err(format!("the layer {digest} is larger than any database's"));
    }
    let is_patch = descriptor.media_type == PATCH_TYPE;
    let mut annotation = |key: &str| descriptor.annotations.remove(key);
    let since = annotation(SINCE);
    if since.is_some() != is_patch {
        return Err(format!("the layer {digest} does not say what it is a patch of"));
    }
    let unpacked = annotation(UNPACKED).ok_or_else(|| format!("the layer {digest} does not say of what"))?;
    let feed = annotation(FEED).unwrap_or_default();
    Ok(Layer { digest, size_bytes: descriptor.size, unpacked, since, feed })
}

fn sha256_of(text: &str) -> Result<Digest, String> {
    match text.parse::<Digest>() {
        Ok(digest) if digest.algorithm() == plimsoll_core::Algorithm::Sha256 => Ok(digest),
        _ => Err(format!("`{text}` is no SHA-256 digest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(byte: u8) -> String {
        Digest::sha256([byte; 32]).to_string()
    }

    fn recipe() -> BundleRecipe {
        let mut recipe = BundleRecipe::new(7, 1_700_000_000, digest(1));
        recipe.feeds.push(BundleFeed {
            feed: "alpine".to_owned(),
            source: "https://secdb.example".to_owned(),
            shard: Piece { digest: digest(2), size_bytes: 10 },
            licence: "MIT".to_owned(),
            attribution: "Alpine".to_owned(),
        });
        recipe
    }

    fn refused(change: impl Fn(&mut BundleRecipe)) -> bool {
        let mut recipe = recipe();
        change(&mut recipe);
        BundleRecipe::decode("x", &recipe.encode()).is_err()
    }

    #[test]
    fn a_recipe_is_read_as_it_was_written() {
        assert_eq!(BundleRecipe::decode("x", &recipe().encode()).unwrap(), recipe());
    }

    #[test]
    fn a_recipe_with_absurd_claims_is_refused() {
        assert!(!refused(|_| ()));
        assert!(refused(|it| it.feeds.clear()));
        assert!(refused(|it| it.feeds.push(it.feeds[0].clone())));
        assert!(refused(|it| it.feeds[0].shard.size_bytes = 1 << 40));
        assert!(refused(|it| it.feeds[0].shard.digest = "sha256:../../x".to_owned()));
        assert!(refused(|it| it.dictionary = Some(Piece { digest: digest(3), size_bytes: 1 << 30 })));
        assert!(refused(|it| it.snapshot = "none".to_owned()));
        assert!(refused(|it| it.sequence = u64::MAX));
        assert!(refused(|it| it.form = 2));
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let layer = |since: Option<String>| Layer {
            digest: Digest::sha256([4; 32]),
            size_bytes: 5,
            unpacked: digest(2),
            since,
            feed: "alpine".to_owned(),
        };
        let manifest = Manifest {
            recipe: Digest::sha256([3; 32]),
            recipe_bytes: 99,
            signature: Some("untrusted comment: x\n".to_owned()),
            layers: vec![layer(None), layer(Some(digest(9)))],
        };
        assert_eq!(Manifest::decode("x", &manifest.encode()).unwrap(), manifest);
    }

    #[test]
    fn another_artifact_is_no_database() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:0","size":2},"layers":[]}"#,
        ] {
            assert!(Manifest::decode("x", text.as_bytes()).is_err());
        }
    }
}
