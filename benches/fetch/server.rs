//! A server that does nothing but send what is ready: a thread a connection, kept alive.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::pages::Pages;

/// A running server; it goes with the process.
pub struct Server(SocketAddr);

impl Server {
    /// Serves `pages`; each answer takes `latency`.
    pub fn start(pages: Arc<Pages>, latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let pages = Arc::clone(&pages);
                thread::spawn(move || serve(stream, &pages, latency));
            }
        });
        Self(address)
    }

    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

/// Answers request after request until the other side closes.
fn serve(mut stream: TcpStream, pages: &Pages, latency: Duration) {
    stream.set_nodelay(true).unwrap();
    let mut head = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        head.extend_from_slice(bytes.get(..count).unwrap());
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        thread::sleep(latency);
        let answer = pages.answer(std::str::from_utf8(&head).unwrap());
        if stream.write_all(answer).is_err() {
            return;
        }
        head.clear();
    }
}
