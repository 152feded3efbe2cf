#!/usr/bin/env bash
# hyper 1.12.0 (crates.io): a server with `half_close(true)` does not notice that its caller has reset the connection.
#
# Expected: half_close keeps a call alive whose caller has closed its sending side only. A reset ends the call as it
# does without it: the handler is dropped at once, since nobody can read the answer.
# Seen on 2026-11-29: with half_close(false) the handler is dropped within a millisecond of the reset; with
# half_close(true) it runs to its end (3 s here), because the socket is not read at all while a call is worked on.
# Why it matters: whoever serves and wants `nc -N` to be answered has to watch the socket beside hyper (peek), or
# abandoned searches run on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
http-body-util = "=0.1.5"
tokio = { version = "=1.54.1", features = ["io-util", "macros", "net", "rt", "time"] }
TOML
cat > src/main.rs <<'RUST'
use std::{convert::Infallible, sync::mpsc, time::{Duration, Instant}};
use http_body_util::Full;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{io::AsyncWriteExt as _, net::{TcpListener, TcpStream}, time::sleep};

struct TellWhenDropped(mpsc::Sender<Instant>);
impl Drop for TellWhenDropped {
    fn drop(&mut self) {
        self.0.send(Instant::now()).unwrap();
    }
}

async fn outlives_reset(half_close: bool) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let (tell, told) = mpsc::channel();
    let server = tokio::spawn(async move {
        let service = service_fn(move |_| {
            let call = TellWhenDropped(tell.clone());
            async move {
                let _call = call;
                sleep(Duration::from_secs(3)).await;
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("late"))))
            }
        });
        let io = TokioIo::new(stream);
        let _ = http1::Builder::new().half_close(half_close).serve_connection(io, service).await;
    });
    caller.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(300)).await;
    caller.set_zero_linger().unwrap();
    let reset = Instant::now();
    drop(caller);
    server.await.unwrap();
    told.recv().unwrap() - reset
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (without, with) = (outlives_reset(false).await, outlives_reset(true).await);
    println!("the call outlived the reset by {without:?} without half_close, by {with:?} with it");
    assert!(without < Duration::from_secs(1) && with > Duration::from_secs(2));
}
RUST
cargo run --quiet
