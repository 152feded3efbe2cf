//! The socket of one connection.
//!
//! Owns reading and writing for hyper, with a time-out for answers that are not taken, while somebody else may look
//! whether the caller is still there. tokio's own halves of a stream can be read or watched, not both, which is why
//! the stream is shared here.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

/// What is read and thrown away of a caller that still sends when its connection ends.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// How long that may take.
const LINGER_TIME: Duration = Duration::from_millis(500);

/// A socket that can be watched while it is read.
#[derive(Debug)]
pub(super) struct WatchedSocket {
    stream: TcpStream,
    /// Whether part of an answer has not been taken yet.
    unsent: AtomicBool,
}

impl WatchedSocket {
    pub(super) fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self {
            stream,
            unsent: AtomicBool::new(false),
        })
    }

    /// Waits for what comes next without taking it: 0 is the end.
    pub(super) async fn peek(&self) -> io::Result<usize> {
        self.stream.peek(&mut [0]).await
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent.load(Ordering::Relaxed)
    }

    /// Ends the connection so that the last answer arrives: a socket that is closed before all was read is reset,
    /// and a reset takes away what the caller has not read yet.
    pub(super) async fn linger(&self) {
        let _ = shutdown(&self.stream, Shutdown::Write);
        let drained = async {
            let mut room = [0; 4096];
            let mut left = LINGER_BYTES;
            while left > 0 && self.stream.readable().await.is_ok() {
                match self.stream.try_read(&mut room) {
                    Ok(0) => return,
                    Ok(read) => left = left.saturating_sub(read),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
        };
        let _ = timeout(LINGER_TIME, drained).await;
    }
}

/// What hyper reads and writes.
#[derive(Debug)]
pub(super) struct LineIo {
    line: Arc<WatchedSocket>,
    taken_within: Duration,
    /// Runs while the caller takes nothing of what there is to write.
    overdue: Option<Pin<Box<Sleep>>>,
}

impl LineIo {
    pub(super) fn new(line: Arc<WatchedSocket>, taken_within: Duration) -> Self {
        Self {
            line,
            taken_within,
            overdue: None,
        }
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        send: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        while let Poll::Ready(writable) = self.line.stream.poll_write_ready(cx) {
            let outcome = writable.and_then(|()| send(&self.line.stream));
            if !matches!(&outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
                self.line.unsent.store(false, Ordering::Relaxed);
                self.overdue = None;
                return Poll::Ready(outcome);
            }
        }
        self.line.unsent.store(true, Ordering::Relaxed);
        let overdue = self
            .overdue
            .get_or_insert_with(|| Box::pin(sleep(self.taken_within)));
        ready!(overdue.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for LineIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.line.stream.poll_read_ready(cx))?;
            match self.line.stream.try_read(room.initialize_unfilled()) {
                Ok(read) => {
                    room.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for LineIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// A socket holds nothing back.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(shutdown(&self.line.stream, Shutdown::Write).map_err(io::Error::from))
    }
}
