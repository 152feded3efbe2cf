//! What HTTP may do to the program, fault by fault, with the binary in a pseudo-terminal.
//!
//! The table is [`cases`]; what every row must fulfil is in `support/fault_case.rs`. Ten minutes of 429 and the spread
//! of attempts are in `event_loop.rs` and beside the code, where a clock can be paused.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::sync::retry::Chance;
use support::fault_case::{Case, PODS, Seat, Stage, brief, play_all, tell};
use support::faultd::Faultd;
use support::faultd::answers::REQUEST_ID;
use support::program::Program;
use support::scripted::Step;

const SECOND: Duration = Duration::from_secs(1);
const JSON: &str = "Content-Type: application/json\r\n";
const HTML: &str = "Content-Type: text/html\r\n";
const PAGE: &str = include_str!("fixtures/page-example.json");

/// A fault that stays until it is mended, and what the screen must say of it.
struct Plain {
    word: &'static str,
    says: &'static [&'static str],
    /// From the call to the word.
    within: Duration,
    /// Calls until it is mended.
    calls: usize,
}

impl Plain {
    fn play(&self, seat: Seat, breaks: impl FnOnce(&Faultd)) -> Result<String, String> {
        let hss = Faultd::start(PODS);
        let mut stage = Stage::start(seat, &hss)?;
        stage.breaks(breaks);
        stage.shows(self.word, self.says, self.within)?;
        if seat.program == Program::Ours {
            stage.obeys_keys()?;
        }
        stage.rests()?;
        stage.asked_at_most(self.calls)?;
        stage.heals(Faultd::mend)?;
        stage.ends()
    }
}

/// A row: each call meets the next of these steps.
fn plain(id: &'static str, fault: &'static str, plain: Plain, steps: fn() -> Vec<Step>) -> Case {
    Case::new(id, fault, move |seat| {
        plain.play(seat, |hss| hss.break_with(steps()))
    })
}

/// Three attempts, and a word within a second.
fn passing(says: &'static [&'static str]) -> Plain {
    Plain {
        word: "STALE",
        says,
        within: SECOND,
        calls: 3,
    }
}

/// One attempt.
fn lasting(word: &'static str, says: &'static [&'static str]) -> Plain {
    Plain {
        word,
        says,
        within: SECOND,
        calls: 1,
    }
}

fn cases() -> Vec<Case> {
    [
        silence_and_ends(),
        errors(),
        throttling(),
        sign_in(),
        elsewhere(),
        size(),
        cuts(),
        not_the_api(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn silence_and_ends() -> Vec<Case> {
    vec![
        Case::new("H1", "connection refused", |seat| {
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            hss.stop();
            stage.asks();
            stage.shows("OFFLINE", &["cannot connect to 127.0.0.1:"], SECOND)?;
            let before = asked_ago(&stage)?;
            stage.obeys_keys()?;
            let counts = |screen: &str| seconds_in(screen).is_some_and(|age| age > before);
            stage
                .pty
                .within(5 * SECOND, counts)
                .map_err(|screen| format!("the age stands still:\n{}", brief(&screen)))?;
            stage.rests()?;
            stage.heals(Faultd::start_again)?;
            stage.ends()
        }),
        plain(
            "H2",
            "accepts, never answers",
            Plain {
                within: 30 * SECOND,
                ..passing(&["timed out after 30 s waiting for an answer"])
            },
            || vec![Step::Silence],
        )
        .slow(),
        Case::new("H2", "a call that hangs is given up by Ctrl-r", |seat| {
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            stage.breaks(|hss| hss.break_once([Step::Silence]));
            stage.obeys_keys()?;
            let hung = stage.broke() + 4 * SECOND;
            while tokio::time::Instant::now() < hung {
                std::thread::park_timeout(SECOND / 10);
            }
            hss.renew(PODS + 1);
            stage.asks();
            let (asked, whole) = (stage.broke(), format!("of {}", PODS + 1));
            stage
                .pty
                .within(5 * SECOND, |screen| screen.contains(&whole))
                .map_err(|it| brief(&it))?;
            stage.gets_fresh(asked, 5 * SECOND)?;
            stage.ends()
        }),
        plain(
            "H3",
            "a byte every half second for ever",
            Plain {
                within: 15 * SECOND,
                ..passing(&["too slow"])
            },
            || {
                let head = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 100000\r\n\r\n{{");
                vec![Step::Drip(head.into_bytes(), SECOND / 2)]
            },
        )
        .slow(),
    ]
}

/// The seconds since the last answer, as the title says.
fn seconds_in(screen: &str) -> Option<u64> {
    let title = screen.lines().next()?;
    let (_, after) = title.split_once("asked ").or_else(|| title.split_once("ask "))?;
    after.split('s').next()?.parse().ok()
}

fn asked_ago(stage: &Stage) -> Result<u64, String> {
    let shown = stage
        .pty
        .within(2 * SECOND, |screen| seconds_in(screen).is_some());
    shown.map(|screen| seconds_in(&screen).unwrap_or_default())
}

fn errors() -> Vec<Case> {
    let long = |status: &str, code: &str| {
        let message = format!(
            "{}\\u001b]0;pwned\\u0007\\u202ereversed",
            "a word too many, ".repeat(40)
        );
        let body = format!(r#"{{"error_code":"{code}","error_msg":"{message}"}}"#);
        let headers = format!("{JSON}X-Request-Id: {REQUEST_ID}\r\n");
        Step::http(status, &headers, body)
    };
    let error = move |fault, status: &'static str, code: &'static str, word, says| {
        Case::new("H8", fault, move |seat| {
            lasting(word, says).play(seat, |hss| hss.break_with([long(status, code)]))
        })
    };
    vec![
        plain(
            "H5",
            "500, 502, 503 by turns",
            passing(&["HSS answered with an error (50"]),
            || {
                [
                    "500 Internal Server Error",
                    "502 Bad Gateway",
                    "503 Service Unavailable",
                ]
                .map(|status| Step::http(status, JSON, ""))
                .into()
            },
        ),
        Case::new("H5", "500, 502, then fine", |seat| {
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            let steps = ["500 Internal Server Error", "502 Bad Gateway"].map(|it| Step::http(it, JSON, ""));
            stage.breaks(|hss| hss.break_once(steps));
            let broke = stage.broke();
            stage.tries(3)?;
            stage.gets_fresh(broke, 4 * SECOND)?;
            stage.asked_at_most(3)?;
            stage.ends()
        }),
        error(
            "400 with a long message, ESC and bidi",
            "400 Bad Request",
            "HSS.0001",
            "STALE",
            &["HSS says: a word", "(400 HSS.0001, request", REQUEST_ID],
        ),
        error(
            "403 with a long message, ESC and bidi",
            "403 Forbidden",
            "HSS.0013",
            "DENIED",
            &["HSS says: a word", "(403 HSS.0013, request", REQUEST_ID],
        ),
        error(
            "404 with a long message, ESC and bidi",
            "404 Not Found",
            "HSS.0004",
            "STALE",
            &["HSS says: a word", "(404 HSS.0004, request", REQUEST_ID],
        ),
    ]
}

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
        60,
    ),
    ("a window named in the body only", "", 60),
];

fn throttling() -> Vec<Case> {
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
                if !(named - 1..=named + 2).contains(&wait) {
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
            let patience = if wait < 10 * SECOND || (seat.long && wait < 100 * SECOND) {
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

const LOGIN: [(&str, &str); 3] = [
    ("HSS_TOP_IAM_USER", "ops"),
    ("HSS_TOP_IAM_PASSWORD", "canary-password"),
    ("HSS_TOP_IAM_DOMAIN", "acme"),
];

/// A program that signs in with a password; the fault; what it must come to; how many more sign-ins there may be.
fn signs_in(
    seat: Seat,
    breaks: impl FnOnce(&Faultd),
    then: impl FnOnce(&mut Stage) -> Result<(), String>,
) -> Result<String, String> {
    let hss = Faultd::start(PODS);
    let url = hss.url();
    let flags = [
        "--endpoint",
        &url,
        "--iam-endpoint",
        &url,
        "--region",
        "cn-north-4",
    ];
    let mut stage = Stage::start_with(seat, &hss, &flags, &LOGIN)?;
    let sign_ins = || {
        hss.requests()
            .iter()
            .filter(|it| it.head.contains("/v3/auth/tokens"))
            .count()
    };
    stage.breaks(breaks);
    then(&mut stage)?;
    if sign_ins() != 2 {
        return Err(format!(
            "{} sign-ins, not one at the start and one more",
            sign_ins()
        ));
    }
    stage.ends()
}

fn refused() -> Step {
    Step::json(
        "401 Unauthorized",
        r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: token expired"}"#,
    )
}

fn sign_in() -> Vec<Case> {
    vec![
        Case::new("H9", "401 once", |seat| {
            signs_in(
                seat,
                |hss| hss.break_once([refused()]),
                |stage| {
                    let broke = stage.broke();
                    stage.tries(2)?;
                    stage.gets_fresh(broke, 4 * SECOND)?;
                    stage.asked_at_most(2)
                },
            )
        }),
        Case::new("H9", "the token ends in mid-sweep", |seat| {
            let breaks = |hss: &Faultd| {
                hss.renew(PODS + 1);
                hss.break_where("offset=200", [refused()]);
            };
            signs_in(seat, breaks, |stage| {
                let (broke, whole) = (stage.broke(), format!("of {}", PODS + 1));
                stage
                    .pty
                    .within(4 * SECOND, |screen| screen.contains(&whole))
                    .map_err(|it| brief(&it))?;
                stage.gets_fresh(broke, 4 * SECOND)?;
                stage.asked_at_most(3)
            })
        }),
        Case::new("H9", "401 for ever", |seat| {
            signs_in(
                seat,
                |hss| hss.break_with([refused()]),
                |stage| {
                    stage.shows("AUTH", &["401 APIGW.0301"], SECOND)?;
                    stage.obeys_keys()?;
                    stage.rests()?;
                    stage.asked_at_most(2)?;
                    stage.heals(Faultd::mend)
                },
            )
        }),
    ]
}

/// Redirects: where to, seen from the endpoint and another host.
type Target = fn(&Faultd) -> String;

fn elsewhere() -> Vec<Case> {
    let targets: [(&'static str, Target); 4] = [
        ("302 to the same host, another port", |other| {
            format!("{}/v5/p-1/kubernetes/pods", other.url())
        }),
        ("302 to another host", |other| {
            format!("http://localhost:{}/steal?x=y", other.address.port())
        }),
        ("302 in a loop", |_| "/v5/p-1/kubernetes/pods".to_owned()),
        ("302 without a protocol", |other| {
            format!("//{}/steal", other.address)
        }),
    ];
    let case = |(fault, target): (&'static str, Target)| {
        Case::new("H10", fault, move |seat| {
            let other = Faultd::start(1);
            let location = target(&other);
            let head = format!("Location: {location}\r\n");
            let host = if location.contains("localhost") {
                "localhost"
            } else {
                "127.0.0.1"
            };
            let says = format!("redirect (302) to {host} refused");
            let hss = Faultd::start(PODS);
            let mut stage = Stage::start(seat, &hss)?;
            stage.breaks(|hss| hss.break_with([Step::http("302 Found", &head, "")]));
            if !other.requests().is_empty() {
                return Err("the redirect was followed".to_owned());
            }
            stage.shows("STALE", &[&says], SECOND)?;
            stage.obeys_keys()?;
            stage.rests()?;
            stage.asked_at_most(1)?;
            stage.heals(Faultd::mend)?;
            if let [request, ..] = other.requests().as_slice() {
                return Err(format!("the redirect was followed: {}", request.head));
            }
            stage.ends()
        })
    };
    targets.map(case).into()
}

/// A gzip file of 1 MiB that is 1 GiB of spaces: its head, a block of one mebibyte again and again, and no end.
fn bomb() -> Step {
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let blocks = include_bytes!("fixtures/spaces-1mib.deflate").repeat(1024);
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    Step::http("200 OK", &headers, [&head[..], &blocks].concat())
}

fn size() -> Vec<Case> {
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

/// Answers that end early, each at another byte; `head` begins them, for a body of so many bytes.
fn cut_short(seed: u64, head: fn(usize) -> String) -> Vec<Step> {
    let mut chance = Chance::from_seed(seed);
    let length = u64::try_from(PAGE.len()).unwrap();
    let cut = |_| {
        let at = usize::try_from(1 + chance.roll() % (length - 2)).unwrap();
        let body = PAGE.as_bytes().get(..at).unwrap();
        Step::Answer([head(PAGE.len()).as_bytes(), body].concat())
    };
    (0..7).map(cut).collect()
}

fn cuts() -> Vec<Case> {
    let incomplete = || passing(&["answer incomplete"]);
    vec![
        plain("H12", "cut, with a length", incomplete(), || {
            cut_short(1, |length| {
                format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: {length}\r\n\r\n")
            })
        }),
        plain("H12", "cut, in a chunk", incomplete(), || {
            cut_short(2, |length| {
                format!("HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n")
            })
        }),
        plain("H12", "cut, ended by closing", incomplete(), || {
            cut_short(3, |_| {
                format!("HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n")
            })
        }),
        plain("H12", "reset in mid-answer", incomplete(), || {
            vec![Step::Reset(
                format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 90000\r\n\r\n{{").into_bytes(),
            )]
        }),
        plain("H12", "reset before an answer", incomplete(), || {
            vec![Step::Reset(Vec::new())]
        }),
    ]
}

fn not_the_api() -> Vec<Case> {
    let page = "<html><body>Sign in: <form action=x></form></body></html>";
    let case = move |fault, status: &'static str, headers: &'static str, body: &'static str, says| {
        Case::new("H13", fault, move |seat| {
            lasting("STALE", says).play(seat, |hss| hss.break_with([Step::http(status, headers, body)]))
        })
    };
    vec![
        case(
            "200 and a sign-in page",
            "200 OK",
            HTML,
            page,
            &["not the API: an HTML page (200): a proxy or a sign-in page?"],
        ),
        case(
            "200 and a page that calls itself JSON",
            "200 OK",
            JSON,
            page,
            &["answer unreadable"],
        ),
        case(
            "511",
            "511 Network Authentication Required",
            HTML,
            page,
            &["not the API: the network asks for a sign-in (511)"],
        ),
        case(
            "407",
            "407 Proxy Authentication Required",
            HTML,
            page,
            &["not the API: a proxy asks for a sign-in (407)"],
        ),
        case(
            "200 and nothing",
            "200 OK",
            JSON,
            "",
            &["not the API: an empty answer (200)"],
        ),
        case(
            "204",
            "204 No Content",
            "",
            "",
            &["not the API: an empty answer (204)"],
        ),
    ]
}

#[test]
fn every_fault_of_http_is_told_and_outlived() {
    play_all(&cases());
}

/// The cases would prove little if a program that does nothing about these faults passed them.
#[test]
fn the_naive_twin_fails() {
    let long = support::fault_case::is_long_run();
    let seat = Seat {
        program: Program::Twin,
        surface: support::fault_case::SURFACES[0],
        long,
    };
    let known = ["H2", "H3", "H10", "H11"];
    let faults = [
        "accepts, never answers",
        "a byte every half second for ever",
        "302 to the same host, another port",
        "1 MiB of gzip that is 1 GiB",
        "a body of 1 GiB",
    ];
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|it| faults.contains(&it.fault))
        .collect();
    assert_eq!(cases.len(), faults.len());
    for case in cases.iter().filter(|it| long || !it.slow) {
        assert!(known.contains(&case.id));
        let why = case.result(seat).expect_err(case.fault);
        tell(&format!(
            "{:4} {}: the twin fails: {}",
            case.id,
            case.fault,
            why.lines().next().unwrap_or_default()
        ));
    }
}
