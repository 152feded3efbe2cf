use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const SOON: Duration = Duration::from_secs(5);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    tasks: JoinSet<()>,
}

impl Running {
    async fn start<F>(
        limits: ServerLimits,
        handler: impl Fn(WholeRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = HttpAnswer> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, asked) = oneshot::channel::<()>();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, limits, handler, async { drop(asked.await) }));
        Self { address, stop, tasks }
    }

    async fn open(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// How long the server takes to end.
    async fn end(mut self) -> Duration {
        let asked = Instant::now();
        self.stop.send(()).unwrap();
        self.tasks.join_next().await.unwrap().unwrap();
        asked.elapsed()
    }
}

/// All that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(SOON, stream.read_to_end(&mut bytes)).await;
    // A reset is an end too.
    let _ = read.expect("the server closes the connection");
    String::from_utf8(bytes).unwrap()
}

async fn hello(_: WholeRequest) -> HttpAnswer {
    Response::new(Full::from("hello"))
}

fn short() -> ServerLimits {
    ServerLimits {
        head_within: Duration::from_millis(100),
        body_within: Duration::from_millis(100),
        taken_within: Duration::from_millis(100),
        ..ServerLimits::default()
    }
}

#[tokio::test]
async fn a_request_that_does_not_arrive_ends_its_connection() {
    let server = Running::start(short(), hello).await;
    for bytes in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nHost: h\r\n"] {
        let mut stream = server.open(bytes).await;
        assert!(!rest(&mut stream).await.contains("200"));
    }
}

#[tokio::test]
async fn a_kept_connection_ends_when_nothing_more_is_asked() {
    let server = Running::start(short(), hello).await;
    let mut stream = server.open(REQUEST).await;
    assert!(rest(&mut stream).await.ends_with("hello"));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_told_to_be_late() {
    let server = Running::start(short(), hello).await;
    let mut stream = server
        .open(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_body_that_is_cut_is_told_to_be_bad() {
    let server = Running::start(ServerLimits::default(), hello).await;
    let mut stream = server
        .open(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_for_the_handler_to_refuse() {
    let limits = ServerLimits {
        longest_body: 4,
        ..ServerLimits::default()
    };
    let server = Running::start(limits, async |request: WholeRequest| {
        Response::new(Full::from(format!("{:?}", request.body)))
    })
    .await;
    for (body, told) in [("1234", "Ok(b\"1234\")"), ("12345", "Err(BodyTooLong)")] {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length";
        let request = format!("{head}: {}\r\n\r\n{body}", body.len());
        let mut stream = server.open(request.as_bytes()).await;
        assert!(rest(&mut stream).await.ends_with(told), "{body}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_ends_its_connection() {
    let server = Running::start(short(), async |_| Response::new(Full::from(vec![b'x'; 32 << 20]))).await;
    let mut stream = server.open(REQUEST).await;
    sleep(Duration::from_millis(300)).await;
    assert!(rest(&mut stream).await.len() < 32 << 20);
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_arrives_whole() {
    let server = Running::start(short(), async |_| Response::new(Full::from(vec![b'x'; 16 << 20]))).await;
    let mut stream = server.open(REQUEST).await;
    let mut room = vec![0; 256 * 1024];
    let mut read = 0;
    while read < 16 << 20 {
        read += stream.read(&mut room).await.unwrap();
        sleep(Duration::from_millis(2)).await;
    }
}

/// Tells when it begins and when it is dropped; never answers.
fn never(
    told: mpsc::Sender<&'static str>,
) -> impl Fn(WholeRequest) -> std::pin::Pin<Box<dyn Future<Output = HttpAnswer> + Send>> {
    struct Dropped(mpsc::Sender<&'static str>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.try_send("dropped").unwrap();
        }
    }
    move |mut request| {
        let told = told.clone();
        Box::pin(async move {
            let _dropped = Dropped(told.clone());
            told.try_send("begun").unwrap();
            request.attendance.half_closed().await;
            told.try_send("closed").unwrap();
            std::future::pending().await
        })
    }
}

async fn next(told: &mut mpsc::Receiver<&'static str>) -> &'static str {
    timeout(SOON, told.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_call_ends_with_its_connection() {
    let (tell, mut told) = mpsc::channel(8);
    let limits = ServerLimits {
        half_closed_for: Duration::from_millis(100),
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(tell)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut told).await, "begun");
    drop(stream);
    assert_eq!(next(&mut told).await, "closed");
    assert_eq!(next(&mut told).await, "dropped");
}

#[tokio::test]
async fn a_call_ends_at_once_with_a_connection_that_is_reset() {
    let (tell, mut told) = mpsc::channel(8);
    let server = Running::start(ServerLimits::default(), never(tell)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut told).await, "begun");
    stream.set_zero_linger().unwrap();
    drop(stream);
    assert_eq!(next(&mut told).await, "dropped");
}

#[tokio::test]
async fn a_caller_with_too_many_calls_under_way_gets_no_further_one() {
    let (tell, mut told) = mpsc::channel(8);
    let limits = ServerLimits {
        connections_per_caller: 2,
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(tell)).await;
    let streams = [server.open(REQUEST).await, server.open(REQUEST).await];
    assert_eq!([next(&mut told).await, next(&mut told).await], ["begun", "begun"]);
    let mut third = server.open(b"").await;
    assert_eq!(rest(&mut third).await, "");
    drop(streams);
}

#[tokio::test]
async fn a_stop_waits_for_calls_under_way_and_for_nothing_else() {
    let (enter, mut entered) = mpsc::channel(1);
    let server = Running::start(ServerLimits::default(), move |_| {
        let enter = enter.clone();
        async move {
            enter.send(()).await.unwrap();
            sleep(Duration::from_millis(200)).await;
            Response::new(Full::from("hello"))
        }
    })
    .await;
    let half = server.open(b"GET / HT").await;
    let mut called = server.open(REQUEST).await;
    entered.recv().await.unwrap();
    let took = server.end().await;
    assert!(took < Duration::from_millis(800), "{took:?}");
    assert!(rest(&mut called).await.ends_with("hello"));
    drop(half);
}

#[tokio::test]
async fn a_stop_waits_for_a_time_only() {
    let (tell, mut told) = mpsc::channel(8);
    let limits = ServerLimits {
        stop_within: Duration::from_millis(200),
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(tell)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut told).await, "begun");
    let took = server.end().await;
    assert!((200..1000).contains(&took.as_millis()), "{took:?}");
    assert_eq!(next(&mut told).await, "dropped");
    drop(stream);
}

#[test]
fn there_are_no_more_connections_than_half_the_files() {
    let limits = ServerLimits {
        connections: usize::MAX,
        ..ServerLimits::default()
    };
    let files = getrlimit(Resource::Nofile).current.unwrap();
    let most = limits.within_file_limit().connections;
    assert_eq!(most as u64, files / 2);
}
