//! Faults that only a test rehearses: panics and stalls on command. Not in a release build.
//!
//! `HSS_TOP_TEST_PANIC=PLACE:FILE` makes PLACE panic as soon as FILE exists. The places: `task` is a task of the
//! runtime, `thread` a thread of its own while the renderer is in the middle of a frame, `draw` the renderer itself.
//! Worse than a panic: `overflow` is a thread whose stack ends, `allocation` one that asks for more memory than there is.
//!
//! `HSS_TOP_TEST_STALL=PLACE:FILE` makes PLACE stand still as long as FILE exists: `log` is the thread that writes the log, as
//! if its disk hung, and `loop` the event loop.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tokio::task::JoinSet;

/// How often to look for the file.
const LOOK: Duration = Duration::from_millis(5);
/// How long the renderer is in the middle of a frame.
const FRAME: Duration = Duration::from_millis(200);

/// A fault that is wanted.
struct Wanted {
    place: String,
    file: PathBuf,
}

fn of_variable(name: &str) -> Option<Wanted> {
    let text = crate::env::text(name)?;
    let (place, file) = text.split_once(':')?;
    Some(Wanted {
        place: place.to_owned(),
        file: file.into(),
    })
}

fn wanted() -> Option<&'static Wanted> {
    static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();
    WANTED.get_or_init(|| of_variable("HSS_TOP_TEST_PANIC")).as_ref()
}

/// Stands still here, where that is wanted.
pub fn hold(here: &str) {
    static STALL: OnceLock<Option<Wanted>> = OnceLock::new();
    let stall = STALL.get_or_init(|| of_variable("HSS_TOP_TEST_STALL")).as_ref();
    while stall.is_some_and(|stall| stall.place == here && stall.file.exists()) {
        thread::park_timeout(LOOK);
    }
}

/// Sets up what is wanted.
pub fn begin(tasks: &mut JoinSet<io::Result<()>>) {
    let Some(wanted) = wanted() else { return };
    match wanted.place.as_str() {
        "task" => {
            tasks.spawn(async {
                while !wanted.file.exists() {
                    tokio::time::sleep(LOOK).await;
                }
                act()
            });
        }
        "overflow" => drop(thread::Builder::new().spawn(|| {
            await_file(&wanted.file);
            descend(0)
        })),
        "allocation" => drop(thread::Builder::new().spawn(|| {
            await_file(&wanted.file);
            Vec::<u8>::with_capacity(isize::MAX.unsigned_abs())
        })),
        "thread" => drop(thread::Builder::new().spawn(|| {
            await_file(&wanted.file);
            act()
        })),
        _ => {}
    }
}

/// The renderer is in the middle of a frame.
pub fn in_draw() {
    match wanted() {
        Some(Wanted { place, file }) if place == "draw" && file.exists() => drop(act()),
        Some(Wanted { place, file }) if place == "thread" && file.exists() => thread::park_timeout(FRAME),
        _ => {}
    }
}

/// Goes deeper until the stack ends.
fn descend(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    if room.contains(&u64::MAX) {
        return depth;
    }
    descend(depth + 1).wrapping_add(room.iter().sum())
}

fn await_file(file: &Path) {
    while !file.exists() {
        thread::park_timeout(LOOK);
    }
}

#[expect(clippy::panic, reason = "that is what is rehearsed")]
fn act() -> io::Result<()> {
    panic!("rehearsed");
}
