//! Which jar has which Maven coordinates, by the SHA-1 of the file (rule 63): for jars that do not
//! say themselves what they are.
//!
//! Two forms are read as they stream, told apart by their first byte: lines
//! `SHA-1<tab>group:artifact:version`, and the chunks of Maven's own index
//! ([`chunk`](self::chunk)). Comes from a mirror only: the index of the whole Central is many times
//! larger than everything else that a database holds, so whoever wants one decides how much of it.

mod chunk;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Read};

use super::shared::stream;
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

/// As transferred; the index of Central has 2.5 GB.
const SIZE_BYTES_MAX: u64 = 4 << 30;
/// Unpacked.
const UNPACKED_BYTES_MAX: u64 = 64 << 30;
/// Jars of all parts together: with their names they take half a gigabyte while they are read.
const JARS_MAX: usize = 5_000_000;
/// Bytes of group, artifact and version together.
const COORDINATES_BYTES_MAX: usize = 512;
/// Bytes of a line that is read whole.
const LINE_BYTES_MAX: u64 = 1024;
/// Records that are listed as set aside; more are counted.
const LISTED_MAX: u64 = 1000;

/// The feed.
pub(super) struct MavenIndex;

impl Feed for MavenIndex {
    fn id(&self) -> &'static str {
        "maven-index"
    }

    fn title(&self) -> &'static str {
        "Maven coordinates of jars by their SHA-1"
    }

    fn says(&self) -> &'static str {
        "Under which coordinates a jar with a given SHA-1 was published: Maven's own index, or plain \
         lines."
    }

    fn is_silent_on(&self) -> &'static str {
        "Vulnerabilities. A jar that is not in it has no name, and what it has is not known."
    }

    fn sources(&self) -> Vec<Source> {
        // Told by their endings, so that a read-me beside them is none.
        let lists = |ending: &str| Source {
            name: format!("*{ending}"),
            remote: Remote::MirrorOnly,
            mirror: vec![format!("maven-index/*{ending}")],
            except: Vec::new(),
            newest_only: false,
            optional: true,
            size_bytes_max: SIZE_BYTES_MAX,
        };
        [".gz", ".zst", ".tsv"].map(lists).into()
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "facts about published files; whoever made the list says more",
            attribution: "whoever publishes the list",
            redistributable: false,
        }
    }

    fn cadence_hours(&self) -> u32 {
        24 * 7
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        parse(part, JARS_MAX, out)
    }
}

fn parse(part: &Part<'_>, jars_max: usize, out: &mut FeedOutput) -> Result<(), String> {
    let limited = stream(part.bytes)?.take(UNPACKED_BYTES_MAX);
    let mut reader = BufReader::with_capacity(64 << 10, limited);
    let first = reader.fill_buf().map_err(|error| error.to_string())?.first().copied();
    let mut jars = Jars { out, jars_max, part: part.name, listed: 0 };
    match first {
        None => return Err("empty".to_owned()),
        Some(chunk::VERSION) => chunk::read(&mut reader, &mut jars)?,
        Some(_) => lines(&mut reader, &mut jars)?,
    }
    if reader.get_ref().limit() == 0 {
        return Err(format!("more than {UNPACKED_BYTES_MAX} bytes come out of it"));
    }
    Ok(())
}

/// Where jars go, within bounds.
struct Jars<'a> {
    out: &'a mut FeedOutput,
    jars_max: usize,
    part: &'a str,
    listed: u64,
}

impl Jars<'_> {
    fn jar(&mut self, sha1: [u8; 20], coordinates: String) -> Result<(), String> {
        if self.out.maven.len() >= self.jars_max {
            return Err(format!(
                "it has more than {} jars; give a part of it, such as the groups that you use",
                self.jars_max
            ));
        }
        self.out.records_stored += 1;
        self.out.maven.push((sha1, coordinates));
        Ok(())
    }

    fn bad(&mut self, record: u64, why: &str) {
        self.listed += 1;
        if self.listed <= LISTED_MAX {
            self.out.quarantine(format!("{} record {record}", self.part), why);
        } else {
            self.out.records_quarantined += 1;
        }
    }
}

/// `SHA-1<tab>group:artifact:version`, a line each; those that begin with `#` are remarks.
fn lines(reader: &mut impl BufRead, jars: &mut Jars<'_>) -> Result<(), String> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let count = reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if count.map_err(|error| error.to_string())? == 0 {
            break;
        }
        number += 1;
        let is_cut = line.last() != Some(&b'\n') && line.len() as u64 == LINE_BYTES_MAX;
        if is_cut {
            reader.skip_until(b'\n').map_err(|error| error.to_string())?;
        }
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        jars.out.records_read += 1;
        match row(text).filter(|_| !is_cut) {
            Some((sha1, coordinates)) => jars.jar(sha1, coordinates)?,
            None => jars.bad(number, "it is not `SHA-1<tab>group:artifact:version`"),
        }
    }
    // A list without a single good line is some other file.
    let nothing = jars.out.records_stored == 0 && jars.out.records_quarantined > 0;
    if nothing { Err("none of its lines is `SHA-1<tab>group:artifact:version`".to_owned()) } else { Ok(()) }
}

fn row(line: &[u8]) -> Option<([u8; 20], String)> {
    let (sha1, name) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    let mut parts = name.split(':');
    let (group, artifact, version) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((sha1_of(sha1)?, coordinates(group, artifact, version)?))
}

/// `group:artifact:version`, if they can be what they are said to be.
fn coordinates(group: &str, artifact: &str, version: &str) -> Option<String> {
    let is_legal = |text: &str| {
        let legal = |byte: u8| byte.is_ascii_graphic() && !b":/\\\"<>|*?%#@".contains(&byte);
        !text.is_empty() && text.bytes().all(legal)
    };
    let length_bytes = group.len() + artifact.len() + version.len() + 2;
    let are_legal = [group, artifact, version].into_iter().all(is_legal);
    (are_legal && length_bytes <= COORDINATES_BYTES_MAX).then(|| format!("{group}:{artifact}:{version}"))
}

/// Forty hexadecimal digits.
fn sha1_of(text: &str) -> Option<[u8; 20]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs: &[[u8; 2]; 20] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let mut sha1 = [0; 20];
    for (byte, [high, low]) in sha1.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(sha1)
}
