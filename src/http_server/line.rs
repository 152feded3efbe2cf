//! The socket of one connection.
//!
//! Owns reading and writing for hyper, with a time-out for answers that the caller does not read. Meanwhile
//! another task can watch whether the caller is still connected. The halves of tokio's stream can be either
//! read or watched, so the stream is shared here.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};

/// The most bytes that are read and discarded if a caller still sends when its connection ends.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// The longest time that this may take.
const LINGER_TIME: Duration = Duration::from_millis(500);

/// A socket that can be watched while it is read.
#[derive(Debug)]
pub(super) struct WatchedSocket {
    stream: TcpStream,
    /// Whether the caller has not yet read part of an answer.
    unsent: AtomicBool,
}

impl WatchedSocket {
    pub(super) fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self {
            stream,
            unsent: AtomicBool::new(false),
        })
    }

    /// Waits for more bytes without reading them; 0 means the end of the stream.
    pub(super) async fn peek(&self) -> io::Result<usize> {
        self.stream.peek(&mut [0]).await
    }

    pub(super) fn has_unsent(&self) -> bool {
        self.unsent.load(Ordering::Relaxed)
    }

    /// Ends the connection in such a way that the last answer arrives. If a socket is closed while there is
    /// unread input, the connection is reset, and a reset discards what the caller has not read yet.
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

/// The stream that hyper reads and writes.
#[derive(Debug)]
pub(super) struct LineIo {
    line: Arc<WatchedSocket>,
    taken_within: Duration,
    /// The time-out that runs while the caller reads nothing of the pending answer.
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
        let stream = &self.line.stream;
        loop {
            ready!(stream.poll_read_ready(cx))?;
            match read_all_there_is(stream, room) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return Poll::Ready(outcome),
            }
        }
    }
}

/// Reads what there is, as far as there is room for it.
///
/// If some room is left, there is nothing more to read, and the socket counts as empty from then on, as with tokio's own streams:
/// hyper reads again after each request, and would ask the kernel in vain.
fn read_all_there_is(stream: &TcpStream, room: &mut ReadBuf<'_>) -> io::Result<()> {
    let (free, mut read) = (room.remaining(), None);
    // An error of this kind is how tokio learns that the socket is empty. It forgets what it knew before the read, and no news.
    let outcome = stream.try_io(Interest::READABLE, || {
        let count = stream.try_read_buf(room)?;
        read = Some(count);
        if (1..free).contains(&count) {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            Ok(())
        }
    });
    if read.is_some() { Ok(()) } else { outcome }
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

    /// Nothing to do: the socket has no buffer of ours.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(shutdown(&self.line.stream, Shutdown::Write).map_err(io::Error::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// Reads into this much room; what was read.
    fn read(stream: &TcpStream, room: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; room];
        let mut room = ReadBuf::new(&mut bytes);
        read_all_there_is(stream, &mut room)?;
        Ok(room.filled().to_vec())
    }

    #[tokio::test]
    async fn the_kernel_is_not_asked_in_vain_and_what_comes_later_is_read() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut caller = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let stream = TcpStream::from_std(stream).unwrap();
        caller.write_all(b"a request").unwrap();
        stream.readable().await.unwrap();
        assert_eq!(read(&stream, 5).unwrap(), b"a req", "there may be more");
        assert_eq!(read(&stream, 5).unwrap(), b"uest", "all there was");
        // Nobody has told us of this yet.
        caller.write_all(b"another").unwrap();
        let kind = |outcome: io::Result<Vec<u8>>| outcome.unwrap_err().kind();
        assert_eq!(kind(read(&stream, 9)), io::ErrorKind::WouldBlock);
        stream.readable().await.unwrap();
        assert_eq!(read(&stream, 9).unwrap(), b"another");
        drop(caller);
        stream.readable().await.unwrap();
        assert_eq!(read(&stream, 9).unwrap(), b"", "the end");
    }
}
