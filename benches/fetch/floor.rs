//! The least that a client can do: write a request, read the bytes of its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{AT_ONCE, pages};

/// How long it takes to read the first `count` pages.
pub async fn read(address: SocketAddr, count: usize) -> Duration {
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    for _ in 0..AT_ONCE {
        connections.spawn(connection(address, count, Arc::clone(&next)));
    }
    connections.join_all().await;
    began.elapsed()
}

async fn connection(address: SocketAddr, count: usize, next: Arc<AtomicUsize>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 256 << 10];
    loop {
        let page = next.fetch_add(1, Ordering::Relaxed);
        if page >= count {
            return;
        }
        let offset = page * pages::PODS;
        let request = format!(
            "GET /v5/p/container/pods?limit=200&offset={offset} HTTP/1.1\r\nhost: {address}\r\nx-auth-token: t\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut read, mut whole) = (0, usize::MAX);
        while read < whole {
            let room = answer.get_mut(read..).unwrap();
            read += stream.read(room).await.unwrap();
            if whole == usize::MAX {
                whole = length(answer.get(..read).unwrap()).unwrap_or(usize::MAX);
            }
        }
    }
}

/// The length of an answer, head and body, once its head is there.
fn length(begun: &[u8]) -> Option<usize> {
    let end = begun.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(begun.get(..end)?).ok()?;
    let body = head.split("content-length: ").nth(1)?.split("\r\n").next()?;
    Some(end + body.parse::<usize>().ok()?)
}
