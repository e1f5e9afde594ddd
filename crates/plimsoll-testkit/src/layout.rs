//! Writing images to disk: as an OCI layout (a directory of blobs) and as `docker save` does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_core::{Digest, Platform};
use serde_json::{Value, json};

use crate::image::{Blob, Image};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An OCI layout in the making.
#[derive(Debug)]
pub struct Layout {
    directory: PathBuf,
    manifests: Vec<Value>,
}

impl Layout {
    /// Begins a layout in a directory, which is made where it is missing.
    pub fn create(directory: &Path) -> io::Result<Layout> {
        fs::create_dir_all(directory.join("blobs/sha256"))?;
        fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
        Ok(Layout { directory: directory.to_owned(), manifests: Vec::new() })
    }

    /// Adds an image under a tag; gives the digest of its manifest.
    pub fn image(&mut self, tag: &str, image: &Image) -> io::Result<Digest> {
        let manifest = self.put_image(image)?;
        self.manifests.push(tagged(descriptor(MANIFEST, &manifest, Some(&image.platform)), tag));
        Ok(manifest.digest)
    }

    /// Adds several images as one index under a tag; gives the digest of the index.
    pub fn index(&mut self, tag: &str, images: &[Image]) -> io::Result<Digest> {
        let mut manifests = Vec::new();
        for image in images {
            let manifest = self.put_image(image)?;
            manifests.push(descriptor(MANIFEST, &manifest, Some(&image.platform)));
        }
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let index = Blob::new(index.to_string().into_bytes());
        self.put(&index)?;
        self.manifests.push(tagged(descriptor(INDEX, &index, None), tag));
        Ok(index.digest)
    }

    /// Writes `index.json`; without it no reader takes the directory for a layout.
    pub fn finish(self) -> io::Result<()> {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": self.manifests });
        fs::write(self.directory.join("index.json"), index.to_string())
    }

    fn put_image(&self, image: &Image) -> io::Result<Blob> {
        for layer in &image.layers {
            self.put(&layer.stored)?;
        }
        self.put(&image.config)?;
        let manifest = image.manifest();
        self.put(&manifest)?;
        Ok(manifest)
    }

    /// Puts a blob beside those of the images, for layouts that no builder would write.
    pub fn put(&self, blob: &Blob) -> io::Result<()> {
        fs::write(self.directory.join("blobs/sha256").join(blob.digest.hex()), &blob.bytes)
    }
}

fn descriptor(media_type: &str, blob: &Blob, platform: Option<&Platform>) -> Value {
    let mut descriptor = json!({
        "mediaType": media_type,
        "digest": blob.digest.to_string(),
        "size": blob.bytes.len(),
    });
    if let Some(platform) = platform {
        descriptor["platform"] = json!({ "os": platform.os, "architecture": platform.architecture });
        if let Some(variant) = &platform.variant {
            descriptor["platform"]["variant"] = json!(variant);
        }
    }
    descriptor
}

fn tagged(mut descriptor: Value, tag: &str) -> Value {
    descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
    descriptor
}

/// Writes an image as `docker save` of Docker 25 and later does: uncompressed layers in
/// `blobs/sha256`, and a `manifest.json` that names them.
pub fn write_docker_archive(file: &Path, name: &str, image: &Image) -> io::Result<()> {
    let blob_path = |blob: &Blob| format!("blobs/sha256/{}", blob.digest.hex());
    let layers: Vec<String> = image.layers.iter().map(|layer| blob_path(&layer.tar)).collect();
    let manifest =
        json!([{ "Config": blob_path(&image.config), "RepoTags": [name], "Layers": layers }]).to_string();
    let mut builder = tar::Builder::new(fs::File::create(file)?);
    for layer in &image.layers {
        append(&mut builder, &blob_path(&layer.tar), &layer.tar.bytes)?;
    }
    append(&mut builder, &blob_path(&image.config), &image.config.bytes)?;
    append(&mut builder, "manifest.json", manifest.as_bytes())?;
    builder.finish()
}

fn append(builder: &mut tar::Builder<fs::File>, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    builder.append_data(&mut header, path, content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::digest_of;

    #[test]
    fn every_blob_of_a_layout_lies_under_its_digest() {
        let directory = tempfile::tempdir().unwrap();
        let image = Image::from_text("//- layer FROM x\n//- /a\n1\n//- layer(none) RUN y\n//- whiteout /a\n");
        let mut layout = Layout::create(directory.path()).unwrap();
        let digest = layout.image("latest", &image).unwrap();
        let index = layout.index("all", &[image]).unwrap();
        layout.finish().unwrap();

        let mut names = Vec::new();
        for file in fs::read_dir(directory.path().join("blobs/sha256")).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            assert_eq!(digest_of(&fs::read(file.path()).unwrap()).hex(), name);
            names.push(name);
        }
        assert_eq!(names.len(), 5, "two layers, a configuration, a manifest and an index");
        assert!(names.contains(&digest.hex()) && names.contains(&index.hex()));
    }

    #[test]
    fn a_docker_archive_names_its_layers() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("image.tar");
        let image = Image::from_text("//- layer FROM x\n//- /a\n1\n");
        write_docker_archive(&file, "sample:latest", &image).unwrap();
        let mut archive = tar::Archive::new(fs::File::open(&file).unwrap());
        let names: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names.last().map(String::as_str), Some("manifest.json"));
        assert!(names.contains(&format!("blobs/sha256/{}", image.layers[0].tar.digest.hex())));
    }
}
