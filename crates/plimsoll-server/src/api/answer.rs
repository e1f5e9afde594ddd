//! Answers, before they are sent: a status, headers, and a body whose `ETag` can be told.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use plimsoll_store::Actor;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::page::Page;
use super::problem::Problem;

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) content: Content,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    /// Who did it, where that is known only now: somebody who signs in.
    pub(super) actor: Option<Actor>,
}

/// What it holds.
pub(super) enum Content {
    /// Bytes that are all there.
    Whole(Bytes),
    /// Something that comes while it is sent.
    Stream(Body),
}

impl Answer {
    /// An answer without headers.
    pub(super) fn new(status: StatusCode, content: Content) -> Answer {
        Answer { status, headers: Vec::new(), content, next: None, actor: None }
    }

    /// 200 with a page of a list.
    pub(super) fn page<T: Serialize>(page: &Page<T>) -> Result<Answer, Problem> {
        Ok(Answer { next: page.next.clone(), ..Answer::json(page)? })
    }

    /// 200 with JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Answer, Problem> {
        let bytes = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
        Ok(Answer::bytes("application/json", bytes))
    }

    /// 200 with something else.
    pub(super) fn bytes(content_type: &str, bytes: impl Into<Bytes>) -> Answer {
        let answer = Answer::new(StatusCode::OK, Content::Whole(bytes.into()));
        answer.with(header::CONTENT_TYPE, content_type)
    }

    /// 201 with what was made and where it is.
    pub(super) fn created(location: &str, value: &impl Serialize) -> Result<Answer, Problem> {
        let answer = Answer::json(value)?.status(StatusCode::CREATED);
        Ok(answer.with(header::LOCATION, &format!("/api/v1{location}")))
    }

    /// 202 with what will be.
    pub(super) fn accepted(value: &impl Serialize) -> Result<Answer, Problem> {
        Ok(Answer::json(value)?.status(StatusCode::ACCEPTED))
    }

    /// 204.
    pub(super) fn nothing() -> Answer {
        Answer::new(StatusCode::NO_CONTENT, Content::Whole(Bytes::new()))
    }

    pub(super) fn status(self, status: StatusCode) -> Answer {
        Answer { status, ..self }
    }

    /// Says who did it.
    pub(super) fn by(self, actor: Actor) -> Answer {
        Answer { actor: Some(actor), ..self }
    }

    /// Sets a header; a value that no header can have is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Answer {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The strong validator of the body, if it has one.
    pub(super) fn tag(&self) -> Option<String> {
        match &self.content {
            Content::Whole(bytes) if self.status == StatusCode::OK => Some(tag_of(bytes)),
            _ => None,
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(match self.content {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Stream(body) => body,
        });
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// 128 bits of SHA-256 over the body: no two bodies of a resource share it by accident.
fn tag_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in &hash[..16] {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    tag
}

/// Whether one of the validators of a header is this one. `If-None-Match` compares weakly, and
/// `If-Match` strongly: a weak one never fits (RFC 9110, 13.1).
pub(super) fn matches(header: &str, tag: &str, is_weak_enough: bool) -> bool {
    header.trim() == "*"
        || header.split(',').map(str::trim).any(|it| match it.strip_prefix("W/") {
            Some(rest) => is_weak_enough && rest == tag,
            None => it == tag,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_are_compared_as_http_says() {
        let tag = tag_of(b"x");
        assert!(matches(&tag, &tag, false));
        assert!(matches(&format!("\"a\", {tag}"), &tag, false));
        assert!(matches("*", &tag, false));
        assert!(matches(&format!("W/{tag}"), &tag, true));
        assert!(!matches(&format!("W/{tag}"), &tag, false));
        assert!(!matches("\"a\"", &tag, true));
    }
}
