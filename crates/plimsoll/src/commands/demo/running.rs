//! A server of one's own for a while: in this process, in a temporary folder, on a free port.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use plimsoll_server::app::{App, Clock, Shutdown, run as run_server, start_log};
use plimsoll_server::settings::{Layers, LogFormat, LogLevel, Secret, read};

use crate::outcome::Failure;

/// How long a start may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs in a thread; it ends with the value.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) name: String,
    pub(super) password: Secret,
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

struct Listening {
    address: SocketAddr,
    name: String,
    password: Secret,
    shutdown: Shutdown,
}

/// Starts it; its data lies below the folder.
pub(super) fn start(folder: &Path, database: &Path, listen: &str) -> Result<Running, Failure> {
    let text = |path: &Path| path.display().to_string();
    let flags = vec![
        ("listen", listen.to_owned()),
        ("data_dir", text(&folder.join("data"))),
        ("db_dir", text(database)),
        ("cache_dir", text(&folder.join("cache"))),
        ("update_feeds", "false".to_owned()),
        ("shutdown_patience", "2s".to_owned()),
    ];
    // What the environment says is for a server that stays.
    let configured = read(&Layers { file: None, environment: &|_| None, flags });
    let faults = |it: Vec<plimsoll_server::settings::Fault>| {
        Failure::misuse(it.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    };
    let settings = configured.map_err(faults)?.settings;
    start_log(LogFormat::Text, LogLevel(tracing::Level::ERROR));
    let (told, heard) = sync_channel::<Result<Listening, String>>(1);
    let thread = std::thread::spawn(move || {
        let refused = told.clone();
        let serve = async {
            let started = App::start(settings, Clock::system()).await.map_err(|it| it.to_string())?;
            let first = started.first.ok_or("the folder is not empty")?;
            let (name, password) = (first.name, first.password.ok_or("no password was made up")?);
            let shutdown = started.app.shutdown.clone();
            let listening = move |address| {
                let _ = told.send(Ok(Listening { address, name, password, shutdown }));
            };
            run_server(started.app, listening).await.map_err(|it| it.to_string())
        };
        let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => {
                let ended = runtime.block_on(serve);
                runtime.shutdown_background();
                ended
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = ended {
            let _ = refused.try_send(Err(error));
        }
    });
    let listening = heard.recv_timeout(PATIENCE).unwrap_or_else(|it| Err(it.to_string()));
    let it = listening.map_err(|why| Failure::unanswered(format!("the server did not start: {why}")))?;
    let Listening { address, name, password, shutdown } = it;
    Ok(Running { address, name, password, shutdown, thread: Some(thread) })
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.request();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
