//! What was scanned, as a server keeps it: enough to judge an image again without reading a layer.
//!
//! The form is ours alone and may change with any version; [`form`] says by which one something was
//! made, and an image of another form is scanned again from its layers. What an image is called is
//! no part of it: any number of names may mean the same manifest.

use std::sync::LazyLock;

use plimsoll_core::{Digest, LayerInfo, Limits, Platform, Subject, SubjectKind};
use plimsoll_ecosystems as ecosystems;
use plimsoll_image::walk::WALK_VERSION;
use plimsoll_registry::Attachments;
use plimsoll_vulndb::codec::{Reader, Writer};
use sha2::{Digest as _, Sha256};

use crate::facts::{read_problems, write_problems};
use crate::kept;
use crate::scan::{Scan, ScannedImage};

/// Raised with every change of the form below.
const FORMAT: &[u8; 8] = b"PLMSCAN3";
/// Records are written once and read often.
const LEVEL: i32 = 3;
/// No record is larger, unpacked.
const BYTES_MAX: u64 = 1 << 30;

const KINDS: [SubjectKind; 3] = [SubjectKind::Image, SubjectKind::Index, SubjectKind::NotSupported];

/// What decides what is found in an image besides its bytes: the extractors, the walk, the limits,
/// the form of what is kept. Records of another form are made anew.
pub fn form() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut sum = Sha256::new();
        sum.update(FORMAT);
        sum.update(kept::FORMAT);
        sum.update(WALK_VERSION.to_le_bytes());
        sum.update(format!("{:?}", Limits::standard()));
        sum.update(ecosystems::table_digest_input());
        Digest::sha256(sum.finalize().into()).to_string()
    });
    &TEXT
}

/// Writes what was scanned.
pub fn encode(scan: &Scan) -> Vec<u8> {
    let mut writer = Writer::default();
    let kind = KINDS.iter().position(|it| *it == scan.subject.kind).unwrap_or(KINDS.len() - 1);
    writer.number(kind as u64);
    write_digest(&mut writer, scan.subject.digest.as_ref());
    writer.optional(scan.subject.media_type.as_deref());
    write_problems(&mut writer, &scan.problems);
    writer.number(scan.images.len() as u64);
    for image in &scan.images {
        write_image(&mut writer, image);
    }
    let packed = zstd::bulk::compress(&writer.0, LEVEL).expect("zstd takes any bytes into memory");
    [&FORMAT[..], &packed].concat()
}

/// Reads what [`encode`] wrote, under the name that is wanted for it; `None` where the bytes are of
/// another form, or damaged.
pub fn decode(bytes: &[u8], name: &str) -> Option<Scan> {
    let packed = bytes.strip_prefix(FORMAT)?;
    let unpacked = plimsoll_vulndb::delta::patch(&[], packed, BYTES_MAX).ok()?;
    let mut reader = Reader(&unpacked);
    let subject = Subject {
        name: name.to_owned(),
        kind: *KINDS.get(usize::try_from(reader.number()?).ok()?)?,
        digest: read_digest(&mut reader)?,
        media_type: reader.optional()?,
    };
    let problems = read_problems(&mut reader)?;
    let mut images = Vec::new();
    for _ in 0..reader.count(4)? {
        images.push(read_image(&mut reader)?);
    }
    let whole = reader.0.is_empty();
    whole.then(|| Scan { subject, images, problems, attachments: Attachments::none() })
}

fn write_image(writer: &mut Writer, image: &ScannedImage) {
    write_digest(writer, image.digest.as_ref());
    write_digest(writer, image.config_digest.as_ref());
    let inventory = &image.inventory;
    writer.flag(inventory.platform.is_some());
    if let Some(platform) = &inventory.platform {
        writer.bytes(platform.os.as_bytes());
        writer.bytes(platform.architecture.as_bytes());
        writer.optional(platform.variant.as_deref());
    }
    writer.number(inventory.layers.len() as u64);
    for layer in &inventory.layers {
        write_digest(writer, Some(&layer.diff_id));
        writer.flag(layer.verified);
        write_digest(writer, layer.digest.as_ref());
        writer.flag(layer.size_bytes.is_some());
        writer.number(layer.size_bytes.unwrap_or(0));
        writer.optional(layer.instruction.as_deref());
        writer.flag(layer.from_base.is_some());
        writer.flag(layer.from_base.unwrap_or_default());
        writer.number(layer.settings.len() as u64);
        layer.settings.iter().for_each(|it| writer.bytes(it.as_bytes()));
    }
    writer.bytes(&kept::encode(inventory));
}

fn read_image(reader: &mut Reader<'_>) -> Option<ScannedImage> {
    let (digest, config_digest) = (read_digest(reader)?, read_digest(reader)?);
    let platform = match reader.flag()? {
        true => {
            Some(Platform { os: reader.text()?, architecture: reader.text()?, variant: reader.optional()? })
        }
        false => None,
    };
    let mut layers = Vec::new();
    for _ in 0..reader.count(8)? {
        let (diff_id, verified, digest) = (read_digest(reader)??, reader.flag()?, read_digest(reader)?);
        let (has_size, size_bytes) = (reader.flag()?, reader.number()?);
        let size_bytes = has_size.then_some(size_bytes);
        let instruction = reader.optional()?;
        let (is_told, is_base) = (reader.flag()?, reader.flag()?);
        let from_base = is_told.then_some(is_base);
        let mut settings = Vec::new();
        for _ in 0..reader.count(1)? {
            settings.push(reader.text()?);
        }
        layers.push(LayerInfo { diff_id, verified, digest, size_bytes, instruction, from_base, settings });
    }
    let mut inventory = kept::decode(reader.bytes()?)?;
    let fits = |layer: Option<usize>| layer.is_none_or(|layer| layer < layers.len());
    if !inventory.packages.iter().all(|it| fits(it.origin.layer)) {
        return None;
    }
    (inventory.platform, inventory.layers) = (platform, layers);
    Some(ScannedImage { digest, config_digest, inventory })
}

fn write_digest(writer: &mut Writer, digest: Option<&Digest>) {
    writer.optional(digest.map(ToString::to_string).as_deref());
}

fn read_digest(reader: &mut Reader<'_>) -> Option<Option<Digest>> {
    match reader.optional_str()? {
        None => Some(None),
        Some(text) => Some(Some(text.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{ImagePath, InstalledPackage, Inventory, Origin, Package, Problem, ProblemKind};

    use super::*;

    fn example() -> Scan {
        let digest = Digest::sha256([1; 32]);
        let layer = LayerInfo {
            diff_id: Digest::sha256([2; 32]),
            verified: true,
            digest: Some(Digest::sha512([3; 64])),
            size_bytes: Some(7),
            instruction: Some("RUN true".to_owned()),
            from_base: Some(false),
            settings: vec!["USER nobody".to_owned(), "CMD [\"true\"]".to_owned()],
        };
        let package = InstalledPackage {
            package: Package { kind: "deb".to_owned(), name: "a".to_owned(), ..Package::default() },
            purl: "pkg:deb/a".to_owned(),
            origin: Origin { path: ImagePath::new("x"), layer: Some(0), extractor: "os/dpkg".to_owned() },
            owner: None,
        };
        let inventory = Inventory {
            platform: Some(Platform::new("linux", "arm64")),
            layers: vec![layer],
            packages: vec![package],
            problems: vec![Problem::new(ProblemKind::Malformed, "odd")],
            ..Inventory::default()
        };
        Scan {
            subject: Subject {
                name: "a name".to_owned(),
                kind: SubjectKind::Image,
                digest: Some(digest),
                media_type: Some("x/y".to_owned()),
            },
            images: vec![ScannedImage { digest: Some(digest), config_digest: None, inventory }],
            problems: vec![Problem::new(ProblemKind::Limit, "too much").harmless()],
            attachments: Attachments::none(),
        }
    }

    #[test]
    fn a_scan_survives_being_written_and_read() {
        let (scan, bytes) = (example(), encode(&example()));
        let again = decode(&bytes, "another name").unwrap();
        assert_eq!(again.subject, Subject { name: "another name".to_owned(), ..scan.subject });
        assert_eq!(again.problems, scan.problems);
        assert_eq!(again.images[0].inventory, scan.images[0].inventory);
        assert_eq!(again.images[0].digest, scan.images[0].digest);
    }

    #[test]
    fn a_damaged_record_is_never_half_believed() {
        let bytes = encode(&example());
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length], "x").is_none(), "cut at {length}");
        }
        assert!(decode(b"PLMSCAN0nonsense", "x").is_none());
    }
}
