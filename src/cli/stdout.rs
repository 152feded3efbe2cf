//! Standard output as a pipe: written in a separate thread, so that a slow or stuck reader only delays the
//! rows, and signals are handled meanwhile.
//!
//! Owns the meaning of a reader that left: it has read enough. Must not: know what is written.

use std::io::{self, Write as _};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// How many pieces may wait to be written.
const PIECES: usize = 4;

/// The queue for standard output.
#[derive(Debug)]
pub struct StdoutPipe {
    pieces: mpsc::Sender<Vec<u8>>,
    writing: JoinHandle<io::Result<()>>,
}

impl StdoutPipe {
    /// Starts the thread.
    pub fn start() -> Self {
        let (pieces, mut written) = mpsc::channel::<Vec<u8>>(PIECES);
        let writing = spawn_blocking(move || {
            let mut out = io::stdout().lock();
            while let Some(piece) = written.blocking_recv() {
                out.write_all(&piece)?;
                out.flush()?;
            }
            Ok(())
        });
        Self { pieces, writing }
    }

    /// Queues `piece`; waits while the queue is full. Returns whether more is useful: not if writing failed
    /// or the reader left.
    pub async fn write(&self, piece: Vec<u8>) -> bool {
        piece.is_empty() || self.pieces.send(piece).await.is_ok()
    }

    /// An end for a thread that makes the pieces. The pipe is not finished before this is dropped.
    pub fn sink(&self) -> PieceSink {
        PieceSink(self.pieces.clone())
    }

    /// Waits until a piece would not have to wait. Returns whether more is of use.
    pub async fn room(&self) -> bool {
        self.pieces.reserve().await.is_ok()
    }

    /// Whether writing has ended: it failed, or nobody reads.
    pub fn is_over(&self) -> bool {
        self.writing.is_finished()
    }

    /// Waits until all is written.
    ///
    /// # Errors
    /// That of the system, such as a full disk. A reader that left is not an error.
    pub async fn finish(self) -> io::Result<()> {
        drop(self.pieces);
        match self.writing.await {
            Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Ok(result) => result,
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

/// Where a thread puts pieces.
#[derive(Debug)]
pub struct PieceSink(mpsc::Sender<Vec<u8>>);

impl PieceSink {
    /// Has `piece` written after all before it; waits while many wait. Returns whether more is of use.
    pub fn write(&self, piece: Vec<u8>) -> bool {
        piece.is_empty() || self.0.blocking_send(piece).is_ok()
    }
}

/// Whether whoever read standard output went away, as the system tells it before anything is written.
pub fn nobody_reads() -> bool {
    let out = rustix::stdio::stdout();
    let mut watched = [PollFd::new(&out, PollFlags::empty())];
    let at_once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut watched, Some(&at_once)).is_ok()
        && watched
            .iter()
            .any(|it| it.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}
