//! The least that a client can do: send a request, read the bytes of its answer, and drop them. With an HTTP library,
//! [`library`], which is the floor; and without any, [`sockets`], which shows what HTTP itself costs.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::AT_ONCE;

/// Pods of a page.
const PODS: usize = 200;

/// How long it takes to read the first `count` pages with hyper alone.
pub async fn library(address: SocketAddr, count: usize) -> Duration {
    let walk = Walk {
        pages: count,
        reads: count,
    };
    library_from(Ipv4Addr::LOCALHOST, address, walk).await
}

/// Which pages are read: the first ones, again and again until there were so many reads.
#[derive(Clone, Copy)]
pub struct Walk {
    pub pages: usize,
    pub reads: usize,
}

/// The same from an address of this machine: a server may limit what one address asks for.
pub async fn library_from(from: Ipv4Addr, address: SocketAddr, walk: Walk) -> Duration {
    time(|next| hyper_connection(from, address, walk, next)).await
}

/// How long it takes to read them from the sockets.
pub async fn sockets(address: SocketAddr, count: usize) -> Duration {
    time(|next| bare_connection(address, count, next)).await
}

async fn time<F: Future<Output = ()> + Send + 'static>(
    connection: impl Fn(Arc<AtomicUsize>) -> F,
) -> Duration {
    let began = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    for _ in 0..AT_ONCE {
        connections.spawn(connection(Arc::clone(&next)));
    }
    connections.join_all().await;
    began.elapsed()
}

/// The offset of the next page, if there is one.
fn next_offset(next: &AtomicUsize, count: usize) -> Option<usize> {
    let page = next.fetch_add(1, Ordering::Relaxed);
    (page < count).then_some(page * PODS)
}

async fn connect(from: Ipv4Addr, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let stream = socket.connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn hyper_connection(from: Ipv4Addr, address: SocketAddr, walk: Walk, next: Arc<AtomicUsize>) {
    let stream = TokioIo::new(connect(from, address).await);
    let (mut sender, connection) = http1::handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    while let Some(offset) = next_offset(&next, walk.reads) {
        let offset = offset % (walk.pages * PODS);
        let request = Request::get(format!("/v5/p/kubernetes/pods?limit=200&offset={offset}"))
            .header("host", address.to_string())
            .header("x-auth-token", "t")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let mut answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        while let Some(frame) = answer.frame().await {
            drop(frame.unwrap());
        }
    }
    driver.abort();
}

async fn bare_connection(address: SocketAddr, count: usize, next: Arc<AtomicUsize>) {
    let mut stream = connect(Ipv4Addr::LOCALHOST, address).await;
    let mut answer = vec![0; 256 << 10];
    while let Some(offset) = next_offset(&next, count) {
        let request = format!(
            "GET /v5/p/kubernetes/pods?limit=200&offset={offset} HTTP/1.1\r\nhost: {address}\r\nx-auth-token: t\r\n\r\n"
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
