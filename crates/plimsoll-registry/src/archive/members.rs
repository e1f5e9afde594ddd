//! Where the members of a tar file lie.
//!
//! Reads headers only and seeks over content. Links between members are followed inside the
//! archive alone: a name that is absolute or climbs out names nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use plimsoll_core::{Escaped, Limits};
use tar::{EntryType, Header, PaxExtensions};

use crate::place::{Extent, Place, reopen};
use crate::{Error, ErrorKind};

const BLOCK_BYTES: u64 = 512;

/// Members of one archive. `docker save` writes three or four for each layer.
const MEMBERS_MAX: usize = 100_000;

/// A tar file and where its members lie in it.
pub(crate) struct TarFile {
    file: File,
    name: String,
    members: HashMap<String, Member>,
    symlinks_max: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Member {
    File {
        offset: u64,
        length_bytes: u64,
    },
    /// To another member, by its path from the top.
    Link(String),
    /// A link that leads out of the archive.
    LinkOut(String),
    /// A folder, device or the like.
    Other,
}

impl TarFile {
    /// Looks through a tar file from its beginning.
    pub(crate) fn read(file: File, name: String, limits: &Limits) -> Result<TarFile, Error> {
        let length_bytes =
            file.metadata().map_err(|error| Error::io(format!("{name} cannot be read"), error))?.len();
        if length_bytes == 0 {
            return Err(Error::malformed(format!("{name} is empty")));
        }
        let members = scan(&file, length_bytes, &name, limits)?;
        Ok(TarFile { file, name, members, symlinks_max: limits.symlinks })
    }

    /// Whether there is a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    fn find(&self, name: &str) -> Result<Option<(u64, u64)>, Error> {
        let shown = crate::error::excerpt(name);
        let Some(mut path) = inside("", name) else {
            return Err(Error::malformed(format!("`{shown}` would lie outside {}", self.name)));
        };
        for _ in 0..=self.symlinks_max {
            match self.members.get(&path) {
                None => return Ok(None),
                Some(Member::File { offset, length_bytes }) => return Ok(Some((*offset, *length_bytes))),
                Some(Member::Link(target)) => path.clone_from(target),
                Some(Member::LinkOut(target)) => {
                    let target = crate::error::excerpt(target);
                    return Err(Error::malformed(format!(
                        "`{shown}` is a link to `{target}`, which lies outside {}",
                        self.name
                    )));
                }
                Some(Member::Other) => {
                    return Err(Error::malformed(format!("`{shown}` in {} is no regular file", self.name)));
                }
            }
        }
        Err(Error::malformed(format!("`{shown}` in {} is a link that leads to no end", self.name)))
    }
}

impl Place for TarFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self, name: &str) -> Result<Option<Extent>, Error> {
        let Some((offset, length_bytes)) = self.find(name)? else {
            return Ok(None);
        };
        let file = reopen(&self.file)
            .map_err(|error| Error::io(format!("{} cannot be opened again", self.name), error))?;
        Ok(Some(Extent { file, offset, length_bytes }))
    }
}

/// Bytes that are read by position: a file, or a slice for fuzzing.
pub(crate) trait Positioned {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl Positioned for File {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, offset)
    }
}

impl Positioned for &[u8] {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..));
        let part = rest.and_then(|it| it.get(..buffer.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(part);
        Ok(())
    }
}

/// Where every member lies.
pub(crate) fn scan(
    bytes: &dyn Positioned,
    length_bytes: u64,
    name: &str,
    limits: &Limits,
) -> Result<HashMap<String, Member>, Error> {
    let extended_max = limits.extended_header_bytes;
    let mut scan = Scan { bytes, name, length_bytes, at: 0, extended_max, extended: Extended::default() };
    let mut members = HashMap::new();
    while let Some((path, member)) = scan.next()? {
        // As unpacking would have it, the last of several counts.
        members.insert(path, member);
        if members.len() > MEMBERS_MAX {
            return Err(Error::limit(format!("{name} has more members than the limit of {MEMBERS_MAX}")));
        }
    }
    Ok(members)
}

/// What extended headers said about the next member.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size_bytes: Option<u64>,
}

struct Scan<'a> {
    bytes: &'a dyn Positioned,
    name: &'a str,
    length_bytes: u64,
    at: u64,
    extended_max: u64,
    extended: Extended,
}

impl Scan<'_> {
    /// The next member, extended headers laid over it; `None` at the end.
    fn next(&mut self) -> Result<Option<(String, Member)>, Error> {
        loop {
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let kind = header.entry_type();
            let is_extension =
                matches!(kind, EntryType::XHeader | EntryType::GNULongName | EntryType::GNULongLink);
            let claimed = header.entry_size().map_err(|_| self.damaged("a member's size cannot be read"))?;
            let size_bytes = match self.extended.size_bytes {
                Some(size) if !is_extension => size,
                _ => claimed,
            };
            let begin = self.at;
            let end = begin.checked_add(size_bytes).filter(|end| *end <= self.length_bytes);
            let Some(end) = end else {
                return Err(self.damaged("it is cut off, or a member claims more bytes than there are"));
            };
            self.at = end.checked_next_multiple_of(BLOCK_BYTES).unwrap_or(end);
            match kind {
                EntryType::GNULongName => {
                    self.extended.path = Some(until_nul(self.content(begin, size_bytes)?))
                }
                EntryType::GNULongLink => {
                    self.extended.link = Some(until_nul(self.content(begin, size_bytes)?))
                }
                EntryType::XHeader => {
                    let content = self.content(begin, size_bytes)?;
                    self.read_pax(&content)?;
                }
                EntryType::XGlobalHeader => (),
                _ => {
                    let extended = std::mem::take(&mut self.extended);
                    if let Some(found) = member(&header, kind, extended, begin, size_bytes) {
                        return Ok(Some(found));
                    }
                }
            }
        }
    }

    fn header(&mut self) -> Result<Option<Header>, Error> {
        let mut block = [0; 512];
        match self.bytes.read_exact_at(&mut block, self.at) {
            Ok(()) => (),
            // Writers that leave the two blocks of zeros out end here.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return if self.at == 0 { Err(self.no_tar()) } else { Ok(None) };
            }
            Err(error) => return Err(Error::io(format!("{} cannot be read", self.name), error)),
        }
        if block.iter().all(|byte| *byte == 0) {
            return if self.at == 0 { Err(self.no_tar()) } else { Ok(None) };
        }
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(&block);
        let sum: u32 =
            block[..148].iter().chain(&block[156..]).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        if header.cksum().ok() != Some(sum) {
            return Err(if self.at == 0 {
                self.no_tar()
            } else {
                self.damaged("a header's checksum is wrong")
            });
        }
        self.at += BLOCK_BYTES;
        Ok(Some(header))
    }

    fn content(&self, begin: u64, size_bytes: u64) -> Result<Vec<u8>, Error> {
        if size_bytes > self.extended_max {
            let limit = self.extended_max;
            return Err(Error::limit(format!(
                "an extended header in {} has {size_bytes} bytes, more than the limit of {limit}",
                self.name
            )));
        }
        let mut content = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
        self.bytes
            .read_exact_at(&mut content, begin)
            .map_err(|error| Error::io(format!("{} cannot be read", self.name), error))?;
        Ok(content)
    }

    fn read_pax(&mut self, content: &[u8]) -> Result<(), Error> {
        for record in PaxExtensions::new(content) {
            let record = record.map_err(|_| self.damaged("an extended header cannot be read"))?;
            match record.key_bytes() {
                b"path" => self.extended.path = Some(record.value_bytes().to_vec()),
                b"linkpath" => self.extended.link = Some(record.value_bytes().to_vec()),
                b"size" => {
                    let size = record.value().ok().and_then(|it| it.parse().ok());
                    self.extended.size_bytes =
                        Some(size.ok_or_else(|| self.damaged("a member's size cannot be read"))?);
                }
                _ => (),
            }
        }
        Ok(())
    }

    fn damaged(&self, why: &str) -> Error {
        Error::malformed(format!("{} is a damaged tar file: {why} (at byte {})", self.name, self.at))
    }

    fn no_tar(&self) -> Error {
        Error::new(ErrorKind::Malformed, format!("{} is no tar file", self.name))
    }
}

/// What a header and its extensions announce; `None` for names that no document can mean.
fn member(
    header: &Header,
    kind: EntryType,
    extended: Extended,
    offset: u64,
    length_bytes: u64,
) -> Option<(String, Member)> {
    let path = extended.path.unwrap_or_else(|| header.path_bytes().into_owned());
    let path = inside("", std::str::from_utf8(&path).ok()?)?;
    let link =
        extended.link.or_else(|| header.link_name_bytes().map(|it| it.into_owned())).unwrap_or_default();
    let link = String::from_utf8_lossy(&link).into_owned();
    let to = |folder: &str| match inside(folder, &link) {
        Some(target) => Member::Link(target),
        None => Member::LinkOut(link.clone()),
    };
    let member = match kind {
        EntryType::Regular | EntryType::Continuous => Member::File { offset, length_bytes },
        EntryType::Symlink => to(path.rsplit_once('/').map_or("", |(folder, _)| folder)),
        EntryType::Link => to(""),
        _ => Member::Other,
    };
    Some((path, member))
}

/// `path`, seen from `folder`, as a path from the top; `None` if it leads out.
fn inside(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => (),
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes
}

impl std::fmt::Debug for TarFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TarFile({}, {} members)", Escaped(&self.name), self.members.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        for (folder, path, expected) in [
            ("", "a/b", Some("a/b")),
            ("", "./a//b", Some("a/b")),
            ("a", "../b/layer.tar", Some("b/layer.tar")),
            ("a", "../../b", None),
            ("", "/etc/passwd", None),
            ("", "../etc/passwd", None),
            ("a", "/etc/passwd", None),
        ] {
            assert_eq!(inside(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }
}
