//! A request, taken apart for the handlers: who calls, what the path says, the query, the body.
//!
//! Nothing of it is trusted: texts have an end, JSON is read strictly, and an unknown parameter of
//! a query is refused rather than overlooked.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Method, header};
use bytes::Bytes;
use plimsoll_core::Timestamp;
use plimsoll_store::{
    Access, Caller, InstanceAccess, ManifestReference, NamespaceName, Needs, RepositoryName, TagName,
};
use serde::de::DeserializeOwned;

use super::Api;
use super::problem::{Kind, Problem};

/// A request that was let through.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    /// The path as it was asked for, for `Link`.
    pub(super) path: String,
    /// The values of the path's parameters, decoded.
    pub(super) values: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The content of a request that is taken as it comes.
    pub(super) stream: Option<Arc<Mutex<Option<Body>>>>,
    pub(super) caller: Caller,
    /// The hash of the session, where that is how the caller proved who they are.
    pub(super) session: Option<String>,
    pub(super) address: Option<IpAddr>,
    pub(super) now: Timestamp,
}

impl Call {
    /// A parameter of the path.
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str())
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// A parameter that is yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.parameter(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Problem::invalid(name, "`true` or `false`")),
        }
    }

    /// A parameter that is one of some words.
    pub(super) fn word<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        self.parameter(name)
            .map(|text| parse(text).ok_or_else(|| Problem::invalid(name, "none of the words that it may be")))
            .transpose()
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.parameter(name)
            .map(|text| text.parse().map_err(|_| Problem::invalid(name, "a whole number")))
            .transpose()
    }

    /// A parameter that is a time.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.parameter(name)
            .map(|text| text.parse().map_err(|_| Problem::invalid(name, "a time as in RFC 3339, in UTC")))
            .transpose()
    }

    /// The content of a request that is taken as it comes; the first who asks gets it.
    pub(super) fn take_stream(&self) -> Option<Body> {
        self.stream.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }

    /// The body as a value.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let content_type = self.header(&header::CONTENT_TYPE).unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(Kind::UnsupportedMediaType, "send `Content-Type: application/json`"));
        }
        serde_json::from_slice(&self.body).map_err(|error| Problem::invalid("", error.to_string()))
    }

    /// The same where a body may be missing.
    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// A number of the path. What is none names nothing.
    pub(super) fn id(&self, name: &str) -> Result<i64, Problem> {
        self.value(name).parse().ok().filter(|it| *it > 0).ok_or_else(Problem::not_found)
    }

    /// The namespace of the path. What is no name names nothing.
    pub(super) fn namespace(&self) -> Result<NamespaceName, Problem> {
        NamespaceName::parse(self.value("namespace")).map_err(|_| Problem::not_found())
    }

    /// The repository of the path.
    pub(super) fn repository(&self) -> Result<RepositoryName, Problem> {
        RepositoryName::parse(self.value("repository")).map_err(|_| Problem::not_found())
    }

    /// The tag or digest of the path.
    pub(super) fn reference(&self) -> Result<ManifestReference, Problem> {
        let text = self.value("reference");
        if text.contains(':') {
            return text.parse().map(ManifestReference::Digest).map_err(|_| Problem::not_found());
        }
        TagName::parse(text).map(ManifestReference::Tag).map_err(|_| Problem::not_found())
    }

    /// Leave to do something in the namespace of the path.
    pub(super) async fn access<P: Needs>(&self, api: &Api) -> Result<Access<P>, Problem> {
        Ok(api.authoriser.namespace(&self.caller, &self.namespace()?).await?)
    }

    /// Leave to do something everywhere.
    pub(super) async fn instance<P: Needs>(&self, api: &Api) -> Result<InstanceAccess<P>, Problem> {
        Ok(api.authoriser.instance(&self.caller).await?)
    }
}
