//! Gets the pieces of a bundle: those that are here already are not asked for, a patch is taken
//! where what it changes is here, and everything is checked by its digest.

use plimsoll_vulndb::delta;
use plimsoll_vulndb::snapshot::PackedTexts;

use super::super::store::Database;
use super::form::{Layer, Piece};
use super::{BundleError, BundleSource, sha256};

/// Gets pieces, and counts what had to be moved for that.
pub(super) struct Unpacking<'a> {
    pub(super) source: &'a dyn BundleSource,
    pub(super) database: &'a Database,
    pub(super) layers: &'a [Layer],
    pub(super) moved_bytes: u64,
}

impl Unpacking<'_> {
    /// A shard's bytes, which are kept from then on.
    pub(super) fn shard(&mut self, feed: &str, piece: &Piece) -> Result<Vec<u8>, BundleError> {
        // One that is damaged is as good as none.
        if self.database.has_shard(&piece.digest)
            && let Ok(bytes) = self.database.shard_bytes(&piece.digest)
        {
            return Ok(bytes);
        }
        let bytes = self.unpacked(feed, piece)?;
        self.database.save_shard(self.database.pack_shard(&bytes)?)?;
        Ok(bytes)
    }

    /// The dictionary's bytes.
    pub(super) fn dictionary(&mut self, piece: &Piece) -> Result<Vec<u8>, BundleError> {
        let bytes = match self.database.blob(&piece.digest).ok().or_else(|| self.dictionary_in_use(piece)) {
            Some(bytes) => bytes,
            None => self.unpacked("dictionary", piece)?,
        };
        self.database.save_blob(&bytes)?;
        Ok(bytes)
    }

    /// The dictionary of the snapshot in use, if it is this one.
    fn dictionary_in_use(&self, piece: &Piece) -> Option<Vec<u8>> {
        let open = self.database.open().ok()?;
        let bytes = open.snapshot.dictionary();
        (sha256(bytes).to_string() == piece.digest).then(|| bytes.to_vec())
    }

    fn unpacked(&mut self, feed: &str, piece: &Piece) -> Result<Vec<u8>, BundleError> {
        let usable = |layer: &&Layer| {
            layer.unpacked == piece.digest && layer.since.as_ref().is_none_or(|it| self.is_held(it))
        };
        let layer = self.layers.iter().filter(usable).min_by_key(|it| it.size_bytes);
        let name = self.source.name();
        let layer = layer.ok_or_else(|| BundleError::NoBase { name: name.clone(), feed: feed.to_owned() })?;
        let old = match &layer.since {
            Some(since) => self.database.shard_bytes(since)?,
            None => Vec::new(),
        };
        let packed = self.source.blob(&layer.digest, layer.size_bytes)?;
        self.moved_bytes = self.moved_bytes.saturating_add(layer.size_bytes);
        let malformed = |why: String| BundleError::Malformed { name: name.clone(), why };
        let bytes = delta::patch(&old, &packed, piece.size_bytes)
            .map_err(|error| malformed(format!("the feed `{feed}` cannot be unpacked: {error}")))?;
        if sha256(&bytes).to_string() == piece.digest {
            Ok(bytes)
        } else {
            Err(malformed(format!("the feed `{feed}` is another than its recipe says")))
        }
    }

    fn is_held(&self, digest: &str) -> bool {
        // What a stranger wrote becomes part of a path only as a digest.
        digest.parse::<plimsoll_core::Digest>().is_ok() && self.database.has_shard(digest)
    }
}
