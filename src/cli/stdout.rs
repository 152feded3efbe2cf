//! Standard output as a pipe: written in a separate thread, so that a slow or stuck reader only delays the
//! rows, and signals are handled meanwhile.
//!
//! Owns the meaning of a reader that left: it has read enough. Must not: know what is written.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::fs::OFlags;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::fleet::piece_writer::PieceWriter;

/// How many pieces may wait to be written.
const PIECES: usize = 4;
/// The bytes that a pipe takes as a whole if it takes any (`PIPE_BUF` of Linux).
const ALWAYS_FITS: usize = 4096;
/// No wait.
const AT_ONCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// How many pieces of memory may wait to be used again: those that waited to be written, one that is written, and one that is made.
const SPARE: usize = PIECES + 2;
/// The most bytes of memory that are used again.
const LONGEST_SPARE: usize = 512 << 10;

/// Writes to standard output.
type OutputWriter = dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send;

/// What is to be written next.
enum NextOutput {
    /// These bytes.
    Piece(PieceWriter),
    /// What this writes.
    Written(Box<OutputWriter>),
}

impl fmt::Debug for NextOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Piece(piece) => write!(f, "Piece of {} bytes", piece.len()),
            Self::Written(_) => f.write_str("Written"),
        }
    }
}

/// The queue for standard output.
#[derive(Debug)]
pub struct StdoutPipe {
    pieces: mpsc::Sender<NextOutput>,
    writing: JoinHandle<io::Result<()>>,
    memory: PieceMemory,
}

/// The memory of pieces that are written. New memory for each piece would have to be cleared by the system again and again, which
/// takes longer than to write it.
#[derive(Debug, Clone, Default)]
pub struct PieceMemory(Arc<Mutex<Vec<PieceWriter>>>);

impl PieceMemory {
    /// Memory in which nothing is written.
    pub fn take(&self) -> PieceWriter {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    fn take_back(&self, mut piece: PieceWriter) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE && piece.room() <= LONGEST_SPARE {
            piece.truncate(0);
            spare.push(piece);
        }
    }
}

impl StdoutPipe {
    /// Starts the thread.
    pub fn start() -> Self {
        let (pieces, mut next) = mpsc::channel(PIECES);
        let memory = PieceMemory::default();
        let home = memory.clone();
        let writing = spawn_blocking(move || {
            let mut out = io::stdout().lock();
            while let Some(next) = next.blocking_recv() {
                match next {
                    NextOutput::Piece(piece) => {
                        out.write_all(piece.written())?;
                        home.take_back(piece);
                    }
                    NextOutput::Written(write) => write(&mut out)?,
                }
                out.flush()?;
            }
            Ok(())
        });
        Self {
            pieces,
            writing,
            memory,
        }
    }

    /// Queues `piece`; waits while the queue is full. Returns whether more is useful: not if writing failed
    /// or the reader left.
    pub async fn write(&self, piece: impl Into<PieceWriter>) -> bool {
        let piece = piece.into();
        piece.is_empty() || self.pieces.send(NextOutput::Piece(piece)).await.is_ok()
    }

    /// Lets `write` write to standard output, after all that was queued, and waits for it. Whoever makes much at once does that in
    /// the thread that writes it, so that nothing is passed from one thread to another. It goes on even if nobody waits any more.
    /// Returns whether more is useful.
    pub async fn write_by(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    ) -> bool {
        let (done, is_done) = oneshot::channel();
        let write = Box::new(move |out: &mut dyn Write| {
            write(out)?;
            // Nobody may wait any more.
            let _ = done.send(());
            Ok(())
        });
        self.pieces.send(NextOutput::Written(write)).await.is_ok() && is_done.await.is_ok()
    }

    /// Waits until all that was queued is written. Returns whether more is useful.
    pub async fn drained(&self) -> bool {
        self.write_by(|_| Ok(())).await
    }

    /// An end for a thread that makes the pieces. The pipe is not finished before this is dropped.
    pub fn sink(&self) -> PieceSink {
        PieceSink(self.pieces.clone())
    }

    /// Where the memory of written pieces waits.
    pub fn memory(&self) -> &PieceMemory {
        &self.memory
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
pub struct PieceSink(mpsc::Sender<NextOutput>);

impl PieceSink {
    /// Has `piece` written after all before it; waits while many wait. Returns whether more is of use.
    pub fn write(&self, piece: Vec<u8>) -> bool {
        piece.is_empty() || self.0.blocking_send(NextOutput::Piece(piece.into())).is_ok()
    }
}

/// Why standard output was of no use when the program started.
static USELESS: OnceLock<UselessStdout> = OnceLock::new();

/// A standard output that takes nothing. Without an error of ours what is printed would be lost: Rust opens something else in the
/// place of a closed one, and ignores the error of the system for a file that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UselessStdout {
    /// It was closed, as `>&-` leaves it.
    Closed,
    /// It is open, but only for reading, as `1< FILE` leaves it.
    ReadOnly,
}

impl UselessStdout {
    const fn words(self) -> &'static str {
        match self {
            Self::Closed => "standard output is closed; > /dev/null prints to nobody",
            Self::ReadOnly => "standard output is only open for reading; > FILE opens one for writing",
        }
    }
}

/// Whether standard output is a file that is only open for reading. A terminal can be opened again by its name, as the dashboard
/// does.
pub fn is_read_only() -> bool {
    let flags = rustix::fs::fcntl_getfl(rustix::stdio::stdout());
    let is_read_only = |flags: OFlags| flags & OFlags::ACCMODE == OFlags::RDONLY;
    flags.is_ok_and(is_read_only) && !io::stdout().is_terminal()
}

/// Makes every write to standard output fail, for this reason.
///
/// # Errors
/// Those of the system, if it has no more descriptors.
pub fn refuse(why: UselessStdout) -> io::Result<()> {
    // It can be opened anywhere, and cannot be written to.
    let nowhere = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    // It is refused once, at the start.
    let _ = USELESS.set(why);
    Ok(())
}

/// Why nothing can be printed, if that is known before anything is written.
pub fn refusal() -> Option<&'static str> {
    USELESS.get().map(|why| why.words())
}

/// Why standard output could not be written.
pub fn fault(error: &io::Error) -> String {
    refusal().map_or_else(|| error.to_string(), str::to_owned)
}

/// Whether standard output takes this text without waiting for its reader, where nothing else waits to be written.
pub fn has_room_for(text: &[u8]) -> bool {
    text.len() <= ALWAYS_FITS && takes_at_once(rustix::stdio::stdout())
}

/// Writes a text to standard output, and waits for its reader. A reader that left is not an error.
///
/// # Errors
/// That of the system, such as a full disk.
pub fn write_now(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.flush());
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}

/// Whether a text of [`ALWAYS_FITS`] bytes would be taken without waiting. A signal handler may call it.
pub(super) fn takes_at_once(out: impl AsFd) -> bool {
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
    fn memory_of_written_pieces_is_used_again_within_bounds() {
        let memory = PieceMemory::default();
        let mut piece = memory.take();
        piece.put(&[7; 1000]);
        let place = piece.written().as_ptr();
        memory.take_back(piece);
        let again = memory.take();
        assert_eq!((again.written().as_ptr(), again.len()), (place, 0));
        assert_eq!(again.memory_from(0), [7; 1000]);
        memory.take_back(vec![7; LONGEST_SPARE + 1].into());
        (0..2 * SPARE).for_each(|_| memory.take_back(vec![7; 10].into()));
        let spare = memory.0.lock().unwrap();
        assert_eq!(spare.len(), SPARE);
        assert!(spare.iter().all(|piece| piece.room() == 10));
    }

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
        assert!(!has_room_for(&[b'x'; ALWAYS_FITS + 1]));
    }
}
