//! A running `hss-top serve`, and an upstream of prepared pages whose snapshot moves when the bench says so.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Pods of a page.
pub const PODS: usize = 200;
/// How many lines of the service's log are told if it ends.
const LAST_LINES: usize = 20;
/// Whether the service is ended by the bench.
static IS_DONE: AtomicBool = AtomicBool::new(false);

/// HSS with prepared pages. Counts the calls; goes with the process.
pub struct Upstream {
    pub address: SocketAddr,
    pub calls: Arc<AtomicU64>,
    /// The number of the snapshot. In every other one, a pod of each page is pending.
    pub snapshot: Arc<AtomicU64>,
    /// The date of the first snapshot, in milliseconds.
    pub date: u64,
}

impl Upstream {
    /// Serves this many pages of the simulator; with `renews`, each walk to the last page brings the next
    /// snapshot.
    pub fn start(count: usize, renews: bool) -> Self {
        let (pages, date) = simulated(count);
        let (calls, snapshot) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (counted, dated) = (Arc::clone(&calls), Arc::clone(&snapshot));
        let address = serve(move |head| {
            counted.fetch_add(1, Ordering::Relaxed);
            let number = dated.load(Ordering::Relaxed);
            let page = offset(head) / PODS;
            if renews && page + 1 == count {
                dated.fetch_add(1, Ordering::Relaxed);
            }
            let page = pages.get(page.min(count)).unwrap();
            if number == 0 {
                return Arc::clone(page);
            }
            Arc::new(as_of(page, date, number))
        });
        Self {
            address,
            calls,
            snapshot,
            date,
        }
    }
}

/// The answers of the simulator, one more than there are pages, and the date in them.
fn simulated(count: usize) -> (Vec<Arc<Vec<u8>>>, u64) {
    let pods = (count * PODS).to_string();
    let mut child = program("simulate")
        .args(["--pods", &pods, "--serverless", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut line).unwrap();
    let address: SocketAddr = line.trim().rsplit('/').next().unwrap().parse().unwrap();
    let body = |page: usize| {
        let of_all = "enterprise_project_id=all_granted_eps&limit=200";
        let path = format!("/v5/p/kubernetes/pods?{of_all}&offset={}", page * PODS);
        let answer = get(address, &path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let bodies: Vec<String> = (0..=count).map(body).collect();
    let _ = child.kill();
    let _ = child.wait();
    let first = bodies
        .first()
        .unwrap()
        .split("\"last_update_time\":")
        .nth(1)
        .unwrap();
    let date = first.get(..13).unwrap().parse().unwrap();
    (bodies.iter().map(|body| Arc::new(answer(body))).collect(), date)
}

/// A whole answer with this body.
fn answer(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
    format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
}

fn program(command: &str) -> Command {
    let built = || env!("CARGO_BIN_EXE_hss-top").into();
    let mut program = Command::new(std::env::var_os("HSS_TOP").map_or_else(built, PathBuf::from));
    program.arg(command).env_clear();
    program.envs([
        ("HSS_TOP_TOKEN", "bench-token"),
        ("HSS_TOP_METADATA_ENDPOINT", "off"),
    ]);
    program
}

/// The answer to a request of its own connection.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: bench-token\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The offset that a request names.
fn offset(head: &str) -> usize {
    let number = head.split("offset=").nth(1).unwrap_or("0");
    let end = number.find(|character: char| !character.is_ascii_digit());
    number
        .get(..end.unwrap_or(number.len()))
        .unwrap()
        .parse()
        .unwrap()
}

/// The page in this snapshot.
fn as_of(page: &[u8], date: u64, snapshot: u64) -> Vec<u8> {
    let mut page = page.to_vec();
    let find = |page: &[u8], what: &[u8]| page.windows(what.len()).position(|bytes| bytes == what);
    let (old, new) = (date.to_string(), (date + snapshot * 1000).to_string());
    if let Some(at) = find(&page, old.as_bytes()) {
        page.get_mut(at..at + old.len())
            .unwrap()
            .copy_from_slice(new.as_bytes());
    }
    // Both words have the same length.
    if snapshot % 2 == 1
        && let Some(at) = find(&page, b"Running")
    {
        page.get_mut(at..at + 7).unwrap().copy_from_slice(b"Pending");
    }
    page
}

/// Answers every request from a thread of its connection; returns the address.
fn serve(answer: impl Fn(&str) -> Arc<Vec<u8>> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || answer_all(stream, &*answer));
        }
    });
    address
}

/// Answers the requests of a connection until the other side closes it.
fn answer_all(mut stream: TcpStream, answer: &(dyn Fn(&str) -> Arc<Vec<u8>> + Send + Sync)) {
    stream.set_nodelay(true).unwrap();
    let mut head = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        head.extend_from_slice(bytes.get(..count).unwrap());
        if head.ends_with(b"\r\n\r\n") {
            if stream
                .write_all(&answer(std::str::from_utf8(&head).unwrap()))
                .is_err()
            {
                return;
            }
            head.clear();
        }
    }
}

/// A server that sends the same body to every request.
pub fn prepared(body: &str) -> SocketAddr {
    let answer = Arc::new(answer(body));
    serve(move |_| Arc::clone(&answer))
}

/// The service, as a process; killed when dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
}

impl Service {
    /// Starts it on this upstream, and waits until it has all pods.
    pub fn start(upstream: SocketAddr, flags: &[&str]) -> Self {
        let mut child = program("serve")
            .args(["--listen", "127.0.0.1:0", "--project-id", "p", "--no-state"])
            .args([
                "--calls-per-minute",
                "1000000",
                "--endpoint",
                &format!("http://{upstream}"),
            ])
            .args(flags)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on http://") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended");
        }
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        // Whoever does not read its log would stop it. If a reader is told that its connection is closed, this says whether the
        // service itself has ended, and what it said last.
        thread::spawn(move || {
            let mut last: VecDeque<String> = VecDeque::new();
            for line in lines.lines().map_while(Result::ok) {
                last.truncate(LAST_LINES - 1);
                last.push_front(line);
            }
            if !IS_DONE.load(Ordering::Relaxed) {
                println!("the service has ended; its last lines, the newest first: {last:#?}");
            }
        });
        let service = Self { child, address };
        while !service.get("/readyz").starts_with("HTTP/1.1 200") {
            thread::sleep(Duration::from_millis(50));
        }
        service
    }

    /// The answer to a request of its own connection.
    pub fn get(&self, path: &str) -> String {
        get(self.address, path)
    }

    /// The processor time that its own code took, and the kernel for it.
    pub fn processor_time(&self) -> [Duration; 2] {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        // Linux counts in hundredths of a second.
        [11, 12].map(|at| Duration::from_millis(10 * fields.get(at).unwrap().parse::<u64>().unwrap()))
    }

    /// Its resident memory now and at most, in MiB.
    pub fn memory(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
            kib / 1024.0
        };
        (mib("VmRSS"), mib("VmHWM"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        IS_DONE.store(true, Ordering::Relaxed);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
