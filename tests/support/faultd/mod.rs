//! A replacement of HSS that breaks HTTP on command, and serves pages like the real one in between.
//!
//! One thread for each connection, bytes as they are: what no HTTP library would send can be sent. It remembers what
//! it was asked, and when. Beside pods it issues tokens, as IAM does, and it can be spoken to as a proxy.

pub mod answers;
mod wire;

use std::collections::{HashMap, VecDeque};
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle, park_timeout};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::time::Instant;

use super::scripted::Step;
use answers::good_answer;
use wire::{ReadWrite, Wire};

/// The most bytes that a flood sends.
const FLOOD: usize = 1 << 30;

/// A request: when it came, and its head.
#[derive(Debug, Clone)]
pub struct Request {
    pub at: Instant,
    pub head: String,
}

impl Request {
    pub fn is_for_pods(&self) -> bool {
        self.head.contains("/kubernetes/pods")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A running stand-in; ends when dropped.
pub struct Faultd {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    play: Mutex<Play>,
    requests: (Mutex<Vec<Request>>, Condvar),
    live: Mutex<HashMap<u64, TcpStream>>,
}

#[derive(Default)]
pub struct Play {
    /// How many pods there are, and the number of the snapshot.
    pods: u32,
    snapshot: i64,
    /// What happens to requests with this text in their head.
    concerned: &'static str,
    steps: VecDeque<Step>,
    /// Whether the steps repeat forever, in turns.
    again: bool,
    /// How long a good answer is held back.
    held_back: Duration,
    tls: Option<Arc<ServerConfig>>,
    closed: bool,
    tokens: u32,
    /// Where tunnels lead, if it is a proxy.
    tunnel: Option<SocketAddr>,
}

impl Play {
    fn next(&mut self, head: &str) -> Option<Step> {
        if !head.contains(self.concerned) {
            return None;
        }
        let step = self.steps.pop_front()?;
        if self.again {
            self.steps.push_back(step.clone());
        }
        Some(step)
    }
}

impl Faultd {
    /// Serves this many pods.
    pub fn start(pods: u32) -> Self {
        Self::with_tls(pods, None)
    }

    /// The same as HTTPS.
    pub fn with_tls(pods: u32, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        {
            let mut play = shared.play.lock().unwrap();
            (play.pods, play.tls) = (pods, tls);
        }
        let listening = listen(listener, Arc::clone(&shared));
        Self {
            address,
            shared,
            listening: Mutex::new(Some(listening)),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn play(&self) -> MutexGuard<'_, Play> {
        self.shared.play.lock().unwrap()
    }

    /// From now on all calls for pods get these steps, in turns.
    pub fn break_with(&self, steps: impl IntoIterator<Item = Step>) {
        self.set("/kubernetes/pods", steps, true);
    }

    /// The next calls for pods meet these steps, one each; then all is well.
    pub fn break_once(&self, steps: impl IntoIterator<Item = Step>) {
        self.set("/kubernetes/pods", steps, false);
    }

    /// The next requests with `concerned` in their head meet these steps.
    pub fn break_where(&self, concerned: &'static str, steps: impl IntoIterator<Item = Step>) {
        self.set(concerned, steps, false);
    }

    /// All requests with `concerned` in their head meet this step.
    pub fn break_always_where(&self, concerned: &'static str, step: Step) {
        self.set(concerned, [step], true);
    }

    fn set(&self, concerned: &'static str, steps: impl IntoIterator<Item = Step>, again: bool) {
        let mut play = self.play();
        play.concerned = concerned;
        play.steps = steps.into_iter().collect();
        play.again = again;
    }

    /// All is well again, for what is asked from now on.
    pub fn mend(&self) {
        self.play().steps.clear();
    }

    /// This many pods, in a new snapshot.
    pub fn renew(&self, pods: u32) {
        let mut play = self.play();
        play.pods = pods;
        play.snapshot += 1;
    }

    /// Good answers are held back for so long.
    pub fn hold_back(&self, wait: Duration) {
        self.play().held_back = wait;
    }

    /// Is a proxy whose tunnels lead there.
    pub fn lead_to(&self, to: SocketAddr) {
        self.play().tunnel = Some(to);
    }

    /// Speaks TLS in this way from now on.
    pub fn identify(&self, tls: Arc<ServerConfig>) {
        self.play().tls = Some(tls);
        self.cut();
    }

    /// Nobody listens any more.
    pub fn stop(&self) {
        let listening = self.listening.lock().unwrap().take();
        if let Some(listening) = listening {
            self.play().closed = true;
            // The listening thread looks up.
            drop(TcpStream::connect(self.address));
            listening.join().unwrap();
        }
        self.cut();
    }

    /// Listens again, where it did before.
    pub fn start_again(&self) {
        let listener = TcpListener::bind(self.address).unwrap();
        self.play().closed = false;
        *self.listening.lock().unwrap() = Some(listen(listener, Arc::clone(&self.shared)));
    }

    /// Closes all connections.
    pub fn cut(&self) {
        for (_, stream) in self.shared.live.lock().unwrap().drain() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.0.lock().unwrap().clone()
    }

    /// Forgets what was asked.
    pub fn forget(&self) {
        self.shared.requests.0.lock().unwrap().clear();
    }

    /// The calls for pods since then.
    pub fn calls_since(&self, since: Instant) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| request.is_for_pods() && request.at >= since);
        requests
    }

    /// Waits for the next call for pods after `since`, at most so long.
    pub fn call_after(&self, since: Instant, patience: Duration) -> Option<Request> {
        let found = |requests: &Vec<Request>| {
            let next = requests.iter().find(|it| it.is_for_pods() && it.at >= since);
            next.cloned()
        };
        let (requests, news) = (&self.shared.requests.0, &self.shared.requests.1);
        let waited = news.wait_timeout_while(requests.lock().unwrap(), patience, |it| found(it).is_none());
        found(&waited.unwrap().0)
    }

    /// The most calls for pods in any 60 s.
    pub fn most_in_a_minute(&self) -> usize {
        let times: Vec<Instant> = self
            .requests()
            .iter()
            .filter(|it| it.is_for_pods())
            .map(|it| it.at)
            .collect();
        let within = |first: &Instant| {
            let window = times
                .iter()
                .filter(|at| *at >= first && **at - *first < Duration::from_mins(1));
            window.count()
        };
        times.iter().map(within).max().unwrap_or(0)
    }
}

impl Drop for Faultd {
    fn drop(&mut self) {
        self.play().steps.clear();
        self.stop();
    }
}

fn listen(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    thread::spawn(move || {
        for number in 0.. {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            if shared.play.lock().unwrap().closed {
                return;
            }
            let Ok(copy) = stream.try_clone() else { return };
            shared.live.lock().unwrap().insert(number, copy);
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let _ = serve(stream, number, &shared);
                shared.live.lock().unwrap().remove(&number);
            });
        }
    })
}

/// Serves one connection until it ends.
fn serve(stream: TcpStream, number: u64, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let tls = {
        let mut play = shared.play.lock().unwrap();
        if let Some(Step::Greeting(bytes)) = play.steps.front().cloned() {
            let _ = play.next("/kubernetes/pods");
            drop(play);
            (&stream).write_all(&bytes)?;
            // Closed only after the peer had its say, or the greeting is lost in a reset.
            let _ = std::io::Read::read(&mut &stream, &mut [0; 4096]);
            return Ok(());
        }
        play.tls.clone()
    };
    let mut wire = match tls {
        None => Wire::Plain(stream),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
            Wire::Tls(Box::new(StreamOwned::new(connection, stream)))
        }
    };
    loop {
        let head = wire.read_head().inspect_err(|_| wire.linger_if_tls())?;
        let step = shared.play.lock().unwrap().next(&head);
        let request = Request {
            at: Instant::now(),
            head: head.clone(),
        };
        shared.requests.0.lock().unwrap().push(request);
        shared.requests.1.notify_all();
        if let Some(Step::Reset(bytes)) = step {
            // Nobody else may hold the connection, or it is not closed.
            shared.live.lock().unwrap().remove(&number);
            return wire.stream().write_all(&bytes);
        }
        wire.read_rest(&head)?;
        let tunnel = shared
            .play
            .lock()
            .unwrap()
            .tunnel
            .filter(|_| head.starts_with("CONNECT "));
        if let (None, Some(to), Wire::Plain(stream)) = (&step, tunnel, &wire) {
            return lead(stream, to);
        }
        match step {
            None => {
                let (answer, wait) = {
                    let mut play = shared.play.lock().unwrap();
                    (good_answer(&mut play, &head), play.held_back)
                };
                if !wait.is_zero() {
                    park_timeout(wait);
                }
                wire.stream().write_all(&answer)?;
                wire.stream().flush()?;
            }
            Some(step) => return play_step(wire.stream(), step),
        }
    }
}

/// Leads a proxy's tunnel to its end.
fn lead(client: &TcpStream, to: SocketAddr) -> std::io::Result<()> {
    let server = TcpStream::connect(to)?;
    let mut out = client;
    out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = std::io::copy(&mut &server, &mut &*client);
            let _ = client.shutdown(Shutdown::Both);
        });
        let _ = std::io::copy(&mut &*client, &mut &server);
        let _ = server.shutdown(Shutdown::Both);
    });
    Ok(())
}

fn play_step(stream: &mut dyn ReadWrite, step: Step) -> std::io::Result<()> {
    match step {
        Step::Answer(bytes) | Step::Greeting(bytes) | Step::Reset(bytes) => {
            stream.write_all(&bytes)?;
            stream.flush()
        }
        Step::Drip(head, pause) => {
            stream.write_all(&head)?;
            loop {
                stream.write_all(b" ")?;
                stream.flush()?;
                park_timeout(pause);
            }
        }
        Step::Flood(head, bytes) => {
            stream.write_all(&head)?;
            for _ in 0..FLOOD / bytes.len() {
                stream.write_all(&bytes)?;
            }
            stream.flush()
        }
        // Until the peer has had enough.
        Step::Silence => stream.read(&mut [0; 1]).map(drop),
    }
}
