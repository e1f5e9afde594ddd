//! Files that say they are images: what `docker save` writes, OCI layouts in a tar.

use std::io::{Read, Write};

use plimsoll_core::Limits;
use plimsoll_registry::{Content, Input, Location, Options, PlatformChoice, open};

/// Runs the target.
pub fn run(input: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("there is a folder for temporary files");
    file.write_all(input).expect("a temporary file can be written");
    let location = Location::Archive { input: Input::File(file.path().to_owned()) };
    let options = Options { platforms: PlatformChoice::All, ..Options::from_environment() };
    let limits = Limits { manifest_bytes: 64 << 10, config_bytes: 64 << 10, ..super::small_limits() };
    match open(&location, &options, &limits) {
        Ok(opened) => {
            if let Content::Images(images) = opened.content {
                for layer in
                    images.iter().flat_map(|image| &image.layers).filter(|it| it.is_readable()).take(20)
                {
                    read(layer);
                }
            }
        }
        Err(error) => drop(error.to_string()),
    }
}

fn read(layer: &plimsoll_registry::SourceLayer) {
    if let Ok(blob) = layer.open() {
        let mut content = Vec::new();
        let _ = blob.into_reader().take(1 << 20).read_to_end(&mut content);
    }
}
