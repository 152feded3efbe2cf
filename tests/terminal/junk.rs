//! T13: junk is typed: a megabyte where `LONG_TESTS=1`, else a tenth of it.
//!
//! What counts is what is drawn afterwards, however long a busy machine takes for it. How fast keys act is P10.

use std::time::Duration;

use crate::sizes::Numbers;
use crate::subject::{START, Subject, Verdict, ensure, passes};
use crate::support::fault_case::is_long_run;
use crate::support::measure::Meter;
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::Pty;

fn count() -> usize {
    if is_long_run() { 1_000_000 } else { 100_000 }
}

/// Bytes, but none that means to quit, to stop or to write a file: `q`, `e`, Ctrl-C, Ctrl-Z.
fn random(seed: u64, count: usize) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let byte = |_| u8::try_from(numbers.next(256)).unwrap();
    let bytes = (0..1_200_000)
        .map(byte)
        .filter(|byte| !b"qe\x03\x1a".contains(byte));
    bytes.take(count).collect()
}

/// Sequences that are cut off, after which keys come at once.
fn halves() -> Vec<u8> {
    let halves: [&[u8]; 8] = [
        b"\x1b[",
        b"\x1bO",
        b"\x1b[1;",
        b"\x1b[<0;",
        b"\x1b[M ",
        b"\x1b[200",
        b"\x1b]0;title",
        b"\xe4\xba",
    ];
    halves.concat()
}

/// A paste of a megabyte that never ends.
fn paste() -> Vec<u8> {
    [b"/\x1b[200~", "pay; rm -rf /\r".repeat(count() / 14).as_bytes()].concat()
}

const PLACES: [u32; 5] = [0, 1, 65_535, 65_536, u32::MAX];

/// Mouse reports, though nobody asked for any.
fn mouse() -> Vec<u8> {
    let mut bytes = Vec::new();
    for button in [0, 3, 32, 64, 255] {
        for column in PLACES {
            for row in PLACES {
                let report = format!("\x1b[<{button};{column};{row}M\x1b[<{button};{column};{row}m");
                bytes.extend(report.into_bytes());
            }
        }
    }
    for byte in [0, 31, 32, 33, 127, 128, 255] {
        bytes.extend([0x1b, b'[', b'M', 32, byte, byte]);
    }
    bytes
}

/// All was taken when a key works again: out of a prompt, should there be one, and to the help and back.
fn hears(pty: &mut Pty) -> Result<(), String> {
    let mut heard = Err("deaf".to_owned());
    for _ in 0..40 {
        pty.keys("\x1b");
        // The longest that half a paste is waited for.
        pass(Duration::from_millis(600));
        pty.keys("\x1b");
        pass(Duration::from_millis(100));
        // The junk may have opened the help and searched it: then more is to be closed.
        if pty.with_screen(|screen| screen.contents().contains("Keys of")) {
            continue;
        }
        pty.keys("1?");
        heard = pty.comes_text(Duration::from_secs(2), "Keys of the table");
        if heard.is_ok() {
            break;
        }
    }
    heard?;
    closes(pty)
}

/// The help is closed. The first key may only end a search in it.
fn closes(pty: &mut Pty) -> Result<(), String> {
    let mut closed = Err("open".to_owned());
    for _ in 0..10 {
        pty.keys("\x1b");
        let is_closed = |screen: &vt100::Screen| !screen.contents().contains("Keys of the table");
        closed = pty.comes(Duration::from_secs(2), "the help's end", is_closed);
        if closed.is_ok() {
            break;
        }
    }
    closed.map(drop)
}

/// Each key does what it means, and no leftover of the junk comes between them: the help is drawn, and then the table again.
fn acts_as_meant(pty: &mut Pty) -> Result<(), String> {
    for _ in 0..20 {
        for (key, there) in [("?", true), ("?", false)] {
            pty.keys(key);
            // An Esc more, for a search that was not there, may have led to another view.
            pty.comes(START, "what the key means", |screen| {
                screen.contents().contains("Keys of") == there
            })?;
        }
    }
    Ok(())
}

fn swallows(program: Program, name: &str, junk: &[u8]) -> Verdict {
    let subject = Subject::new(program, &format!("junk-{name}"));
    let mut pty = subject.start_ready()?;
    // What each screen costs when it is first shown is not the junk's doing: a little of it finds them all.
    pty.bytes(&random(13, 200_000));
    hears(&mut pty)?;
    let meter = Meter::of(pty.pid());
    let resident = meter.resident();
    pty.bytes(junk);
    hears(&mut pty)?;
    let grown = meter.resident().saturating_sub(resident);
    ensure(grown <= 4096, || format!("{grown} KiB more"))?;
    acts_as_meant(&mut pty)?;
    pty.keys("\x03");
    let (code, _) = pty.ends(START)?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!("{grown} KiB more resident"))
}

#[test]
fn t13_junk() {
    for (name, junk) in [
        ("random", random(14, count())),
        ("halves", halves()),
        ("paste", paste()),
        ("mouse", mouse()),
    ] {
        passes(&format!("T13 {name}, {} bytes", junk.len()), |program| {
            swallows(program, name, &junk)
        });
    }
}
