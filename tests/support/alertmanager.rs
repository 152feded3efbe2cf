//! Alertmanager's `POST /api/v2/alerts`: a look-alike for every run, and Debian's own for those who install it.
//!
//! Both have to pass the same table of cases ([`CASES`] of the suite): of a batch with a bad alert the good ones are kept and the
//! answer is 400; an older start is kept; annotations are replaced whole. The look-alike also holds the client to what it
//! promises: both times, nothing empty, one request a round.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use hss_top::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// An alert as it is known there.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub labels: BTreeMap<String, String>,
    pub annotations: Value,
    pub starts: Timestamp,
    pub ends: Timestamp,
}

#[derive(Debug, Default)]
pub struct Received {
    pub known: BTreeMap<String, Known>,
    /// What its receiver is told with an empty `group_wait`: each alert that fires and did not, and each that did and is over.
    /// Other annotations are told to nobody.
    pub told: Vec<String>,
    /// The status of each request, and how many alerts it had.
    pub requests: Vec<(u16, usize)>,
    pub authorizations: Vec<Option<String>>,
    /// Answers for the next requests that are not its own.
    pub scripted: Vec<u16>,
    /// How many seconds its clock is ahead of this machine's; without a number its answers have no date.
    pub ahead: Option<i64>,
    /// A value of a label that is refused.
    pub poison: Option<String>,
}

impl Received {
    fn tell(&mut self, alert: &Known) {
        let is_firing = |alert: &Known| alert.ends > alert.starts;
        let before = self.known.get(&format!("{:?}", alert.labels));
        let name = alert.labels.get("pod").or_else(|| alert.labels.get("alertname"));
        let name = name.map_or("", String::as_str);
        match (before.is_some_and(is_firing), is_firing(alert)) {
            (false, true) => self.told.push(format!("firing {name}")),
            (true, false) => self.told.push(format!("resolved {name}")),
            _ => {}
        }
    }
}

/// A running look-alike; it ends with the process.
pub struct LookAlike {
    pub address: SocketAddr,
    pub received: Arc<Mutex<Received>>,
}

impl LookAlike {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Received::default()));
        let of_thread = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let received = Arc::clone(&of_thread);
                std::thread::spawn(move || converse(stream, &received));
            }
        });
        Self { address, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn converse(stream: TcpStream, received: &Mutex<Received>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length, mut kind, mut authorization) = (String::new(), 0, String::new(), None);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "content-type" => value.clone_into(&mut kind),
                "authorization" => authorization = Some(value.to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut received = received.lock().unwrap();
        received.authorizations.push(authorization);
        let (status, said, count) = answer(&first, &kind, &body, &mut received);
        received.requests.push((status, count));
        let date = received.ahead.map_or_else(String::new, |ahead| {
            let date = Clock::system().now() + SignedDuration::from_secs(ahead);
            format!("Date: {}\r\n", date.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        });
        drop(received);
        let answer = format!(
            "HTTP/1.1 {status} X\r\n{date}Content-Length: {}\r\n\r\n{said}",
            said.len()
        );
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(first: &str, kind: &str, body: &[u8], received: &mut Received) -> (u16, String, usize) {
    if !received.scripted.is_empty() {
        return (received.scripted.remove(0), "\"scripted\"\n".to_owned(), 0);
    }
    if !first.starts_with("POST /api/v2/alerts ") {
        return (404, String::new(), 0);
    }
    if kind != "application/json" {
        return (
            415,
            r#"{"code":415,"message":"unsupported media type"}"#.to_owned(),
            0,
        );
    }
    let Ok(Value::Array(alerts)) = serde_json::from_slice(body) else {
        return (
            400,
            r#"{"code":400,"message":"parsing alerts body failed"}"#.to_owned(),
            0,
        );
    };
    // What cannot be read as a whole is not kept in part.
    let labels = alerts.iter().filter_map(|alert| alert["labels"].as_object());
    if labels
        .flat_map(serde_json::Map::values)
        .any(|value| !value.is_string())
    {
        let why = r#"{"code":400,"message":"parsing alerts body failed: cannot unmarshal number"}"#;
        return (400, why.to_owned(), alerts.len());
    }
    if let Some(why) = alerts.iter().find_map(misshapen) {
        return (422, format!(r#"{{"code":602,"message":"{why}"}}"#), alerts.len());
    }
    let mut worst = (200, String::new());
    for alert in &alerts {
        match read(alert, received.poison.as_deref()) {
            Ok(alert) => {
                received.tell(&alert);
                let identity = format!("{:?}", alert.labels);
                let known = received.known.entry(identity).or_insert_with(|| alert.clone());
                // Where both overlap, the older start is kept.
                let starts = if known.ends >= alert.starts {
                    known.starts.min(alert.starts)
                } else {
                    alert.starts
                };
                *known = Known { starts, ..alert };
            }
            Err((status, why)) => worst = (status, format!("\"{why}\"\n")),
        }
    }
    (worst.0, worst.1, alerts.len())
}

fn read(alert: &Value, poison: Option<&str>) -> Result<Known, (u16, String)> {
    let bad = |why: &str| (400, why.to_owned());
    let labels = alert
        .get("labels")
        .and_then(Value::as_object)
        .ok_or_else(|| bad("labels"))?;
    let named = |name: &str| {
        let mut letters = name.chars();
        letters
            .next()
            .is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
            && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
    };
    let mut read = BTreeMap::new();
    for (name, value) in labels {
        let value = value.as_str().ok_or_else(|| bad("cannot unmarshal number"))?;
        if !named(name) {
            return Err(bad("invalid name"));
        }
        assert!(!value.is_empty(), "an empty label changes the identity");
        if Some(value) == poison {
            return Err(bad("poisoned"));
        }
        read.insert(name.clone(), value.to_owned());
    }
    if read.is_empty() {
        return Err(bad("at least one label pair required"));
    }
    let annotations = alert.get("annotations").cloned().unwrap_or_default();
    if annotations
        .as_object()
        .is_some_and(|all| !all.keys().all(|name| named(name)))
    {
        return Err(bad("invalid name"));
    }
    let time = |name: &str| {
        let text = alert.get(name).and_then(Value::as_str);
        assert!(
            text.is_some_and(|text| text.ends_with('Z')),
            "{name} is always sent, in UTC: {alert}"
        );
        text.and_then(|text| text.parse::<Timestamp>().ok())
            .ok_or_else(|| bad("parsing time"))
    };
    let (starts, ends) = (time("startsAt")?, time("endsAt")?);
    if ends < starts {
        return Err(bad("start time must be before end time"));
    }
    Ok(Known {
        labels: read,
        annotations,
        starts,
        ends,
    })
}

/// What the description of the API does not allow in an alert.
fn misshapen(alert: &Value) -> Option<&'static str> {
    if alert.get("labels").is_none() {
        return Some("labels in body is required");
    }
    let link = alert.get("generatorURL").and_then(Value::as_str).unwrap_or("");
    let is_uri = link.is_empty() || link.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty());
    (!is_uri).then_some("generatorURL in body must be of type uri")
}

/// Sends a request, and returns status and body.
pub fn ask(address: SocketAddr, method: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (mut status, mut length) = (String::new(), None);
    reader.read_line(&mut status).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = Some(value.parse().unwrap());
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut said = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut said).unwrap();
    if length.is_none() {
        reader.read_to_end(&mut said).unwrap();
    }
    let status = status.split(' ').nth(1).unwrap().parse().unwrap();
    (status, String::from_utf8(said).unwrap())
}

/// Debian's Alertmanager with a webhook receiver; it ends when dropped.
pub struct RealAlertmanager {
    pub address: SocketAddr,
    child: Child,
    root: PathBuf,
    data: String,
}

impl RealAlertmanager {
    /// Starts it with its data in a folder of this name; it tells `receiver`, one message for each alert.
    pub fn start(name: &str, receiver: SocketAddr) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alertmanager");
        let install = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/install-alertmanager.sh");
        let install = Command::new(install).arg(&root).status().unwrap();
        assert!(install.success(), "Alertmanager cannot be unpacked");
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let data = format!("tmp/{name}-{}", std::process::id());
        fs::create_dir_all(root.join(&data)).unwrap();
        let config = format!(
            "route: {{receiver: hook, group_by: ['...'], group_wait: 1s, group_interval: 1s}}\n\
             receivers: [{{name: hook, webhook_configs: [{{url: 'http://{receiver}/'}}]}}]\n"
        );
        fs::write(root.join(format!("{data}/am.yml")), config).unwrap();
        let child = Command::new("unshare")
            .args(["-r", "chroot"])
            .arg(&root)
            .arg("/usr/bin/prometheus-alertmanager")
            .arg(format!("--config.file=/{data}/am.yml"))
            .arg(format!("--storage.path=/{data}/data"))
            .arg("--cluster.listen-address=")
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            address,
            child,
            root,
            data,
        }
    }

    /// Whether it takes requests.
    pub fn is_ready(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
            && ask(self.address, "GET", "/-/ready", "text/plain", "").0 == 200
    }

    /// What it knows: active alerts.
    pub fn known(&self) -> Vec<Value> {
        let (status, body) = ask(self.address, "GET", "/api/v2/alerts", "text/plain", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

impl Drop for RealAlertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(self.root.join(&self.data));
    }
}

/// A receiver of webhooks: the alerts of all messages, in order.
pub struct Receiver {
    pub address: SocketAddr,
    pub alerts: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let alerts = Arc::new(Mutex::new(Vec::new()));
        let of_thread = Arc::clone(&alerts);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let alerts = Arc::clone(&of_thread);
                std::thread::spawn(move || receive(stream, &alerts));
            }
        });
        Self { address, alerts }
    }
}

fn receive(stream: TcpStream, alerts: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap();
                }
                _ if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let message: Value = serde_json::from_slice(&body).unwrap();
        let told = message["alerts"].as_array().cloned().unwrap_or_default();
        alerts.lock().unwrap().extend(told);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        if reader.get_mut().write_all(answer).is_err() {
            return;
        }
    }
}
