//! `plimsoll serve`: the server, until a signal ends it.

use std::io::{IsTerminal, Write};
use std::sync::Arc;

use plimsoll_server::app::{App, Clock, FirstAdministrator, Started, run as run_server, start_log};
use tokio::signal::unix::{SignalKind, signal};

use super::config::configured;
use crate::cli::Places;
use crate::cli::server::ServeArgs;
use crate::outcome::{Failure, Status};

/// Serves until SIGTERM or SIGINT; a second one ends the process at once.
pub fn run(args: &ServeArgs, places: &Places) -> Result<Status, Failure> {
    let configured = configured(&args.settings, places)?;
    let settings = configured.settings;
    start_log(settings.log_format, settings.log_level);
    for warning in &configured.warnings {
        tracing::warn!("{warning}");
    }
    allow_many_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unanswered(format!("no threads: {error}")))?;
    let outcome = runtime.block_on(async {
        let Started { app, first } = App::start(settings, Clock::system()).await.map_err(unstarted)?;
        if let Some(first) = first {
            tell(&app, &first)?;
        }
        end_by_signal(&app)?;
        let scheme = if app.settings.tls_certificate.is_some() { "https" } else { "http" };
        let listening = |address| tracing::info!(address = %format!("{scheme}://{address}"), "listening");
        run_server(app, listening).await.map_err(unstarted)
    });
    // What still waits for a disk or a feed does not hold the process.
    runtime.shutdown_background();
    outcome.map(|()| {
        tracing::info!("ended");
        Status::Clean
    })
}

fn unstarted(error: plimsoll_server::app::StartError) -> Failure {
    Failure::unanswered(error)
}

fn end_by_signal(app: &Arc<App>) -> Result<(), Failure> {
    let failed = |error| Failure::unanswered(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let shutdown = app.shutdown.clone();
    tokio::spawn(async move {
        for time in 0.. {
            tokio::select! {
                _ = terminate.recv() => (),
                _ = interrupt.recv() => (),
            }
            if time > 0 {
                std::process::exit(1);
            }
            tracing::info!("ending: requests that were begun are answered");
            shutdown.request();
        }
    });
    Ok(())
}

/// Shows the first administrator's password once: on the terminal, or in a file where there is none,
/// since what is written elsewhere ends up in a log.
fn tell(app: &App, first: &FirstAdministrator) -> Result<(), Failure> {
    let Some(password) = &first.password else {
        tracing::info!(name = first.name, "the administrator was made, with the password that was given");
        return Ok(());
    };
    if std::io::stderr().is_terminal() {
        let mut out = anstream::stderr().lock();
        writeln!(out, "\nThe first administrator is `{}`, with the password\n", first.name)?;
        writeln!(out, "    {}\n", password.reveal())?;
        writeln!(out, "It is shown this once.\n")?;
        return Ok(());
    }
    let file = app.data.write_password(password).map_err(unstarted)?;
    tracing::info!(name = first.name, file = %file.display(), "the administrator was made; the password is in the file");
    Ok(())
}

/// Each connection and each file of a pull is an open file.
fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
