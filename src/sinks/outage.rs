//! A webhook that is down for a day, or fails at times for a month, and gets everything in the end:
//! through HTTP, with the time simulated.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use ring::hmac;
use tempfile::TempDir;
use tokio::time::Instant;

use super::body::{self, AlertOrigin};
use super::couriers::{Couriers, SinkTarget};
use super::http::SinkSecret;
use super::pending::{MOST_BYTES, PendingNotice, PendingQueue};
use super::receipt::{AlertReceipt, ReceiptResult};
use super::servers::ServerSetup;
use super::stated_file::StatedFile;
use crate::alerts::tests::month::{self, Happening, World};
use crate::alerts::{AlertCondition, AlertNotice, AlertRule, AlertWay, NoticeKind};
use crate::clock::Clock;
use crate::hss::Endpoint;

const KEY: &str = "a key of this test";
const PLACE: &str = "F line 3: webhook.url";

/// A signature, and the body that it is of.
type SignedBody = (String, Vec<u8>);

/// A server of HTTP, and what it got.
struct Hook {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<SignedBody>>>,
    /// What it took.
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Hook {
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hook = Self {
            address: listener.local_addr().unwrap(),
            status: Arc::new(AtomicU16::new(status)),
            got: Arc::default(),
            taken: Arc::default(),
        };
        let (status, got) = (Arc::clone(&hook.status), Arc::clone(&hook.got));
        let taken = Arc::clone(&hook.taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (status, got, taken) = (Arc::clone(&status), Arc::clone(&got), Arc::clone(&taken));
                std::thread::spawn(move || converse(stream, &status, &got, &taken));
            }
        });
        hook
    }

    fn requests(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// The courier of this server, in a folder with its key.
    fn courier(&self) -> (Couriers, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, KEY).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let endpoint = Endpoint::parse(&format!("http://{}", self.address), true).unwrap();
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let key = StatedFile {
            path: key,
            stated_at: "F line 4: webhook.secret_file".to_owned(),
        };
        let setup = ServerSetup {
            endpoint,
            ca_file: None,
            secret: Some(SinkSecret::SigningKey(key)),
            stated_at: PLACE.to_owned(),
        };
        let sink = setup.sink(&clock);
        let mut couriers = Couriers::default();
        let target = SinkTarget::Webhook(Arc::new(sink));
        couriers.add("x".to_owned(), AlertWay::Webhook, target);
        (couriers, folder)
    }
}

fn converse(
    stream: TcpStream,
    status: &AtomicU16,
    got: &Mutex<Vec<SignedBody>>,
    taken: &Mutex<Vec<Vec<u8>>>,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut signature) = (0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("x-hss-top-signature-256", value)) => value.clone_into(&mut signature),
                _ if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let status = status.load(Ordering::Relaxed);
        if status == 200 {
            taken.lock().unwrap().push(body.clone());
        }
        got.lock().unwrap().push((signature, body));
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn is_signed(signature: &str, body: &[u8]) -> bool {
    let digits = signature.strip_prefix("sha256=").unwrap();
    let pairs = digits.as_bytes().chunks(2);
    let pairs = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    let tag: Vec<u8> = pairs.collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    hmac::verify(&key, body, &tag).is_ok()
}

/// Gives a notice of one alert, and of those that gave way.
fn give(couriers: &mut Couriers, number: usize) {
    let count = 1 + couriers.take_summed_up("x");
    let receipt = AlertReceipt {
        at: Timestamp::UNIX_EPOCH,
        rule: "risk".to_owned(),
        kind: NoticeKind::Firing,
        way: AlertWay::Webhook,
        count,
        text: "1 new risk: settle-1".to_owned(),
        result: ReceiptResult::Waits,
        why: None,
    };
    let body = format!("{{\"number\":{number},\"filler\":\"{}\"}}", "x".repeat(600));
    couriers.give("x", PendingNotice { body, receipt });
}

#[tokio::test]
async fn a_webhook_that_fails_for_a_day_costs_a_bounded_queue_and_gets_the_rest_as_a_number() {
    const MINUTES: usize = 24 * 60;
    let hook = Hook::start(500);
    let (mut couriers, _folder) = hook.courier();
    let begun = Instant::now();
    let mut now = begun;
    for minute in 0..MINUTES {
        now = begun + Duration::from_secs(60 * minute as u64);
        give(&mut couriers, minute);
        if couriers.next_due().is_none_or(|at| at <= now) {
            couriers.set_out(now);
            let delivery = couriers.next().await;
            assert!(couriers.settle(&delivery, now).is_none(), "it is kept");
        }
        assert!(couriers.pending()["x"].bytes() <= MOST_BYTES);
    }
    // Each five minutes, with the first pauses.
    assert!((280..320).contains(&hook.requests()), "{}", hook.requests());
    let place = hook.address;
    let [trouble] = couriers.troubles().try_into().unwrap();
    assert_eq!(
        trouble.why,
        format!("{PLACE}: {place} answered 500 Internal Server Error")
    );
    assert!(trouble.waiting > 500, "{}", trouble.waiting);

    hook.status.store(200, Ordering::Relaxed);
    hook.got.lock().unwrap().clear();
    let (mut told, mut deliveries) = (0, 0);
    while !couriers.pending().is_empty() {
        now += Duration::from_mins(5);
        couriers.set_out(now);
        let delivery = couriers.next().await;
        told += couriers.settle(&delivery, now).unwrap().receipt.count;
        deliveries += 1;
    }
    assert_eq!(told + couriers.take_summed_up("x"), MINUTES, "none is lost");
    assert!((400..MINUTES).contains(&deliveries), "{deliveries}");
    assert_eq!(couriers.troubles(), []);
    let got = hook.got.lock().unwrap();
    assert!(got.iter().all(|(signature, body)| is_signed(signature, body)));
    let last: serde_json::Value = serde_json::from_slice(&got.last().unwrap().1).unwrap();
    assert_eq!(last["number"], MINUTES - 1, "in order");
}

#[tokio::test]
async fn a_wrong_url_is_told_with_its_line_and_keeps_what_waits_and_a_bad_body_does_not() {
    let hook = Hook::start(404);
    let (mut couriers, _folder) = hook.courier();
    give(&mut couriers, 0);
    give(&mut couriers, 1);
    let now = Instant::now();
    couriers.set_out(now);
    let delivery = couriers.next().await;
    assert!(couriers.settle(&delivery, now).is_none());
    let place = hook.address;
    assert_eq!(
        couriers.troubles()[0].why,
        format!("{PLACE}: {place} answered 404 Not Found; check the URL")
    );
    hook.status.store(422, Ordering::Relaxed);
    couriers.set_out(couriers.next_due().unwrap());
    let delivery = couriers.next().await;
    assert!(
        couriers.settle(&delivery, now).is_some(),
        "it will never be taken"
    );
    assert_eq!(couriers.pending()["x"].len(), 1);
}

/// Gives a notice of the engine, and what gave way.
fn give_notice(couriers: &mut Couriers, notice: &AlertNotice) {
    let mut notice = notice.clone();
    notice.more += couriers.take_summed_up("x");
    let body = body::json(&notice, &AlertOrigin::default());
    let receipt = AlertReceipt::of(&notice, AlertWay::Webhook, ReceiptResult::Waits, notice.at);
    couriers.give("x", PendingNotice { body, receipt });
}

/// Delivers what is due at `now`, as far as the server takes it.
async fn deliver(couriers: &mut Couriers, now: Instant) {
    while !couriers.pending().is_empty() && couriers.next_due().is_none_or(|at| at <= now) {
        couriers.set_out(now);
        let delivery = couriers.next().await;
        couriers.settle(&delivery, now);
    }
}

#[tokio::test]
async fn in_a_month_of_faults_restarts_and_clock_jumps_a_server_that_fails_at_times_gets_each_alert_once() {
    let hook = Hook::start(200);
    let (mut couriers, _folder) = hook.courier();
    let mut folders = Vec::new();
    let rule = AlertRule {
        via: vec![AlertWay::Webhook],
        ..AlertRule::new("r", AlertCondition::Risk)
    };
    let mut world = World::new(rule);
    let begun = Instant::now();
    let at = |world: &World| begun + Duration::from_secs(60 * u64::try_from(world.minute).unwrap());
    let mut draw = month::numbers(11);
    while world.minute < month::MONTH {
        let happening = month::next(&mut draw);
        let is_restart = matches!(happening, Happening::Restart | Happening::Crash(_));
        world.happen(happening);
        for notice in std::mem::take(&mut world.notices) {
            give_notice(&mut couriers, &notice);
        }
        if is_restart {
            let stored = serde_json::to_string(&couriers.pending()).unwrap();
            let stored: BTreeMap<String, PendingQueue> = serde_json::from_str(&stored).unwrap();
            let (fresh, folder) = hook.courier();
            couriers = fresh;
            folders.push(folder);
            for (name, queue) in stored {
                couriers.restore(&name, queue);
            }
        }
        let status = if draw(3) == 0 { 200 } else { 503 };
        hook.status.store(status, Ordering::Relaxed);
        deliver(&mut couriers, at(&world)).await;
    }
    world.settle();
    world.check();
    for notice in std::mem::take(&mut world.notices) {
        give_notice(&mut couriers, &notice);
    }
    hook.status.store(200, Ordering::Relaxed);
    deliver(&mut couriers, at(&world) + Duration::from_hours(1)).await;
    let mut told: HashMap<String, usize> = HashMap::new();
    for body in hook.taken.lock().unwrap().iter() {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap();
        let alerts = body["alerts"].as_array().unwrap();
        assert_eq!(body["count"], alerts.len(), "none had to give way");
        for alert in alerts.iter().filter(|_| body["kind"] != "resolved") {
            *told
                .entry(alert["change_id"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    assert_eq!(told.len(), world.begun, "each is delivered");
}
