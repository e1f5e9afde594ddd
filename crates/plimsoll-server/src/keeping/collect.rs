//! The collection: rows first, then files, while others push.
//!
//! A file goes only after its row has gone, and never while somebody makes a backup, who has read the
//! rows and still needs the files.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use plimsoll_core::Timestamp;
use plimsoll_store::Collected;
use rustix::fs::{FlockOperation, flock};

use crate::app::App;
use crate::blobs::BlobKey;

/// After a start others have more to do.
const FIRST_AFTER: Duration = Duration::from_secs(60);

/// Rows of one kind in one transaction: short enough that a push does not notice.
const ROWS_AT_A_TIME: u32 = 200;

/// Between two transactions, so that writers get their turn.
const PAUSE: Duration = Duration::from_millis(20);

/// The file that a backup locks.
pub(crate) const BACKUP_LOCK: &str = "backup.lock";

/// What was collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Rows.
    pub rows: Collected,
    /// Files of blobs and uploads.
    pub files: usize,
    /// Sessions that were over.
    pub sessions: u64,
}

/// Collects on schedule until the server ends.
pub(crate) async fn collect(app: Arc<App>) {
    let mut stopping = app.shutdown.stopping();
    let mut pause = FIRST_AFTER.min(app.settings.collect_every.0);
    while stopping.sleep(pause).await {
        pause = app.settings.collect_every.0;
        match collect_once(&app).await {
            Ok(cleared) if cleared == Cleared::default() => (),
            Ok(Cleared { rows, files, sessions }) => tracing::info!(
                files,
                sessions,
                uploads = rows.uploads,
                links = rows.links,
                blobs = rows.blobs,
                manifests = rows.manifests,
                "collected what nothing needs"
            ),
            Err(error) => tracing::warn!("the collection broke off: {error}"),
        }
    }
}

/// Collects once. It may be broken off anywhere: the next one goes on.
pub async fn collect_once(app: &App) -> Result<Cleared, plimsoll_store::Error> {
    let access = app.store.authoriser().system();
    let stopping = app.shutdown.stopping();
    let now = app.clock.now();
    let before = Timestamp(now.0.saturating_sub(app.settings.collect_after.seconds()));
    let mut cleared =
        Cleared { sessions: app.store.delete_old_sessions(&access, now).await?, ..Cleared::default() };
    while !stopping.is_requested() {
        let rows = app.store.collect(&access, before, ROWS_AT_A_TIME, now).await?;
        if rows.is_empty() {
            break;
        }
        cleared.rows = sum(cleared.rows, rows);
        tokio::time::sleep(PAUSE).await;
    }
    cleared.files = delete_files(app).await?;
    Ok(cleared)
}

fn sum(left: Collected, right: Collected) -> Collected {
    Collected {
        uploads: left.uploads + right.uploads,
        links: left.links + right.links,
        blobs: left.blobs + right.blobs,
        manifests: left.manifests + right.manifests,
    }
}

async fn delete_files(app: &App) -> Result<usize, plimsoll_store::Error> {
    let lock = app.data.path().join(BACKUP_LOCK);
    let Ok(Some(_alone)) = tokio::task::spawn_blocking(move || no_backup(&lock)).await else {
        tracing::info!("a backup is being made; files are deleted after it");
        return Ok(0);
    };
    let (access, mut count) = (app.store.authoriser().system(), 0);
    let stopping = app.shutdown.stopping();
    while !stopping.is_requested() {
        let doomed = app.store.doomed_files(&access, ROWS_AT_A_TIME).await?;
        let mut deleted = 0;
        for key in &doomed {
            let Ok(file) = key.as_str().parse::<BlobKey>() else { continue };
            match app.blobs.delete(file).await {
                Ok(()) => {
                    app.store.forget_file(&access, key).await?;
                    deleted += 1;
                }
                Err(error) => tracing::warn!("a file could not be deleted: {error}"),
            }
        }
        count += deleted;
        if deleted == 0 {
            break;
        }
    }
    // Uploads whose rows are gone already, or were never made.
    let grace = app.settings.collect_after.0;
    if let Some(before) = SystemTime::now().checked_sub(grace.saturating_mul(2)) {
        match app.blobs.sweep(before).await {
            Ok(swept) => count += swept,
            Err(error) => tracing::warn!("uploads could not be swept: {error}"),
        }
    }
    Ok(count)
}

/// Holds the lock while files are deleted, or nothing while a backup has it.
fn no_backup(path: &Path) -> Option<std::fs::File> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok().map(|()| file)
}
