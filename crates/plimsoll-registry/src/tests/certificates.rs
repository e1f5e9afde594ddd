//! Registries with TLS: the user's own authority, a certificate that is its own, and none.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fake::{Request, honest};
use super::*;

struct Server {
    address: String,
    _folder: tempfile::TempDir,
    /// The authority's certificate.
    pem: PathBuf,
}

/// A registry that shows this certificate; `authority` is written to a file.
fn start(certificate: &Certificate, key: &KeyPair, authority: &str) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("ca.pem");
    std::fs::write(&pem, authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            std::thread::spawn(move || serve(StreamOwned::new(connection, stream)));
        }
    });
    Server { address, _folder: folder, pem }
}

fn serve(mut stream: StreamOwned<ServerConnection, std::net::TcpStream>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let mut blobs = Blobs::default();
    let image = blobs.image("linux/amd64", &[b"one"], "");
    let reply = honest(&blobs, &image, &Request { path, ..Request::default() });
    let mut answer = format!(
        "HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n",
        reply.status,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        answer += &format!("{name}: {value}\r\n");
    }
    // The client may have hung up; that is its right.
    let _ = stream.write_all(&[answer.as_bytes(), b"\r\n", &reply.body].concat());
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

fn parameters(name: &str, is_ca: IsCa) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.is_ca = is_ca;
    parameters
}

#[track_caller]
fn check(server: &Server, options: &Options, expected: &str) {
    let location = crate::locate(&format!("registry:{}/a", server.address)).unwrap();
    let actual = summary(&crate::open(&location, options, &limits()));
    assert_eq!(actual.split(" (").next(), Some(expected), "{actual}");
}

fn trusting(pem: &Path) -> Options {
    Options { certificate_authorities: vec![pem.to_owned()], ..options("linux/amd64") }
}

const REFUSED: &str = "Unreachable: the certificate of 127.0.0.1 is not trusted";
const AUTHORITY: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);

#[test]
fn the_user_s_own_authority_is_trusted() {
    let issuer =
        CertifiedIssuer::self_signed(parameters("ca", AUTHORITY), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = parameters("127.0.0.1", IsCa::NoCa).signed_by(&key, &issuer).unwrap();
    let server = start(&certificate, &key, &issuer.pem());
    check(&server, &options("linux/amd64"), REFUSED);
    check(&server, &trusting(&server.pem), "linux/amd64[one]");
    let insecure = Options { insecure_hosts: vec![server.address.clone()], ..options("linux/amd64") };
    check(&server, &insecure, "linux/amd64[one]");
    let other = Options { insecure_hosts: vec!["127.0.0.2".to_owned()], ..options("linux/amd64") };
    check(&server, &other, REFUSED);
}

#[test]
fn a_certificate_that_is_its_own_authority_is_trusted_if_the_user_names_it() {
    let of = |name: &str| {
        let key = KeyPair::generate().unwrap();
        (parameters(name, AUTHORITY).self_signed(&key).unwrap(), key)
    };
    let (certificate, key) = of("127.0.0.1");
    let server = start(&certificate, &key, &certificate.pem());
    check(&server, &trusting(&server.pem), "linux/amd64[one]");
    let (other, other_key) = of("127.0.0.1");
    let server = start(&other, &other_key, &certificate.pem());
    check(&server, &trusting(&server.pem), REFUSED);
    let (elsewhere, key) = of("other.example");
    let server = start(&elsewhere, &key, &elsewhere.pem());
    check(&server, &trusting(&server.pem), REFUSED);
}

#[test]
fn an_authority_that_has_run_out_is_not() {
    let key = KeyPair::generate().unwrap();
    let mut old = parameters("127.0.0.1", AUTHORITY);
    old.not_before = rcgen::date_time_ymd(2001, 1, 1);
    old.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let certificate = old.self_signed(&key).unwrap();
    let server = start(&certificate, &key, &certificate.pem());
    check(&server, &trusting(&server.pem), REFUSED);
}
