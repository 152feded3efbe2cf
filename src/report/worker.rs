//! The task that writes files outside of the event loop, one after the other.

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::{ExportFault, FileJob, WrittenFile, write, write_shift};

/// A file that was written, or why there is none.
pub type Outcome = Result<WrittenFile, ExportFault>;

/// Writes the requested files until nobody listens any more; an unfinished file is cancelled then.
pub async fn run(mut jobs: mpsc::Receiver<FileJob>, outcomes: mpsc::Sender<Outcome>) {
    while let Some(job) = jobs.recv().await {
        let listener = outcomes.clone();
        let writing = spawn_blocking(move || match job {
            FileJob::Pods(job) => write(&job, &|| !listener.is_closed()),
            FileJob::Shift(report, path) => write_shift(&report, path.as_deref()),
        });
        let Ok(outcome) = writing.await else { return };
        // Paths stay out of the log: the sentence on the screen has them.
        let rows = outcome.as_ref().ok().map(|written| written.rows);
        tracing::info!(rows, is_written = outcome.is_ok(), "export");
        if outcomes.send(outcome).await.is_err() {
            return;
        }
    }
}
