//! Real clients against a registry that listens: skopeo, buildah and curl.
//!
//! Where one is not installed its test says so and passes.

use std::path::Path;
use std::process::Stdio;

use super::*;

impl TestRegistry {
    /// Listens on a port of this machine.
    pub(super) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = self.registry.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

/// Runs a program; nothing if it is not installed.
pub(super) async fn run(program: &'static str, arguments: &[&str]) -> Option<(bool, String)> {
    let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(program).args(arguments).stdin(Stdio::null()).output()
    })
    .await
    .unwrap();
    match output {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
        }
        Err(_) => {
            println!("skipped: {program} is not installed");
            None
        }
    }
}

/// An OCI layout with an image, `one`, and an index of two, `many`; one layer is of zstd. What the
/// layers hold no client looks at.
fn layout(folder: &Path) -> String {
    std::fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
    let put = |media_type: &str, content: &str, more: &str| {
        let digest = sha256(content.as_bytes());
        std::fs::write(folder.join("blobs/sha256").join(digest.hex()), content).unwrap();
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}{more}}}"#, content.len())
    };
    let image = |architecture: &str, more: &str| {
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"linux","rootfs":{{"type":"layers","diff_ids":["{0}","{0}"]}}}}"#,
            sha256(b"")
        );
        let config = put("application/vnd.oci.image.config.v1+json", &config, "");
        let gzip = put("application/vnd.oci.image.layer.v1.tar+gzip", "shared", "");
        let zstd = put("application/vnd.oci.image.layer.v1.tar+zstd", architecture, "");
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{config},"layers":[{gzip},{zstd}]}}"#
        );
        let platform = format!(r#","platform":{{"os":"linux","architecture":"{architecture}"}}{more}"#);
        put(OCI, &manifest, &platform)
    };
    let index = |manifests: String| {
        format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{manifests}]}}"#
        )
    };
    let named = |tag: &str| format!(r#","annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}"#);
    let many = index([image("amd64", ""), image("arm64", "")].join(","));
    let many = put("application/vnd.oci.image.index.v1+json", &many, &named("many"));
    let one = image("riscv64", &named("one"));
    std::fs::write(folder.join("index.json"), index([one, many].join(","))).unwrap();
    std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    folder.display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skopeo_pushes_pulls_lists_and_deletes() {
    let registry = TestRegistry::start().await;
    let address = registry.listen().await;
    let folder = tempfile::tempdir().unwrap();
    let source = layout(&folder.path().join("source"));
    let (back, there) =
        (folder.path().join("back").display().to_string(), format!("docker://{address}/team/app"));
    let creds = ["--src-creds=ben:secret", "--dest-creds=anna:secret", "--src-tls-verify=false"];
    for (arguments, expected) in [
        (
            vec![
                "copy",
                "--dest-tls-verify=false",
                creds[1],
                &format!("oci:{source}:one"),
                &format!("{there}:one"),
            ],
            "",
        ),
        (
            vec![
                "copy",
                "--all",
                "--dest-tls-verify=false",
                creds[1],
                &format!("oci:{source}:many"),
                &format!("{there}:many"),
            ],
            "",
        ),
        // Again: everything is there. And to another repository: everything is mounted or sent anew.
        (
            vec![
                "copy",
                "--dest-tls-verify=false",
                creds[1],
                &format!("oci:{source}:one"),
                &format!("{there}:two"),
            ],
            "",
        ),
        (
            vec![
                "copy",
                creds[2],
                "--dest-tls-verify=false",
                creds[0],
                creds[1],
                &format!("{there}:one"),
                &format!("{there}/deep/er:one"),
            ],
            "",
        ),
        (
            vec!["copy", "--all", creds[2], creds[0], &format!("{there}:many"), &format!("oci:{back}:many")],
            "",
        ),
        (vec!["list-tags", "--tls-verify=false", "--creds=ben:secret", &there], "\"many\""),
        (vec!["inspect", "--tls-verify=false", "--creds=ben:secret", &format!("{there}:one")], "\"Digest\""),
        (vec!["delete", "--tls-verify=false", "--creds=anna:secret", &format!("{there}:one")], ""),
    ] {
        let Some((success, text)) =
            run("skopeo", &[&["--insecure-policy"], arguments.as_slice()].concat()).await
        else {
            return;
        };
        assert!(success && text.contains(expected), "{arguments:?}\n{text}");
    }
    for (creds, expected) in
        [("--creds=carl:secret", "denied"), ("--creds=anna:wrong", "unauthorized"), ("--no-creds", "")]
    {
        let there = format!("{there}:many");
        let (success, text) = run("skopeo", &["inspect", "--tls-verify=false", creds, &there]).await.unwrap();
        assert!(!success, "{creds}");
        assert!(text.to_lowercase().contains(expected), "{creds}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buildah_builds_pushes_and_pulls() {
    let registry = TestRegistry::start().await;
    let address = registry.listen().await;
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(place("policy.json"), r#"{"default":[{"type":"insecureAcceptAnything"}]}"#).unwrap();
    std::fs::write(place("hello"), "hello").unwrap();
    let policy = format!("--signature-policy={}", place("policy.json"));
    let (root, runroot) = (place("storage"), place("run"));
    // Neither an overlay nor a user's namespace: it only copies.
    let storage = ["--root", &root, "--runroot", &runroot, "--storage-driver=vfs"];
    let buildah = async |arguments: &[&str]| run("buildah", &[&storage, arguments].concat()).await;
    let Some((success, made)) = buildah(&["from", &policy, "scratch"]).await else { return };
    if !success {
        println!("skipped: buildah cannot work here: {made}");
        return;
    }
    let (made, there) = (made.trim(), format!("docker://{address}/team/made"));
    let (gzip, zstd) = (format!("{there}:gzip"), format!("{there}:zstd"));
    let push = ["push", &policy, "--tls-verify=false", "--creds=anna:secret"];
    let pull = ["pull", &policy, "--tls-verify=false", "--creds=ben:secret"];
    let steps: [&[&str]; 7] = [
        &["copy", "--quiet", made, &place("hello"), "/hello"],
        &["config", "--cmd", "[\"/hello\"]", made],
        &["commit", "--quiet", &policy, made, "made"],
        &[&push[..], &["made", &gzip]].concat(),
        &[&push[..], &["--compression-format=zstd", "made", &zstd]].concat(),
        &["rmi", "--all", "--force"],
        &[&pull[..], &[&zstd]].concat(),
    ];
    for arguments in steps {
        let (success, text) = buildah(arguments).await.unwrap();
        assert!(success, "{arguments:?}\n{text}");
    }
    let pulled = format!("{address}/team/made:zstd");
    let denied = [&push[..], &["--creds=carl:secret", &pulled, &gzip]].concat();
    let (success, text) = buildah(&denied).await.unwrap();
    assert!(!success && text.contains("403"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_continues_a_broken_pull() {
    let registry = TestRegistry::start().await;
    let content: Vec<u8> = (0..3_000_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    let digest = registry.blob("team/app", &content).await;
    let address = registry.listen().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("blob");
    std::fs::write(&file, &content[..1_234_567]).unwrap();
    let (url, file) = (format!("http://{address}/v2/team/app/blobs/{digest}"), file.display().to_string());
    let arguments = ["-fsS", "-u", "ben:secret", "-C", "-", "-o", &file, &url];
    let Some((success, text)) = run("curl", &arguments).await else {
        return;
    };
    assert!(success, "{text}");
    assert!(std::fs::read(file).unwrap() == content);
}
