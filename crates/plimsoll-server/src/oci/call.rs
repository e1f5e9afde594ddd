//! A request, taken apart for the handlers.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use futures_util::{StreamExt, stream};

use super::error::{Code, Refusal};
use super::percent;
use crate::accounts::Proof;
use crate::app::RequestInfo;
use crate::blobs::Incoming;

/// How long the next bytes of a body may take. A client that is silent for longer is gone, and its
/// upload can be continued by another request.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// A request.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) query: Vec<(String, String)>,
    /// The client's address.
    pub(super) client: Option<IpAddr>,
    /// Whether it came through a proxy that is trusted, whose word on the address asked for counts.
    pub(super) is_forwarded: bool,
}

/// Its body, which is read once.
pub(super) struct Content(Body);

impl Call {
    pub(super) fn of(request: Request) -> (Call, Content) {
        let (parts, body) = request.into_parts();
        let query = percent::pairs(parts.uri.query().unwrap_or_default());
        let info = parts.extensions.get::<RequestInfo>();
        let (client, is_forwarded) = (info.map(|it| it.client), info.is_some_and(|it| it.is_forwarded));
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        let call = Call { method, uri, headers, query, client, is_forwarded };
        (call, Content(body))
    }

    /// The first value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header's text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }

    /// What somebody shows with this request.
    pub(super) fn proof<'a>(&self, name: &'a str, secret: &'a str) -> Proof<'a> {
        Proof { name, secret, client: self.client }
    }

    /// How many bytes the body will have, where the client says so.
    pub(super) fn length(&self) -> Option<u64> {
        self.header(&header::CONTENT_LENGTH).and_then(|it| it.parse().ok())
    }
}

impl Content {
    /// The body as it comes.
    pub(super) fn incoming(self) -> Incoming {
        let pieces = self.0.into_data_stream();
        stream::unfold(Some(pieces), |pieces| async {
            let mut pieces = pieces?;
            match tokio::time::timeout(SILENCE_MAX, pieces.next()).await {
                Err(_) => Some((Err("the client was silent for too long".into()), None)),
                Ok(None) => None,
                Ok(Some(Err(error))) => Some((Err(error.into()), None)),
                Ok(Some(Ok(piece))) => Some((Ok(piece), Some(pieces))),
            }
        })
        .boxed()
    }

    /// The whole body, where it is small.
    pub(super) async fn whole(self, bytes_max: usize) -> Result<Bytes, Refusal> {
        let mut content = self.incoming();
        let mut whole = Vec::new();
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|_| Refusal::new(Code::SizeInvalid, "the content broke off"))?;
            if bytes_max < whole.len() + piece.len() {
                let message = format!("more than {bytes_max} bytes are not taken");
                return Err(Refusal::new(Code::SizeInvalid, message)
                    .with_status(axum::http::StatusCode::PAYLOAD_TOO_LARGE));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    }
}
