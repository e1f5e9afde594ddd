//! An issuer of our own that speaks the real protocol, and says what a test wants it to say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::body::Body;
use axum::extract::State as Extracted;
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::Clock;

/// How the next token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    Es256,
    Rs256,
    /// `none`, in some spellings.
    None(&'static str),
    /// HMAC, with what everybody knows of the key.
    PublicKeyAsSecret,
    /// With a key that is not published, under the name of one that is.
    Stranger,
    /// With a key that is published, under a name that is not.
    Unnamed,
}

/// What a test may change.
pub(super) struct Says {
    /// What the next token says otherwise than it should.
    pub(super) words: BTreeMap<&'static str, Value>,
    pub(super) signing: Signing,
    /// What the document says otherwise.
    pub(super) metadata: BTreeMap<&'static str, Value>,
    /// What is said to who asks with the token; nothing of it if it is no object.
    pub(super) userinfo: Value,
    /// The name of the key of the day.
    pub(super) key_name: &'static str,
}

pub(super) struct Issuer {
    pub(super) address: String,
    key: Mutex<EcdsaKeyPair>,
    rsa: RsaKeyPair,
    pub(super) says: Mutex<Says>,
    /// What browsers brought when they were sent here, by the challenge.
    asked: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
    spent: Mutex<BTreeSet<String>>,
    pub(super) requests: Mutex<Vec<String>>,
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    pub(super) async fn start() -> Arc<Issuer> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Arc::new(Issuer {
            address: format!("http://{}", listener.local_addr().unwrap()),
            key: Mutex::new(new_key()),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            says: Mutex::new(Says {
                words: BTreeMap::new(),
                signing: Signing::Es256,
                metadata: BTreeMap::new(),
                userinfo: Value::Null,
                key_name: "1",
            }),
            asked: Mutex::default(),
            spent: Mutex::default(),
            requests: Mutex::default(),
        });
        let router = axum::Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/elsewhere", get(elsewhere).post(elsewhere))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    pub(super) fn say(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    /// The next token says this, too.
    pub(super) fn word(&self, name: &'static str, value: Value) {
        self.say(|it| drop(it.words.insert(name, value)));
    }

    /// Another key, by another name; the one before is gone.
    pub(super) fn rotate(&self, name: &'static str) {
        *self.key.lock().unwrap() = new_key();
        self.say(|it| it.key_name = name);
    }

    /// What a browser was sent here with.
    pub(super) fn ask(&self, asked: BTreeMap<String, String>) {
        self.asked.lock().unwrap().insert(asked["code_challenge"].clone(), asked);
    }

    fn sign(&self, words: &Value) -> String {
        let (signing, name) = {
            let says = self.says.lock().unwrap();
            (says.signing, says.key_name)
        };
        let (algorithm, name) = match signing {
            Signing::Es256 | Signing::Stranger => ("ES256", name),
            Signing::Unnamed => ("ES256", "missing"),
            Signing::Rs256 => ("RS256", "rsa"),
            Signing::None(spelling) => (spelling, name),
            Signing::PublicKeyAsSecret => ("HS256", "rsa"),
        };
        let header = json!({ "alg": algorithm, "kid": name, "typ": "JWT" });
        let signed =
            format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(words.to_string().as_bytes()));
        let signature = self.signature(signing, signed.as_bytes());
        format!("{signed}.{}", encoded(&signature))
    }

    fn signature(&self, signing: Signing, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match signing {
            Signing::Es256 | Signing::Unnamed => {
                self.key.lock().unwrap().sign(&random, signed).unwrap().as_ref().to_vec()
            }
            Signing::Stranger => new_key().sign(&random, signed).unwrap().as_ref().to_vec(),
            Signing::Rs256 => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature).unwrap();
                signature
            }
            Signing::None(_) => Vec::new(),
            Signing::PublicKeyAsSecret => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.rsa.public_key().as_ref());
                hmac::sign(&key, signed).as_ref().to_vec()
            }
        }
    }

    fn note(&self, request: &str) {
        self.requests.lock().unwrap().push(request.to_owned());
    }
}

async fn metadata(Extracted(issuer): Extracted<Arc<Issuer>>) -> String {
    issuer.note("metadata");
    let address = &issuer.address;
    let mut document = json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize?tenant=1"),
        "token_endpoint": format!("{address}/token"),
        "jwks_uri": format!("{address}/keys"),
        "userinfo_endpoint": format!("{address}/userinfo"),
    });
    for (name, value) in &issuer.says.lock().unwrap().metadata {
        document[*name] = value.clone();
    }
    document.to_string()
}

async fn keys(Extracted(issuer): Extracted<Arc<Issuer>>) -> String {
    issuer.note("keys");
    let point = issuer.key.lock().unwrap().public_key().as_ref().to_vec();
    let name = issuer.says.lock().unwrap().key_name;
    let elliptic = json!({
        "kty": "EC", "crv": "P-256", "kid": name, "use": "sig",
        "x": encoded(&point[1..33]), "y": encoded(&point[33..65]),
    });
    let parts: PublicKeyComponents<Vec<u8>> = issuer.rsa.public_key().into();
    let rsa =
        json!({ "kty": "RSA", "kid": "rsa", "n": encoded(&parts.n), "e": encoded(&parts.e), "alg": "RS256" });
    json!({ "keys": [{ "kty": "unheard-of", "n": 7 }, elliptic, rsa] }).to_string()
}

async fn token(Extracted(issuer): Extracted<Arc<Issuer>>, request: Request<Body>) -> (StatusCode, String) {
    issuer.note("token");
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    let form: BTreeMap<String, String> =
        crate::oci::pairs(std::str::from_utf8(&body).unwrap()).into_iter().collect();
    let challenge = encoded(&Sha256::digest(form["code_verifier"].as_bytes()));
    let asked = issuer.asked.lock().unwrap().get(&challenge).cloned();
    let basic = parts.headers.get(header::AUTHORIZATION).map(|it| it.to_str().unwrap().to_owned());
    let expected = format!("Basic {}", STANDARD.encode("plimsoll:hush%20hush"));
    let is_good = asked.as_ref().is_some_and(|it| form["redirect_uri"] == it["redirect_uri"])
        && basic == Some(expected)
        && form["code"].starts_with("good")
        && issuer.spent.lock().unwrap().insert(form["code"].clone());
    let (Some(asked), true) = (asked, is_good) else {
        return (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" }).to_string());
    };
    let now = Clock::system().now().0;
    let mut words = json!({
        "iss": issuer.address, "aud": "plimsoll", "sub": "0815", "nonce": asked["nonce"],
        "iat": now, "exp": now + 60, "preferred_username": "anna",
    });
    for (name, value) in &issuer.says.lock().unwrap().words {
        words[*name] = value.clone();
    }
    let answer = json!({ "id_token": issuer.sign(&words), "access_token": "at", "token_type": "Bearer" });
    (StatusCode::OK, answer.to_string())
}

async fn userinfo(Extracted(issuer): Extracted<Arc<Issuer>>, request: Request<Body>) -> (StatusCode, String) {
    issuer.note("userinfo");
    let says = issuer.says.lock().unwrap().userinfo.clone();
    let shown = request.headers().get(header::AUTHORIZATION).map(|it| it.to_str().unwrap().to_owned());
    match (shown.as_deref(), says) {
        (Some("Bearer at"), says @ Value::Object(_)) => (StatusCode::OK, says.to_string()),
        _ => (StatusCode::UNAUTHORIZED, String::new()),
    }
}

/// Sends on to where nobody should follow.
async fn elsewhere(Extracted(issuer): Extracted<Arc<Issuer>>) -> (StatusCode, [(&'static str, String); 1]) {
    (StatusCode::TEMPORARY_REDIRECT, [("location", format!("{}/token", issuer.address))])
}
