//! Callers that nobody would want: what they cost the others.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout};

use super::*;

const HALF_A_REQUEST: &[u8] = b"GET /v5/p/kubernetes/pods HTTP/1.1\r\nHost: hss\r\n";

/// Looks at the name of every pod and finds none.
fn search() -> String {
    format!("{PODS}?{ALL}&pod_name=no-pod-has-this-name")
}

fn request(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: hss\r\nX-Auth-Token: gAAAA\r\n\r\n").into_bytes()
}

async fn open(address: SocketAddr, first_bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first_bytes).await.unwrap();
    stream
}

/// The same from another address of this machine: another caller.
async fn open_elsewhere(address: SocketAddr, first_bytes: &[u8]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // It may be ended for one that comes after it.
    let _ = stream.write_all(first_bytes).await;
    stream
}

async fn open_many(number: usize, address: SocketAddr, first_bytes: &[u8]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..number {
        streams.push(open(address, first_bytes).await);
    }
    streams
}

/// One page, as a caller without malice asks for it.
async fn page(address: SocketAddr) -> Reply {
    page_within(Duration::from_secs(1), address).await
}

async fn page_within(time: Duration, address: SocketAddr) -> Reply {
    let token = [("X-Auth-Token", "gAAAA")];
    let reply = timeout(time, send(address, "GET", PODS, &token, "")).await;
    reply.unwrap()
}

/// `hss-top simulate` that may open few files; killed when dropped.
struct Cramped {
    child: Child,
    address: SocketAddr,
}

impl Cramped {
    fn start(flags: &[&str]) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n 256; exec \"$0\" simulate \"$@\""])
            .arg(env!("CARGO_BIN_EXE_hss-top"))
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap();
        Self {
            address: address.parse().unwrap(),
            child,
        }
    }

    /// Resident memory, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Asks it to end and returns how long that took.
    async fn terminate(&mut self) -> (Duration, Option<i32>) {
        let asked = Instant::now();
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (asked.elapsed(), status.code());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Cramped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_thousand_half_written_requests_shut_nobody_out() {
    let simulate = Cramped::start(&[]);
    let half_open = open_many(1000, simulate.address, HALF_A_REQUEST).await;
    for _ in 0..3 {
        assert_eq!(page(simulate.address).await.status, 200);
    }
    drop(half_open);
}

#[tokio::test]
async fn half_written_bodies_shut_nobody_out() {
    let simulate = Cramped::start(&[]);
    let head = format!("POST {SYNC} HTTP/1.1\r\nHost: hss\r\nContent-Length: 9\r\n\r\nhalf");
    let half_open = open_many(1000, simulate.address, head.as_bytes()).await;
    assert_eq!(page(simulate.address).await.status, 200);
    drop(half_open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn abandoned_searches_hold_up_nobody() {
    let settings = SimulatorSettings {
        pods: 100_000,
        ..SimulatorSettings::default()
    };
    let simulator = Running::start(settings).await;
    let asked = Instant::now();
    assert_eq!(simulator.get(&search()).await.total(), 0);
    let alone = asked.elapsed();
    drop(open_many(200, simulator.address, &request(&search())).await);
    let asked = Instant::now();
    assert_eq!(simulator.get(&search()).await.total(), 0);
    let beside = asked.elapsed();
    assert!(
        beside < alone * 12,
        "alone {alone:?}, beside the abandoned {beside:?}"
    );
    assert_eq!(page(simulator.address).await.status, 200);
}

/// The middle one of eleven times that a call takes.
async fn usual_time<F: Future<Output = Reply>>(mut call: impl FnMut() -> F) -> Duration {
    let mut times = Vec::new();
    for _ in 0..11 {
        let asked = Instant::now();
        assert_eq!(call().await.status, 200);
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

/// Twenty callers at another address that search, each anew once it is answered.
fn search_without_end(address: SocketAddr) -> JoinSet<()> {
    let mut searching = JoinSet::new();
    for _ in 0..20 {
        searching.spawn(async move {
            loop {
                let mut stream = open_elsewhere(address, &request(&search())).await;
                let mut head = [0; 16];
                stream.read_exact(&mut head).await.unwrap();
                assert!(head.starts_with(b"HTTP/1.1 200 "));
            }
        });
    }
    searching
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_page_waits_for_none_of_the_searches_of_another_caller() {
    let simulate = Cramped::start(&["--pods", "500000", "--serverless", "1000", "--mirrored", "1000"]);
    let address = simulate.address;
    let plain = async || {
        let mut usual = Vec::new();
        for target in [PODS.to_owned(), format!("{PODS}?{ALL}&offset=400000&limit=200")] {
            let call = || async { send(address, "GET", &target, &[("X-Auth-Token", "gAAAA")], "").await };
            usual.push(usual_time(call).await);
        }
        usual
    };
    let searched = async || {
        let asked = Instant::now();
        let reply = send(address, "GET", &search(), &[("X-Auth-Token", "gAAAA")], "").await;
        assert_eq!(reply.total(), 0);
        asked.elapsed()
    };
    let (alone, search_alone) = (plain().await, searched().await);
    let mut searching = search_without_end(address);
    // They have filled all turns by the time one of them is answered.
    searched().await;
    let (beside, search_beside) = (plain().await, searched().await);
    for (alone, beside) in alone.into_iter().zip(beside) {
        assert!(
            beside < alone * 8 + Duration::from_millis(20),
            "alone {alone:?}, beside searches {beside:?}"
        );
    }
    assert!(
        search_beside < search_alone * 8,
        "a search of one's own waits for a turn and not for twenty: {search_alone:?}, {search_beside:?}"
    );
    searching.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_write_and_read_a_byte_at_a_time_hold_up_nobody() {
    let simulate = Cramped::start(&["--pods", "5000"]);
    let address = simulate.address;
    let alone = usual_time(|| page(address)).await;
    let large = request(&format!("{PODS}?{ALL}&limit=200"));
    let body = format!("POST {SYNC} HTTP/1.1\r\nHost: hss\r\nContent-Length: 60000\r\n\r\n");
    let (mut writers, mut readers) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        writers.push(open_elsewhere(address, HALF_A_REQUEST).await);
        writers.push(open_elsewhere(address, body.as_bytes()).await);
        readers.push(open_elsewhere(address, &large.repeat(20)).await);
    }
    let mut times = Vec::new();
    for _ in 0..50 {
        for writer in &mut writers {
            // Those that took too long are ended.
            let _ = writer.write_all(b"x").await;
        }
        for reader in &mut readers {
            let _ = reader.try_read(&mut [0]);
        }
        let asked = Instant::now();
        assert_eq!(page(address).await.status, 200);
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    let beside = times[times.len() / 2];
    assert!(
        beside < alone * 8 + Duration::from_millis(20),
        "alone {alone:?}, beside those that trickle {beside:?}"
    );
}

#[tokio::test]
async fn a_caller_that_has_closed_its_side_is_answered() {
    for latency in [Duration::ZERO, Duration::from_millis(200)] {
        let simulator = Running::start(SimulatorSettings {
            latency,
            ..SimulatorSettings::default()
        })
        .await;
        for target in [PODS, "/nowhere", &search()] {
            let mut stream = open(simulator.address, &request(target)).await;
            stream.shutdown().await.unwrap();
            let mut reply = String::new();
            stream.read_to_string(&mut reply).await.unwrap();
            assert!(reply.starts_with("HTTP/1.1 "), "{target}: {reply:?}");
            assert!(reply.ends_with('}'), "{target}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn giant_headers_are_refused_in_words() {
    let simulator = Running::start(SimulatorSettings::default()).await;
    let long = format!(
        "GET {PODS} HTTP/1.1\r\nHost: hss\r\nX-Long: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let mut many = format!("GET {PODS} HTTP/1.1\r\nHost: hss\r\n");
    for number in 0..5000 {
        write!(many, "X-{number}: y\r\n").unwrap();
    }
    for head in [&long, &many] {
        let mut stream = TcpStream::connect(simulator.address).await.unwrap();
        // The rest may be refused before it is sent.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut reply = String::new();
        let read = stream.read_to_string(&mut reply).await;
        assert!(reply.starts_with("HTTP/1.1 431 "), "{reply:?} {read:?}");
    }
    assert_eq!(page(simulator.address).await.status, 200);
}

#[tokio::test]
async fn callers_that_do_not_read_shut_nobody_out() {
    let simulate = Cramped::start(&["--pods", "5000"]);
    let pages = request(&format!("{PODS}?{ALL}&limit=200")).repeat(50);
    let mut deaf = Vec::new();
    for _ in 0..300 {
        deaf.push(open_elsewhere(simulate.address, &pages).await);
    }
    // Those before it have asked for much that is to be made.
    let reply = page_within(Duration::from_secs(5), simulate.address).await;
    assert_eq!(reply.status, 200);
    drop(deaf);
}

#[tokio::test]
async fn memory_is_given_back_after_a_storm() {
    let simulate = Cramped::start(&["--pods", "5000"]);
    for _ in 0..20 {
        assert_eq!(page(simulate.address).await.status, 200);
    }
    let before = simulate.memory();
    let pages = request(&format!("{PODS}?{ALL}&limit=200")).repeat(50);
    for first_bytes in [HALF_A_REQUEST, &pages, &vec![b'x'; 300_000], &request(&search())] {
        for _ in 0..4 {
            let mut storm = JoinSet::new();
            for _ in 0..100 {
                let (address, bytes) = (simulate.address, first_bytes.to_vec());
                storm.spawn(async move {
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    let _ = timeout(Duration::from_secs(2), stream.write_all(&bytes)).await;
                });
            }
            storm.join_all().await;
        }
    }
    let mut after = simulate.memory();
    for _ in 0..100 {
        if after < before + 24 * 1024 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        after = simulate.memory();
    }
    panic!("{before} KiB before the storm, {after} KiB after it");
}

#[tokio::test]
async fn it_ends_within_two_seconds_whatever_the_callers_do() {
    let mut simulate = Cramped::start(&["--pods", "2000000", "--latency", "5s"]);
    let address = simulate.address;
    let callers = [
        open_many(20, address, HALF_A_REQUEST).await,
        open_many(20, address, &request(&search())).await,
        open_many(
            20,
            address,
            &request(&format!("{PODS}?{ALL}&limit=200")).repeat(100),
        )
        .await,
        open_many(20, address, b"").await,
    ];
    let (took, code) = simulate.terminate().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop(callers);
}

#[tokio::test]
async fn a_call_under_way_is_answered_before_the_end() {
    let mut simulate = Cramped::start(&["--latency", "300ms"]);
    let idle = open_many(5, simulate.address, HALF_A_REQUEST).await;
    let mut stream = open(simulate.address, &request(PODS)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (took, code) = simulate.terminate().await;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply:?}");
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(idle);
}
