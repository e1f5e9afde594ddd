//! A mirror in which time can pass: the data beside the repository, of which some feeds are of an
//! earlier day until they are told to go on.
//!
//! Everything else is links to the data, which are not written to.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use zip::write::SimpleFileOptions;

use crate::shell::Result;

/// The feeds that can go on, each by one step.
pub(super) const STEPS: &[&str] = &["kev", "secdb", "osv"];

/// Their folders in a mirror.
const FOLDERS: &[&str] = &["kev", "alpine", "osv"];

/// One record in so many changes on OSV's day.
const CHANGED_ONE_IN: usize = 100;

pub(super) struct Mirror {
    feeds: PathBuf,
    folder: PathBuf,
}

impl Mirror {
    /// The mirror of before: CISA's catalogue of 2025-01-24, and Alpine's releases of 2024-02-29.
    pub(super) fn new(feeds: &Path, folder: &Path) -> Result<Mirror> {
        let mirror = Mirror { feeds: feeds.to_owned(), folder: folder.to_owned() };
        mirror.before().map_err(|error| format!("making {}: {error}", folder.display()))?;
        Ok(mirror)
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Lets a feed go on.
    pub(super) fn take(&self, step: &str) -> Result {
        let taken = match step {
            "osv" => self.change_osv(),
            "secdb" => self.replaced_by_link("alpine"),
            _ => self.replaced_by_link(step),
        };
        taken.map_err(|error| format!("the step `{step}` of {}: {error}", self.folder.display()))
    }

    fn before(&self) -> io::Result<()> {
        let _ = fs::remove_dir_all(&self.folder);
        link_all(&self.feeds, &self.folder, FOLDERS)?;
        let kev = self.folder.join("kev");
        fs::create_dir(&kev)?;
        let old = self.feeds.join("kev/previous/known_exploited_vulnerabilities-2025.01.24.json.gz");
        fs::write(kev.join("known_exploited_vulnerabilities.json"), inflated(&old)?)?;
        let (alpine, old) = (self.folder.join("alpine"), self.feeds.join("alpine/secdb-2024-02-29"));
        link_all(&self.feeds.join("alpine/secdb"), &alpine.join("secdb"), &names(&old)?)?;
        for release in names(&old)? {
            let to = alpine.join("secdb").join(&release);
            fs::create_dir(&to)?;
            for file in names(&old.join(&release))? {
                let name = file.strip_suffix(".gz").unwrap_or(&file);
                fs::write(to.join(name), inflated(&old.join(&release).join(&file))?)?;
            }
        }
        link_all(&self.feeds.join("osv"), &self.folder.join("osv"), &[""; 0])
    }

    fn replaced_by_link(&self, feed: &str) -> io::Result<()> {
        fs::remove_dir_all(self.folder.join(feed))?;
        symlink(self.feeds.join(feed), self.folder.join(feed))
    }

    fn change_osv(&self) -> io::Result<()> {
        for ecosystem in names(&self.feeds.join("osv"))? {
            let archive = self.feeds.join("osv").join(&ecosystem).join("all.zip");
            if archive.is_file() {
                let to = self.folder.join("osv").join(&ecosystem);
                fs::remove_file(&to)?;
                fs::create_dir(&to)?;
                changed(&archive, &to.join("all.zip"))?;
            }
        }
        Ok(())
    }
}

/// A folder of links to everything in another, but what is named.
fn link_all(from: &Path, to: &Path, except: &[impl AsRef<str>]) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in names(from)? {
        if except.iter().all(|it| it.as_ref() != name) {
            symlink(from.join(&name), to.join(&name))?;
        }
    }
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn inflated(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Copies an archive of records and changes some.
fn changed(from: &Path, to: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(from)?))?;
    let mut out = zip::ZipWriter::new(File::create(to)?);
    for at in 0..archive.len() {
        if at % CHANGED_ONE_IN != 0 {
            out.raw_copy_file(archive.by_index_raw(at)?)?;
            continue;
        }
        let mut entry = archive.by_index(at)?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        out.start_file(entry.name()?, SimpleFileOptions::default())?;
        out.write_all(&edited(&bytes))?;
    }
    out.finish()?;
    Ok(())
}

/// A record with another date, wording, and fixed versions; what is no record stays.
fn edited(bytes: &[u8]) -> Vec<u8> {
    let Ok(mut record) = serde_json::from_slice::<Value>(bytes) else { return bytes.to_vec() };
    record["modified"] = "2026-11-01T00:00:00Z".into();
    let details = record["details"].as_str().unwrap_or_default();
    record["details"] = format!("{details} The fix was not complete.").into();
    let affected = record["affected"].as_array_mut().into_iter().flatten();
    let ranges = affected.filter_map(|it| it["ranges"].as_array_mut()).flatten();
    for event in ranges.filter_map(|it| it["events"].as_array_mut()).flatten() {
        if let Some(next) = event["fixed"].as_str().and_then(next_version) {
            event["fixed"] = next.into();
        }
    }
    record.to_string().into_bytes()
}

/// The version with its last number one higher, if it ends with one.
fn next_version(version: &str) -> Option<String> {
    let head = version.trim_end_matches(|it: char| it.is_ascii_digit());
    let number: u64 = version.strip_prefix(head)?.parse().ok()?;
    Some(format!("{head}{}", number.checked_add(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_edited_where_it_matters() {
        let record = br#"{"id":"A","details":"X.","affected":[{"ranges":[{"events":[{"introduced":"0"},{"fixed":"1.9"}]}]}]}"#;
        let edited = String::from_utf8(edited(record)).unwrap();
        assert!(edited.contains(r#"{"fixed":"1.10"}"#), "{edited}");
        assert!(edited.contains(r#"{"introduced":"0"}"#) && edited.contains("not complete"), "{edited}");
        assert_eq!(super::edited(b"no record"), b"no record");
        assert_eq!((next_version("abc"), next_version("")), (None, None));
    }

    #[test]
    fn one_record_in_a_hundred_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.zip"), folder.path().join("b.zip"));
        let mut archive = zip::ZipWriter::new(File::create(&from).unwrap());
        for at in 0..150 {
            archive.start_file(format!("{at}.json"), SimpleFileOptions::default()).unwrap();
            archive.write_all(br#"{"id":"A"}"#).unwrap();
        }
        archive.finish().unwrap();
        changed(&from, &to).unwrap();
        let mut archive = zip::ZipArchive::new(File::open(&to).unwrap()).unwrap();
        let mut edited = 0;
        for at in 0..archive.len() {
            let mut text = String::new();
            archive.by_index(at).unwrap().read_to_string(&mut text).unwrap();
            edited += usize::from(text.contains("not complete"));
        }
        assert_eq!((archive.len(), edited), (150, 2));
    }
}
