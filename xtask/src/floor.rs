//! The physical floor of a scan: inflate the layers of an OCI layout, and throw the bytes away.
//!
//! Nobody who must see every byte of a compressed layer can be faster on the same machine with
//! the same inflater; the benchmark divides by this.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::shell::{self, Result};

pub(crate) const USAGE: &str = "\
cargo xtask floor LAYOUT [--threads N]

  --threads N   layers inflated at a time (default 1)

Prints bytes out and seconds. Build it with --release to measure:

  cargo run --release -p xtask -- floor target/corpus/oci/large --threads 2
";

const BUFFER_BYTES: usize = 256 << 10;

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let threads = shell::take_value(&mut arguments, "--threads")?.unwrap_or_else(|| "1".to_owned());
    let threads: usize = threads.parse().map_err(|_| format!("`{threads}` is no number"))?;
    let [layout] = arguments.as_slice() else { return Err("name one OCI layout; see --help".to_owned()) };
    let layers = layers(Path::new(layout))?;
    let started = Instant::now();
    let bytes = inflate_all(&layers, threads.max(1))?;
    let seconds = started.elapsed().as_secs_f64();
    println!("{} layers {bytes} bytes {seconds:.3} s", layers.len());
    Ok(())
}

/// The layer blobs of the first manifest of a layout, largest first so that threads end together.
pub(crate) fn layers(layout: &Path) -> Result<Vec<PathBuf>> {
    let index = json(&layout.join("index.json"))?;
    let mut document = json(&blob(layout, &index["manifests"][0])?)?;
    if document["manifests"].is_array() {
        document = json(&blob(layout, &document["manifests"][0])?)?;
    }
    let mut layers = Vec::new();
    for layer in document["layers"].as_array().into_iter().flatten() {
        layers.push((layer["size"].as_u64().unwrap_or(0), blob(layout, layer)?));
    }
    layers.sort_by_key(|(size_bytes, _)| std::cmp::Reverse(*size_bytes));
    Ok(layers.into_iter().map(|(_, path)| path).collect())
}

/// Bytes of all layers, inflated.
pub(crate) fn raw_bytes(layout: &Path) -> Result<u64> {
    inflate_all(&layers(layout)?, 2)
}

fn blob(layout: &Path, descriptor: &Value) -> Result<PathBuf> {
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    let (algorithm, hex) = digest
        .split_once(':')
        .ok_or_else(|| format!("{}: no digest where one should be", layout.display()))?;
    Ok(layout.join("blobs").join(algorithm).join(hex))
}

fn json(path: &Path) -> Result<Value> {
    serde_json::from_str(&shell::read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn inflate_all(layers: &[PathBuf], threads: usize) -> Result<u64> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<u64> {
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut bytes = 0;
        while let Some(layer) = layers.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes += inflate(layer, &mut buffer).map_err(|error| format!("{}: {error}", layer.display()))?;
        }
        Ok(bytes)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|it| it.join().expect("inflating does not panic")).sum()
    })
}

fn inflate(layer: &Path, buffer: &mut [u8]) -> std::io::Result<u64> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(layer)?);
    let magic = file.fill_buf()?;
    if magic.starts_with(&[0x1f, 0x8b]) {
        discard(flate2::bufread::MultiGzDecoder::new(file), buffer)
    } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        discard(zstd::stream::read::Decoder::with_buffer(file)?, buffer)
    } else {
        discard(file, buffer)
    }
}

fn discard(mut reader: impl Read, buffer: &mut [u8]) -> std::io::Result<u64> {
    let mut bytes = 0;
    loop {
        match reader.read(buffer)? {
            0 => return Ok(bytes),
            count => bytes += count as u64,
        }
    }
}
