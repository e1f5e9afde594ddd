//! A directory as the root file system of an image: the same view as one layer.
//!
//! The directory may be hostile too: no link is followed by the system, nothing but regular
//! files is opened, and opening never waits.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use plimsoll_core::{Digest, HEAD_BYTES, ImagePath, Limits, Problem, ProblemKind};
use plimsoll_image::index::{LayerIndex, Link};
use plimsoll_image::walk::{FileSink, Stop};

use crate::ScanError;
use crate::extract::{LayerSink, Wanted};
use crate::facts::LayerFacts;
use crate::layers::{KnownLayer, in_time, new_key};
use crate::owned::Owned;

const IN_FLIGHT_CHUNK_BYTES: usize = 128 << 10;

/// Top-level directories in which the kernel shows itself, where it does: they are file systems of
/// their own then. What is unpacked there is like all the rest.
const KERNEL_DIRECTORIES: [&[u8]; 3] = [b"proc", b"sys", b"dev"];

/// Walks the directory and reads what the extractors want.
pub fn read(
    root: &Path,
    wanted: &Wanted,
    limits: &Limits,
    started: Instant,
    cancelled: &AtomicBool,
) -> Result<KnownLayer, ScanError> {
    let mut walker = Walker {
        root,
        limits,
        device: device_of(root),
        started,
        cancelled,
        stopped: None,
        sink: LayerSink::new(wanted, limits),
        index: LayerIndex::empty(new_key()),
        links: HashMap::new(),
    };
    let mut directories = vec![ImagePath::root()];
    while let Some(directory) = directories.pop() {
        if !walker.goes_on() {
            break;
        }
        if walker.index.entries > limits.layer_entries {
            let what = format!(
                "the directory has more than {} entries; the rest was not looked at",
                limits.layer_entries
            );
            walker.sink.problem(Problem::new(ProblemKind::Limit, what));
            break;
        }
        match fs::read_dir(host_path(root, &directory)) {
            Ok(entries) => walker.directory(&directory, entries, &mut directories),
            Err(source) if directory.is_root() => {
                return Err(ScanError::Directory { path: root.to_owned(), source });
            }
            Err(error) => walker.unread(&directory, &error),
        }
    }
    match walker.stopped.take() {
        Some(Stop::Cancelled) => return Err(ScanError::Cancelled),
        Some(Stop::Limit(what)) => {
            let what = format!("{what}; the directory was read up to there");
            walker.sink.problem(Problem::new(ProblemKind::Limit, what));
        }
        None => (),
    }
    Ok(walker.finish())
}

/// The file system of a directory whose top-level `/proc`, `/sys` and `/dev` may be unpacked files;
/// `None` where they cannot, since it is the root of the running system.
fn device_of(root: &Path) -> Option<u64> {
    if fs::canonicalize(root).is_ok_and(|it| it == Path::new("/")) {
        return None;
    }
    fs::metadata(root).ok().map(|it| it.dev())
}

/// Reads one file that only links inside the directory lead to.
pub fn read_file(root: &Path, path: &ImagePath, limits: &Limits) -> Result<Vec<u8>, Problem> {
    open_and_read(root, path, limits).map_err(|error| {
        Problem::new(ProblemKind::Malformed, format!("the file could not be read: {error}")).at(path)
    })
}

/// The names in a directory that end so, as paths.
pub fn list(root: &Path, directory: &ImagePath, ending: &str) -> Result<Vec<ImagePath>, Problem> {
    let unread = |error: io::Error| {
        Problem::new(ProblemKind::Malformed, format!("the directory could not be read: {error}"))
            .at(directory)
    };
    let entries = match fs::read_dir(host_path(root, directory)) {
        Ok(entries) => entries,
        // Links lead to a place where nothing is, as in an image.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(unread(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unread)?;
        let name = entry.file_name().into_vec();
        if name.ends_with(ending.as_bytes()) && entry.file_type().map_err(unread)?.is_file() {
            paths.push(directory.join(&name));
        }
    }
    Ok(paths)
}

struct Walker<'a> {
    root: &'a Path,
    limits: &'a Limits,
    sink: LayerSink<'a>,
    index: LayerIndex,
    links: HashMap<ImagePath, Link>,
    device: Option<u64>,
    started: Instant,
    cancelled: &'a AtomicBool,
    /// Why it reads no further.
    stopped: Option<Stop>,
}

impl Walker<'_> {
    /// Whether there is time left, and somebody who wants the result.
    fn goes_on(&mut self) -> bool {
        if self.stopped.is_none() {
            self.stopped = in_time(self.started, self.cancelled, self.limits).err();
        }
        self.stopped.is_none()
    }

    fn directory(&mut self, directory: &ImagePath, entries: fs::ReadDir, queue: &mut Vec<ImagePath>) {
        for entry in entries {
            if !self.goes_on() {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unread(directory, &error);
                    return;
                }
            };
            self.index.entries += 1;
            let name = entry.file_name().into_vec();
            if directory.is_root() && KERNEL_DIRECTORIES.contains(&&name[..]) && self.is_mounted(&entry) {
                continue;
            }
            let path = directory.join(&name);
            match entry.file_type() {
                Ok(kind) => self.entry(&path, kind, queue),
                Err(error) => self.unread(&path, &error),
            }
        }
    }

    fn is_mounted(&self, entry: &fs::DirEntry) -> bool {
        let Some(device) = self.device else { return true };
        entry.metadata().is_ok_and(|it| it.dev() != device)
    }

    fn entry(&mut self, path: &ImagePath, kind: fs::FileType, queue: &mut Vec<ImagePath>) {
        let hash = self.index.key.hash(path.as_bytes());
        if kind.is_dir() {
            self.index.directories.push(hash);
            queue.push(path.clone());
        } else if kind.is_symlink() {
            match fs::read_link(host_path(self.root, path)) {
                Ok(target) => {
                    let target = target.into_os_string().into_vec().into();
                    self.links.insert(path.clone(), Link { hard: false, target });
                }
                Err(error) => self.unread(path, &error),
            }
        } else if kind.is_file() {
            self.index.regular.push(hash);
            if self.sink.wants(path) {
                self.wanted(path);
            } else if self.sink.head_bytes() > 0 {
                self.in_flight(path);
            }
        } else if kind.is_block_device() || kind.is_char_device() || kind.is_fifo() || kind.is_socket() {
            self.index.special.push(hash);
        }
    }

    fn wanted(&mut self, path: &ImagePath) {
        match open_and_read(self.root, path, self.limits) {
            Ok(content) => self.sink.file(path, &content),
            Err(error) => self.unread(path, &error),
        }
    }

    fn in_flight(&mut self, path: &ImagePath) {
        let mut begun = false;
        if let Err(error) = self.stream(path, &mut begun) {
            if begun {
                self.sink.end(path, false);
            }
            self.unread(path, &error);
        }
    }

    fn stream(&mut self, path: &ImagePath, begun: &mut bool) -> io::Result<()> {
        let mut file = open(self.root, path)?;
        let size_bytes = file.metadata()?.len();
        let mut head = Vec::with_capacity(HEAD_BYTES);
        Read::by_ref(&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        if !self.sink.begin(path, &head, size_bytes) {
            return Ok(());
        }
        *begun = true;
        self.sink.chunk(&head);
        let mut buffer = vec![0; IN_FLIGHT_CHUNK_BYTES];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                self.sink.end(path, true);
                return Ok(());
            }
            self.sink.chunk(&buffer[..read]);
            if !self.goes_on() {
                self.sink.end(path, false);
                return Ok(());
            }
        }
    }

    fn unread(&mut self, path: &ImagePath, error: &io::Error) {
        self.sink
            .problem(Problem::new(ProblemKind::Malformed, format!("it could not be read: {error}")).at(path));
    }

    fn finish(self) -> KnownLayer {
        let mut index = self.index;
        index.links = self.links.into_iter().collect();
        index.links.sort_by(|a, b| a.0.cmp(&b.0));
        for list in [&mut index.regular, &mut index.special, &mut index.directories] {
            list.sort_unstable();
        }
        let (mut sections, problems) = self.sink.finish();
        let owned = Some(Owned::take_from(&mut sections, &index.key));
        let facts = LayerFacts { index, problems: Vec::new(), sections, owned };
        KnownLayer { diff_id: Digest::sha256([0; 32]), verified: false, facts, problems, kept_under: None }
    }
}

fn host_path(root: &Path, path: &ImagePath) -> PathBuf {
    root.join(std::ffi::OsStr::from_bytes(path.as_bytes()))
}

/// The regular file at `path`.
fn open(root: &Path, path: &ImagePath) -> io::Result<fs::File> {
    // O_NOFOLLOW and O_NONBLOCK: what is read is the file that was seen, and a FIFO put in its
    // place since does not hang the scan.
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed();
    let file = fs::File::options().read(true).custom_flags(flags).open(host_path(root, path))?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
}

fn open_and_read(root: &Path, path: &ImagePath, limits: &Limits) -> io::Result<Vec<u8>> {
    let file = open(root, path)?;
    if file.metadata()?.len() > limits.wanted_file_bytes {
        return Err(io::Error::other(format!("it has more than {} bytes", limits.wanted_file_bytes)));
    }
    let mut content = Vec::new();
    file.take(limits.wanted_file_bytes).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use plimsoll_ecosystems as ecosystems;

    use super::*;

    /// The names of the packages in these files of a directory, and what was wrong.
    fn seen(files: &[(&str, &str)], limits: &Limits, cancelled: bool) -> Result<Vec<String>, ScanError> {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let wanted = Wanted::all_of(ecosystems::extractors().collect());
        let started = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
        let layer = read(root.path(), &wanted, limits, started, &AtomicBool::new(cancelled))?;
        let files = layer.facts.sections.iter().flat_map(|it| &it.files);
        let packages = files.flat_map(|it| &it.observations.packages).map(|it| it.name.clone());
        Ok(packages.chain(layer.problems.iter().map(|it| format!("! {}", it.what))).collect())
    }

    const FILES: [(&str, &str); 2] =
        [("dev/requirements.txt", "flask==1.0\n"), ("proc/x/requirements.txt", "jinja2==2.0\n")];

    #[test]
    fn directories_named_like_the_kernel_s_are_read_where_nothing_is_mounted() {
        let mut names = seen(&FILES, &Limits::standard(), false).unwrap();
        names.sort();
        assert_eq!(names, ["flask", "jinja2"]);
    }

    #[test]
    fn a_directory_is_read_no_longer_than_is_allowed() {
        let limits = Limits { seconds: 1, ..Limits::standard() };
        let what = "! the scan took longer than 1 seconds; the directory was read up to there";
        assert_eq!(seen(&FILES, &limits, false).unwrap(), [what]);
        assert!(matches!(seen(&FILES, &limits, true), Err(ScanError::Cancelled)));
    }
}
