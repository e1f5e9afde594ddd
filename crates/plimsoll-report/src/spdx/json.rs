//! The JSON notation.

use std::io;

use serde_json::{Value, json};

use super::document::{Document, Package, license_reference, one_line};
use crate::documents;

/// Writes the document.
pub(super) fn write(document: &Document, out: &mut dyn io::Write) -> io::Result<()> {
    let ids = document.packages.iter().map(|it| it.id.as_str());
    let contains = ids.skip(1).map(|id| relationship("SPDXRef-subject", "CONTAINS", id));
    let mut relationships = vec![relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-subject")];
    relationships.extend(contains);
    let texts = document.license_texts.iter().enumerate().map(|(index, text)| {
        json!({
            "licenseId": license_reference(index + 1),
            "name": one_line(text),
            "extractedText": text,
        })
    });
    let value = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": document.name,
        "documentNamespace": document.namespace,
        "comment": document.comment,
        "creationInfo": { "created": document.created, "creators": [format!("Tool: {}", document.tool)] },
        "documentDescribes": ["SPDXRef-subject"],
        "packages": document.packages.iter().map(package).collect::<Vec<_>>(),
        "relationships": relationships,
        "hasExtractedLicensingInfos": documents::unless_empty(texts.collect()),
    });
    documents::write(value, out)
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}

fn package(package: &Package) -> Value {
    let purl = package.purl.iter().map(|purl| {
        json!({
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        })
    });
    let checksum = package.checksum.iter().map(|digest| {
        json!({ "algorithm": digest.algorithm().name().to_uppercase(), "checksumValue": digest.hex() })
    });
    json!({
        "SPDXID": package.id,
        "name": package.name,
        "versionInfo": package.version,
        "supplier": match &package.supplier {
            Some(name) => format!("Organization: {}", one_line(name)),
            None => "NOASSERTION".to_owned(),
        },
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "checksums": documents::unless_empty(checksum.collect()),
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": package.license_declared.as_deref().unwrap_or("NOASSERTION"),
        "copyrightText": "NOASSERTION",
        "externalRefs": documents::unless_empty(purl.collect()),
        "primaryPackagePurpose": package.purpose,
        "sourceInfo": package.source_info,
        "comment": package.comment,
    })
}
