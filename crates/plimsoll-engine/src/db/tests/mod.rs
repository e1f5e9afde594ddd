//! Updates against a server that behaves as the vendors' hosts do, well and badly.

mod changes;
mod fetching;
mod gone;
mod server;
mod shortcuts;
mod vendors;

use std::path::Path;

use plimsoll_core::Timestamp;

use super::{Database, Hosts, Moved, Outcome, UpdateOptions, UpdateSummary, update};
use server::Server;

/// 2026-11-01.
const NOW: i64 = 1_793_491_200;
const DAY: i64 = 86_400;

/// A database whose vendors are all at one server.
struct Site {
    folder: tempfile::TempDir,
    server: Server,
}

impl Site {
    fn new() -> Site {
        Site { folder: tempfile::tempdir().unwrap(), server: Server::start() }
    }

    fn database(&self) -> Database {
        Database::in_directory(self.folder.path().join("db"))
    }

    fn partial(&self) -> std::path::PathBuf {
        self.folder.path().join("partial")
    }

    /// Every vendor is asked at the server, by host and path.
    fn hosts(&self) -> Hosts {
        Hosts::new(vec![Moved::parse(&format!("https://={}/", self.server.address())).unwrap()])
    }

    /// Updates one feed; what came of it.
    #[track_caller]
    fn update(&self, feed: &str, now: i64) -> Outcome {
        let mut summary = self.try_update(feed, now).unwrap();
        assert_eq!(summary.feeds.len(), 1);
        summary.feeds.remove(0).1
    }

    fn try_update(&self, feed: &str, now: i64) -> Result<UpdateSummary, super::UpdateError> {
        self.update_from(None, feed, now)
    }

    fn update_from(
        &self,
        mirror: Option<&str>,
        feed: &str,
        now: i64,
    ) -> Result<UpdateSummary, super::UpdateError> {
        let options = UpdateOptions {
            mirror: mirror.map(str::to_owned),
            hosts: self.hosts(),
            feeds: vec![feed.to_owned()],
            accept_shrunk: Vec::new(),
            keep_days: 14,
            now: Timestamp(now),
            listener: &|_| (),
        };
        let summary = update(&self.database(), &options)?;
        self.is_what_comes_of_nothing();
        Ok(summary)
    }

    /// The newest snapshot is the one that is built from nothing, whatever it took over.
    #[track_caller]
    fn is_what_comes_of_nothing(&self) {
        let database = self.database();
        let newest = database.recipes().unwrap()[0];
        // A test may have damaged it.
        if let Ok(Some(recipe)) = database.recipe(newest) {
            database.rebuild(&recipe, false).unwrap();
        }
    }

    /// Why a feed could not be had, where nothing else is there either.
    #[track_caller]
    fn refusal(&self, feed: &str) -> String {
        self.try_update(feed, NOW).unwrap_err().to_string()
    }

    /// Every vulnerability that the snapshot in use names.
    #[track_caller]
    fn ids(&self) -> Vec<String> {
        let open = self.database().open().unwrap();
        open.snapshot.ids().map(|id| id.unwrap().to_owned()).collect()
    }
}

/// CISA's catalogue of these.
fn kev(ids: &[&str]) -> Vec<u8> {
    let entries: Vec<serde_json::Value> =
        ids.iter().map(|id| serde_json::json!({ "cveID": id, "dateAdded": "2025-08-25" })).collect();
    serde_json::json!({ "dateReleased": "2025-08-25T17:04:19Z", "vulnerabilities": entries })
        .to_string()
        .into_bytes()
}

const KEV: &str = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";

/// What is left in a folder.
fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}
