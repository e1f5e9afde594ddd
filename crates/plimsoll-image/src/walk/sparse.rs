//! Sparse files, whose holes an archive leaves out: the map of their pieces, and the whole file.
//!
//! Source: the manual of GNU tar, "Storing Sparse Files". Believes no number of the map.

use super::{Broken, Walker, limit};
use crate::tar::{self, BLOCK_BYTES, Header, Pax, SparseForm};

impl Walker<'_> {
    /// The map of a sparse file, in any of GNU tar's four forms; `None` for ordinary files.
    pub(super) fn sparse_map(
        &mut self,
        header: &Header,
        pax: &Pax,
        size_bytes: u64,
    ) -> Result<Option<SparseMap>, Broken> {
        if let Some((pieces, real_size, more)) = &header.sparse {
            return self.old_sparse_map(pieces.clone(), *real_size, *more).map(Some);
        }
        let Some(form) = pax.sparse_form() else {
            return Ok(None);
        };
        let value = |key: &str| pax.sparse.get(key.as_bytes());
        let real_size = match value("GNU.sparse.size").or(value("GNU.sparse.realsize")) {
            Some(text) => tar::decimal(text).unwrap_or(u64::MAX),
            None => size_bytes,
        };
        Ok(Some(SparseMap {
            name: value("GNU.sparse.name").cloned(),
            pieces: pieces_of(pax),
            real_size,
            map_in_body: form == SparseForm::MapInBody,
        }))
    }

    /// The map of GNU's old form, which goes on in the blocks behind the header.
    fn old_sparse_map(
        &mut self,
        pieces: Vec<(u64, u64)>,
        real_size: u64,
        mut more: bool,
    ) -> Result<SparseMap, Broken> {
        let mut map = SparseMap { name: None, pieces, real_size, map_in_body: false };
        while more {
            let mut block = [0; BLOCK_BYTES];
            if self.read_up_to(&mut block)? < BLOCK_BYTES {
                self.malformed("the archive is cut off in the map of a sparse file");
                break;
            }
            map.pieces.extend(tar::sparse_pieces(&block[..504]));
            more = block[504] != 0;
            if map.pieces.len() > 1 << 20 {
                return Err(limit("the map of a sparse file has more than a million pieces".to_owned()));
            }
        }
        Ok(map)
    }
}

/// The pieces that a pax header tells of; those of format 0.0 take the place of 0.1's.
fn pieces_of(pax: &Pax) -> Vec<(u64, u64)> {
    if !pax.pieces.is_empty() {
        return pax.pieces.clone();
    }
    let text = pax.sparse.get(&b"GNU.sparse.map"[..]).map_or(&[][..], Vec::as_slice);
    let numbers: Vec<u64> = text.split(|byte| *byte == b',').map_while(tar::decimal).collect();
    numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

/// Where the pieces of a sparse file belong.
pub(super) struct SparseMap {
    /// The name of the file, where the archive's is only one for those who cannot read sparse files.
    pub(super) name: Option<Vec<u8>>,
    /// Offset and length of each piece, in the order of the data.
    pieces: Vec<(u64, u64)>,
    pub(super) real_size: u64,
    /// Format 1.0 has the map in front of the data, as decimal lines padded to whole blocks.
    map_in_body: bool,
}

impl SparseMap {
    /// The file with its holes filled with zeros; its size is bounded by the caller.
    pub(super) fn expand(mut self, body: &[u8]) -> Option<Vec<u8>> {
        let mut data = body;
        if self.map_in_body {
            let mut lines = 0;
            let mut numbers = Vec::new();
            let mut rest = body;
            let mut expected = 1;
            while lines < expected {
                let end = rest.iter().take(24).position(|byte| *byte == b'\n')?;
                numbers.push(tar::decimal(&rest[..end])?);
                rest = &rest[end + 1..];
                lines += 1;
                if lines == 1 {
                    expected = usize::try_from(numbers[0].checked_mul(2)?.checked_add(1)?).ok()?;
                }
            }
            self.pieces = numbers[1..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            data = body.get((body.len() - rest.len()).next_multiple_of(BLOCK_BYTES)..)?;
        }
        let mut content = vec![0; usize::try_from(self.real_size).ok()?];
        for (offset, length) in self.pieces {
            let (offset, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
            let piece = data.get(..length)?;
            content.get_mut(offset..offset.checked_add(length)?)?.copy_from_slice(piece);
            data = &data[length..];
        }
        Some(content)
    }
}
