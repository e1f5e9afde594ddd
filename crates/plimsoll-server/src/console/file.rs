//! A file of the console, and the table of those that were there when the program was built.

use std::fmt::Write;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// A file as it is sent.
pub(super) struct File {
    /// Its address without the first slash.
    pub(super) path: &'static str,
    pub(super) plain: &'static [u8],
    /// The same, compressed by the build, where that is shorter.
    pub(super) gzip: Option<&'static [u8]>,
    /// Of what it says, once somebody has asked.
    pub(super) hash: &'static OnceLock<String>,
}

/// Empty where no console was built.
pub(super) static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// The page that all addresses of pages are answered with.
pub(super) const INDEX: &str = "index.html";

/// Files whose names change with their content.
const NAMED_BY_CONTENT: &str = "assets/";

/// What a file is, by the end of its name.
const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
    ("json", "application/json"),
    ("txt", "text/plain; charset=utf-8"),
];

impl File {
    /// What it is.
    pub(super) fn media_type(&self) -> &'static str {
        let end = self.path.rsplit('.').next().unwrap_or_default();
        TYPES.iter().find(|it| it.0 == end).map_or("application/octet-stream", |it| it.1)
    }

    /// For how long it may be kept. A page is asked for anew, and is mostly answered with "the same".
    pub(super) fn cache_control(&self) -> &'static str {
        if self.path.starts_with(NAMED_BY_CONTENT) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }
    }

    /// What its content is called; of the compressed one otherwise. It is hashed when it is asked for first.
    pub(super) fn entity_tag(&self, is_gzip: bool) -> String {
        let hash = self.hash.get_or_init(|| {
            let mut text = String::with_capacity(32);
            for byte in Sha256::digest(self.plain).iter().take(16) {
                // Writing to a text does not fail.
                let _ = write!(text, "{byte:02x}");
            }
            text
        });
        let end = if is_gzip { "-gzip" } else { "" };
        format!("\"{hash}{end}\"")
    }
}
