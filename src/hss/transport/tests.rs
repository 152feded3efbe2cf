use super::*;
use reqwest::Method;

/// A transport to a port where nothing listens: the discard port of this machine.
fn transport() -> Transport {
    let endpoint = Endpoint::parse("http://127.0.0.1:9", false).unwrap();
    Transport::to(endpoint, TransportContext::new(Clock::system()))
}

fn built_at(transport: &Transport) -> Option<Instant> {
    transport.http.lock().unwrap().as_ref().map(|it| it.built.0)
}

#[test]
fn connections_are_replaced_every_ten_minutes_by_either_clock() {
    let (transport, now, wall) = (transport(), Instant::now(), Timestamp::UNIX_EPOCH);
    let almost = Duration::from_secs(599);
    transport.client((now, wall)).unwrap();
    transport.client((now + almost, wall + almost)).unwrap();
    assert_eq!(built_at(&transport), Some(now));
    let later = now + CONNECTIONS_LIVE;
    transport.client((later, wall)).unwrap();
    assert_eq!(built_at(&transport), Some(later));
    let woken = later + Duration::from_secs(2);
    transport.client((woken, wall + 48 * CONNECTIONS_LIVE)).unwrap();
    assert_eq!(
        built_at(&transport),
        Some(woken),
        "the machine slept for eight hours"
    );
}

#[tokio::test]
async fn nothing_is_sent_once_it_is_too_late() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let transport = Transport::to(
        Endpoint::parse(&url, false).unwrap(),
        TransportContext::new(Clock::system()),
    );
    let request = Outgoing {
        method: Method::GET,
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Vec::new(),
        may_be_repeated: true,
    };
    let result = transport.send_by(SendBy::uptime(Duration::ZERO), request).await;
    assert!(matches!(result, Err(Error::Lapsed)));
    assert!(listener.accept().is_err(), "no connection was made");
}

#[tokio::test]
async fn the_deadline_is_checked_before_each_step() {
    let later = Instant::now() + Duration::from_hours(1);
    let never = SendBy::ANY;
    let steps = std::cell::Cell::new(0);
    let work = || async { steps.set(steps.get() + 1) };
    assert_eq!(in_time(Instant::now(), never, work()).await, None);
    assert_eq!(in_time(later, SendBy::uptime(Duration::ZERO), work()).await, None);
    assert_eq!(steps.get(), 0, "work that was ready did not start");
    assert_eq!(in_time(later, never, work()).await, Some(()));
    let halts = in_time(
        Instant::now() + Duration::from_millis(5),
        never,
        std::future::pending::<()>(),
    );
    assert_eq!(halts.await, None);
}

#[tokio::test]
async fn a_failure_ends_the_connections() {
    let transport = transport();
    let request = Outgoing {
        method: Method::GET,
        path: "/".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Vec::new(),
        may_be_repeated: true,
    };
    transport.client((Instant::now(), Timestamp::UNIX_EPOCH)).unwrap();
    assert!(transport.send(request).await.is_err());
    assert_eq!(built_at(&transport), None);
}
