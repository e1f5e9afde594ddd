//! An image in one string: what each layer changes, and the instruction that made it.
//!
//! ```text
//! //- layer FROM debian:12
//! //- /var/lib/dpkg/status
//! Package: openssl
//! //- symlink /bin -> usr/bin
//! //- hardlink /usr/bin/also -> /usr/bin/first
//! //- directory /srv
//! //- layer(zstd) RUN apt-get remove -y openssl
//! //- whiteout /usr/bin/openssl
//! //- opaque /srv
//! ```
//!
//! A line that does not begin with `//-` belongs to the file above it. All lines may be
//! indented alike; the indentation of the first `//-` line is taken off every line.
//! `layer` takes `(gzip)`, the default, `(zstd)` or `(none)`; an instruction may follow.

use std::fmt;

use crate::image::Compression;

/// The changes of every layer, base first.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fixture {
    /// The layers, base first.
    pub layers: Vec<LayerFixture>,
}

/// What one layer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerFixture {
    /// The Dockerfile instruction, `RUN apt-get update`; becomes the layer's history.
    pub instruction: String,
    /// How the layer is stored.
    pub compression: Compression,
    /// Its entries, in the order of the archive.
    pub entries: Vec<Entry>,
}

/// One entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path from the root, without a leading slash.
    pub path: String,
    /// What happens there.
    pub change: Change,
}

/// What an entry does to its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A regular file with this content.
    File(Vec<u8>),
    /// A directory.
    Directory,
    /// A symbolic link to this target, as written.
    Symlink(String),
    /// A hard link to this path of the same layer or one below.
    Hardlink(String),
    /// Takes the path of the layers below away.
    Whiteout,
    /// Takes everything that the layers below have in this directory away.
    Opaque,
}

/// A line that is no fixture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixtureError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for FixtureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the fixture: {}", self.line, self.what)
    }
}

impl std::error::Error for FixtureError {}

impl Fixture {
    /// Reads the text of a fixture.
    pub fn parse(text: &str) -> Result<Fixture, FixtureError> {
        let indentation = indentation(text);
        let mut fixture = Fixture::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.strip_prefix(indentation).unwrap_or(line.trim_start());
            let at = |what: String| FixtureError { line: index + 1, what };
            match line.strip_prefix("//-") {
                Some(directive) => fixture.directive(directive.trim()).map_err(at)?,
                None => fixture.content(line).map_err(at)?,
            }
        }
        Ok(fixture)
    }

    fn directive(&mut self, directive: &str) -> Result<(), String> {
        if let Some(rest) = directive.strip_prefix("layer") {
            self.layers.push(layer(rest)?);
            return Ok(());
        }
        let layer = self.layers.last_mut().ok_or("the first directive must be a `layer`")?;
        layer.entries.push(entry(directive)?);
        Ok(())
    }

    fn content(&mut self, line: &str) -> Result<(), String> {
        let last = self.layers.last_mut().and_then(|layer| layer.entries.last_mut());
        match last {
            Some(Entry { change: Change::File(content), .. }) => {
                content.extend_from_slice(line.as_bytes());
                content.push(b'\n');
                Ok(())
            }
            _ if line.trim().is_empty() => Ok(()),
            _ => Err(format!("`{line}` belongs to no file")),
        }
    }
}

fn indentation(text: &str) -> &str {
    let first = text.lines().find(|line| line.trim_start().starts_with("//-")).unwrap_or_default();
    &first[..first.len() - first.trim_start().len()]
}

fn layer(rest: &str) -> Result<LayerFixture, String> {
    let (compression, instruction) = match rest.strip_prefix('(') {
        None => (Compression::Gzip, rest),
        Some(rest) => {
            let (name, instruction) = rest.split_once(')').ok_or("`layer(` is not closed")?;
            (compression(name)?, instruction)
        }
    };
    Ok(LayerFixture { instruction: instruction.trim().to_owned(), compression, entries: Vec::new() })
}

fn compression(name: &str) -> Result<Compression, String> {
    match name {
        "gzip" => Ok(Compression::Gzip),
        "zstd" => Ok(Compression::Zstd),
        "none" => Ok(Compression::None),
        other => Err(format!("`{other}` is no compression; use gzip, zstd or none")),
    }
}

fn entry(directive: &str) -> Result<Entry, String> {
    if directive.starts_with('/') {
        return Ok(Entry { path: path(directive)?, change: Change::File(Vec::new()) });
    }
    let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
    let link = || rest.split_once(" -> ").ok_or_else(|| format!("`{word}` is written `/path -> target`"));
    match word {
        "whiteout" => Ok(Entry { path: path(rest)?, change: Change::Whiteout }),
        "opaque" => Ok(Entry { path: path(rest)?, change: Change::Opaque }),
        "directory" => Ok(Entry { path: path(rest)?, change: Change::Directory }),
        "symlink" => {
            let (from, to) = link()?;
            Ok(Entry { path: path(from)?, change: Change::Symlink(to.trim().to_owned()) })
        }
        "hardlink" => {
            let (from, to) = link()?;
            Ok(Entry { path: path(from)?, change: Change::Hardlink(path(to)?) })
        }
        other => Err(format!("`{other}` is no directive")),
    }
}

fn path(text: &str) -> Result<String, String> {
    match text.trim().strip_prefix('/') {
        Some(path) if !path.is_empty() => Ok(path.trim_end_matches('/').to_owned()),
        _ => Err(format!("`{text}` is no path; it begins with `/`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "so that tests can write it in place")]
    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let actual = match Fixture::parse(text) {
            Ok(fixture) => shown(&fixture),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&actual);
    }

    fn shown(fixture: &Fixture) -> String {
        let mut out = String::new();
        for layer in &fixture.layers {
            out += &format!("{:?} {}\n", layer.compression, layer.instruction);
            for entry in &layer.entries {
                let change = match &entry.change {
                    Change::File(content) => format!("file {:?}", String::from_utf8_lossy(content)),
                    other => format!("{other:?}"),
                };
                out += &format!("  {} {change}\n", entry.path);
            }
        }
        out
    }

    #[test]
    fn every_directive_is_read() {
        check(
            "
            //- layer FROM debian:12
            //- /var/lib/dpkg/status
            Package: openssl
              indented

            //- symlink /bin -> usr/bin
            //- hardlink /a -> /b
            //- layer(zstd) RUN rm
            //- whiteout /a
            //- opaque /srv/
            //- directory /srv
            ",
            expect![[r#"
                Gzip FROM debian:12
                  var/lib/dpkg/status file "Package: openssl\n  indented\n\n"
                  bin Symlink("usr/bin")
                  a Hardlink("b")
                Zstd RUN rm
                  a Whiteout
                  srv Opaque
                  srv Directory
            "#]],
        );
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        check("//- /a", expect!["line 1 of the fixture: the first directive must be a `layer`"]);
        check("//- layer\n//- a", expect!["line 2 of the fixture: `a` is no directive"]);
        check("//- layer\nstray", expect!["line 2 of the fixture: `stray` belongs to no file"]);
        check(
            "//- layer(lzma)",
            expect!["line 1 of the fixture: `lzma` is no compression; use gzip, zstd or none"],
        );
    }
}
