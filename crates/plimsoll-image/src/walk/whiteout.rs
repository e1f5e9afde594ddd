//! Names that stand for the absence of others.
//!
//! Removes nothing itself.

use plimsoll_core::ImagePath;

/// What a whiteout removes.
pub(super) enum Whiteout {
    Path(ImagePath),
    Opaque(ImagePath),
    Nonsense,
}

/// The whiteout that a name is. OCI image specification, layer.md "Whiteouts".
pub(super) fn whiteout(path: &ImagePath) -> Option<Whiteout> {
    let name = path.file_name().strip_prefix(b".wh.")?;
    let directory = path.parent().unwrap_or_default();
    Some(match name {
        b".wh..opq" => Whiteout::Opaque(directory),
        b"" | b"." | b".." => Whiteout::Nonsense,
        // AUFS's own bookkeeping, `.wh..wh.plnk` and the like: no file of that name was removed.
        name if name.starts_with(b".wh.") => Whiteout::Nonsense,
        name => Whiteout::Path(directory.join(name)),
    })
}
