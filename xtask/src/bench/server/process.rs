//! The servers that are measured: ours, and docker-registry beside it; each in a folder of its own, and
//! ended with the value.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::Result;

/// `admin:a long password`
pub(crate) const LOGIN: &str = "YWRtaW46YSBsb25nIHBhc3N3b3Jk";
pub(crate) const CREDENTIALS: &str = "admin:a long password";

/// A server that runs.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts ours and waits until it is ready; says how long that took.
    pub(crate) fn plimsoll(program: &Path, data: &Path, database: &Path) -> Result<(Server, Duration)> {
        let address = free_address()?;
        let mut command = Command::new(program);
        command.args(["serve", "--update-feeds", "false", "--listen", &address, "--data-dir"]).arg(data);
        command.arg("--db-dir").arg(database).env("PLIMSOLL_ADMIN_PASSWORD", "a long password");
        let begun = Instant::now();
        let server = Server::start(command, &data.with_extension("log"), address)?;
        while super::client::Client::connect(&server.address, "")?.send("GET", "/readyz", "", b"")?.status
            != 200
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok((server, begun.elapsed()))
    }

    /// Starts docker-registry; none where it is not installed.
    pub(crate) fn docker_registry(folder: &Path) -> Result<Option<Server>> {
        let address = free_address()?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let configuration = folder.join("config.yml");
        let text = format!(
            "version: 0.1\nlog: {{level: warn}}\nstorage:\n  filesystem: {{rootdirectory: {}/data}}\n  delete: {{enabled: true}}\nhttp:\n  addr: {address}\n",
            folder.display()
        );
        fs::write(&configuration, text).map_err(|error| format!("{}: {error}", configuration.display()))?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&configuration);
        match Server::start(command, &folder.join("log"), address) {
            Ok(server) => Ok(Some(server)),
            Err(error) => {
                println!(
                    "SKIPPED: docker-registry cannot be started ({error}); apt-get install docker-registry"
                );
                Ok(None)
            }
        }
    }

    fn start(mut command: Command, log: &Path, address: String) -> Result<Server> {
        let log = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let process = process.map_err(|error| error.to_string())?;
        let mut server = Server { process, address };
        let begun = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            if let Ok(Some(status)) = server.process.try_wait() {
                return Err(format!("it ended with {status}"));
            }
            if begun.elapsed() > Duration::from_secs(120) {
                return Err("it does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(server)
    }

    /// What it has resident now, and the most that it had, in bytes.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|it| it.strip_prefix(name)).unwrap_or_default();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1024
        };
        (of("VmRSS:"), of("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody has: of several servers each takes its own.
fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    listener.map(|it| it.to_string()).map_err(|error| format!("no port is free: {error}"))
}

/// An empty folder of this name.
pub(crate) fn fresh(folder: &Path, name: &str) -> Result<PathBuf> {
    let folder = folder.join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}
