//! Where the parts of a feed come from: the vendors' own addresses, a mirror's address, or a
//! directory with a mirror's files.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use plimsoll_core::Timestamp;
use plimsoll_vulndb::feeds::{RepositoryFile, mirror_list, repository_file};
use plimsoll_vulndb::{Remote, Source};
use sha2::{Digest, Sha256};

use super::fetch::{Fetched, Fetcher};
use super::state::{ChangingState, PartState};
use super::{changing, listing, pages, standing};

/// Where to get feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Each from its vendor.
    Vendors,
    /// All from one address.
    MirrorUrl(String),
    /// All from one directory.
    MirrorDirectory(PathBuf),
}

impl Origin {
    /// What the user means by `--mirror`.
    pub fn mirror(text: &str) -> Origin {
        if text.starts_with("https://") || text.starts_with("http://") {
            Origin::MirrorUrl(text.trim_end_matches('/').to_owned())
        } else {
            Origin::MirrorDirectory(PathBuf::from(text))
        }
    }
}

/// One part as it came.
pub(super) struct Raw {
    pub(super) name: String,
    pub(super) file_name: String,
    pub(super) from: String,
    pub(super) content: Content,
}

impl Raw {
    /// A part as it was before.
    pub(super) fn unchanged(part: &PartState) -> Raw {
        Raw {
            name: part.name.clone(),
            file_name: part.file_name.clone(),
            from: part.from.clone(),
            content: Content::Unchanged,
        }
    }
}

pub(super) enum Content {
    /// As before; its bytes are kept already.
    Unchanged,
    New {
        bytes: Vec<u8>,
        etag: Option<String>,
        last_modified: Option<String>,
    },
}

/// The most bytes of a list of mirrors or of a repository's index.
const INDEX_BYTES_MAX: u64 = 4 << 20;

/// What is known where the parts of a source are asked for.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) fetcher: &'a Fetcher,
    /// Parts of the feed that were accepted before, and whose bytes are kept.
    pub(super) known: &'a [PartState],
    /// Parts of the feed that came just now, from sources before this one.
    pub(super) came: &'a [PartState],
    pub(super) now: Timestamp,
    /// Whether files that are not there any more are let go.
    pub(super) may_go: bool,
    /// What is to be said of a feed that can be had all the same.
    pub(super) notes: &'a RefCell<Vec<String>>,
}

impl Asking<'_> {
    /// A part that was there before and is not any more: it stays as it was, unless it may go.
    /// Vendors move and lose files more often than they withdraw what they said.
    pub(super) fn stays(&self, is_it: impl Fn(&PartState) -> bool) -> Vec<Raw> {
        if self.may_go {
            return Vec::new();
        }
        let stays: Vec<Raw> = self.known.iter().filter(|part| is_it(part)).map(Raw::unchanged).collect();
        for raw in &stays {
            self.note(format!("{} is not there any more; what it said stays", raw.from));
        }
        stays
    }

    /// The same where what is not there must be said to be not there.
    pub(super) fn strict(self) -> Self {
        Asking { may_go: true, ..self }
    }

    /// Says something of a feed that can be had all the same.
    pub(super) fn note(&self, note: String) {
        self.notes.borrow_mut().push(note);
    }
}

/// Who is told of bytes that came, of so many if the server said.
pub(super) type Progress<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Gets all parts of one source; none where the origin has nothing of it.
pub(super) fn get(
    source: &Source,
    origin: &Origin,
    asking: Asking<'_>,
    state: &mut ChangingState,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    match origin {
        Origin::MirrorDirectory(directory) => from_directory(source, directory),
        Origin::MirrorUrl(base) => from_mirror(source, base, asking, progress),
        Origin::Vendors => match &source.remote {
            Remote::MirrorOnly => Ok(Vec::new()),
            Remote::File(url) if source.optional => {
                Ok(from_url(&source.name, url, source, asking, progress)?.into_iter().collect())
            }
            Remote::File(url) => match from_url(&source.name, url, source, asking.strict(), progress)? {
                Some(raw) => Ok(vec![raw]),
                None => Err(format!("{url} is not there any more; a newer Plimsoll may know where it went")),
            },
            Remote::Listing { index, link, files } => {
                listing::get(source, (index, link, files), asking, progress)
            }
            Remote::Changing(feed) => changing::get(source, feed, asking, state, progress),
            Remote::Standing { url, changes, days } => {
                standing::get(source, (url, changes, *days), asking, state, progress)
            }
            Remote::Pages(pages) => pages::get(source, pages, asking, state, progress),
            Remote::Repository { address, kind } => {
                match from_repository(source, (address, kind), asking, progress)? {
                    Some(raw) => Ok(vec![raw]),
                    None if source.optional => Ok(asking.stays(|part| part.name == source.name)),
                    None => Err(format!("there is no repository with `{kind}` at {address} any more")),
                }
            }
        },
    }
}

pub(super) fn from_url(
    name: &str,
    url: &str,
    source: &Source,
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Option<Raw>, String> {
    let before = asking.known.iter().find(|part| part.name == name && part.from == url);
    let fetched = asking
        .fetcher
        .fetch(url, before, source.size_bytes_max, progress)
        .map_err(|why| format!("{url}: {why}"))?;
    let content = match fetched {
        Fetched::NotFound => return Ok(asking.stays(|part| part.name == name && part.from == url).pop()),
        Fetched::Unchanged => Content::Unchanged,
        Fetched::New { bytes, etag, last_modified } => Content::New { bytes, etag, last_modified },
    };
    let file_name = url.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Some(Raw { name: name.to_owned(), file_name, from: url.to_owned(), content }))
}

/// What a mirror has of a source: the first of its places that is there. Of a place with a `*` the
/// mirror must list the folder.
fn from_mirror(
    source: &Source,
    base: &str,
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let anywhere = asking.strict();
    for path in &source.mirror {
        let found = match path.split_once('*') {
            None => from_url(&source.name, &format!("{base}/{path}"), source, anywhere, progress)?
                .into_iter()
                .collect(),
            Some(_) => listing::of_mirror(source, base, path, anywhere, progress)?,
        };
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(asking.stays(|part| part.name == source.name && part.from.starts_with(base)))
}

/// The file that a repository names, asked for step by step; `None` where one of them is not there.
fn from_repository(
    source: &Source,
    (address, kind): (&str, &str),
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Option<Raw>, String> {
    let read = |url: &str| match asking.fetcher.fetch(url, None, INDEX_BYTES_MAX, &mut |_, _| ()) {
        Ok(Fetched::New { bytes, .. }) => Ok(Some(bytes)),
        Ok(Fetched::Unchanged | Fetched::NotFound) => Ok(None),
        Err(why) => Err(format!("{url}: {why}")),
    };
    let base = if address.ends_with("mirror.list") {
        let Some(list) = read(address)? else {
            return Ok(None);
        };
        mirror_list(&list).map_err(|why| format!("{address}: {why}"))?
    } else {
        address.trim_end_matches('/').to_owned()
    };
    let index = format!("{base}/repodata/repomd.xml");
    let Some(bytes) = read(&index)? else {
        return Ok(None);
    };
    let Some(file) = repository_file(&bytes, kind).map_err(|why| format!("{index}: {why}"))? else {
        return Ok(None);
    };
    let url = format!("{base}/{}", file.path);
    match from_url(&source.name, &url, source, asking, progress)? {
        Some(raw) => checked(raw, &file).map(Some),
        None => Err(format!("{index} names {}, which is not there", file.path)),
    }
}

/// A repository is written file by file: between an old index and a new file nothing fits.
fn checked(raw: Raw, file: &RepositoryFile) -> Result<Raw, String> {
    if let (Content::New { bytes, .. }, Some(expected)) = (&raw.content, &file.sha256) {
        let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != *expected {
            return Err(format!("{} has another SHA-256 than its repository says", raw.from));
        }
    }
    Ok(raw)
}

fn from_directory(source: &Source, directory: &Path) -> Result<Vec<Raw>, String> {
    if !directory.is_dir() {
        return Err(format!("the mirror {} is not a directory", directory.display()));
    }
    for pattern in &source.mirror {
        let mut found = Vec::new();
        expand(directory, pattern, &mut Vec::new(), &mut found)
            .map_err(|(path, error)| format!("{}: {error}", path.display()))?;
        found.retain(|(path, _)| {
            !source.except.iter().any(|it| path.file_name().is_some_and(|name| name == it.as_str()))
        });
        found.sort();
        if source.newest_only {
            found = found.pop().into_iter().collect();
        }
        if !found.is_empty() {
            return found.into_iter().map(|(path, stars)| read_part(source, &path, &stars)).collect();
        }
    }
    Ok(Vec::new())
}

/// The files below `directory` that a pattern names, each with what its stars matched. What is there
/// and cannot be looked at is an error: nobody knows what it holds.
fn expand(
    directory: &Path,
    pattern: &str,
    stars: &mut Vec<String>,
    found: &mut Vec<(PathBuf, Vec<String>)>,
) -> Result<(), (PathBuf, io::Error)> {
    let (first, rest) = match pattern.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    if !first.contains('*') {
        let path = directory.join(first);
        return match rest {
            Some(rest) => expand(&path, rest, stars, found),
            None => {
                if is_file(&path)? {
                    found.push((path, stars.clone()));
                }
                Ok(())
            }
        };
    }
    let trouble = |error| (directory.to_owned(), error);
    let Some(entries) = unless_absent(fs::read_dir(directory)).map_err(trouble)? else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(trouble)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if let Some(star) = matched(first, &name) {
            stars.push(star);
            match rest {
                Some(rest) => expand(&entry.path(), rest, stars, found)?,
                None if is_file(&entry.path())? => found.push((entry.path(), stars.clone())),
                None => (),
            }
            stars.pop();
        }
    }
    Ok(())
}

fn is_file(path: &Path) -> Result<bool, (PathBuf, io::Error)> {
    let metadata = unless_absent(fs::metadata(path)).map_err(|error| (path.to_owned(), error))?;
    Ok(metadata.is_some_and(|it| it.is_file()))
}

/// `None` where there is nothing at that place.
fn unless_absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What the one star of a pattern stands for in a name.
pub(super) fn matched(pattern: &str, name: &str) -> Option<String> {
    match pattern.split_once('*') {
        None => (pattern == name).then(String::new),
        Some((before, after)) => {
            let middle = name.strip_prefix(before)?.strip_suffix(after)?;
            Some(middle.to_owned())
        }
    }
}

fn read_part(source: &Source, path: &Path, stars: &[String]) -> Result<Raw, String> {
    let mut name = source.name.clone();
    for star in stars {
        name = name.replacen('*', star, 1);
    }
    // It would be taken for a document of an archive.
    if name.contains('!') {
        return Err(format!("{}: a file of a mirror must not have `!` in its name", path.display()));
    }
    let problem = |error: io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(source.size_bytes_max + 1).read_to_end(&mut bytes))
        .map_err(problem)?;
    if bytes.len() as u64 > source.size_bytes_max {
        return Err(format!("{} has more than {} bytes", path.display(), source.size_bytes_max));
    }
    let file_name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let content = Content::New { bytes, etag: None, last_modified: None };
    Ok(Raw { name, file_name, from: path.display().to_string(), content })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_within_a_component() {
        assert_eq!(matched("v*", "v3.18"), Some("3.18".to_owned()));
        assert_eq!(matched("a*b", "ab"), Some(String::new()));
        assert_eq!(matched("a*b", "a"), None);
    }

    /// A server of the files of one repository, until the test ends; its address.
    fn serve(files: Vec<(&'static str, Vec<u8>)>) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = io::BufReader::new(stream.unwrap());
                let mut line = String::new();
                io::BufRead::read_line(&mut stream, &mut line).unwrap();
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                while io::BufRead::read_line(&mut stream, &mut line).unwrap() > 2 {}
                let found = files.iter().find(|(known, _)| *known == path);
                let (status, body) = match found {
                    Some((_, body)) => ("200 OK", body.as_slice()),
                    None => ("404 Not Found", b"".as_slice()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let mut stream = stream.into_inner();
                // Whoever asked may be gone.
                let _ = io::Write::write_all(&mut stream, head.as_bytes());
                let _ = io::Write::write_all(&mut stream, body);
            }
        });
        address
    }

    /// What the repository at `address` gives.
    fn updates_of(address: &str, optional: bool) -> Result<Vec<String>, String> {
        let directory = tempfile::tempdir().unwrap();
        let fetcher = Fetcher::new(directory.path().to_owned(), crate::db::Hosts::default()).unwrap();
        let source = Source {
            remote: Remote::Repository { address: address.to_owned(), kind: "updateinfo".to_owned() },
            optional,
            ..Source::file("updates", "https://x", &["x"], 1000)
        };
        let parts = {
            let notes = RefCell::default();
            let asking = Asking {
                fetcher: &fetcher,
                known: &[],
                came: &[],
                now: Timestamp(0),
                may_go: false,
                notes: &notes,
            };
            get(&source, &Origin::Vendors, asking, &mut ChangingState::default(), &mut |_, _| ())?
        };
        Ok(parts
            .into_iter()
            .map(|part| match part.content {
                Content::New { bytes, .. } => {
                    format!("{} {}", part.file_name, String::from_utf8_lossy(&bytes))
                }
                Content::Unchanged => "unchanged".to_owned(),
            })
            .collect())
    }

    /// The index of a repository whose updates have this digest.
    fn index(digest: &str) -> Vec<u8> {
        format!(
            r#"<repomd><data type="updateinfo"><checksum type="sha256">{digest}</checksum><location href="repodata/u.xml"/></data></repomd>"#
        )
        .into_bytes()
    }

    #[test]
    fn a_repository_names_the_file_and_its_digest() {
        // SHA-256 of `hello`.
        let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let address = serve(vec![
            ("/good/repodata/repomd.xml", index(digest)),
            ("/good/repodata/u.xml", b"hello".to_vec()),
            ("/torn/repodata/repomd.xml", index(digest)),
            ("/torn/repodata/u.xml", b"other".to_vec()),
            ("/gone/repodata/repomd.xml", index(digest)),
            ("/plain/repodata/repomd.xml", b"<repomd/>".to_vec()),
            ("/page/repodata/repomd.xml", b"<html/>".to_vec()),
        ]);
        let of = |path: &str| updates_of(&format!("{address}/{path}"), true);
        assert_eq!(of("good/"), Ok(vec!["u.xml hello".to_owned()]));
        assert!(of("torn").unwrap_err().contains("another SHA-256"));
        assert!(of("gone").unwrap_err().contains("which is not there"));
        assert!(of("page").unwrap_err().contains("repomd"));
        // A repository without updates, and none at all, have none; unless there must be some.
        assert_eq!(of("plain"), Ok(Vec::new()));
        assert_eq!(of("nowhere"), Ok(Vec::new()));
        assert_eq!(of("nowhere/mirror.list"), Ok(Vec::new()));
        assert!(updates_of(&format!("{address}/nowhere"), false).is_err());
    }
}
