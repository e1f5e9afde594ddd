//! What is attached to images: by the referrers API, by tags, in layouts.

use super::fake::{Reply, Request, Server, honest};
use super::*;
use crate::{Attached, Found, Label};

const VEX: &str = "application/vnd.openvex+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// An image, and manifests with documents that are attached to it.
struct Shelf {
    blobs: Blobs,
    image: String,
}

impl Shelf {
    fn new() -> Shelf {
        let mut blobs = Blobs::default();
        let image = blobs.image("linux/amd64", &[b"layer"], "");
        Shelf { blobs, image }
    }

    /// An artifact with one document, attached to `subject`.
    fn attach(&mut self, subject: &str, artifact_type: &str, document: &[u8]) -> String {
        let config = self.blobs.put(EMPTY, b"{}", "");
        let layer = self.blobs.put(artifact_type, document, "");
        let manifest = format!(
            r#"{{"schemaVersion":2,"artifactType":"{artifact_type}","config":{config},"layers":[{layer}],"subject":{subject}}}"#
        );
        let more = format!(r#","artifactType":"{artifact_type}""#);
        self.blobs.put(MANIFEST, manifest.as_bytes(), &more)
    }

    fn subject(&self) -> Digest {
        digest_in(&self.image)
    }
}

fn list(entries: &[String]) -> String {
    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, entries.join(","))
}

fn wants(label: &Label<'_>) -> bool {
    label.media_type == VEX || label.predicate_type == Some("vex")
}

/// The documents at an image, then problems.
fn at(location: &str, subjects: &[Digest]) -> String {
    let location = crate::locate(location).unwrap();
    let opened = crate::open(&location, &options("linux/amd64"), &limits()).unwrap();
    match opened.attachments.documents(subjects, &wants, &limits()) {
        Ok(Found { documents, problems }) => {
            assert!(problems.iter().all(|it| !it.hides_findings));
            let texts =
                documents.iter().map(|Attached { bytes, .. }| String::from_utf8_lossy(bytes).into_owned());
            texts.chain(problems.iter().map(|it| format!("~ {}", it.what))).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{:?}: {}", error.kind(), error.with_causes()),
    }
}

fn at_server(server: &Server, subject: &Digest) -> String {
    at(&format!("registry:{}/team/app", server.address), &[*subject]).replace(&server.address, "HOST")
}

/// A registry with the referrers API, whose list for the image is given page by page.
fn with_api(shelf: Shelf, pages: Vec<Reply>) -> Server {
    let Shelf { blobs, image } = shelf;
    Server::start(move |request, _| {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        match path.strip_prefix("/v2/team/app/referrers/") {
            Some(_) => pages[query.strip_prefix("page=").map_or(0, |it| it.parse().unwrap())].clone(),
            None => honest(&blobs, &image, request),
        }
    })
}

#[test]
fn referrers_are_listed_by_the_api_and_only_what_is_wanted_is_fetched() {
    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let (one, signature) = (shelf.attach(&image, VEX, b"one"), shelf.attach(&image, "signature", b"none"));
    let two = shelf.attach(&image, VEX, b"two");
    let unwanted = digest_in(&signature).to_string();
    let path = format!("/v2/team/app/referrers/{subject}");
    let first =
        Reply::new(200, list(&[one, signature])).with("Link", &format!("<{path}?page=1>; rel=\"next\""));
    let server = with_api(shelf, vec![first, Reply::new(200, list(&[two]))]);
    assert_eq!(at_server(&server, &subject), "one\ntwo");
    assert!(server.log().iter().all(|it| !it.contains(&unwanted)), "{:?}", server.log());
}

#[test]
fn nothing_is_asked_for_unless_somebody_asks() {
    let shelf = Shelf::new();
    let server = with_api(shelf, vec![]);
    let location = crate::locate(&format!("registry:{}/team/app", server.address)).unwrap();
    crate::open(&location, &options("linux/amd64"), &limits()).unwrap();
    assert!(server.log().iter().all(|it| !it.contains("referrers") && !it.contains("/sha256-")));
}

#[test]
fn a_registry_without_the_api_keeps_them_under_tags() {
    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let one = shelf.attach(&image, VEX, b"one");
    let envelope = shelf.blobs.put("envelope", b"two", r#","annotations":{"predicateType":"vex"}"#);
    let other = shelf.blobs.put("envelope", b"three", r#","annotations":{"predicateType":"slsa"}"#);
    let config = shelf.blobs.put("application/vnd.oci.image.config.v1+json", b"{}", "");
    let attestation = shelf.blobs.manifest(&config, &[envelope, other], "");
    let index = shelf.blobs.index(&[one]);
    let Shelf { blobs, image } = shelf;
    let server = Server::start(move |request, _| {
        let tagged = |tag: &str| request.path.ends_with(&format!("/manifests/{tag}"));
        let of = |descriptor: &str| {
            let path = format!("/v2/team/app/manifests/{}", digest_in(descriptor));
            honest(&blobs, &image, &Request { path, ..request.clone() })
        };
        let tag = format!("sha256-{}", subject.hex());
        if request.path.contains("/referrers/") {
            Reply::new(404, "404 page not found")
        } else if tagged(&tag) {
            of(&index)
        } else if tagged(&format!("{tag}.att")) {
            of(&attestation)
        } else {
            honest(&blobs, &image, request)
        }
    });
    assert_eq!(at_server(&server, &subject), "one\ntwo");
}

#[test]
fn a_registry_that_lies_or_fails_is_a_problem_that_hides_nothing() {
    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let other = shelf.blobs.image("linux/arm64", &[b"other"], "");
    let (good, wrong) = (shelf.attach(&image, VEX, b"good"), shelf.attach(&other, VEX, b"wrong"));
    let (wrong_at, elsewhere) = (digest_in(&wrong), digest_in(&other));
    let server = with_api(shelf, vec![Reply::new(200, list(&[wrong, good]))]);
    assert_eq!(
        at_server(&server, &subject),
        format!(
            "good\n~ what is attached to {subject}: manifest {wrong_at} says that it is attached to {elsewhere}"
        )
    );
    for (reply, expected) in [
        (Reply::new(500, ""), "the registry answered 500"),
        (Reply::new(200, "<html>"), "is not JSON"),
        (Reply::new(403, ""), "answered 403"),
    ] {
        let shelf = Shelf::new();
        let subject = shelf.subject();
        let text = at_server(&with_api(shelf, vec![reply]), &subject);
        assert!(text.starts_with("~ what is attached to sha256:") && text.contains(expected), "{text}");
    }
}

#[test]
fn a_list_without_end_and_documents_too_many_or_too_large_are_limits() {
    let shelf = Shelf::new();
    let subject = shelf.subject();
    let again = format!("</v2/team/app/referrers/{subject}?page=0>; rel=\"next\"");
    let text = at_server(&with_api(shelf, vec![Reply::new(200, list(&[])).with("Link", &again)]), &subject);
    assert!(text.contains("has more than 10 pages"), "{text}");

    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let entries: Vec<String> =
        (0..60).map(|it| shelf.attach(&image, VEX, format!("{it}").as_bytes())).collect();
    let text = at_server(&with_api(shelf, vec![Reply::new(200, list(&entries))]), &subject);
    assert_eq!(text.lines().count(), 51, "{text}");
    assert!(text.ends_with("than the 50 documents of 67108864 bytes together that are read"), "{text}");

    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let large = shelf.attach(&image, VEX, &vec![b' '; (16 << 20) + 1]);
    let text = at_server(&with_api(shelf, vec![Reply::new(200, list(&[large]))]), &subject);
    assert!(text.contains("more than the limit of 16777216"), "{text}");
}

#[test]
fn a_layout_lists_them_beside_the_image_or_under_a_tag() {
    let mut shelf = Shelf::new();
    let (image, subject) = (shelf.image.clone(), shelf.subject());
    let other = shelf.blobs.image("linux/arm64", &[b"other"], "");
    let (one, two) = (shelf.attach(&image, VEX, b"one"), shelf.attach(&image, VEX, b"two"));
    let three = shelf.attach(&other, VEX, b"three");
    let index = shelf.blobs.index(&[two]);
    let tagged = index.trim_end_matches('}').to_owned() + &tag(&format!("sha256-{}", subject.hex())) + "}";
    let folder = tempfile::tempdir().unwrap();
    shelf.blobs.write_layout(folder.path(), &[image, one, three, tagged]);
    let location = format!("oci:{}", folder.path().display());
    assert_eq!(at(&location, &[subject]), "one\ntwo");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        at(&format!("dir:{}", folder.path().display()), &[subject]),
        "NotSupported: only registries and OCI layouts keep documents that are attached to images"
    );
}
