//! Files that specifications describe and nobody could write by hand: archives, package
//! databases of rpm, and programs.

use std::io::{Cursor, Write};

use plimsoll_core::Package;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::binary::tests::Elf;

/// Lines with tabs in place of blanks.
pub(super) fn table(lines: &[&str]) -> Vec<u8> {
    let line = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join("\t") + "\n";
    lines.iter().map(line).collect::<String>().into_bytes()
}

/// A zip archive. `//- NAME` begins a member; the lines up to the next one are its content.
pub(super) fn archive(lines: &[&str]) -> Result<Vec<u8>, String> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut begun = false;
    for line in lines {
        if let Some(name) = line.strip_prefix("//- ") {
            writer.start_file(name, SimpleFileOptions::default()).map_err(|error| error.to_string())?;
            begun = true;
        } else if begun {
            writeln!(writer, "{line}").map_err(|error| error.to_string())?;
        } else {
            return Err(format!("`{line}` belongs to no member"));
        }
    }
    Ok(writer.finish().map_err(|error| error.to_string())?.into_inner())
}

/// rpm's database of packages, one a line: `NAME [EPOCH:]VERSION-RELEASE WORD…`.
pub(super) fn rpm_database(lines: &[&str]) -> Result<Vec<u8>, String> {
    let packages: Result<Vec<Package>, String> = lines.iter().map(|line| rpm_package(line)).collect();
    Ok(crate::rpm::tests::database(&packages?))
}

fn rpm_package(line: &str) -> Result<Package, String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace()),
            _ => words.push(part),
        }
    }
    let mut words = words.into_iter().map(str::to_owned);
    let mut next = || words.next();
    let missing = || format!("`{line}` lacks a word");
    let mut package = Package {
        name: next().ok_or_else(missing)?,
        version: next().ok_or_else(missing)?,
        ..Package::default()
    };
    while let Some(word) = next() {
        let value = Some(next().ok_or_else(missing)?);
        match word.as_str() {
            "arch" => package.architecture = value,
            "source-rpm" => package.source_rpm = value,
            "module" => package.module = value,
            "vendor" => package.vendor = value,
            other => return Err(format!("`{other}` is no word of an rpm package")),
        }
    }
    Ok(package)
}

/// A program built by Go: the first line is what its toolchain calls itself, the others are its
/// build information, with blanks for tabs.
pub(super) fn go_program(lines: &[&str]) -> Vec<u8> {
    /// What Go puts before and behind the build information; only the length counts.
    const MARK: [u8; 16] = [b'#'; 16];
    let (toolchain, information) = lines.split_first().unwrap_or((&"", &[]));
    let information = table(information);
    let mut elf = Elf::new(true, false);
    elf.align(16);
    elf.bytes.extend(b"\xff Go buildinf:\x08\x02");
    elf.bytes.extend([0; 16]);
    for text in [toolchain.as_bytes(), &[&MARK[..], &information, &MARK].concat()] {
        let mut length = text.len();
        while length > 0x7f {
            elf.bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        elf.bytes.push(length as u8);
        elf.bytes.extend_from_slice(text);
    }
    elf.finish()
}

/// A program with these texts in it, one a line.
pub(super) fn program(lines: &[&str]) -> Vec<u8> {
    let mut elf = Elf::new(true, false);
    for line in lines {
        elf.bytes.push(0);
        elf.bytes.extend_from_slice(line.as_bytes());
    }
    elf.bytes.extend([0; 300]);
    elf.finish()
}
