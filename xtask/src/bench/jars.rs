//! An image of some 300 MB of jars: those of the corpus over and over, each time in a folder of
//! its own, in one layer as a build's `COPY` makes it.
//!
//! Jars are compressed already, so that the layer inflates fast and what costs is reading archives.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde_json::json;

use super::images::{Hashing, MadeLayer, compress, read_manifest, write_layout};

/// Bytes of jars in the image.
const JARS_BYTES: usize = 300_000_000;

/// The layout, made where it is not there of the jars in the image at `source`.
pub(super) fn made_of(source: &Path, folder: &Path) -> io::Result<PathBuf> {
    made_of_size(source, folder, JARS_BYTES)
}

fn made_of_size(source: &Path, folder: &Path, jars_bytes: usize) -> io::Result<PathBuf> {
    let layout = folder.join("jars");
    if layout.join("index.json").is_file() {
        return Ok(layout);
    }
    fs::create_dir_all(layout.join("blobs/sha256"))?;
    let jars = jars(source)?;
    let raw = folder.join("jars.tar");
    let diff_id = write_layer(&jars, jars_bytes, &raw)?;
    let stored = folder.join("jars.tar.gz");
    let digest = compress(&raw, &stored)?;
    fs::remove_file(&raw)?;
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{diff_id}")] },
        "history": [{ "created_by": "COPY jars /opt" }],
    });
    let layer = MadeLayer { raw, diff_id, stored, digest };
    write_layout(&layout, config.to_string().as_bytes(), &[layer])?;
    Ok(layout)
}

/// Name and bytes of every jar and war of an image.
fn jars(source: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut jars = Vec::new();
    for layer in read_manifest(source)?.1 {
        let bytes = MultiGzDecoder::new(BufReader::new(File::open(layer)?));
        for entry in tar::Archive::new(bytes).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let is_jar = path.extension().is_some_and(|it| it == "jar" || it == "war");
            if let Some(name) = path.file_name().filter(|_| is_jar && entry.header().entry_type().is_file()) {
                let name = name.to_string_lossy().into_owned();
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                jars.push((name, content));
            }
        }
    }
    if jars.iter().all(|(_, content)| content.is_empty()) {
        return Err(io::Error::other(format!("{} has no jars", source.display())));
    }
    Ok(jars)
}

/// Writes the layer's archive; gives its digest.
fn write_layer(jars: &[(String, Vec<u8>)], jars_bytes: usize, raw: &Path) -> io::Result<String> {
    let mut builder = tar::Builder::new(Hashing::new(BufWriter::new(File::create(raw)?)));
    let mut size_bytes = 0;
    for (number, (name, content)) in jars.iter().cycle().enumerate() {
        if size_bytes >= jars_bytes {
            break;
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        let path = format!("opt/copy-{}/{name}", number / jars.len());
        builder.append_data(&mut header, path, content.as_slice())?;
        size_bytes += content.len();
    }
    let mut out = builder.into_inner()?;
    out.flush()?;
    Ok(out.digest())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jars_are_repeated_until_the_image_has_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("source");
        let source_jars = [("a.jar", 10), ("b.war", 5)].map(|(name, size)| (name.to_owned(), vec![7; size]));
        fs::create_dir_all(first.join("blobs/sha256")).unwrap();
        let (raw, stored) = (first.join("x.tar"), first.join("x.tar.gz"));
        let diff_id = write_layer(&source_jars, 15, &raw).unwrap();
        let digest = compress(&raw, &stored).unwrap();
        write_layout(&first, b"{}", &[MadeLayer { raw, diff_id, stored, digest }]).unwrap();
        let made = made_of_size(&first, folder.path(), 40).unwrap();
        let sizes: Vec<usize> = jars(&made).unwrap().iter().map(|(_, content)| content.len()).collect();
        assert_eq!(sizes, [10, 5, 10, 5, 10]);
        assert!(!folder.path().join("jars.tar").exists());
    }
}
