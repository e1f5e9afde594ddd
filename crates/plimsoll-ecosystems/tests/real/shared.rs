//! Real data beside the repository, at `$PLIMSOLL_SHARED` or `../shared`. Only read.
#![expect(clippy::disallowed_methods, reason = "tests read real data from beside the repository")]

use std::path::{Path, PathBuf};

/// The folder of real data; `None`, said loudly, where there is none.
pub fn data(test: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).to_owned(),
        PathBuf::from,
    );
    let data = shared.join("data");
    if data.is_dir() {
        return Some(data);
    }
    eprintln!("SKIPPED: {test}: no data at {}", data.display());
    None
}

/// The bytes of a file that must be there.
pub fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of a file that must be there.
pub fn text(path: &Path) -> String {
    String::from_utf8(bytes(path)).expect("tables of the tests are UTF-8")
}

/// Every regular file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the test data") {
            let entry = entry.expect("an entry of the test data");
            let kind = entry.file_type().expect("its type");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
