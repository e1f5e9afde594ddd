//! The console: files that were built from `console/` and are part of the program.
//!
//! Serves them from memory as they are. Knows no caller, opens no file, and answers no address that
//! belongs to another part: what it does not have and what is no page is not found.

mod answer;
mod file;
mod protection;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;

use answer::Asked;
use file::{FILES, INDEX};

/// What answers where nothing else does.
pub(crate) fn router() -> Router {
    Router::new().fallback(serve)
}

/// Whether there are pages to send a browser to.
pub(crate) fn is_built() -> bool {
    FILES.iter().any(|it| it.path == INDEX)
}

async fn serve(request: Request) -> Response<Body> {
    let asked = Asked::of(&request);
    answer::answer(FILES, &asked)
}
