//! Names that other people give: catalogues of vulnerabilities, by the ids they hand out.
//!
//! What this crate must know by name stands in files of this name alone; it decides nothing
//! about what is in a report.

/// The page of an id in the catalogue that gives such ids.
pub(crate) fn id_link(id: &str) -> Option<String> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let (prefix, _) = id.split_once('-').filter(|_| plain)?;
    Some(match prefix {
        "CVE" => format!("https://www.cve.org/CVERecord?id={id}"),
        "GHSA" => format!("https://github.com/advisories/{id}"),
        "GO" => format!("https://pkg.go.dev/vuln/{id}"),
        "RUSTSEC" => format!("https://rustsec.org/advisories/{id}.html"),
        "PYSEC" | "MAL" | "OSV" => format!("https://osv.dev/vulnerability/{id}"),
        _ => return None,
    })
}

/// Whether a purl's `upstream` is the file name of a source rpm.
pub(crate) fn is_source_file(upstream: &str) -> bool {
    upstream.ends_with(".src.rpm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_known_catalogues_have_pages_and_no_id_can_leave_them() {
        assert_eq!(id_link("CVE-2024-1").as_deref(), Some("https://www.cve.org/CVERecord?id=CVE-2024-1"));
        assert_eq!(id_link("MAL-2024-1").as_deref(), Some("https://osv.dev/vulnerability/MAL-2024-1"));
        for bad in ["", "CVE", "EXA-1", "CVE-1\"><script>", "CVE-2024-1/../x", "GHSA-\u{202e}"] {
            assert_eq!(id_link(bad), None, "{bad}");
        }
    }
}
