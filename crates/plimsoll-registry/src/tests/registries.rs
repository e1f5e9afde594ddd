//! Registries, honest ones and others.

use std::sync::Mutex;

use super::fake::{Reply, Request, Server, honest};
use super::*;
use crate::{Login, Secret};

fn alpine() -> (Blobs, String) {
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"first layer", b"second layer"], "");
    (blobs, image)
}

const ALPINE: &str = "linux/amd64[first layer,second layer]";

fn pull(server: &Server, name: &str, options: &Options) -> Result<Opened, Error> {
    let location = crate::locate(&format!("registry:{}/{name}", server.address)).unwrap();
    crate::open(&location, options, &limits())
}

/// Pulls `team/app`, whatever the address of the server.
#[track_caller]
fn check(server: &Server, options: &Options, expected: &str) {
    assert_eq!(summary(&pull(server, "team/app", options)).replace(&server.address, "HOST"), expected);
}

fn plain() -> Options {
    options("linux/amd64")
}

fn with_login() -> Options {
    let login = Login { username: "bob".to_owned(), password: Secret::new("geheim".to_owned()) };
    Options { login: Some(login), ..plain() }
}

/// base64 of `bob:geheim`.
const BASIC: &str = "Basic Ym9iOmdlaGVpbQ==";

fn is_probe(request: &Request) -> bool {
    request.path == "/v2/"
}

#[test]
fn an_image_is_pulled_by_tag_and_everything_else_by_digest() {
    let (blobs, image) = alpine();
    let digest = digest_in(&image);
    let server = Server::start(move |request, _| honest(&blobs, &image, request));
    check(&server, &plain(), ALPINE);
    let log = server.log();
    assert_eq!(log.iter().filter(|it| it.contains("/manifests/")).count(), 1, "{log:?}");
    assert!(
        log.iter().filter(|it| it.contains("/blobs/")).all(|it| it.contains("/blobs/sha256:")),
        "{log:?}"
    );
    let accept = server.requests().iter().find(|it| it.path.contains("manifests")).unwrap().headers.clone();
    assert!(accept["user-agent"].starts_with("plimsoll/"));
    assert!(accept["accept"].contains("manifest.list.v2+json") && accept["accept"].contains("image.index"));
    let by_digest = pull(&server, &format!("team/app@{digest}"), &plain());
    assert_eq!(by_digest.as_ref().unwrap().subject.digest, Some(digest));
    assert_eq!(summary(&by_digest), ALPINE);
}

#[test]
fn an_image_that_is_not_there() {
    let (blobs, image) = alpine();
    let server = Server::start(move |request, _| honest(&blobs, &image, request));
    let error = summary(&pull(&server, "team/app:other", &plain())).replace(&server.address, "HOST");
    assert_eq!(
        error,
        "NotFound: manifest `other` of HOST/team/app: the registry answered 404: MANIFEST_UNKNOWN: manifest unknown"
    );
}

/// A registry whose tokens hold for `uses` requests, and its token server.
fn with_tokens(uses: usize) -> (Server, std::sync::Arc<Server>) {
    let (blobs, image) = alpine();
    let tokens = std::sync::Arc::new(Server::start(|_, number| {
        Reply::new(200, format!(r#"{{"access_token":"token{number}","expires_in":60}}"#))
    }));
    let realm = tokens.address.clone();
    let used = Mutex::new(BTreeMap::<String, usize>::new());
    let server = Server::start(move |request, _| {
        let mut used = used.lock().unwrap();
        let count = used.entry(request.header("authorization").to_owned()).or_default();
        *count += 1;
        if request.header("authorization").starts_with("Bearer token") && *count <= uses {
            return honest(&blobs, &image, request);
        }
        let challenge =
            format!(r#"Bearer realm="http://{realm}/token",service="reg",scope="repository:team/app:pull""#);
        Reply::new(401, "{}").with("WWW-Authenticate", &challenge)
    });
    (server, tokens)
}

#[test]
fn a_token_is_fetched_where_the_registry_says() {
    let (server, tokens) = with_tokens(100);
    check(&server, &plain(), ALPINE);
    let query = "/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull&client_id=plimsoll";
    assert_eq!(tokens.log(), [format!("GET {query}")]);
    let (server, tokens) = with_tokens(100);
    check(&server, &with_login(), ALPINE);
    assert_eq!(tokens.log(), [format!("GET {query} ({BASIC})")]);
    assert!(server.log().iter().all(|it| !it.contains("Basic")), "the registry itself gets tokens only");
}

#[test]
fn a_token_that_runs_out_is_renewed() {
    let (server, tokens) = with_tokens(1);
    check(&server, &plain(), ALPINE);
    assert!(tokens.log().len() >= 3, "{:?}", tokens.log());
}

#[test]
fn an_identity_token_is_posted_and_not_sent_as_a_password() {
    let (server, tokens) = with_tokens(100);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let config = format!(r#"{{"auths":{{"{}":{{"identitytoken":"id&token"}}}}}}"#, server.address);
    std::fs::write(&file, config).unwrap();
    let options = Options { credential_files: CredentialFiles { paths: vec![file] }, ..plain() };
    check(&server, &options, ALPINE);
    let request = &tokens.requests()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/token"));
    assert_eq!(
        request.body,
        "grant_type=refresh_token&service=reg&scope=repository%3Ateam%2Fapp%3Apull&client_id=plimsoll&refresh_token=id%26token"
    );
}

#[test]
fn basic_logins_and_their_refusal() {
    let (blobs, image) = alpine();
    let server = Server::start(move |request, _| match request.header("authorization") {
        BASIC => honest(&blobs, &image, request),
        _ => Reply::new(401, "{}").with("WWW-Authenticate", "Basic realm=\"x\""),
    });
    check(&server, &with_login(), ALPINE);
    check(
        &server,
        &plain(),
        "Unauthorized: manifest `latest` of HOST/team/app: HOST wants a login; give a user name and its password",
    );
    let wrong = Login { username: "bob".to_owned(), password: Secret::new("falsch".to_owned()) };
    check(
        &server,
        &Options { login: Some(wrong), ..plain() },
        "Unauthorized: manifest `latest` of HOST/team/app: HOST refuses the login; the login is from what was given",
    );
}

#[test]
fn a_login_is_for_its_own_host_only() {
    let (blobs, image) = alpine();
    let server = Server::start(move |request, _| honest(&blobs, &image, request));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    std::fs::write(&file, r#"{"auths":{"127.0.0.1":{"auth":"Ym9iOmdlaGVpbQ=="}}}"#).unwrap();
    let options = Options { credential_files: CredentialFiles { paths: vec![file] }, ..plain() };
    check(&server, &options, ALPINE);
    assert!(server.log().iter().all(|it| !it.contains('(')), "{:?}", server.log());
}

#[test]
fn a_redirect_to_another_port_gets_no_authorization() {
    let (blobs, image) = alpine();
    let (cdn_blobs, cdn_image) = (blobs.clone(), image.clone());
    let cdn = Server::start(move |request, _| {
        let path = request.path.split('?').next().unwrap().to_owned();
        honest(&cdn_blobs, &cdn_image, &Request { path, ..request.clone() })
    });
    let to = cdn.address.clone();
    let server = Server::start(move |request, _| match request.header("authorization") {
        BASIC if request.path.contains("/blobs/") => {
            Reply::new(307, "").with("Location", &format!("http://{to}{}?signature=geheim2", request.path))
        }
        BASIC => honest(&blobs, &image, request),
        _ => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=x"),
    });
    check(&server, &with_login(), ALPINE);
    assert_eq!(cdn.log().len(), 3);
    assert!(cdn.log().iter().all(|it| !it.contains('(')), "{:?}", cdn.log());
}

#[test]
fn redirects_go_round_in_circles_or_to_metadata_and_are_refused() {
    for (location, expected) in [
        ("/v2/again", "Malformed: manifest `latest` of HOST/team/app: 127.0.0.1 redirects more than 5 times"),
        (
            "http://169.254.169.254/latest/meta-data?x=1",
            "Malformed: manifest `latest` of HOST/team/app: 127.0.0.1 sends us to `http://169.254.169.254/latest/meta-data`, a link-local address",
        ),
        (
            "file:///etc/passwd",
            "Malformed: manifest `latest` of HOST/team/app: 127.0.0.1 sends us to `file:///etc/passwd`, which is no web address",
        ),
    ] {
        let server = Server::start(move |request, _| match is_probe(request) {
            true => Reply::new(200, "{}"),
            false => Reply::new(307, "").with("Location", location),
        });
        check(&server, &plain(), expected);
    }
}

#[test]
fn a_token_realm_is_vetted_before_a_login_is_sent() {
    let server = Server::start(|_, _| {
        Reply::new(401, "").with("WWW-Authenticate", "Bearer realm=\"http://169.254.169.254/token\"")
    });
    check(
        &server,
        &with_login(),
        "Malformed: manifest `latest` of HOST/team/app: 127.0.0.1 sends us to `http://169.254.169.254/token`, a link-local address",
    );
}

#[test]
fn secrets_that_a_registry_sends_back_are_not_repeated() {
    let server = Server::start(|request, _| {
        let authorization = request.header("authorization");
        let echo = format!(r#"{{"errors":[{{"code":"DENIED","message":"got {authorization} geheim"}}]}}"#);
        match (is_probe(request), authorization) {
            (true, _) => Reply::new(200, "{}"),
            (_, "") => Reply::new(401, "").with("WWW-Authenticate", "Basic realm=x"),
            _ => Reply::new(403, echo),
        }
    });
    let opened = pull(&server, "team/app", &with_login());
    assert_eq!(
        summary(&opened).replace(&server.address, "HOST"),
        "Unauthorized: manifest `latest` of HOST/team/app: HOST answered 403: DENIED: got Basic (secret) (secret): the image is not there, or needs another login; the login is from what was given"
    );
    assert!(!format!("{opened:?}").contains("geheim"));
}

#[test]
fn a_busy_registry_is_asked_again() {
    let (blobs, image) = alpine();
    let server = Server::start(move |request, number| match number % 3 {
        1 if !is_probe(request) => Reply::new(429, "{}").with("Retry-After", "0"),
        2 if !is_probe(request) => Reply::new(503, "<html>"),
        _ => honest(&blobs, &image, request),
    });
    check(&server, &plain(), ALPINE);
    let server = Server::start(|request, _| match is_probe(request) {
        true => Reply::new(200, ""),
        false => Reply::new(429, r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#).with("Retry-After", "86400"),
    });
    check(
        &server,
        &plain(),
        "Unreachable: manifest `latest` of HOST/team/app: the registry answered 429: TOOMANYREQUESTS; it is asked too often, try again later or log in",
    );
    assert_eq!(server.log().len(), 2, "a day is longer than we wait");
}

#[test]
fn a_download_that_breaks_is_taken_up_where_it_broke() {
    let (blobs, image) = alpine();
    let server = Server::start(move |request, _| {
        let mut reply = honest(&blobs, &image, request);
        if request.path.contains("/blobs/") && reply.body.ends_with(b"layer") && reply.body.len() > 4 {
            reply.cut_at = Some(4);
        }
        reply
    });
    check(&server, &plain(), ALPINE);
    let ranges: Vec<String> = server.requests().iter().map(|it| it.header("range").to_owned()).collect();
    assert!(ranges.contains(&"bytes=4-".to_owned()) && ranges.contains(&"bytes=8-".to_owned()), "{ranges:?}");
}

#[test]
fn a_registry_without_ranges_starts_again() {
    let (blobs, image) = alpine();
    let broken = Mutex::new(0);
    let server = Server::start(move |request, _| {
        let mut headers = request.headers.clone();
        headers.remove("range");
        let mut reply = honest(&blobs, &image, &Request { headers, ..request.clone() });
        let mut broken = broken.lock().unwrap();
        if reply.body == b"first layer" && *broken < 2 {
            *broken += 1;
            reply.cut_at = Some(3 + *broken);
        }
        reply
    });
    check(&server, &plain(), ALPINE);
}

#[test]
fn a_download_that_never_ends_well_is_given_up() {
    let (blobs, image) = alpine();
    let layer = digest_of(Algorithm::Sha256, b"first layer");
    type Spoil = fn(Reply) -> Reply;
    let cases: [(Spoil, String); 4] = [
        (
            |reply| Reply { cut_at: Some(0), ..reply },
            format!("<layer {layer} from HOST broke off at byte 0 of 11 too often (*)>"),
        ),
        (
            |reply| Reply {
                headers: vec![("Content-Range".to_owned(), "bytes 0-10/11".to_owned())],
                cut_at: Some(4),
                ..reply
            },
            format!("firs<layer {layer} from HOST continues at another place than was asked for>"),
        ),
        (
            |reply| Reply { body: b"first layer and more".to_vec(), ..reply },
            format!("<layer {layer} from HOST has 20 bytes, but its descriptor says 11>"),
        ),
        (
            |reply| reply.with("Content-Encoding", "gzip"),
            format!("<layer {layer} from HOST comes in an encoding that nobody asked for>"),
        ),
    ];
    for (spoil, expected) in cases {
        let (blobs, image) = (blobs.clone(), image.clone());
        let server = Server::start(move |request, _| {
            let reply = honest(&blobs, &image, request);
            if b"first layer".ends_with(&reply.body[..]) && !reply.body.is_empty() {
                spoil(reply)
            } else {
                reply
            }
        });
        let Ok(Opened { content: Content::Images(images), .. }) = pull(&server, "team/app", &plain()) else {
            panic!("the image opens");
        };
        let mut actual = read_layer(&images[0].layers[0]).replace(&server.address, "HOST");
        if let (Some(from), Some(to)) = (actual.find("too often ("), actual.rfind(')')) {
            actual.replace_range(from + 11..to, "*");
        }
        assert_eq!(actual, expected);
    }
}

#[test]
fn documents_are_held_against_their_digests() {
    let (blobs, image) = alpine();
    let digest = digest_in(&image);
    let server = Server::start(move |request, _| {
        let mut reply = honest(&blobs, &image, request);
        if request.path.contains("/manifests/") {
            reply.body.push(b' ');
        }
        reply
    });
    let error = summary(&pull(&server, "team/app", &plain()));
    assert!(error.contains(&format!("manifest {digest} is damaged or was exchanged")), "{error}");
    let (blobs, image) = alpine();
    let server = Server::start(move |request, _| {
        let mut reply = honest(&blobs, &image, request);
        if reply.body.starts_with(b"{\"os\"") {
            reply.body = reply.body.to_ascii_uppercase();
        }
        reply
    });
    let error = summary(&pull(&server, "team/app", &plain()));
    assert!(
        error.contains("configuration sha256:") && error.contains("is damaged or was exchanged"),
        "{error}"
    );
}

#[test]
fn a_manifest_without_end_is_cut() {
    let long = Reply::new(200, vec![b' '; 5 << 20]);
    for reply in [
        Reply::new(200, "").with("Content-Length", "99999999999"),
        long.clone(),
        Reply { headers: vec![("Transfer-Encoding".to_owned(), "identity".to_owned())], ..long },
    ] {
        let server = Server::start(move |request, _| match is_probe(request) {
            true => Reply::new(200, ""),
            false => reply.clone(),
        });
        check(
            &server,
            &plain(),
            "Limit: manifest `latest` of HOST/team/app is larger than the limit of 4194304 bytes",
        );
    }
}

#[test]
fn a_foreign_layer_is_asked_of_the_registry_alone() {
    let elsewhere = Server::start(|_, _| Reply::new(200, "windows"));
    let mut blobs = Blobs::default();
    let urls = format!(r#","urls":["http://{}/layer"]"#, elsewhere.address);
    let diff_id = digest_of(Algorithm::Sha256, b"windows");
    let foreign = descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", &diff_id, 7, &urls);
    let config =
        format!(r#"{{"os":"windows","architecture":"amd64","rootfs":{{"diff_ids":["{diff_id}"]}}}}"#);
    let config = blobs.put(CONFIG, config.as_bytes(), "");
    let image = blobs.manifest(&config, &[foreign], "");
    let server = Server::start(move |request, _| honest(&blobs, &image, request));
    check(
        &server,
        &plain(),
        "windows/amd64[-] ! layer 1 is a foreign layer that is not stored with the image; what it points to is never fetched",
    );
    assert!(elsewhere.log().is_empty());
}

#[test]
fn nobody_listens() {
    let address = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let location = crate::locate(&format!("registry:{address}/a")).unwrap();
    let error = summary(&crate::open(&location, &plain(), &limits()));
    assert!(
        error.starts_with(&format!("Unreachable: `https://{address}/v2/` cannot be reached: ")),
        "{error}"
    );
}

#[test]
fn a_daemon_that_is_not_there() {
    let location = crate::locate("docker-daemon:debian:12").unwrap();
    let error = summary(&crate::open(&location, &plain(), &limits()));
    assert!(
        error.starts_with("Unreachable: the Docker daemon does not answer at `/nonexistent/docker.sock`"),
        "{error}"
    );
}
