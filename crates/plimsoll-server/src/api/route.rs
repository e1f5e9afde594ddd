//! What a route is: a row of the table, with all that is to be known of it.
//!
//! The router, the authorisation, the OpenAPI document and the test that walks it read the same rows.

use futures_util::future::BoxFuture;
use plimsoll_store::Permission;

use super::Api;
use super::answer::Answer;
use super::call::Call;
use super::problem::{Kind, Problem};
use super::schema::{Definitions, Schema, SchemaOf};

/// How an answer is made.
pub(super) type Run = for<'a> fn(&'a Api, &'a Call) -> BoxFuture<'a, Result<Answer, Problem>>;

/// The method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    /// As OpenAPI writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Put => "put",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
        }
    }
}

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: the document, signing in.
    Nobody,
    /// To be somebody. What is seen depends on who.
    Somebody,
    /// To be somebody, and not by a token, which never may all that its owner may.
    Themselves,
    /// A permission for the whole instance.
    Instance(Permission),
    /// A permission in the namespace of the path.
    Namespace(Permission),
}

/// What the content of an answer is.
#[derive(Clone, Copy)]
pub(super) enum Gives {
    /// Nothing, 204.
    Nothing,
    /// JSON of a type.
    Json(SchemaOf),
    /// Something else, of this media type.
    Other(&'static str),
}

/// A parameter of a query.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: SchemaOf,
}

impl Parameter {
    /// Holds a value against the bounds that the document names; whether it is a number or a word at all,
    /// whoever reads it finds out.
    pub(super) fn check(&self, value: &str) -> Result<(), Problem> {
        let schema = (self.schema)(&mut Definitions::new());
        let bound = |word: &str| schema[word].as_i64();
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        if let Some(most) = bound("maxLength").filter(|it| length > *it) {
            return Err(Problem::invalid(self.name, format!("at most {most} characters")));
        }
        let Ok(number) = value.parse::<i64>() else { return Ok(()) };
        if let Some(least) = bound("minimum").filter(|it| number < *it) {
            return Err(Problem::invalid(self.name, format!("at least {least}")));
        }
        match bound("maximum").filter(|it| number > *it) {
            Some(most) => Err(Problem::invalid(self.name, format!("at most {most}"))),
            None => Ok(()),
        }
    }
}

/// A route.
#[derive(Clone, Copy)]
pub(super) struct Route {
    /// Its name in generated clients.
    pub(super) id: &'static str,
    pub(super) verb: Verb,
    /// Below `/api/v1`.
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    /// One sentence.
    pub(super) about: &'static str,
    pub(super) query: &'static [&'static [Parameter]],
    pub(super) takes: Option<SchemaOf>,
    pub(super) is_body_optional: bool,
    /// The media type of a content that is taken as it comes, however long it is.
    pub(super) streams: Option<&'static str>,
    /// Whether its answer holds a secret, which is given once and kept nowhere.
    pub(super) is_secret: bool,
    /// Whether it changes nothing, whatever its method: only what is asked is too long for an address.
    pub(super) is_question: bool,
    pub(super) gives: Gives,
    pub(super) status: u16,
    /// What it may be refused for, besides what any route may.
    pub(super) refusals: &'static [Kind],
    pub(super) run: Run,
}

const fn row(
    verb: Verb,
    id: &'static str,
    path: &'static str,
    needs: Needs,
    about: &'static str,
    run: Run,
) -> Route {
    Route {
        id,
        verb,
        path,
        needs,
        about,
        query: &[],
        takes: None,
        is_body_optional: false,
        streams: None,
        is_secret: false,
        is_question: false,
        gives: Gives::Nothing,
        status: 204,
        refusals: &[],
        run,
    }
}

macro_rules! verbs {
    ($($name:ident $verb:ident;)*) => {$(
        /// A route of this method.
        pub(super) const fn $name(
            id: &'static str,
            path: &'static str,
            needs: Needs,
            about: &'static str,
            run: Run,
        ) -> Route {
            row(Verb::$verb, id, path, needs, about, run)
        }
    )*};
}

verbs! {
    get Get;
    post Post;
    put Put;
    patch Patch;
    delete Delete;
}

impl Route {
    /// With these parameters of the query.
    pub(super) const fn query(self, query: &'static [&'static [Parameter]]) -> Route {
        Route { query, ..self }
    }

    /// With a body of this type.
    pub(super) const fn takes<T: Schema>(self) -> Route {
        Route { takes: Some(T::schema), ..self }
    }

    /// With a body of this type, or without.
    pub(super) const fn may_take<T: Schema>(self) -> Route {
        Route { takes: Some(T::schema), is_body_optional: true, ..self }
    }

    /// With a content of this media type that is taken as it comes.
    pub(super) const fn streams(self, media_type: &'static str) -> Route {
        Route { streams: Some(media_type), ..self }
    }

    /// Answers 200 with JSON of this type.
    pub(super) const fn gives<T: Schema>(self) -> Route {
        Route { gives: Gives::Json(T::schema), status: 200, ..self }
    }

    /// Answers with another status than 200.
    pub(super) const fn with_status(self, status: u16) -> Route {
        Route { status, ..self }
    }

    /// Answers 200 with something that is no JSON of ours.
    pub(super) const fn gives_other(self, media_type: &'static str) -> Route {
        Route { gives: Gives::Other(media_type), status: 200, ..self }
    }

    /// Answers with a secret.
    pub(super) const fn secret(self) -> Route {
        Route { is_secret: true, ..self }
    }

    /// Changes nothing, though it is a `POST`.
    pub(super) const fn question(self) -> Route {
        Route { is_question: true, ..self }
    }

    /// Whether something may be another thing afterwards, which is noted in the audit log.
    pub(super) fn is_change(&self) -> bool {
        self.verb != Verb::Get && !self.is_question
    }

    /// Whether the same request with the same `Idempotency-Key` is answered again.
    pub(super) fn is_repeatable(&self) -> bool {
        self.verb == Verb::Post && self.is_change() && !self.is_secret && self.streams.is_none()
    }

    /// May be refused for these reasons as well.
    pub(super) const fn refuses(self, refusals: &'static [Kind]) -> Route {
        Route { refusals, ..self }
    }

    /// The names of the path's parameters.
    pub(super) fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// The parameters of every list.
pub(super) const PAGE: &[Parameter] = &[
    Parameter {
        name: "limit",
        about: "How many entries at most.",
        schema: |_| serde_json::json!({ "type": "integer", "minimum": 1, "maximum": super::page::LIMIT_MAX, "default": 50 }),
    },
    Parameter {
        name: "cursor",
        about: "Where the page begins: `next` of the page before.",
        schema: |_| serde_json::json!({ "type": "string", "maxLength": 2048 }),
    },
];

/// A parameter that is a text.
pub(super) const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, schema: |_| serde_json::json!({ "type": "string", "maxLength": 512 }) }
}

/// A parameter that is a text of some words.
pub(super) const fn word<T: Schema>(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, schema: T::schema }
}
