//! What a browser is told that could not be signed in: little; the log has the rest.
//!
//! A person is sent to the console, which says it in their language by a code of the table; everything else
//! is answered with the sentence.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::OidcError;

/// One thing that a browser may be told.
struct Refusal {
    /// For the console: `/?refused=CODE`.
    code: &'static str,
    status: StatusCode,
    /// In a sentence, for everybody else.
    told: &'static str,
}

const OVER: Refusal = Refusal {
    code: "over",
    status: StatusCode::BAD_REQUEST,
    told: "The sign-in was begun elsewhere, too long ago, or is over.",
};
const NOT_ACCEPTED: Refusal =
    Refusal { code: "not-accepted", status: StatusCode::FORBIDDEN, told: "You could not be signed in." };
const NO_ACCOUNT: Refusal = Refusal {
    code: "no-account",
    status: StatusCode::FORBIDDEN,
    told: "You have no account here. Ask whoever runs this server.",
};
const ISSUER: Refusal = Refusal {
    code: "issuer",
    status: StatusCode::BAD_GATEWAY,
    told: "The issuer does not answer as it should.",
};
const TOO_MANY: Refusal = Refusal {
    code: "too-many",
    status: StatusCode::TOO_MANY_REQUESTS,
    told: "Too many attempts. Wait a while.",
};
const UNAVAILABLE: Refusal = Refusal {
    code: "unavailable",
    status: StatusCode::SERVICE_UNAVAILABLE,
    told: "Signing in is not possible now.",
};

fn refusal(error: &OidcError) -> Refusal {
    match error {
        OidcError::State => OVER,
        OidcError::Refused(_) | OidcError::Token(_) => NOT_ACCEPTED,
        OidcError::Nobody(_) => NO_ACCOUNT,
        OidcError::Provider(_) => ISSUER,
        OidcError::Throttled(_) => TOO_MANY,
        OidcError::Accounts(_) | OidcError::Store(_) => UNAVAILABLE,
    }
}

/// The answer to a request with these headers. `has_console` says whether there are pages to send a person to.
pub(super) fn refused(error: &OidcError, headers: &HeaderMap, has_console: bool) -> Response {
    tracing::warn!("signing in by the issuer: {error}");
    let refusal = refusal(error);
    let mut response =
        if has_console && is_person(headers) { redirect(refusal.code) } else { text(&refusal) };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let OidcError::Throttled(seconds) = error {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// Whether it is a browser that shows a page.
fn is_person(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok());
    values.any(|it| it.contains("text/html"))
}

/// To the first page: whoever is not signed in is asked there to sign in, at any address.
fn redirect(code: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/?refused={code}"))]).into_response()
}

fn text(refusal: &Refusal) -> Response {
    let page = format!("{}\n\nSign in again at /\n", refusal.told);
    (refusal.status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(media_types: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, media_types.parse().unwrap())])
    }

    fn errors() -> [OidcError; 7] {
        [
            OidcError::State,
            OidcError::Refused("access_denied".to_owned()),
            OidcError::Token("it is another's"),
            OidcError::Nobody("the account is disabled"),
            OidcError::Provider("it is silent".to_owned()),
            OidcError::Throttled(30),
            OidcError::Store(plimsoll_store::Error::Invalid { what: "nothing" }),
        ]
    }

    #[test]
    fn a_person_is_sent_to_the_console_with_a_code_that_is_in_the_manual() {
        let manual = include_str!("../../../../docs/server.md");
        let browser = accepting("text/html,application/xhtml+xml,*/*;q=0.8");
        for error in errors() {
            let answer = refused(&error, &browser, true);
            assert_eq!(answer.status(), 303);
            let place = answer.headers()[header::LOCATION].to_str().unwrap();
            let code = place.strip_prefix("/?refused=").unwrap();
            let row =
                format!("| `{code}` | {} | {} |", refusal(&error).status.as_u16(), refusal(&error).told);
            assert!(manual.contains(&row), "{row}");
        }
    }

    #[test]
    fn whoever_shows_no_pages_is_told_in_words() {
        let browser = accepting("text/html");
        for error in errors() {
            for (headers, has_console) in
                [(&accepting("*/*"), true), (&HeaderMap::new(), true), (&browser, false)]
            {
                let answer = refused(&error, headers, has_console);
                assert!(answer.status().as_u16() >= 400 && !answer.headers().contains_key(header::LOCATION));
                assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
                assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
                let waits = answer.headers().get(header::RETRY_AFTER).is_some();
                assert_eq!(waits, matches!(error, OidcError::Throttled(_)));
            }
        }
    }
}
