//! What a registry holds, as honest ones and others tell it.

use super::fake::{Reply, Request, Server, honest};
use super::*;
use crate::{Listing, Login, Secret};

fn listing(server: &Server, options: &Options) -> Listing {
    Listing::connect(&server.address, options, &limits()).unwrap()
}

/// A catalog of three repositories on two pages, one of which has an image.
fn holding(blobs: &Blobs, image: &str, request: &Request) -> Reply {
    let next = r#"</v2/_catalog?n=1000&last=team%2Fapp>; rel="next""#;
    match request.path.as_str() {
        "/v2/_catalog?n=1000" => {
            Reply::new(200, r#"{"repositories":["library/base","team/app"]}"#).with("Link", next)
        }
        "/v2/_catalog?n=1000&last=team%2Fapp" => Reply::new(200, r#"{"repositories":["zoo"]}"#),
        "/v2/team/app/tags/list?n=1000" => Reply::new(200, r#"{"name":"team/app","tags":["latest","1"]}"#),
        // A repository of which everything was deleted.
        "/v2/zoo/tags/list?n=1000" => Reply::new(200, r#"{"name":"zoo","tags":null}"#),
        _ => honest(blobs, image, request),
    }
}

#[test]
fn repositories_tags_and_manifests_are_listed() {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"layer"], "");
    let digest = digest_in(&image);
    let server = Server::start(move |request, _| holding(&blobs, &image, request));
    let listing = listing(&server, &options("linux/amd64"));
    assert_eq!(listing.check().unwrap().name(), "distribution");
    let all = listing.repositories(10).unwrap();
    assert_eq!((all.names.join(" "), all.is_cut), ("library/base team/app zoo".to_owned(), false));
    let some = listing.repositories(2).unwrap();
    assert_eq!((some.names.join(" "), some.is_cut), ("library/base team/app".to_owned(), true));
    let app = listing.repository("team/app").unwrap();
    assert_eq!(app.tags(10).unwrap().names, ["latest", "1"]);
    assert_eq!(listing.repository("zoo").unwrap().tags(10).unwrap().names, [""; 0]);
    assert_eq!(app.digest("latest").unwrap(), Some(digest));
    let manifest = app.manifest(&digest.to_string()).unwrap();
    assert_eq!((manifest.digest, manifest.media_type.as_deref()), (digest, Some(MANIFEST)));
    assert_eq!(app.digest("gone").unwrap_err().kind(), crate::ErrorKind::NotFound);
    assert!(listing.repository("../x").is_err());
}

#[test]
fn a_login_is_taken_or_refused_and_never_told() {
    let login = Login { username: "bob".to_owned(), password: Secret::new("geheim".to_owned()) };
    let with_login = Options { login: Some(login), ..options("linux/amd64") };
    let server = Server::start(|request, _| match request.header("authorization") {
        // base64 of `bob:geheim`.
        "Basic Ym9iOmdlaGVpbQ==" if request.path == "/v2/" => Reply::new(200, "{}"),
        "Basic Ym9iOmdlaGVpbQ==" => Reply::new(403, r#"{"errors":[{"message":"no catalog for geheim"}]}"#),
        _ => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=\"here\""),
    });
    assert!(listing(&server, &with_login).check().is_ok());
    let refused = listing(&server, &options("linux/amd64")).check().unwrap_err();
    assert_eq!(refused.kind(), crate::ErrorKind::Unauthorized);
    let error = listing(&server, &with_login).repositories(10).unwrap_err().to_string();
    assert!(error.contains("403") && !error.contains("geheim"), "{error}");
}

#[test]
fn a_list_without_an_end_has_one() {
    let server = Server::start(|request, number| {
        if request.path == "/v2/" {
            return Reply::new(200, "{}");
        }
        let next = format!("</v2/_catalog?n=1000&last={number}>; rel=\"next\"");
        Reply::new(200, r#"{"repositories":[]}"#).with("Link", &next)
    });
    let names = listing(&server, &options("linux/amd64")).repositories(5).unwrap();
    assert!(names.is_cut && names.names.is_empty());
    let nonsense =
        Server::start(
            |request, _| {
                if request.path == "/v2/" { Reply::new(200, "{}") } else { Reply::new(200, "<html>") }
            },
        );
    let error = listing(&nonsense, &options("linux/amd64")).repositories(5).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Malformed);
}
