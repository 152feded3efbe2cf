//! Rounds to a server that takes all of them.

use std::io::{Read as _, Write as _};
use std::sync::mpsc;

use super::*;
use crate::alerts::{AlertFinding, AlertSeverity};
use crate::clock::Clock;
use crate::hss::Endpoint;
use crate::sinks::body::AlertOrigin;
use crate::sinks::{AlertmanagerSetup, ServerSetup};

fn hour(hour: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + 3600 * hour).unwrap()
}

/// A server, and the bodies that it got.
fn server() -> (String, mpsc::Receiver<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (got, bodies) = mpsc::sync_channel(8);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            // The body is a list.
            while !request.ends_with(b"]") {
                let read = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            let text = String::from_utf8(request).unwrap();
            let body = text.split_once("\r\n\r\n").unwrap().1.to_owned();
            got.send(body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer).unwrap();
        }
    });
    (url, bodies)
}

fn rounds(url: &str, ended: Vec<EndedAlert>) -> Rounds {
    let setup = AlertmanagerSetup {
        server: ServerSetup {
            endpoint: Endpoint::parse(url, true).unwrap(),
            ca_file: None,
            secret: None,
            stated_at: "F line 1: alertmanager.url".to_owned(),
        },
        has_pod_label: true,
        link: None,
    };
    let target = Alertmanager::of(&setup, AlertOrigin::default(), &Clock::fixed(hour(0)));
    Rounds::new(target, ended)
}

fn told(ended: Option<i64>) -> ToldAlert {
    ToldAlert {
        rule: "risk".to_owned(),
        finding: AlertFinding::Risk,
        severity: AlertSeverity::Critical,
        pod: "id/a".to_owned(),
        name: "a".to_owned(),
        namespace: "pay".to_owned(),
        cluster: "c".to_owned(),
        words: "clean → risk".to_owned(),
        change: None,
        began: hour(-1),
        seen: hour(0),
        ended: ended.map(hour),
    }
}

/// A round at this hour, with what the server got.
async fn round(
    rounds: &mut Rounds,
    bodies: &mpsc::Receiver<String>,
    at: i64,
    told: Vec<ToldAlert>,
) -> String {
    rounds.next_at = Some(Instant::now());
    rounds.set_out(|| told, hour(at));
    let result = tokio::time::timeout(Duration::from_secs(20), rounds.next())
        .await
        .unwrap();
    assert_eq!(result, RoundResult::Taken(Vec::new()));
    rounds.settle(result, hour(at));
    bodies.recv().unwrap()
}

#[tokio::test]
async fn the_end_of_an_alert_is_sent_until_it_fires_anew_also_by_the_next_run() {
    let (url, bodies) = server();
    let mut first = rounds(&url, Vec::new());
    round(&mut first, &bodies, 1, vec![told(None)]).await;
    let over = round(&mut first, &bodies, 2, vec![told(Some(2))]).await;
    // The engine no longer has it. A silence that began before the end may be over now.
    assert_eq!(round(&mut first, &bodies, 10, Vec::new()).await, over);
    let mut next = rounds(&url, first.ended());
    assert_eq!(round(&mut next, &bodies, 11, Vec::new()).await, over);
    let anew = ToldAlert {
        seen: hour(12),
        ..told(None)
    };
    let fires = round(&mut next, &bodies, 12, vec![anew]).await;
    let fires: serde_json::Value = serde_json::from_str(&fires).unwrap();
    assert_eq!(
        fires.as_array().map(Vec::len),
        Some(1),
        "its end is not sent beside it"
    );
    assert!(next.ended().is_empty());
}
