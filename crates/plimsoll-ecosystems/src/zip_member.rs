//! One small file out of a zip archive that is held in memory.
//!
//! For formats that are one archive a package; Java's archives of archives have a reader of
//! their own.

use std::io::{Cursor, Read};

use crate::locks::why;

/// What was found.
pub(crate) enum Member {
    /// The first file whose name was wanted.
    Content(Vec<u8>),
    /// No such file.
    None,
}

/// The first file of the archive whose name `is_wanted`, at most `bytes_max` long.
pub(crate) fn read(
    archive: &[u8],
    is_wanted: impl Fn(&str) -> bool,
    bytes_max: u64,
) -> Result<Member, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).map_err(|error| why(&error))?;
    let name = archive.file_names().filter_map(Result::ok).find(|name| is_wanted(name));
    let Some(name) = name.map(|name| name.into_owned()) else {
        return Ok(Member::None);
    };
    let file = archive.by_name(&name).map_err(|error| why(&error))?;
    let mut content = Vec::new();
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut content).map_err(|error| why(&error))?;
    if content.len() as u64 > bytes_max {
        return Err(format!("its metadata are longer than {bytes_max} bytes"));
    }
    Ok(Member::Content(content))
}
