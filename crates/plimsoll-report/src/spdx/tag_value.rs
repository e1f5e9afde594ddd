//! The tag-value notation: a line for each field, and texts of several lines in `<text>`.

use std::io::{self, Write};

use plimsoll_core::Escaped;

use super::document::{Document, Package, license_reference, one_line};

/// Writes the document.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    line(out, "SPDXVersion", "SPDX-2.3")?;
    line(out, "DataLicense", "CC0-1.0")?;
    line(out, "SPDXID", "SPDXRef-DOCUMENT")?;
    line(out, "DocumentName", &document.name)?;
    line(out, "DocumentNamespace", &document.namespace)?;
    line(out, "Creator", &format!("Tool: {}", document.tool))?;
    line(out, "Created", &document.created)?;
    if let Some(comment) = &document.comment {
        text(out, "DocumentComment", comment)?;
    }
    for it in &document.packages {
        writeln!(out)?;
        package(it, out)?;
    }
    writeln!(out)?;
    line(out, "Relationship", "SPDXRef-DOCUMENT DESCRIBES SPDXRef-subject")?;
    for it in document.packages.iter().skip(1) {
        line(out, "Relationship", &format!("SPDXRef-subject CONTAINS {}", it.id))?;
    }
    for (index, license) in document.license_texts.iter().enumerate() {
        writeln!(out)?;
        line(out, "LicenseID", &license_reference(index + 1))?;
        text(out, "ExtractedText", license)?;
        line(out, "LicenseName", license)?;
    }
    Ok(())
}

fn package(package: &Package, out: &mut dyn Write) -> io::Result<()> {
    line(out, "PackageName", &package.name)?;
    line(out, "SPDXID", &package.id)?;
    if let Some(version) = &package.version {
        line(out, "PackageVersion", version)?;
    }
    match &package.supplier {
        Some(name) => line(out, "PackageSupplier", &format!("Organization: {name}"))?,
        None => line(out, "PackageSupplier", "NOASSERTION")?,
    }
    line(out, "PackageDownloadLocation", "NOASSERTION")?;
    line(out, "FilesAnalyzed", "false")?;
    if let Some(digest) = &package.checksum {
        let algorithm = digest.algorithm().name().to_uppercase();
        line(out, "PackageChecksum", &format!("{algorithm}: {}", digest.hex()))?;
    }
    if let Some(source) = &package.source_info {
        text(out, "PackageSourceInfo", source)?;
    }
    line(out, "PackageLicenseConcluded", "NOASSERTION")?;
    line(out, "PackageLicenseDeclared", package.license_declared.as_deref().unwrap_or("NOASSERTION"))?;
    line(out, "PackageCopyrightText", "NOASSERTION")?;
    if let Some(comment) = &package.comment {
        text(out, "PackageComment", comment)?;
    }
    if let Some(purl) = &package.purl {
        line(out, "ExternalRef", &format!("PACKAGE-MANAGER purl {purl}"))?;
    }
    line(out, "PrimaryPackagePurpose", package.purpose)
}

/// A field in one line, so that no value can begin a field of its own.
fn line(out: &mut dyn Write, tag: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{tag}: {}", one_line(value).trim())
}

/// A field of several lines, which the value cannot end.
fn text(out: &mut dyn Write, tag: &str, value: &str) -> io::Result<()> {
    let lines: Vec<String> = value.lines().map(|line| Escaped(line).to_string()).collect();
    writeln!(out, "{tag}: <text>{}</text>", lines.join("\n").replace("</text>", "< /text>"))
}
