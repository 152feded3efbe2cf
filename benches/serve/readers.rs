//! Readers of a service: one that asks again and again, and a team of screens.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

const PAGE: &str = "/v5/p/kubernetes/pods?limit=200&offset=";

/// A connection that is kept.
pub struct Reader(TcpStream);

impl Reader {
    pub async fn connect(from: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        let stream = socket.connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// The body of a good answer.
    pub async fn get(&mut self, path: &str) -> Vec<u8> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.0.write_all(request.as_bytes()).await.unwrap();
        let (mut answer, mut end) = (Vec::with_capacity(128 << 10), None);
        loop {
            assert!(
                self.0.read_buf(&mut answer).await.unwrap() > 0,
                "it closed: {path}"
            );
            if end.is_none() {
                end = length(&answer);
            }
            if let Some((head, all)) = end
                && answer.len() >= all
            {
                assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
                return answer.split_off(head);
            }
        }
    }
}

/// The lengths of the head, and of all, once the head is there.
fn length(begun: &[u8]) -> Option<(usize, usize)> {
    let end = begun.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(begun.get(..end)?)
        .unwrap()
        .to_ascii_lowercase();
    let body: usize = head
        .split("content-length: ")
        .nth(1)?
        .split("\r\n")
        .next()?
        .parse()
        .ok()?;
    Some((end, end + body))
}

/// How long this many answers take, one after the other.
pub async fn time(from: Ipv4Addr, address: SocketAddr, path: &str, count: usize) -> Duration {
    let mut reader = Reader::connect(from, address).await;
    let begun = Instant::now();
    for _ in 0..count {
        reader.get(path).await;
    }
    begun.elapsed()
}

/// How long each of this many pages takes, one after the other.
pub async fn latencies(from: Ipv4Addr, address: SocketAddr, count: usize) -> Vec<Duration> {
    let mut reader = Reader::connect(from, address).await;
    let mut took = Vec::new();
    for number in 0..count {
        let begun = Instant::now();
        reader.get(&format!("{PAGE}{}", number % 500 * 200)).await;
        took.push(begun.elapsed());
    }
    took
}

/// That percentile of the times.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len() - 1);
    *times.get(at).unwrap()
}

/// The tag in a state.
fn tag(body: &[u8]) -> String {
    let text = std::str::from_utf8(body).unwrap();
    let tag = text
        .split("\"tag\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    tag.unwrap().to_owned()
}

/// Screens: each waits for news all the time, and reads the first page when there is some.
pub struct Team {
    address: SocketAddr,
    count: usize,
    /// Each ends when its screen has a page of the snapshot that is awaited.
    screens: JoinSet<Instant>,
}

impl Team {
    /// Connects screens, which await the snapshot of this date.
    pub async fn connect(address: SocketAddr, count: usize, date: u64) -> Self {
        let mut screens = JoinSet::new();
        let date = date.to_string();
        for number in 0..count {
            let from = Ipv4Addr::new(127, 0, 5, u8::try_from(number % 250).unwrap() + 1);
            let mut reader = Reader::connect(from, address).await;
            let mut seen = tag(&reader.get("/v1/state").await);
            let date = date.clone();
            screens.spawn(async move {
                loop {
                    let newer = tag(&reader.get(&format!("/v1/state?seen={seen}&wait=20")).await);
                    let list = |tag: &str| tag.split('.').nth(1).unwrap().to_owned();
                    let is_another = list(&newer) != list(&seen);
                    seen = newer;
                    if !is_another {
                        continue;
                    }
                    let page = reader.get(&format!("{PAGE}0")).await;
                    if page.windows(date.len()).any(|bytes| bytes == date.as_bytes()) {
                        return Instant::now();
                    }
                }
            });
        }
        Self {
            address,
            count,
            screens,
        }
    }

    /// How long pages take that are read in turns, 50 a second by as many readers as there are screens.
    pub async fn pages_in_turns(&self, rounds: u32) -> Vec<Duration> {
        let mut tasks = JoinSet::new();
        for number in 0..u32::try_from(self.count).unwrap() {
            let from = Ipv4Addr::new(127, 0, 6, u8::try_from(number % 250).unwrap() + 1);
            let address = self.address;
            tasks.spawn(async move {
                tokio::time::sleep(Duration::from_millis(20) * number).await;
                let mut reader = Reader::connect(from, address).await;
                let mut took = Vec::new();
                for round in 0..rounds {
                    let begun = Instant::now();
                    reader
                        .get(&format!("{PAGE}{}", (number + round) % 500 * 200))
                        .await;
                    took.push(begun.elapsed());
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
                took
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }

    /// How long after the first screen the last one has a page of the next snapshot.
    pub async fn told_of_news(self) -> Duration {
        let told = self.screens.join_all().await;
        *told.iter().max().unwrap() - *told.iter().min().unwrap()
    }
}
