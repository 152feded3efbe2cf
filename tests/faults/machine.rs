//! What the machine itself may do to the program: its clock, sleep, and limits; with the binary in a pseudo-terminal.
//!
//! | id | proven elsewhere | by |
//! |---|---|---|
//! | A3 | a clock that is set back | `event_loop.rs` |
//! | A4 | each way to sign in leaves no trace of its secret | `secrets.rs` |
//! | H9 | ten callers, one sign-in | `sign_in.rs` |

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use crate::support::fault_case::{Case, Seat, play_all};
use crate::support::fault_stage::{CANARY, PODS, Stage, brief};
use crate::support::faultd::Faultd;
use crate::support::faultd::answers::http_date;
use crate::support::pty::Pty;
use crate::support::run::{Folder, run};
use crate::support::scripted::Step;
use hss_top::clock::Clock;
use hss_top::fault_injection::CLOCK_SHIFT;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const JSON: &str = "Content-Type: application/json\r\n";

fn shift_file(name: &str, seat: Seat, seconds: i64) -> (Folder, String) {
    let folder = Folder::new(&format!("{name}-{}", seat.surface.columns));
    let file = folder.write("shift", &seconds.to_string());
    (folder, file)
}

fn clocks() -> Vec<Case> {
    vec![
        Case::new("A1", "the clock is 20 minutes ahead", |seat| {
            let (_folder, shift) = shift_file("clock-ahead", seat, 1200);
            let hss = Faultd::start(PODS);
            let body = r#"{"error_code":"APIG.0303","error_msg":"Incorrect app authentication information: signature expired, signature time:20230527T022608Z,server time:20230527T020608Z"}"#;
            let headers = format!("{JSON}Date: {}\r\n", http_date());
            hss.break_once([Step::http("401 Unauthorized", &headers, body)]);
            let url = hss.url();
            let variables = [
                ("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0001"),
                ("HUAWEICLOUD_SDK_SK", CANARY),
                (CLOCK_SHIFT, &shift),
            ];
            let stage = Stage::start_with(seat, &hss, &["--endpoint", &url], &variables)?;
            let calls = hss.requests();
            if calls.len() != 3 {
                return Err(format!(
                    "{} calls, not a refused one and two pages: {calls:?}",
                    calls.len()
                ));
            }
            let dated = |at: usize| calls[at].header("x-sdk-date").and_then(seconds_of_day).unwrap();
            let now = Clock::system().now().as_second().rem_euclid(86_400);
            let off = |at: usize| (dated(at) - now + 43_200).rem_euclid(86_400) - 43_200;
            if !(1140..=1260).contains(&off(0)) || off(1).abs() > 60 {
                return Err(format!("signed {} s, then {} s off", off(0), off(1)));
            }
            let says = "clock is 20m ahead of HSS's";
            let told = stage.pty.within(2 * SECOND, |screen| screen.contains(says));
            told.map_err(|screen| format!("no word of the clock:\n{}", brief(&screen)))?;
            stage.ends()
        }),
        Case::new("A3", "the machine sleeps for eight hours", |seat| {
            let (_folder, shift) = shift_file("clock-sleep", seat, 0);
            let hss = Faultd::start(PODS);
            let url = hss.url();
            let variables = [("HSS_TOP_TOKEN", CANARY), (CLOCK_SHIFT, shift.as_str())];
            let mut stage = Stage::start_with(seat, &hss, &["--endpoint", &url], &variables)?;
            // So that there is time to read the word before it is gone.
            hss.hold_back(2 * SECOND);
            stage.marks();
            std::fs::write(&shift, "28800").unwrap();
            stage.shows("STALE 8h", &[], SECOND)?;
            let woken = stage.broke();
            let asked = hss.call_after(woken, 5 * SECOND).ok_or("it does not ask")?;
            stage.notes("asked", asked.at - woken);
            stage.gets_fresh(woken, 5 * SECOND)?;
            stage.rests()?;
            stage.asked_at_most(1)?;
            stage.ends()
        }),
    ]
}

/// The time of day in `20250815T093015Z`.
fn seconds_of_day(text: &str) -> Option<i64> {
    let digits = text.split_once('T')?.1;
    let two = |at: usize| digits.get(at..at + 2)?.parse::<i64>().ok();
    Some(two(0)? * 3600 + two(2)? * 60 + two(4)?)
}

/// Sets a limit of a running program; `false` where util-linux is missing.
fn limit(stage: &Stage, what: &str) -> bool {
    let pid = stage.pty.pid().to_string();
    let done = Command::new("prlimit").args(["--pid", &pid, what]).status();
    done.is_ok_and(|status| status.success())
}

/// A program under a limit, which is taken away again; `what` sets it and `off` takes it away.
fn limited(
    seat: Seat,
    hss: &Faultd,
    url: &str,
    off: &str,
    what: impl FnOnce(&Stage) -> String,
    meets: impl FnOnce(&mut Stage) -> Result<(), String>,
) -> Result<String, String> {
    let mut stage = Stage::start_with(seat, hss, &["--endpoint", url], &[("HSS_TOP_TOKEN", CANARY)])?;
    if !limit(&stage, &what(&stage)) {
        return Ok("skipped: there is no prlimit here".to_owned());
    }
    meets(&mut stage)?;
    stage.obeys_keys()?;
    stage.rests()?;
    assert!(limit(&stage, off));
    stage.heals(Faultd::mend)?;
    stage.ends()
}

fn limits() -> Vec<Case> {
    vec![
        Case::new("L3", "no file descriptor is left", |seat| {
            let hss = Faultd::start(PODS);
            let (few, many) = ("--nofile=8:", "--nofile=1024:");
            limited(
                seat,
                &hss,
                &hss.url(),
                many,
                |_| few.to_owned(),
                |stage| {
                    hss.cut();
                    stage.asks();
                    stage.shows(
                        "STALE",
                        &["this machine cannot make the call", "Too many open files"],
                        SECOND,
                    )?;
                    Ok(())
                },
            )
        }),
        Case::new("L3", "no thread can be made", |seat| {
            let hss = Faultd::start(PODS);
            let url = format!("http://localhost:{}", hss.address.port());
            let all = |stage: &Stage| format!("--as={}:", (stage.meter.mapped() + 256) << 10);
            limited(seat, &hss, &url, "--as=unlimited:", all, |stage| {
                // The thread that looks a name up goes when it had nothing to do for ten seconds.
                let threads = stage.meter.threads();
                for _ in 0..150 {
                    if stage.meter.threads() < threads {
                        break;
                    }
                    std::thread::park_timeout(SECOND / 10);
                }
                hss.cut();
                stage.asks();
                let says = ["timed out after 5 s waiting for a connection"];
                match stage.shows("STALE", &says, 6 * SECOND) {
                    // The C library keeps the stack of a thread that went: with it there may be one more.
                    Err(why) if hss.calls_since(stage.broke()).is_empty() => Err(why),
                    _ => Ok(()),
                }
            })
        })
        .slow(),
        Case::new("L3", "no memory for a page", |seat| {
            let hss = Faultd::start(PODS);
            let all = |stage: &Stage| format!("--as={}:", (stage.meter.mapped() + 256) << 10);
            limited(seat, &hss, &hss.url(), "--as=unlimited:", all, |stage| {
                let body = [&vec![b' '; 2 << 20][..], b"{"].concat();
                stage.breaks(|hss| hss.break_with([Step::http("200 OK", JSON, body)]));
                // Where memory is left over from earlier it is read, and is no page.
                let says = ["this machine cannot make the call", "answer incomplete"];
                let refused = stage.shows("STALE", &says[..1], 2 * SECOND);
                refused.or_else(|_| stage.shows("STALE", &says[1..], SECOND))?;
                Ok(())
            })
        }),
    ]
}

/// A configuration whose credential comes from this shell line.
fn helper(folder: &Folder, line: &str) -> String {
    let text = format!("[profiles.a]\ncredential_process = [\"/bin/sh\", \"-c\", \"\"\"{line}\"\"\"]\n");
    folder.write("config.toml", &text)
}

/// A program whose helper fails: it says why in time, and nothing that the helper said.
fn with_helper(seat: Seat, line: &str, says: &str, within: Duration) -> Result<String, String> {
    let folder = Folder::new(&format!("helper-{}-{}", line.len(), seat.surface.columns));
    let config = helper(&folder, line);
    let flags = [
        "--endpoint",
        "http://127.0.0.1:9",
        "--project-id",
        "p",
        "--config",
        &config,
        "--profile",
        "a",
    ];
    let began = Instant::now();
    let mut pty = Pty::start(seat.surface.columns, seat.surface.rows, &flags, &[]);
    pty.within(within + SECOND, |screen| {
        screen.contains("AUTH") && screen.contains(says)
    })
    .map_err(|screen| format!("no AUTH with {says:?}:\n{}", brief(&screen)))?;
    let took = began.elapsed();
    pty.quit();
    let (code, raw, _) = pty.ended();
    if code != 0 || String::from_utf8_lossy(&raw).contains("canary") {
        return Err(format!("ended with {code}, or a secret was written"));
    }
    Ok(format!("AUTH after {:.2} s", took.as_secs_f64()))
}

fn credentials() -> Vec<Case> {
    vec![
        Case::new("A4", "a token file that others can read", |seat| {
            let folder = Folder::new(&format!("token-for-all-{}", seat.surface.columns));
            let file = folder.write("token", CANARY);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            let flags = ["--endpoint", "http://127.0.0.1:9", "--project-id", "p"];
            let (code, out, err) = run(&flags, &[("HSS_TOP_TOKEN_FILE", &file)]);
            if code != Some(3) || !err.contains("chmod 600") || format!("{out}{err}").contains(CANARY) {
                return Err(format!("{code:?}: {err}"));
            }
            Ok("exit code 3".to_owned())
        }),
        Case::new(
            "A4",
            "a helper that prints junk, and a secret on stderr",
            |seat| {
                with_helper(
                    seat,
                    "echo canary-sk >&2; echo junk canary-out",
                    "no credential from",
                    5 * SECOND,
                )
            },
        ),
        Case::new("A4", "a helper that hangs", |seat| {
            with_helper(seat, "exec sleep 60", "no credential from", 10 * SECOND)
        })
        .slow(),
    ]
}

#[test]
fn a_credential_that_is_not_safe_or_does_not_come_is_told() {
    play_all(&credentials());
}

#[test]
fn a_clock_that_is_off_or_jumps_is_told_and_outlived() {
    play_all(&clocks());
}

#[test]
fn what_the_machine_lacks_is_told_and_outlived() {
    play_all(&limits());
}
