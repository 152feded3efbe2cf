//! Calls that are too many, answers that are too large.

use std::time::Duration;

use hss_top::clock::Clock;

use super::{JSON, PAGE, Plain, SECOND, lasting, plain};
use crate::support::fault_case::Case;
use crate::support::fault_stage::{PODS, Stage, brief};
use crate::support::faultd::Faultd;
use crate::support::scripted::Step;

/// What a 429 says of the time, and how long the program must wait.
const WAITS: [(&str, &str, u64); 8] = [
    ("Retry-After: 7", "Retry-After: 7\r\n", 7),
    (
        "Retry-After as a date in 7 s",
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:44 GMT\r\n",
        7,
    ),
    ("Retry-After: 0", "Retry-After: 0\r\n", 1),
    ("Retry-After: -1", "Retry-After: -1\r\n", 60),
    ("Retry-After: 99999999", "Retry-After: 99999999\r\n", 300),
    ("Retry-After: junk", "Retry-After: soon\r\n", 60),
    (
        "Retry-After beyond all numbers",
        "Retry-After: 99999999999999999999999\r\n",
        300,
    ),
    ("a window named in the body only", "", 60),
];

pub fn throttling() -> Vec<Case> {
    let body = r#"{"error_code":"APIG.0308","error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:5,time:1 minute"}"#;
    let case = move |(fault, headers, named): (&'static str, &'static str, u64)| {
        Case::new("H6", fault, move |seat| {
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            let body = if headers.is_empty() { body } else { "" };
            let step = Step::http("429 Too Many Requests", &format!("{JSON}{headers}"), body);
            let first = stage.breaks(|hss| hss.break_once([step])).ok_or("no call")?;
            let told_at = Clock::system().now();
            let says: &[&str] = if headers.is_empty() {
                &["429 APIG.0308"]
            } else {
                &["429"]
            };
            if named > 1 {
                let screen = stage.shows("THROTTLED until", says, SECOND)?;
                let until = until_in(&screen).ok_or_else(|| format!("until when?\n{}", brief(&screen)))?;
                let day = 86_400;
                let now = told_at.as_second().rem_euclid(day);
                let wait = (until - now).rem_euclid(day);
                let named = i64::try_from(named).unwrap();
                if !(named - 1..=named + named / 10 + 2).contains(&wait) {
                    return Err(format!(
                        "it says to wait {wait} s, not {named} s:\n{}",
                        brief(&screen)
                    ));
                }
                stage.obeys_keys()?;
            }
            // The operator's key does not overrule the service.
            stage.pty.keys("\x12");
            let wait = Duration::from_secs(named);
            let patience = if wait < 10 * SECOND || (seat.patient && wait < 100 * SECOND) {
                wait + wait / 5 + 2 * SECOND
            } else {
                SECOND
            };
            let again = hss.call_after(first.at + SECOND / 100, patience);
            match again {
                None if patience > SECOND => return Err("it never asked again".to_owned()),
                None => {}
                Some(again) => {
                    let waited = again.at - first.at;
                    stage.notes("asked again", waited);
                    if waited < wait || waited > wait + wait / 5 + SECOND {
                        return Err(format!("it waited {waited:?}, not {wait:?}"));
                    }
                    stage.gets_fresh(again.at, SECOND)?;
                }
            }
            stage.ends()
        })
    };
    WAITS.map(case).into()
}

/// The time of day in `THROTTLED until 12:34:56`, in seconds.
fn until_in(screen: &str) -> Option<i64> {
    let (_, after) = screen.split_once("THROTTLED until ")?;
    let time = after.split_whitespace().next()?;
    let mut parts = time.split(':').map(str::parse::<i64>);
    let (hours, minutes, seconds) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    Some(hours * 3600 + minutes * 60 + seconds)
}

/// A gzip file of 1 MiB that is 1 GiB of spaces: its head, a block of one mebibyte again and again, and no end.
fn bomb() -> Step {
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks = include_bytes!("../../fixtures/spaces-1mib.deflate").repeat(1024);
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    Step::http("200 OK", &headers, [&head[..], &blocks].concat())
}

pub fn size() -> Vec<Case> {
    let too_large = || Plain {
        within: 2 * SECOND,
        ..lasting("STALE", &["answer too large"])
    };
    vec![
        plain("H11", "1 MiB of gzip that is 1 GiB", too_large(), || vec![bomb()]),
        plain("H11", "a body of 1 GiB", too_large(), || {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}\r\n");
            vec![Step::Flood(head.into_bytes(), vec![b' '; 64 << 10])]
        }),
        plain("H11", "Content-Length 10^18", too_large(), || {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 1000000000000000000\r\n\r\n{{");
            vec![Step::Drip(head.into_bytes(), SECOND)]
        }),
        plain("H11", "10,000 headers", too_large(), || {
            let headers = (0..10_000).map(|at| format!("X-{at}: y\r\n"));
            let headers = headers.collect::<Vec<_>>().concat();
            vec![Step::http("200 OK", &format!("{JSON}{headers}"), PAGE)]
        }),
        plain("H11", "a header of 1 GiB", too_large(), || {
            vec![Step::Flood(
                b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec(),
                vec![b'x'; 64 << 10],
            )]
        }),
    ]
}
