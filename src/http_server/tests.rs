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

    /// Stops the server; returns how long that takes.
    async fn end(mut self) -> Duration {
        let asked = Instant::now();
        self.stop.send(()).unwrap();
        self.tasks.join_next().await.unwrap().unwrap();
        asked.elapsed()
    }
}

/// Reads until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(SOON, stream.read_to_end(&mut bytes)).await;
    // A reset also counts as closed.
    let _ = read.expect("the server closes the connection");
    String::from_utf8(bytes).unwrap()
}

async fn hello(_: WholeRequest) -> HttpAnswer {
    Response::new(Bytes::from("hello").into())
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
async fn an_idle_connection_is_closed_after_the_time_limit() {
    let server = Running::start(short(), hello).await;
    let mut stream = server.open(REQUEST).await;
    assert!(rest(&mut stream).await.ends_with("hello"));
}

/// Readers that ask again and again, some of them with pauses, while others come, ask a few times and leave.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_is_closed_between_its_requests() {
    let requests = crate::long_tests::or_more(200, 20_000);
    let server = Running::start(ServerLimits::default(), async |_: WholeRequest| {
        Response::new(AnswerBody::from(vec![b'x'; 90_000]))
    })
    .await;
    let address = server.address;
    let mut readers = JoinSet::new();
    for reader in 0..8_u64 {
        readers.spawn(async move {
            let mut left = requests;
            while left > 0 {
                // Half of them stay, and half of them come and go.
                let of_this_connection = if reader < 4 { left } else { left.min(7) };
                let mut stream = TcpStream::connect(address).await.unwrap();
                let mut answer = vec![0; 128 << 10];
                for number in 0..of_this_connection {
                    stream.write_all(REQUEST).await.unwrap();
                    let mut length = 0;
                    loop {
                        let read = stream.read(&mut answer[length..]).await.unwrap();
                        assert!(read > 0, "closed before request {number} of reader {reader}");
                        length += read;
                        let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
                        if head.is_some_and(|head| length == head + 4 + 90_000) {
                            break;
                        }
                    }
                    if (number + reader).is_multiple_of(50) {
                        sleep(Duration::from_millis(reader)).await;
                    }
                }
                left -= of_this_connection;
            }
        });
    }
    readers.join_all().await;
    server.end().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_gets_a_408() {
    let server = Running::start(short(), hello).await;
    let mut stream = server
        .open(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_body_that_is_cut_gets_a_400() {
    let server = Running::start(ServerLimits::default(), hello).await;
    let mut stream = server
        .open(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn the_handler_refuses_a_body_that_is_too_long() {
    let limits = ServerLimits {
        longest_body: 4,
        ..ServerLimits::default()
    };
    let server = Running::start(limits, async |request: WholeRequest| {
        Response::new(AnswerBody::from(format!("{:?}", request.body).into_bytes()))
    })
    .await;
    for (body, expected) in [("1234", "Ok(b\"1234\")"), ("12345", "Err(BodyTooLong)")] {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length";
        let request = format!("{head}: {}\r\n\r\n{body}", body.len());
        let mut stream = server.open(request.as_bytes()).await;
        assert!(rest(&mut stream).await.ends_with(expected), "{body}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_ends_its_connection() {
    let server = Running::start(short(), async |_| {
        Response::new(AnswerBody::from(vec![b'x'; 32 << 20]))
    })
    .await;
    let mut stream = server.open(REQUEST).await;
    sleep(Duration::from_secs(2)).await;
    assert!(rest(&mut stream).await.len() < 32 << 20);
}

/// It takes longer than a caller may take for a byte, but no byte takes that long.
#[tokio::test]
async fn an_answer_that_is_read_slowly_arrives_completely() {
    let limits = ServerLimits {
        taken_within: Duration::from_secs(1),
        ..ServerLimits::default()
    };
    let server = Running::start(limits, async |_| {
        Response::new(AnswerBody::from(vec![b'x'; 16 << 20]))
    })
    .await;
    let mut stream = server.open(REQUEST).await;
    let mut room = vec![0; 64 * 1024];
    let mut read = 0;
    while read < 16 << 20 {
        let taken = stream.read(&mut room).await.unwrap();
        assert!(taken > 0, "cut after {read} bytes");
        read += taken;
        sleep(Duration::from_millis(5)).await;
    }
}

/// A handler that reports when it begins and when it is dropped, and never answers.
fn never(
    events: mpsc::Sender<&'static str>,
) -> impl Fn(WholeRequest) -> std::pin::Pin<Box<dyn Future<Output = HttpAnswer> + Send>> {
    struct Dropped(mpsc::Sender<&'static str>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.try_send("dropped").unwrap();
        }
    }
    move |mut request| {
        let events = events.clone();
        Box::pin(async move {
            let _dropped = Dropped(events.clone());
            events.try_send("begun").unwrap();
            request.attendance.half_closed().await;
            events.try_send("closed").unwrap();
            std::future::pending().await
        })
    }
}

async fn next(events: &mut mpsc::Receiver<&'static str>) -> &'static str {
    timeout(SOON, events.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_call_ends_with_its_connection() {
    let (sender, mut events) = mpsc::channel(8);
    let limits = ServerLimits {
        half_closed_for: Duration::from_millis(100),
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(sender)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut events).await, "begun");
    drop(stream);
    assert_eq!(next(&mut events).await, "closed");
    assert_eq!(next(&mut events).await, "dropped");
}

#[tokio::test]
async fn a_call_ends_at_once_with_a_connection_that_is_reset() {
    let (sender, mut events) = mpsc::channel(8);
    let server = Running::start(ServerLimits::default(), never(sender)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut events).await, "begun");
    stream.set_zero_linger().unwrap();
    drop(stream);
    assert_eq!(next(&mut events).await, "dropped");
}

#[tokio::test]
async fn a_caller_with_too_many_running_calls_gets_no_further_one() {
    let (sender, mut events) = mpsc::channel(8);
    let limits = ServerLimits {
        connections_per_caller: 2,
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(sender)).await;
    let streams = [server.open(REQUEST).await, server.open(REQUEST).await];
    assert_eq!(
        [next(&mut events).await, next(&mut events).await],
        ["begun", "begun"]
    );
    let mut third = server.open(b"").await;
    assert_eq!(rest(&mut third).await, "");
    drop(streams);
}

#[tokio::test]
async fn a_stop_waits_only_for_running_calls() {
    let (enter, mut entered) = mpsc::channel(1);
    let server = Running::start(ServerLimits::default(), move |_| {
        let enter = enter.clone();
        async move {
            enter.send(()).await.unwrap();
            sleep(Duration::from_millis(200)).await;
            Response::new(Bytes::from("hello").into())
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
async fn a_stop_waits_for_a_limited_time() {
    let (sender, mut events) = mpsc::channel(8);
    let limits = ServerLimits {
        stop_within: Duration::from_millis(200),
        ..ServerLimits::default()
    };
    let server = Running::start(limits, never(sender)).await;
    let stream = server.open(REQUEST).await;
    assert_eq!(next(&mut events).await, "begun");
    let took = server.end().await;
    assert!((200..1000).contains(&took.as_millis()), "{took:?}");
    assert_eq!(next(&mut events).await, "dropped");
    drop(stream);
}

#[test]
fn there_are_at_most_half_as_many_connections_as_file_descriptors() {
    let limits = ServerLimits {
        connections: usize::MAX,
        ..ServerLimits::default()
    };
    let files = getrlimit(Resource::Nofile).current.unwrap();
    let most = limits.within_file_limit().connections;
    assert_eq!(most as u64, files / 2);
}
