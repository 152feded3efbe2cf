//! A server that answers with exactly the bytes a test wrote, and remembers what it was asked.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What happens on one connection.
#[derive(Debug, Clone)]
pub enum Step {
    /// These bytes, then the connection is closed.
    Answer(Vec<u8>),
    /// These bytes, one at a time with pauses, forever.
    Drip(Vec<u8>, Duration),
    /// These bytes again and again until the peer has had enough.
    Flood(Vec<u8>, Vec<u8>),
    /// These bytes, then the connection is reset (by [`super::faultd`]).
    Reset(Vec<u8>),
    /// These bytes before anything was asked (by [`super::faultd`]).
    Greeting(Vec<u8>),
    /// Nothing at all; the connection stays open.
    Silence,
}

impl Step {
    /// A whole answer with status, extra headers and body.
    pub fn http(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        Self::Answer([head.as_bytes(), body].concat())
    }

    /// The bytes with which it begins.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Answer(bytes)
            | Self::Drip(bytes, _)
            | Self::Flood(bytes, _)
            | Self::Reset(bytes)
            | Self::Greeting(bytes) => bytes,
            Self::Silence => Vec::new(),
        }
    }

    /// A JSON answer.
    pub fn json(status: &str, body: &str) -> Self {
        Self::http(
            status,
            "Content-Type: application/json\r\nX-Request-Id: req-1\r\n",
            body,
        )
    }
}

/// A running scripted server; ends when dropped.
pub struct Scripted {
    pub address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Scripted {
    /// Plays `steps`, one per connection; the last one is repeated.
    pub async fn start(steps: Vec<Step>) -> Self {
        Self::start_at("127.0.0.1:0", steps).await
    }

    /// The same at this address.
    pub async fn start_at(address: &str, steps: Vec<Step>) -> Self {
        // Whoever had the address before may still be on the way out.
        let mut tries = 0;
        let listener = loop {
            match TcpListener::bind(address).await {
                Err(error) if error.kind() == ErrorKind::AddrInUse && tries < 500 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                result => break result.unwrap(),
            }
        };
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            for at in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let step = steps[at.min(steps.len() - 1)].clone();
                connections.spawn(play(stream, step, Arc::clone(&seen)));
            }
        });
        Self {
            address,
            requests,
            _tasks: tasks,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far: head, and body if there is one.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn play(mut stream: TcpStream, step: Step, seen: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    head.extend(body);
    seen.lock()
        .unwrap()
        .push(String::from_utf8_lossy(&head).into_owned());
    match step {
        Step::Answer(bytes) | Step::Reset(bytes) | Step::Greeting(bytes) => {
            drop(stream.write_all(&bytes).await);
        }
        Step::Drip(bytes, pause) => {
            for byte in bytes.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Step::Flood(head, bytes) => {
            let mut result = stream.write_all(&head).await;
            while result.is_ok() {
                result = stream.write_all(&bytes).await;
            }
        }
        Step::Silence => std::future::pending().await,
    }
}
