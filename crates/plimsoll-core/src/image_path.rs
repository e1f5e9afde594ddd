//! Paths inside an image: bytes, relative to its root, without `.` and `..`.
//!
//! An `ImagePath` is never opened on the host. It cannot leave the image: `..` at the
//! root stays at the root, as in a chroot.

use std::fmt;

/// A normalised path inside an image, `var/lib/dpkg/status`; the root is empty.
///
/// Bytes, because names in a tar need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ImagePath(Box<[u8]>);

/// Why a name cannot be a path inside an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The name has a NUL byte, which no file system can hold.
    Nul,
    /// The name climbs out of the image with `..`.
    Escapes,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathError::Nul => "the name has a NUL byte",
            PathError::Escapes => "the name leads out of the image",
        })
    }
}

impl std::error::Error for PathError {}

impl ImagePath {
    /// The image's root.
    pub fn root() -> ImagePath {
        ImagePath::default()
    }

    /// A path from the name of an archive entry.
    ///
    /// Leading slashes and `.` components mean nothing. `..` goes up; a name that goes up
    /// beyond the root is refused rather than confined, since no honest layer has one.
    pub fn from_entry_name(name: &[u8]) -> Result<ImagePath, PathError> {
        if name.contains(&0) {
            return Err(PathError::Nul);
        }
        if is_normal(name) {
            return Ok(ImagePath(name.into()));
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in name.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => (),
                b".." => {
                    parts.pop().ok_or(PathError::Escapes)?;
                }
                part => parts.push(part),
            }
        }
        Ok(ImagePath(parts.join(&b'/').into()))
    }

    /// A path from a text that the program itself wrote down.
    ///
    /// Confines `..` to the root; a NUL byte ends the text.
    pub fn new(text: &str) -> ImagePath {
        let name = text.as_bytes().split(|byte| *byte == 0).next().unwrap_or_default();
        ImagePath::root().join(name)
    }

    /// This path with a relative or absolute `target` laid on it, as a symbolic link in this
    /// directory would be followed; `..` at the root stays there.
    pub fn join(&self, target: &[u8]) -> ImagePath {
        if !self.is_root() && !target.contains(&b'/') && is_normal(target) {
            return ImagePath([&self.0, target].join(&b'/').into());
        }
        let start = if target.starts_with(b"/") { &[][..] } else { &self.0[..] };
        let mut parts: Vec<&[u8]> =
            start.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect();
        for part in target.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => (),
                b".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        ImagePath(parts.join(&b'/').into())
    }

    /// The bytes, without a leading slash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The directory that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<ImagePath> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Some(ImagePath(self.0[..end].into()))
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &[u8] {
        let start = self.0.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        &self.0[start..]
    }

    /// Whether this is `directory` or lies below it.
    pub fn is_within(&self, directory: &ImagePath) -> bool {
        directory.is_root()
            || (self.0.starts_with(&directory.0)
                && matches!(self.0.get(directory.0.len()), None | Some(b'/')))
    }

    /// Every directory above this path but the root, nearest last: `a`, `a/b` for `a/b/c`.
    pub fn ancestors(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &self.0[..at])
    }
}

fn is_normal(name: &[u8]) -> bool {
    !name.is_empty() && name.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

impl fmt::Display for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", crate::Escaped(&String::from_utf8_lossy(&self.0)))
    }
}

impl fmt::Debug for ImagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Result<&str, PathError>) {
        let actual = ImagePath::from_entry_name(name.as_bytes()).map(|path| path.to_string());
        assert_eq!(actual, expected.map(str::to_owned));
    }

    #[test]
    fn names_are_normalised() {
        check("./a//b/./c/", Ok("a/b/c"));
        check("/etc/x", Ok("etc/x"));
        check("a/../b", Ok("b"));
        check("./", Ok(""));
        check("a/b", Ok("a/b"));
    }

    #[test]
    fn names_that_leave_the_image_are_refused() {
        check("../x", Err(PathError::Escapes));
        check("a/../../x", Err(PathError::Escapes));
        check("a\0b", Err(PathError::Nul));
    }

    #[test]
    fn links_are_confined_to_the_image() {
        assert_eq!(
            ImagePath::new("etc").join(b"../../../usr/lib/os-release").to_string(),
            "usr/lib/os-release"
        );
        assert_eq!(ImagePath::new("a/b").join(b"/c").to_string(), "c");
    }

    #[test]
    fn relatives() {
        let path = ImagePath::new("a/b/c");
        assert_eq!(path.parent().unwrap().to_string(), "a/b");
        assert_eq!(path.file_name(), b"c");
        assert!(path.is_within(&ImagePath::new("a/b")));
        assert!(!ImagePath::new("a/bc").is_within(&ImagePath::new("a/b")));
        assert_eq!(path.ancestors().collect::<Vec<_>>(), [&b"a"[..], b"a/b"]);
    }
}
