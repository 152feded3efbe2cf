//! A look-alike of Alertmanager's `POST /api/v2/alerts`, as strict as the stricter of 0.25 and 0.33.
//!
//! What it refuses and keeps was tried with both (see `findings/`): of a batch with a bad alert the
//! good ones are kept and the answer is 400; an older start is kept; annotations are replaced whole; one whose end has passed and
//! that never fired tells nobody. It also holds the client to what it promises: both times, nothing empty, one request a round.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
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
    /// The status of each request, and how many alerts it had.
    pub requests: Vec<(u16, usize)>,
    pub authorizations: Vec<Option<String>>,
    /// Answers for the next requests that are not its own.
    pub scripted: Vec<u16>,
    /// A value of a label that is refused.
    pub poison: Option<String>,
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
        drop(received);
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{said}",
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
    let mut worst = (200, String::new());
    for alert in &alerts {
        match read(alert, received.poison.as_deref()) {
            Ok(alert) => {
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
        .ok_or((422, "labels in body is required".to_owned()))?;
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
