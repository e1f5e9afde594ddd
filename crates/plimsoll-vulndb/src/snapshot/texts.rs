//! Summary, description and references of a vulnerability: reading them from the snapshot.
//!
//! Each vulnerability's texts are packed by themselves, with a dictionary trained on all of
//! them, so that one is read without unpacking its neighbours.

use std::borrow::Cow;

use plimsoll_core::VulnerabilityText;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::DecoderDictionary;

use super::Snapshot;
use super::cursor::Cursor;
use super::format::{Section, SnapshotError, TEXT_BYTES_MAX, corrupt};
use super::writer::{BuildError, number, optional_text, text};
use crate::parallel;

/// Higher levels gain little on texts this short and take much longer.
const LEVEL: i32 = 12;
/// zstd's own default; larger ones gained nothing that paid for their own size.
const DICTIONARY_BYTES_MAX: usize = 112 * 1024;
/// The sum of a text, which tells whether it is the one that was packed earlier.
const SUM_BYTES: usize = 8;
/// What the dictionary is trained on; a hundred times its size is zstd's advice.
const SAMPLE_BYTES_MAX: usize = 100 * DICTIONARY_BYTES_MAX;

/// A snapshot whose packed texts another one can use.
pub trait PackedTexts: Sync {
    /// The dictionary that they are packed with.
    fn dictionary(&self) -> &[u8];

    /// The packed text of a vulnerability, by its canonical id.
    fn packed(&self, id: &str) -> Option<&[u8]>;
}

impl<B: AsRef<[u8]> + Sync> PackedTexts for Snapshot<B> {
    fn dictionary(&self) -> &[u8] {
        self.section(Section::Dictionary)
    }

    fn packed(&self, id: &str) -> Option<&[u8]> {
        let number = self.canonical_number(id).ok()??;
        self.table(Section::TextOffsets, Section::Texts).bytes(number).ok()
    }
}

/// Packs texts.
pub(crate) struct Packer {
    dictionary: Vec<u8>,
}

/// The bytes of a vulnerability's text before packing, by its number; see [`lay_out`].
pub(crate) type LayOut<'a> = dyn Fn(usize) -> Result<Vec<u8>, BuildError> + Sync + 'a;

impl Packer {
    /// Trains a dictionary on a regular selection of the texts.
    pub(crate) fn trained(count: usize, texts: &LayOut<'_>) -> Result<Packer, BuildError> {
        let mut total = 0;
        for number in 0..count {
            total += texts(number)?.len();
        }
        let step = total.div_ceil(SAMPLE_BYTES_MAX).max(1);
        let samples: Vec<Vec<u8>> = (0..count).step_by(step).map(texts).collect::<Result<_, _>>()?;
        let samples: Vec<Vec<u8>> = samples.into_iter().filter(|it| !it.is_empty()).collect();
        // With too little to learn from, zstd refuses; then no dictionary is needed.
        let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES_MAX).unwrap_or_default();
        Ok(Packer { dictionary })
    }

    /// With a dictionary that another snapshot's texts are packed with.
    pub(crate) fn with_dictionary(dictionary: &[u8]) -> Packer {
        Packer { dictionary: dictionary.to_vec() }
    }

    /// Every text packed, in order: the length and the sum of what is packed, and the packed
    /// bytes; nothing where there is no text. The same dictionary gives the same bytes, whether a
    /// text was packed earlier or not. Of what is the same in `earlier` for certain, `kept` has
    /// the packed bytes, and nobody asks what the text is.
    pub(crate) fn pack_all<'k>(
        &self,
        names: &[&str],
        texts: &LayOut<'_>,
        kept: &(dyn Fn(usize) -> Option<&'k [u8]> + Sync),
        earlier: Option<&dyn PackedTexts>,
    ) -> Result<Vec<Cow<'k, [u8]>>, BuildError> {
        let numbered: Vec<(usize, &str)> = names.iter().copied().enumerate().collect();
        let shares = parallel::shares(&numbered, |share| {
            let mut compressor = self.compressor().map_err(BuildError::Pack)?;
            let pack = |&(number, name): &(usize, &str)| {
                if let Some(kept) = kept(number) {
                    return Ok(Cow::Borrowed(kept));
                }
                let packed = earlier.and_then(|it| it.packed(name));
                let packed = pack(&mut compressor, &texts(number)?, packed).map_err(BuildError::Pack)?;
                Ok(Cow::Owned(packed))
            };
            share.iter().map(pack).collect::<Result<Vec<Cow<'k, [u8]>>, BuildError>>()
        });
        let mut all = Vec::with_capacity(names.len());
        for share in shares {
            all.append(&mut share?);
        }
        Ok(all)
    }

    fn compressor(&self) -> std::io::Result<Compressor<'static>> {
        let mut compressor = Compressor::with_dictionary(LEVEL, &self.dictionary)?;
        compressor.include_contentsize(false)?;
        compressor.include_dictid(false)?;
        compressor.include_checksum(false)?;
        Ok(compressor)
    }

    pub(crate) fn into_dictionary(self) -> Vec<u8> {
        self.dictionary
    }
}

fn pack(
    compressor: &mut Compressor<'_>,
    laid_out: &[u8],
    earlier: Option<&[u8]>,
) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    if laid_out.is_empty() {
        return Ok(out);
    }
    number(&mut out, laid_out.len());
    out.extend_from_slice(&xxhash_rust::xxh3::xxh3_64(laid_out).to_le_bytes());
    match earlier.filter(|earlier| earlier.starts_with(&out)) {
        Some(earlier) => Ok(earlier.to_vec()),
        None => {
            out.extend_from_slice(&compressor.compress(laid_out)?);
            Ok(out)
        }
    }
}

/// The bytes of a text before packing; none where nothing is known.
pub(crate) fn lay_out(summary: Option<&str>, details: Option<&str>, references: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    if summary.is_none() && details.is_none() && references.is_empty() {
        return out;
    }
    optional_text(&mut out, summary);
    optional_text(&mut out, details);
    number(&mut out, references.len());
    references.iter().for_each(|reference| text(&mut out, reference));
    out
}

/// Reads texts, many of them with one decompressor: to make one takes longer than most texts.
pub struct TextReader<'a, B> {
    snapshot: &'a Snapshot<B>,
    decompressor: Option<Decompressor<'a>>,
    unpacked: Vec<u8>,
}

impl<'a, B: AsRef<[u8]>> TextReader<'a, B> {
    pub(super) fn of(snapshot: &'a Snapshot<B>) -> TextReader<'a, B> {
        TextReader { snapshot, decompressor: None, unpacked: Vec::new() }
    }

    /// The texts about a vulnerability, by any of its ids.
    pub fn text(&mut self, id: &str) -> Result<Option<VulnerabilityText>, SnapshotError> {
        self.snapshot.number(id)?.map(|number| self.text_of(number)).transpose()
    }

    /// The texts of the vulnerability with this number.
    fn text_of(&mut self, number: usize) -> Result<VulnerabilityText, SnapshotError> {
        let packed = self.snapshot.table(Section::TextOffsets, Section::Texts).bytes(number)?;
        if packed.is_empty() {
            return Ok(VulnerabilityText::default());
        }
        let mut cursor = Cursor::new(self.unpack(packed)?, Section::Texts);
        let summary = cursor.optional_text()?.map(str::to_owned);
        let details = cursor.optional_text()?.map(str::to_owned);
        let references =
            (0..cursor.count()?).map(|_| cursor.text().map(str::to_owned)).collect::<Result<_, _>>()?;
        Ok(VulnerabilityText { summary, details, references })
    }

    fn unpack(&mut self, packed: &[u8]) -> Result<&[u8], SnapshotError> {
        let mut cursor = Cursor::new(packed, Section::Texts);
        let unpacked_bytes = cursor.index()?;
        cursor.take(SUM_BYTES)?;
        if TEXT_BYTES_MAX < unpacked_bytes {
            return Err(corrupt(Section::Texts, "a text that is too long"));
        }
        let unreadable = |_| corrupt(Section::Texts, "a text that cannot be unpacked");
        let decompressor = match &mut self.decompressor {
            Some(decompressor) => decompressor,
            none => {
                let dictionary = self.snapshot.dictionary()?;
                none.insert(Decompressor::with_prepared_dictionary(dictionary).map_err(unreadable)?)
            }
        };
        self.unpacked.clear();
        self.unpacked.reserve(unpacked_bytes);
        decompressor.decompress_to_buffer(cursor.rest(), &mut self.unpacked).map_err(unreadable)?;
        // The buffer may have room for more than this text said it is: from the one before.
        if unpacked_bytes < self.unpacked.len() {
            return Err(corrupt(Section::Texts, "a text that is longer than it says"));
        }
        Ok(&self.unpacked)
    }
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    fn dictionary(&self) -> Result<&DecoderDictionary<'static>, SnapshotError> {
        self.dictionary
            .get_or_init(|| DecoderDictionary::try_copy(self.section(Section::Dictionary)).ok())
            .as_ref()
            .ok_or_else(|| corrupt(Section::Dictionary, "zstd cannot read it"))
    }
}
