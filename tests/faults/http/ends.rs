//! Connections that are refused, say nothing, or end early.

use hss_top::collector::retry::Jitter;

use super::{JSON, PAGE, Plain, SECOND, passing, plain};
use crate::support::fault_case::{Case, Seat};
use crate::support::fault_stage::{PODS, Stage, brief};
use crate::support::faultd::Faultd;
use crate::support::scripted::Step;

pub fn silence_and_ends() -> Vec<Case> {
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
            // The smallest budget would be spent by now, but for a call that is kept free.
            let seat = Seat {
                patient: false,
                ..seat
            };
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
            "a byte every half second forever",
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
    let (_, after) = title.split_once("checked ")?;
    // It keeps its place while its number grows.
    after.trim_start().split('s').next()?.parse().ok()
}

fn asked_ago(stage: &Stage) -> Result<u64, String> {
    let shown = stage
        .pty
        .within(2 * SECOND, |screen| seconds_in(screen).is_some());
    shown.map(|screen| seconds_in(&screen).unwrap_or_default())
}

/// Answers that end early, each at another byte; `head` begins them, for a body of this many bytes.
fn cut_short(seed: u64, head: fn(usize) -> String) -> Vec<Step> {
    let mut chance = Jitter::from_seed(seed);
    let length = u64::try_from(PAGE.len()).unwrap();
    let cut = |_| {
        let at = usize::try_from(1 + chance.roll() % (length - 2)).unwrap();
        let body = PAGE.as_bytes().get(..at).unwrap();
        Step::Answer([head(PAGE.len()).as_bytes(), body].concat())
    };
    (0..7).map(cut).collect()
}

pub fn cuts() -> Vec<Case> {
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
