//! A place of its own for each test: directories, a sample feed, images written as text.

use std::path::PathBuf;
use std::process::{Command, Output};

use plimsoll_testkit::{Image, Layout};

/// A folder with a database and a cache of its own; gone with the value.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

/// What a command left behind.
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        Sandbox { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The executable, set to this place.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(arguments).env_clear();
        command.env("PLIMSOLL_DB_DIR", self.path("db")).env("PLIMSOLL_CACHE_DIR", self.path("cache"));
        command.env("HOME", self.path("home")).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finished(self.command(arguments).output().unwrap())
    }

    /// The JSON report of a scan that ends with `status`.
    #[track_caller]
    pub fn report(&self, status: i32, arguments: &[&str]) -> serde_json::Value {
        let arguments: Vec<&str> = ["scan", "--format", "json"].iter().chain(arguments).copied().collect();
        let ran = self.run(&arguments);
        assert_eq!(ran.status, status, "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Writes an image as an OCI layout and says how to name it.
    pub fn image(&self, name: &str, text: &str) -> String {
        let folder = self.path(name);
        let mut layout = Layout::create(&folder).unwrap();
        layout.image("latest", &Image::from_text(text)).unwrap();
        layout.finish().unwrap();
        format!("oci:{}", folder.display())
    }

    /// Writes a mirror whose only feed is these OSV records.
    pub fn mirror(&self, name: &str, records: &[serde_json::Value]) -> String {
        let folder = self.path(name).join("osv-local");
        std::fs::create_dir_all(&folder).unwrap();
        for record in records {
            let file = format!("{}.json", record["id"].as_str().unwrap());
            std::fs::write(folder.join(file), record.to_string()).unwrap();
        }
        self.path(name).display().to_string()
    }

    /// A database of the sample feed.
    #[track_caller]
    pub fn with_database(self) -> Sandbox {
        let mirror = self.mirror("mirror", &sample_feed());
        let ran = self.run(&["db", "update", "--mirror", &mirror]);
        assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
        self
    }
}

pub fn finished(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// An image with three packages, of which the middle layer changes one.
pub const DEBIAN: &str = "\
//- layer ADD rootfs.tar /
//- /etc/os-release
ID=debian
VERSION_ID=12
PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"
//- /var/lib/dpkg/status
Package: libssl3
Source: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.9-1

Package: zlib1g
Source: zlib
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1

//- layer RUN apt-get install -y curl
//- /var/lib/dpkg/status
Package: libssl3
Source: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.9-1

Package: zlib1g
Source: zlib
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1

Package: curl
Status: install ok installed
Architecture: amd64
Version: 7.88.1-10+deb12u1

//- layer RUN touch /done
//- /done
done
";

/// Two records about packages of that image, one of which has no fix, and one about another.
pub fn sample_feed() -> Vec<serde_json::Value> {
    let record = |id: &str, package: &str, events: serde_json::Value, severity: &str| {
        serde_json::json!({
            "schema_version": "1.6.0",
            "id": id,
            "modified": "2024-01-01T00:00:00Z",
            "summary": format!("Something about {package}"),
            "affected": [{
                "package": { "ecosystem": "Debian:12", "name": package },
                "ranges": [{ "type": "ECOSYSTEM", "events": events }],
            }],
            "database_specific": { "severity": severity },
            "references": [{ "type": "WEB", "url": "https://example.org/advisory" }],
        })
    };
    let fixed = |version: &str| serde_json::json!([{ "introduced": "0" }, { "fixed": version }]);
    vec![
        record("CVE-2023-0001", "openssl", fixed("3.0.11-1~deb12u2"), "HIGH"),
        record("CVE-2023-0002", "curl", serde_json::json!([{ "introduced": "0" }]), "CRITICAL"),
        record("CVE-2023-0003", "zlib", fixed("1:1.2.11-1"), "HIGH"),
    ]
}

/// The corpus of real and hostile images, where it was built.
pub fn corpus() -> Option<PathBuf> {
    std::env::var_os("PLIMSOLL_CORPUS").map(PathBuf::from).filter(|folder| folder.is_dir())
}
