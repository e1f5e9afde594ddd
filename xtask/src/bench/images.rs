//! The images that are measured: a small one, one of jars, a large one, and a medium one made of the
//! large.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use plimsoll_testkit::digest_of;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::jars;
use crate::floor;
use crate::shell::{self, Result};

/// One image in one form.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// The OCI layout, if this is one.
    pub(crate) layout: Option<PathBuf>,
    /// The docker archive, if this is one.
    archive: Option<PathBuf>,
    /// Bytes of all layers, inflated.
    pub(crate) raw_bytes: u64,
}

impl Sample {
    /// As our `scan` is told.
    pub(crate) fn source(&self) -> String {
        match (&self.layout, &self.archive) {
            (Some(layout), _) => format!("oci:{}", layout.display()),
            (None, Some(archive)) => format!("docker-archive:{}", archive.display()),
            (None, None) => String::new(),
        }
    }

    /// As Syft is told.
    pub(crate) fn syft_source(&self) -> String {
        self.source().replacen("oci:", "oci-dir:", 1)
    }

    /// What our `scan` may end with. Nobody knows what some of the jars are, and it says so.
    pub(crate) fn exit_codes(&self) -> &'static [i32] {
        if self.name == "jars" { &[3] } else { &[0, 1] }
    }

    /// Brings the files into the page cache, so that no run pays for the disk.
    pub(crate) fn read_once(&self) -> Result {
        let mut files: Vec<PathBuf> = self.archive.iter().cloned().collect();
        if let Some(layout) = &self.layout {
            files.extend(floor::layers(layout)?);
        }
        for file in files {
            File::open(&file)
                .and_then(|mut it| io::copy(&mut it, &mut io::sink()))
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(())
    }
}

/// The samples that were asked for, built where they are not there.
pub(crate) fn samples(folder: &Path, only: Option<&str>) -> Result<Vec<Sample>> {
    let wanted = |name: &str| only.is_none_or(|it| it == name);
    let mut samples = Vec::new();
    if wanted("alpine") {
        let layout = corpus("alpine-3.20.3", &["--no-archives"])?.join("oci/alpine-3.20.3");
        samples.push(sample("alpine", Some(layout), None)?);
    }
    if wanted("jars") {
        let source = corpus("java-jars", &["--no-archives"])?.join("oci/java-jars");
        let layout =
            jars::made_of(&source, folder).map_err(|error| format!("making the image of jars: {error}"))?;
        samples.push(sample("jars", Some(layout), None)?);
    }
    if !["medium", "medium-docker", "large", "large-docker"].into_iter().any(wanted) {
        return Ok(samples);
    }
    let corpus = corpus("large", &["--large"])?;
    let large = corpus.join("oci/large");
    if wanted("medium") || wanted("medium-docker") {
        let made = made_of(&large, folder).map_err(|error| format!("making the medium image: {error}"))?;
        for (name, layout, archive) in
            [("medium", Some(made.layout), None), ("medium-docker", None, Some(made.archive))]
        {
            if wanted(name) {
                samples.push(sample(name, layout, archive)?);
            }
        }
    }
    if wanted("large") {
        samples.push(sample("large", Some(large), None)?);
    }
    if wanted("large-docker") {
        samples.push(sample("large-docker", None, Some(corpus.join("docker-archive/large.tar")))?);
    }
    Ok(samples)
}

fn sample(name: &'static str, layout: Option<PathBuf>, archive: Option<PathBuf>) -> Result<Sample> {
    let raw_bytes = match (&layout, &archive) {
        (Some(layout), _) => floor::raw_bytes(layout)?,
        (None, Some(archive)) => {
            fs::metadata(archive).map_err(|error| format!("{}: {error}", archive.display()))?.len()
        }
        (None, None) => 0,
    };
    Ok(Sample { name, layout, archive, raw_bytes })
}

/// The corpus with this image in it.
fn corpus(image: &str, options: &[&str]) -> Result<PathBuf> {
    let folder = match std::env::var_os("PLIMSOLL_CORPUS") {
        Some(named) => PathBuf::from(named),
        None => shell::target_directory().join("corpus"),
    };
    if folder.join("oci").join(image).join("index.json").is_file() {
        return Ok(folder);
    }
    let build =
        shell::shared().map(|it| it.join("corpus/build.sh")).filter(|it| it.is_file()).ok_or_else(|| {
            format!("{} has no oci/{image}, and there is no ../shared/corpus to build it", folder.display())
        })?;
    let mut command = shell::command(&build, &[]);
    command.arg(&folder).args(options).args(["--only", image]);
    shell::run(&mut command)?;
    Ok(folder)
}

struct Made {
    layout: PathBuf,
    archive: PathBuf,
}

/// One layer of an image that is made here, in both forms.
pub(super) struct MadeLayer {
    pub(super) raw: PathBuf,
    pub(super) diff_id: String,
    pub(super) stored: PathBuf,
    pub(super) digest: String,
}

/// The layers of `large` laid together into two: the same bytes to inflate, in layers of the
/// size that people's images have.
fn made_of(large: &Path, folder: &Path) -> io::Result<Made> {
    let made = Made { layout: folder.join("medium"), archive: folder.join("medium.tar") };
    if made.layout.join("index.json").is_file() && made.archive.is_file() {
        return Ok(made);
    }
    fs::create_dir_all(made.layout.join("blobs/sha256"))?;
    let (config, layers) = read_manifest(large)?;
    // The first layer is the distribution, about half of all bytes.
    let (base, rest) = layers.split_at(layers.len().min(1));
    let mut merged = Vec::new();
    for (index, group) in [base, rest].into_iter().enumerate() {
        let raw = folder.join(format!("raw-{index}.tar"));
        let diff_id = concatenate(group, &raw)?;
        let stored = folder.join(format!("raw-{index}.tar.gz"));
        let digest = compress(&raw, &stored)?;
        merged.push(MadeLayer { raw, diff_id, stored, digest });
    }
    let config = new_config(config, &merged);
    write_archive(&made.archive, &config, &merged)?;
    write_layout(&made.layout, &config, &merged)?;
    Ok(made)
}

pub(super) fn read_manifest(layout: &Path) -> io::Result<(Value, Vec<PathBuf>)> {
    let blob = |digest: &Value| {
        let digest = digest.as_str().unwrap_or_default();
        layout.join("blobs").join(digest.replace(':', "/"))
    };
    let json = |path: PathBuf| -> io::Result<Value> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
    let index = json(layout.join("index.json"))?;
    let manifest = json(blob(&index["manifests"][0]["digest"]))?;
    let layers = manifest["layers"].as_array().into_iter().flatten().map(|it| blob(&it["digest"])).collect();
    Ok((json(blob(&manifest["config"]["digest"]))?, layers))
}

/// Writes the entries of several gzip layers into one archive; gives its digest.
fn concatenate(layers: &[PathBuf], out: &Path) -> io::Result<String> {
    let mut out = Hashing::new(BufWriter::new(File::create(out)?));
    for layer in layers {
        copy_entries(&mut BufReader::new(MultiGzDecoder::new(BufReader::new(File::open(layer)?))), &mut out)?;
    }
    out.write_all(&[0; 1024])?;
    out.flush()?;
    Ok(out.digest())
}

/// Copies header and body of every entry up to the end-of-archive blocks.
fn copy_entries(archive: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    let mut header = [0; 512];
    loop {
        if let Err(error) = archive.read_exact(&mut header) {
            return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(error) };
        }
        if header == [0; 512] {
            return io::copy(archive, &mut io::sink()).map(|_| ());
        }
        out.write_all(&header)?;
        let size = tar::Header::from_byte_slice(&header).entry_size()?;
        io::copy(&mut archive.take(size.next_multiple_of(512)), out)?;
    }
}

pub(super) fn compress(raw: &Path, out: &Path) -> io::Result<String> {
    let mut encoder =
        GzEncoder::new(Hashing::new(BufWriter::new(File::create(out)?)), flate2::Compression::new(6));
    io::copy(&mut File::open(raw)?, &mut encoder)?;
    let mut out = encoder.finish()?;
    out.flush()?;
    Ok(out.digest())
}

fn new_config(mut config: Value, layers: &[MadeLayer]) -> Vec<u8> {
    let diff_ids: Vec<_> = layers.iter().map(|it| format!("sha256:{}", it.diff_id)).collect();
    config["rootfs"] = json!({ "type": "layers", "diff_ids": diff_ids });
    config["history"] = json!([{ "created_by": "FROM debian" }, { "created_by": "RUN the rest" }]);
    config.to_string().into_bytes()
}

fn write_archive(file: &Path, config: &[u8], layers: &[MadeLayer]) -> io::Result<()> {
    let config_name = format!("{}.json", digest_of(config).hex());
    let names: Vec<_> = layers.iter().map(|it| format!("{}.tar", it.diff_id)).collect();
    let manifest =
        json!([{ "Config": config_name, "RepoTags": ["medium:latest"], "Layers": names }]).to_string();
    let mut builder = tar::Builder::new(File::create(file)?);
    for (layer, name) in layers.iter().zip(&names) {
        builder.append_file(name, &mut File::open(&layer.raw)?)?;
        fs::remove_file(&layer.raw)?;
    }
    for (name, bytes) in [(config_name.as_str(), config), ("manifest.json", manifest.as_bytes())] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes)?;
    }
    builder.finish()
}

pub(super) fn write_layout(layout: &Path, config: &[u8], layers: &[MadeLayer]) -> io::Result<()> {
    let blobs = layout.join("blobs/sha256");
    let mut descriptors = Vec::new();
    for layer in layers {
        let stored = blobs.join(&layer.digest);
        fs::rename(&layer.stored, &stored)?;
        descriptors.push(json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": format!("sha256:{}", layer.digest),
            "size": fs::metadata(stored)?.len(),
        }));
    }
    let put = |media_type: &str, bytes: &[u8]| -> io::Result<Value> {
        let digest = digest_of(bytes);
        fs::write(blobs.join(digest.hex()), bytes)?;
        Ok(json!({ "mediaType": media_type, "digest": digest.to_string(), "size": bytes.len() }))
    };
    let config = put("application/vnd.oci.image.config.v1+json", config)?;
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "config": config, "layers": descriptors });
    let manifest = put(kind, manifest.to_string().as_bytes())?;
    fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });
    fs::write(layout.join("index.json"), index.to_string())
}

/// A writer that knows the SHA-256 of what went through.
pub(super) struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hash: Sha256::new() }
    }

    pub(super) fn digest(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
