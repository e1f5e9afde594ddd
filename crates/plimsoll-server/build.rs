//! Writes down which files of the built console there are, so that the server carries them.
//!
//! Builds no console and needs no Node: where nothing was built, the table is empty and the server
//! says how to get it. A crate that embeds folders would not notice a console that was built later.
#![expect(clippy::disallowed_methods, reason = "a build reads files")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(missing)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(missing)?);
    let dist = manifest.join("../../console/dist");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, "", &mut files)?;
    }
    files.sort();
    let kept = out.join("console");
    let files = keep(&kept, &files)?;
    fs::write(out.join("console.rs"), table(&files))
}

/// Copies the files to where nobody builds anew while the compiler reads them.
fn keep(folder: &Path, files: &[(String, PathBuf)]) -> io::Result<Vec<(String, PathBuf)>> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(folder)?,
    }
    let copy = |(place, (name, path)): (usize, &(String, PathBuf))| {
        let kept = folder.join(place.to_string());
        fs::copy(path, &kept)?;
        Ok((name.clone(), kept))
    };
    files.iter().enumerate().map(copy).collect()
}

fn missing() -> io::Error {
    io::Error::other("cargo did not say where it builds")
}

/// Every file below a folder, by its path in an address; hidden ones belong to git.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path().canonicalize()?;
        if entry.file_type()?.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if !name.starts_with('.') {
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

/// The table: each file as it is, and compressed where the build of the console did that.
fn table(files: &[(String, PathBuf)]) -> String {
    let mut text = String::from("&[\n");
    for (name, path) in files.iter().filter(|it| !it.0.ends_with(".gz")) {
        let packed = files.iter().find(|it| it.0 == format!("{name}.gz"));
        let packed = packed.map_or("None".to_owned(), |it| format!("Some(include_bytes!({:?}))", it.1));
        let plain = format!("plain: include_bytes!({path:?})");
        let hash = "hash: { static HASH: OnceLock<String> = OnceLock::new(); &HASH }";
        let line = format!("File {{ path: {name:?}, {plain}, gzip: {packed}, {hash} }},");
        // Writing to a text does not fail.
        let _ = writeln!(text, "    {line}");
    }
    text + "]\n"
}
