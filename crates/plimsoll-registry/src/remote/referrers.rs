//! What a registry lists as attached to a manifest: its referrers, by the API or by a tag.

use plimsoll_core::{Digest, Limits, Problem, ProblemKind};
use plimsoll_image::manifest::{Descriptor, Document, parse_document};
use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};

use super::Remote;
use super::address::same_origin;
use super::client::{Client, Fetched};
use crate::attached::{Referrers, fallback_tag};
use crate::{Error, ErrorKind};

/// Pages of one list; a registry gives hundreds of entries on each.
const PAGES_MAX: usize = 10;

impl Referrers for Remote {
    fn referrers(
        &self,
        subject: &Digest,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Descriptor>, Error> {
        let tag = fallback_tag(subject);
        let mut found = match self.listed(subject, limits, problems)? {
            Some(listed) => listed,
            None => match self.tagged(&tag, limits)? {
                Some(fetched) => entries(&fetched, limits)?,
                None => Vec::new(),
            },
        };
        if let Some(fetched) = self.tagged(&format!("{tag}.att"), limits)? {
            found.push(described(&fetched));
        }
        Ok(found)
    }
}

impl Remote {
    /// The referrers API; `None` where the registry has none, which is told by its refusal.
    fn listed(
        &self,
        subject: &Digest,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Vec<Descriptor>>, Error> {
        let what = format!("the list of what is attached to {subject}");
        let first = self.client.address(&format!("referrers/{subject}"))?;
        let (mut found, mut next) = (Vec::new(), Some(first.clone()));
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { return Ok(Some(found)) };
            let Some((bytes, headers)) = self.client.page(&url, &what, limits.manifest_bytes)? else {
                return Ok(None);
            };
            match parse_document(&bytes, None, limits).map_err(|error| Error::manifest(&what, &error))? {
                Document::Index(index) => found.extend(index.manifests),
                Document::Manifest(_) => return Err(Error::malformed(format!("{what} is no list"))),
            }
            next =
                next_page(&headers, &url).filter(|it| same_origin(it, &first) && it.path() == first.path());
        }
        let what = format!("{what} has more than {PAGES_MAX} pages; the rest is not read");
        problems.push(Problem::new(ProblemKind::Limit, what).harmless());
        Ok(Some(found))
    }

    fn tagged(&self, tag: &str, limits: &Limits) -> Result<Option<Fetched>, Error> {
        match self.client.manifest(tag, None, limits.manifest_bytes) {
            Ok(fetched) => Ok(Some(fetched)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What stands under the tag: an index of attachments, or a single one.
fn entries(fetched: &Fetched, limits: &Limits) -> Result<Vec<Descriptor>, Error> {
    let what = format!("manifest {}", fetched.digest);
    let document = parse_document(&fetched.bytes, fetched.media_type.as_deref(), limits)
        .map_err(|error| Error::manifest(&what, &error))?;
    Ok(match document {
        Document::Index(index) => index.manifests,
        Document::Manifest(_) => vec![described(fetched)],
    })
}

fn described(fetched: &Fetched) -> Descriptor {
    Descriptor {
        media_type: fetched.media_type.clone().unwrap_or_default(),
        digest: fetched.digest,
        size_bytes: u64::try_from(fetched.bytes.len()).unwrap_or(u64::MAX),
        platform: None,
        annotations: Default::default(),
        artifact_type: None,
    }
}

/// `Link: </v2/…>; rel="next"` (RFC 8288), as far as registries write it.
pub(super) fn next_page(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let link = headers.get(LINK)?.to_str().ok()?;
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    if !parameters.contains("next") {
        return None;
    }
    url.join(target).ok()
}

impl Client {
    /// A page of a list with its headers; `None` where the registry knows no such list.
    fn page(&self, url: &Url, what: &str, limit_bytes: u64) -> Result<Option<(Vec<u8>, HeaderMap)>, Error> {
        let answer = self.send(super::transport::Call::get(url.clone()), what)?;
        match answer.status() {
            200 => {
                let headers = answer.response.headers().clone();
                super::client::read_limited(answer.response, what, limit_bytes).map(|it| Some((it, headers)))
            }
            // What registries from before the API say to an address they do not know.
            400 | 404 | 405 | 406 | 501 => Ok(None),
            _ => Err(self.failed(answer, what)),
        }
    }
}
