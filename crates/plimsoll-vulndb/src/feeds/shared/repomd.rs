//! How a repository of rpm packages is asked for one of its files: a mirror list names the
//! repository, and its `repodata/repomd.xml` the file and its SHA-256.
//!
//! Reads bytes only; whoever fetches resolves and checks what stands here.

use super::bytes::text;
use super::elements::{Element, Elements, walk};

/// A list has a line for each mirror, a repomd some kB.
const SIZE_BYTES_MAX: u64 = 4 << 20;

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RepositoryFile {
    /// Its path below the repository's address, without `..`.
    pub path: String,
    /// Its SHA-256 in lower-case digits, where the repository says one.
    pub sha256: Option<String>,
}

/// The first address of a mirror list that is one of the web, without a slash at its end, and by
/// https whatever the list says: what is fetched from there decides what is reported.
///
/// Source: yum.conf(5), `mirrorlist`: one address a line.
pub fn mirror_list(bytes: &[u8]) -> Result<String, String> {
    let text = text(bytes, SIZE_BYTES_MAX)?;
    let mut lines = text.lines().filter_map(super::reference);
    let first = lines.next().ok_or("the list of mirrors names none")?;
    let (_, rest) = first.split_once("://").ok_or("the list of mirrors names none")?;
    Ok(format!("https://{}", rest.trim_end_matches('/')))
}

/// The file of a kind (`updateinfo`) that a `repomd.xml` names; `None` where it names none.
///
/// Source: createrepo_c's repomd format.
pub fn repository_file(bytes: &[u8], kind: &str) -> Result<Option<RepositoryFile>, String> {
    let text = text(bytes, SIZE_BYTES_MAX)?;
    let mut reading = Reading { kind, is_wanted: false, is_sha256: false, file: None };
    walk(&text, "repomd", &mut reading)?;
    match reading.file {
        Some(file) if file.path.is_empty() => Err(format!("`{kind}` has no location that can be one")),
        file => Ok(file),
    }
}

struct Reading<'k> {
    kind: &'k str,
    is_wanted: bool,
    is_sha256: bool,
    file: Option<RepositoryFile>,
}

impl Elements for Reading<'_> {
    fn open(&mut self, name: &str, parent: &str, element: &Element<'_, '_>) -> Result<(), String> {
        match (parent, name) {
            ("repomd", "data") => {
                let is_kind = element.attribute("type").as_deref() == Some(self.kind);
                self.is_wanted = is_kind && self.file.is_none();
                if self.is_wanted {
                    self.file = Some(RepositoryFile::default());
                }
            }
            ("data", "checksum") => {
                self.is_sha256 = element.attribute("type").is_some_and(|it| it == "sha256");
            }
            ("data", "location") if self.is_wanted => {
                let path = element.attribute("href").filter(|it| is_path(it));
                self.file.get_or_insert_default().path = path.unwrap_or_default();
            }
            _ => (),
        }
        Ok(())
    }

    fn close(&mut self, name: &str, parent: &str, text: &str) -> Result<(), String> {
        let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if self.is_wanted && self.is_sha256 && (parent, name) == ("data", "checksum") && is_digest {
            self.file.get_or_insert_default().sha256 = Some(text.to_ascii_lowercase());
        }
        Ok(())
    }
}

/// Whether a location stays below the repository.
fn is_path(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+/".contains(&byte);
    !text.is_empty()
        && text.len() <= 512
        && text.bytes().all(allowed)
        && !text.starts_with('/')
        && text.split('/').all(|it| !it.is_empty() && it != ".." && it != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mirror_is_taken() {
        let list = b"# a remark\n\nftp://x/1\nhttps://cdn.example/2/core/\nhttp://other/3\n";
        assert_eq!(mirror_list(list).as_deref(), Ok("https://cdn.example/2/core"));
        assert_eq!(mirror_list(b"http://other/3/\n").as_deref(), Ok("https://other/3"));
        assert!(mirror_list(b"file:///etc\n").is_err());
    }

    fn check(data: &str, expected: Result<Option<(&str, bool)>, ()>) {
        let xml = format!(r#"<repomd xmlns:rpm="x"><revision>1</revision>{data}</repomd>"#);
        let found = repository_file(xml.as_bytes(), "updateinfo").map_err(|_| ());
        let found = found.map(|it| it.map(|it| (it.path, it.sha256.is_some())));
        assert_eq!(found, expected.map(|it| it.map(|(path, has_digest)| (path.to_owned(), has_digest))));
    }

    #[test]
    fn the_file_of_a_kind_is_found_with_its_digest() {
        let digest = "a".repeat(64);
        let data = |kind: &str, href: &str| {
            format!(
                r#"<data type="{kind}"><checksum type="sha256">{digest}</checksum><open-checksum type="sha256">00</open-checksum><location href="{href}"/></data>"#
            )
        };
        let both = data("primary", "repodata/p.xml.gz") + &data("updateinfo", "repodata/u.xml.zst");
        check(&both, Ok(Some(("repodata/u.xml.zst", true))));
        check(&data("primary", "repodata/p.xml.gz"), Ok(None));
        check(r#"<data type="updateinfo"><location href="u.xml"/></data>"#, Ok(Some(("u.xml", false))));
    }

    #[test]
    fn locations_cannot_leave_the_repository() {
        for href in ["../u.xml", "/etc/passwd", "https://x/u.xml", "a//b", "a/../b", "", "a b", "a?b"] {
            check(&format!(r#"<data type="updateinfo"><location href="{href}"/></data>"#), Err(()));
        }
        check(r#"<data type="updateinfo"/>"#, Err(()));
    }
}
