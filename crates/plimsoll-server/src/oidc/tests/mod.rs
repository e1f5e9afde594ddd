//! Signing in at an issuer of our own, on this machine: the whole way, and what must fail.

mod issuer;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, Response, header};
use plimsoll_core::Timestamp;
use plimsoll_store::{NamespaceName, NamespaceSettings, Permission, RefusalForm};
use serde_json::{Value, json};

use self::issuer::{Issuer, Signing};
use super::*;
use crate::app::tests::TestServer;

/// A server whose users come from the issuer; with more settings.
async fn server_with(issuer: &Issuer, more: &[(&'static str, &str)]) -> TestServer {
    let mut flags = vec![
        ("oidc_issuer", issuer.address.as_str()),
        ("oidc_client_id", "plimsoll"),
        ("oidc_client_secret", "hush hush"),
        ("external_url", "https://registry.example"),
    ];
    flags.extend_from_slice(more);
    TestServer::start_with(&flags, Clock::system()).await
}

async fn server(issuer: &Issuer) -> TestServer {
    server_with(issuer, &[]).await
}

async fn get_page(server: &TestServer, path: &str, cookie: &str) -> (u16, Response<()>, String) {
    let request = Request::builder().uri(path).header("cookie", cookie).body(Body::empty()).unwrap();
    server.send(request).await
}

fn cookies(response: &Response<()>) -> Vec<(String, String)> {
    let all = response.headers().get_all(header::SET_COOKIE).iter();
    let pair = |it: &str| it.split(';').next().unwrap().split_once('=').map(|(a, b)| (a.into(), b.into()));
    all.filter_map(|it| pair(it.to_str().unwrap())).collect()
}

fn place(response: &Response<()>) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// Goes to the issuer, and gives the state and the cookie with which to come back.
async fn begin(server: &TestServer, issuer: &Issuer, query: &str) -> (String, String) {
    let (status, response, body) = get_page(server, &format!("/auth/oidc/login{query}"), "").await;
    assert_eq!(status, 303, "{body}");
    let (address, asked) = place(&response).split_once('?').unwrap();
    assert_eq!(address, format!("{}/authorize", issuer.address));
    let asked: BTreeMap<String, String> = crate::oci::pairs(asked).into_iter().collect();
    assert_eq!(asked["redirect_uri"], "https://registry.example/auth/oidc/callback");
    assert_eq!((asked["tenant"].as_str(), asked["code_challenge_method"].as_str()), ("1", "S256"));
    assert_eq!((asked["response_type"].as_str(), asked["scope"].as_str()), ("code", "openid profile email"));
    let state = asked["state"].clone();
    issuer.ask(asked);
    let (name, value) = cookies(&response).remove(0);
    (state, format!("{name}={value}"))
}

/// The address with which the issuer sends a browser back.
fn back(state: &str) -> String {
    // A code is good once, and each sign-in has its own.
    format!("/auth/oidc/callback?code=good-{state}&state={state}")
}

/// The whole way; gives the status and who is signed in then.
async fn sign_in(server: &TestServer, issuer: &Issuer) -> (u16, Option<String>) {
    let (state, cookie) = begin(server, issuer, "").await;
    let (status, response, body) = get_page(server, &back(&state), &cookie).await;
    assert!(!body.contains("hush"), "{body}");
    let session = cookies(&response).into_iter().find(|it| it.0 == "plimsoll_session");
    match session {
        Some((_, value)) => {
            let session = server.app.accounts.by_session(&value).await.unwrap().unwrap();
            (status, Some(session.caller.actor().to_string()))
        }
        None => (status, None),
    }
}

#[tokio::test]
async fn who_the_issuer_knows_signs_in_and_is_the_same_the_next_time() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/anna".to_owned())));
    // Another name for the same subject changes nothing; another subject with a name that is taken is
    // another user.
    issuer.word("preferred_username", json!("admin"));
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/anna".to_owned())));
    issuer.word("sub", json!("0816"));
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/admin-2".to_owned())));
    issuer.say(|it| it.signing = Signing::Rs256);
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/admin-2".to_owned())));
}

#[tokio::test]
async fn a_session_gives_a_page_what_it_has_to_send() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    let (state, cookie) = begin(&server, &issuer, "?to=/namespaces/team").await;
    let (status, response, _) = get_page(&server, &back(&state), &cookie).await;
    assert_eq!((status, place(&response)), (303, "/namespaces/team"));
    let set: Vec<&str> =
        response.headers().get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
    assert!(set[0].contains("HttpOnly; SameSite=Strict") && set[0].ends_with("; Secure"), "{set:?}");
    let session = format!("plimsoll_session={}", cookies(&response)[0].1);
    let (status, _, body) = get_page(&server, "/api/v1/session", &session).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["account"]["name"].as_str()), (200, Some("anna")));
    let send = |csrf: &str| {
        let request = Request::builder().method("POST").uri("/api/v1/tokens").header("cookie", &session);
        let request = request.header("x-csrf-token", csrf).header("content-type", "application/json");
        request.body(Body::from(r#"{"name":"ci","permissions":["pull"]}"#)).unwrap()
    };
    assert_eq!(server.send(send("")).await.0, 403);
    assert_eq!(server.send(send(body["csrf_token"].as_str().unwrap())).await.0, 201);
}

#[tokio::test]
async fn a_browser_is_not_sent_to_other_servers_afterwards() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    for other in ["//evil.example", "https://evil.example", "/%5Cevil.example", "%2F%2Fevil.example", "x"] {
        let (state, cookie) = begin(&server, &issuer, &format!("?to={other}")).await;
        let (status, response, _) = get_page(&server, &back(&state), &cookie).await;
        assert_eq!((status, place(&response)), (303, "/"), "{other}");
    }
}

#[tokio::test]
async fn without_leave_nobody_new_comes_in() {
    let issuer = Issuer::start().await;
    let server = server_with(&issuer, &[("oidc_makes_users", "false")]).await;
    assert_eq!(sign_in(&server, &issuer).await, (403, None));
    let access = server.app.store.authoriser().system();
    let subject = format!("{} 0815", issuer.address);
    let now = server.app.clock.now();
    let id = server.app.store.create_user(&access, "ben", None, Some(&subject), now).await.unwrap();
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/ben".to_owned())));
    server.app.store.disable(&access, id, true).await.unwrap();
    assert_eq!(sign_in(&server, &issuer).await, (403, None));
}

#[tokio::test]
async fn an_account_is_bound_by_its_name_where_that_is_wanted_and_no_password_protects_it() {
    let issuer = Issuer::start().await;
    for (binds, name, expected) in
        [("true", "anna", "user/anna"), ("false", "anna", "user/anna-2"), ("true", "admin", "user/admin-2")]
    {
        let server = server_with(&issuer, &[("oidc_binds_by_name", binds)]).await;
        let access = server.app.store.authoriser().system();
        server.app.store.create_user(&access, "anna", None, None, Timestamp(0)).await.unwrap();
        issuer.word("preferred_username", json!(name));
        assert_eq!(sign_in(&server, &issuer).await, (303, Some(expected.to_owned())));
    }
}

#[tokio::test]
async fn groups_grant_and_take_back_at_each_sign_in() {
    let issuer = Issuer::start().await;
    let grants = "developers=developer@team,cn=ops%2Cou=x=administrator";
    let server = server_with(&issuer, &[("oidc_grants", grants)]).await;
    let (authoriser, name) = (server.app.store.authoriser(), NamespaceName::parse("team").unwrap());
    let settings = NamespaceSettings {
        public: false,
        auto_scan: true,
        policy: None,
        refusal: RefusalForm::Denied,
        quota_bytes: None,
        engine: "plimsoll".to_owned(),
    };
    server.app.store.create_namespace(&authoriser.system(), &name, &settings, Timestamp(0)).await.unwrap();
    for (groups, pushes, administers) in [
        (json!(["developers", "others"]), true, false),
        (json!("developers"), true, false),
        (json!(["cn=ops,ou=x"]), true, true),
        (json!([]), false, false),
        (json!({ "developers": true }), false, false),
    ] {
        issuer.word("groups", groups.clone());
        assert_eq!(sign_in(&server, &issuer).await.0, 303);
        let subject = format!("{} 0815", issuer.address);
        let user = server.app.store.user_by_subject(&authoriser.system(), &subject).await.unwrap().unwrap();
        let caller = authoriser.by_login(user.id).await.unwrap().unwrap();
        let here = authoriser.permissions(&caller, &name).await.unwrap();
        let everywhere = authoriser.everywhere(&caller).await.unwrap();
        assert_eq!(here.contains(Permission::Push), pushes, "{groups}");
        assert_eq!(everywhere.contains(Permission::Administer), administers, "{groups}");
    }
}

#[tokio::test]
async fn what_a_token_does_not_say_the_issuer_is_asked_for() {
    let issuer = Issuer::start().await;
    let server = server_with(&issuer, &[("oidc_grants", "ops=administrator")]).await;
    issuer.word("preferred_username", json!("vera"));
    issuer.say(|it| it.userinfo = json!({ "sub": "0815", "groups": ["ops"], "preferred_username": "eve" }));
    assert_eq!(sign_in(&server, &issuer).await, (303, Some("user/vera".to_owned())));
    let access = server.app.store.authoriser().system();
    let log =
        server.app.store.audit_log(&access, &plimsoll_store::AuditFilter::default(), None, 1).await.unwrap();
    assert_eq!(
        log[0].detail.as_deref(),
        Some("by the issuer; the account was made; granted: administrator everywhere")
    );
    issuer.say(|it| it.userinfo = json!({ "sub": "0816", "groups": ["ops"] }));
    assert_eq!(sign_in(&server, &issuer).await, (403, None));
}

#[tokio::test]
async fn a_token_that_does_not_say_what_it_must_is_not_believed() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", json!(["plimsoll", "other"])),
        ("azp", json!("other")),
        ("azp", json!(7)),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("exp", json!(1)),
        ("exp", json!("9999999999")),
        ("exp", Value::Null),
        ("nbf", json!(9_999_999_999_i64)),
        ("iat", json!(i64::MAX)),
        ("iat", json!(1)),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("sub", json!(["0815"])),
    ] {
        issuer.say(|it| it.words = BTreeMap::from([(name, value.clone())]));
        assert_eq!(sign_in(&server, &issuer).await, (403, None), "{name} {value}");
    }
}

#[tokio::test]
async fn a_token_that_no_key_of_the_issuer_has_signed_is_not_believed() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    for signing in [
        Signing::None("none"),
        Signing::None("None"),
        Signing::None("ES256"),
        Signing::None(""),
        Signing::PublicKeyAsSecret,
        Signing::Stranger,
        Signing::Unnamed,
    ] {
        issuer.say(|it| it.signing = signing);
        assert_eq!(sign_in(&server, &issuer).await, (403, None), "{signing:?}");
    }
    issuer.say(|it| it.signing = Signing::Es256);
    assert_eq!(sign_in(&server, &issuer).await.0, 303);
}

#[tokio::test]
async fn another_key_is_fetched_when_a_token_names_it() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    assert_eq!(sign_in(&server, &issuer).await.0, 303);
    assert_eq!(sign_in(&server, &issuer).await.0, 303);
    let asked = || issuer.requests.lock().unwrap().iter().filter(|it| *it == "keys").count();
    assert_eq!(asked(), 1);
    issuer.rotate("2");
    assert_eq!(sign_in(&server, &issuer).await.0, 303);
    assert_eq!(asked(), 2);
    // Names that are nobody's do not make us ask again and again.
    issuer.say(|it| it.signing = Signing::Unnamed);
    assert_eq!(sign_in(&server, &issuer).await, (403, None));
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_browser_comes_back_with_what_it_was_sent_with_and_once() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    let (state, cookie) = begin(&server, &issuer, "").await;
    let (_, other) = begin(&server, &issuer, "").await;
    let good = back(&state);
    let changed = cookie.replace('.', "x.");
    for (path, cookie) in [
        (good.as_str(), ""),
        (good.as_str(), changed.as_str()),
        (good.as_str(), other.as_str()),
        (good.as_str(), "plimsoll_oidc=x.y"),
        ("/auth/oidc/callback?code=good&state=other", cookie.as_str()),
        ("/auth/oidc/callback?code=good", cookie.as_str()),
        ("/auth/oidc/callback", cookie.as_str()),
    ] {
        assert_eq!(get_page(&server, path, cookie).await.0, 400, "{path} {cookie}");
    }
    assert!(!issuer.requests.lock().unwrap().contains(&"token".to_owned()));
    assert_eq!(get_page(&server, &good, &cookie).await.0, 303);
    // The same once more, also with another code.
    assert_eq!(get_page(&server, &good, &cookie).await.0, 400);
    let again = format!("/auth/oidc/callback?code=good-again&state={state}");
    assert_eq!(get_page(&server, &again, &cookie).await.0, 400);
}

#[tokio::test]
async fn what_the_issuer_refuses_is_refused() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    for (query, expected) in [
        ("error=access_denied&error_description=%3Cscript%3E", 403),
        ("code=wrong", 502),
        ("code=good&iss=https://evil.example", 403),
    ] {
        let (state, cookie) = begin(&server, &issuer, "").await;
        let path = format!("/auth/oidc/callback?{query}&state={state}");
        let (status, _, body) = get_page(&server, &path, &cookie).await;
        assert_eq!(status, expected, "{query}");
        assert!(!body.contains("script"), "{body}");
    }
}

#[tokio::test]
async fn an_issuer_that_names_itself_does_so_always() {
    let issuer = Issuer::start().await;
    issuer.say(|it| drop(it.metadata.insert("authorization_response_iss_parameter_supported", json!(true))));
    let server = server(&issuer).await;
    assert_eq!(sign_in(&server, &issuer).await, (403, None));
    let (state, cookie) = begin(&server, &issuer, "").await;
    let named = format!("{}&iss={}", back(&state), crate::oci::encode(&issuer.address));
    assert_eq!(get_page(&server, &named, &cookie).await.0, 303);
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_or_sends_us_elsewhere_is_not_asked_further() {
    for (name, value) in [
        ("issuer", "https://evil.example"),
        ("authorization_endpoint", "http://evil.example/authorize"),
        ("token_endpoint", "http://169.254.169.254/latest"),
        ("jwks_uri", "file:///etc/passwd"),
    ] {
        let issuer = Issuer::start().await;
        issuer.say(|it| drop(it.metadata.insert(name, json!(value))));
        let server = server(&issuer).await;
        assert_eq!(get_page(&server, "/auth/oidc/login", "").await.0, 502, "{name}");
    }
    // Redirects are not followed: they would carry the code and the secret along.
    let issuer = Issuer::start().await;
    let elsewhere = json!(format!("{}/elsewhere", issuer.address));
    issuer.say(|it| drop(it.metadata.insert("token_endpoint", elsewhere)));
    let server = server(&issuer).await;
    assert_eq!(sign_in(&server, &issuer).await, (502, None));
}

#[tokio::test]
async fn who_fails_is_in_the_audit_log_and_the_code_is_not() {
    let issuer = Issuer::start().await;
    let server = server(&issuer).await;
    issuer.word("nonce", json!("another"));
    let (state, cookie) = begin(&server, &issuer, "").await;
    assert_eq!(get_page(&server, &back(&state), &cookie).await.0, 403);
    server.app.accounts.write_failures(false).await;
    let access = server.app.store.authoriser().system();
    let log =
        server.app.store.audit_log(&access, &plimsoll_store::AuditFilter::default(), None, 1).await.unwrap();
    assert_eq!((log[0].action.as_str(), log[0].allowed), ("signIn", false));
    assert_eq!(
        log[0].detail.as_deref(),
        Some("the issuer's token is not accepted: it answers another question")
    );
    assert!(!format!("{log:?}").contains(&state));
}

#[test]
fn a_secret_comes_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let read = || {
        let path = file.display().to_string();
        let flags = [
            ("oidc_issuer", "https://issuer.example"),
            ("oidc_client_id", "plimsoll"),
            ("external_url", "https://registry.example"),
            ("oidc_client_secret_file", path.as_str()),
        ];
        let flags = flags.iter().map(|it| (it.0, it.1.to_owned())).collect();
        let layers = crate::settings::Layers { file: None, environment: &|_| None, flags };
        Client::of(&crate::settings::read(&layers).unwrap().settings)
    };
    assert!(read().is_err());
    std::fs::write(&file, "hush\n").unwrap();
    assert_eq!(read().unwrap().unwrap().secret.unwrap().reveal(), "hush");
    std::fs::write(&file, "\n").unwrap();
    assert!(read().is_err());
}
