//! PostgreSQL for tests: one private cluster for each test binary, one database for each test.
//!
//! The server runs as an unprivileged user, listens on a socket in a temporary folder and on
//! nothing else, and keeps nothing safe (no fsync). It ends with the process that started it,
//! however that ends: it watches a pipe. Where PostgreSQL is not installed, that is told.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server and the pipe whose end ends it.
struct Cluster {
    folder: String,
    programs: PathBuf,
    _watched: std::process::Child,
}

/// The address of a new, empty database, or none where there is no PostgreSQL.
pub fn postgres_database() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let cluster = CLUSTER.get_or_init(start).as_ref()?;
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let made = Command::new(cluster.programs.join("createdb"))
        .args(["-h", &cluster.folder, "-U", USER, &name])
        .status()
        .expect("createdb is beside initdb");
    assert!(made.success(), "createdb {name}: {made}");
    Some(format!("postgres:///{name}?host={}&user={USER}", cluster.folder))
}

/// The cluster's superuser, whoever runs the server.
const USER: &str = "plimsoll";

/// `$1` is the folder of the programs. Says where the socket is once the server answers, and ends
/// the server when standard input ends.
const SCRIPT: &str = r#"
set -e
folder=$(mktemp -d /tmp/plimsoll-postgres.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$1/initdb" -D "$folder/data" -U plimsoll -A trust -E UTF8 --locale=C.UTF-8 --no-sync >initdb.log 2>&1 \
    || { cat initdb.log >&2; exit 1; }
"$1/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off \
    -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 >server.log 2>&1 &
server=$!
until "$1/pg_isready" -q -h "$folder"; do
    kill -0 "$server" 2>/dev/null || { cat server.log >&2; exit 1; }
    sleep 0.05
done
echo "$folder"
cat >/dev/null || true
kill -INT "$server"
wait "$server" || true
"#;

fn start() -> Option<Cluster> {
    let Some(programs) = programs() else {
        // Not by the macro, which tests capture.
        let _ = std::io::stderr().write_all(
            b"\nSKIPPED: PostgreSQL is not installed (Debian: postgresql); only SQLite is tested\n\n",
        );
        return None;
    };
    let mut command = unprivileged();
    command.args(["sh", "-c", SCRIPT, "postgres"]).arg(&programs);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("env or runuser starts");
    let mut folder = String::new();
    let output = child.stdout.take().expect("it is piped");
    BufReader::new(output).read_line(&mut folder).expect("its output is text");
    let folder = folder.trim().to_owned();
    assert!(!folder.is_empty(), "PostgreSQL did not start; why stands above");
    Some(Cluster { folder, programs, _watched: child })
}

/// The newest PostgreSQL of Debian, or what is in the path.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "createdb", "pg_isready"].iter().all(|it| folder.join(it).is_file())
    };
    versions.into_iter().rev().chain(std::env::split_paths(&path)).find(complete)
}

/// PostgreSQL refuses to run as root; what begins its command line if we are.
fn unprivileged() -> Command {
    let is_root = std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")));
    if !is_root || !Path::new("/usr/sbin/runuser").is_file() {
        return Command::new("env");
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = users.lines().any(|line| line.starts_with("postgres:"));
    let mut command = Command::new("/usr/sbin/runuser");
    command.args(["-u", if known { "postgres" } else { "nobody" }, "--"]);
    command
}
