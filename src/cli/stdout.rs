//! Standard output as a pipe: written in a separate thread, so that a slow or stuck reader only delays the
//! rows, and signals are handled meanwhile.
//!
//! Owns the meaning of a reader that left: it has read enough. Must not: know what is written.

use std::io::{self, Write as _};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// How many pieces may wait to be written.
const PIECES: usize = 4;
/// The bytes that a pipe takes as a whole if it takes any (`PIPE_BUF` of Linux).
const ALWAYS_FITS: usize = 4096;
/// No wait.
const AT_ONCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

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

/// Writes a short text to standard output, unless that may have to wait for its reader: then nothing is written, and it is `None`.
/// A reader that left is not an error.
pub fn write_at_once(text: &[u8]) -> Option<io::Result<()>> {
    // Nothing else is in the buffer of this program.
    if text.len() > ALWAYS_FITS || !takes_at_once(rustix::stdio::stdout()) {
        return None;
    }
    let mut out = io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.flush());
    Some(written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    }))
}

/// Whether a text of [`ALWAYS_FITS`] bytes would be taken without waiting.
fn takes_at_once(out: impl AsFd) -> bool {
    let mut watched = [PollFd::new(&out, PollFlags::OUT)];
    poll(&mut watched, Some(&AT_ONCE)).is_ok()
        && watched.iter().any(|it| it.revents().contains(PollFlags::OUT))
}

/// Whether whoever read standard output went away, as the system tells it before anything is written.
pub fn nobody_reads() -> bool {
    let out = rustix::stdio::stdout();
    let mut watched = [PollFd::new(&out, PollFlags::empty())];
    poll(&mut watched, Some(&AT_ONCE)).is_ok()
        && watched
            .iter()
            .any(|it| it.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_full_pipe_takes_nothing_at_once_and_one_with_room_or_without_a_reader_does() {
        let (mut reader, mut writer) = io::pipe().unwrap();
        assert!(takes_at_once(&writer));
        // The usual size of a pipe.
        writer.write_all(&vec![0; 64 << 10]).unwrap();
        assert!(!takes_at_once(&writer));
        reader.read_exact(&mut [0; ALWAYS_FITS]).unwrap();
        assert!(takes_at_once(&writer));
        drop(reader);
        assert!(takes_at_once(&writer), "it is told at once that nobody reads");
        assert!(write_at_once(&[b'x'; ALWAYS_FITS + 1]).is_none());
    }
}
