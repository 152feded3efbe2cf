//! A server whose answer to each request a test computes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// From the number of the request, counted from 0, and its head to the bytes of the answer.
pub type Answer = dyn Fn(usize, &str) -> Vec<u8> + Send + Sync;

/// A running server; ends when dropped.
pub struct Answering {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Answering {
    pub async fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, counter): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&asked));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, Arc::clone(&answer), Arc::clone(&counter)));
            }
        });
        Self {
            address,
            asked,
            _tasks: tasks,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests there were so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn converse(mut stream: TcpStream, answer: Arc<Answer>, asked: Arc<AtomicUsize>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let number = asked.fetch_add(1, Ordering::SeqCst);
    let bytes = answer(number, &String::from_utf8_lossy(&head));
    let _ = stream.write_all(&bytes).await;
}

/// A number of the query, such as `offset`.
pub fn number(head: &str, name: &str) -> Option<usize> {
    let (_, rest) = head.split_once(&format!("{name}="))?;
    rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}
