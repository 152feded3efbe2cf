//! Faults that a test injects into the running program: panics, stalls, a clock that is wrong.
//!
//! Only a build with the cargo feature `fault-injection` has this room. The package depends on itself with that feature for its
//! tests (`[dev-dependencies]` in `Cargo.toml`), so `cargo test` has it without a flag, and `cargo build`, `cargo run` and
//! `cargo install` do not.
//!
//! [`PANIC`]`=PLACE:FILE` makes PLACE panic as soon as FILE exists. The places: `task` is a task of the runtime, `thread` a
//! thread of its own while the renderer is in the middle of a frame, `draw` the renderer itself. Worse than a panic: `overflow`
//! is a thread whose stack ends, `allocation` one that asks for more memory than there is.
//!
//! [`STALL`]`=PLACE:FILE` makes PLACE stall as long as FILE exists: `log` is the thread that writes the log, as if its
//! disk hung, and `loop` the event loop.
//!
//! [`CLOCK_SHIFT`] names a file that holds a signed number of seconds, which is read again at each look at the clock.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::env;

/// The variable that asks for a panic.
pub const PANIC: &str = "HSS_TOP_TEST_PANIC";
/// The variable that asks for a stall.
pub const STALL: &str = "HSS_TOP_TEST_STALL";
/// The variable that names the file with the seconds by which the clock is off.
pub const CLOCK_SHIFT: &str = "HSS_TOP_CLOCK_SHIFT_FILE";

/// How often to look for the file.
const LOOK: Duration = Duration::from_millis(5);
/// How long the renderer is in the middle of a frame.
const FRAME: Duration = Duration::from_millis(200);

/// A fault that a variable asks for.
struct InjectedFault {
    place: String,
    file: PathBuf,
}

impl InjectedFault {
    fn of_variable(name: &str) -> Option<Self> {
        let text = env::text(name)?;
        let (place, file) = text.split_once(':')?;
        Some(Self {
            place: place.to_owned(),
            file: file.into(),
        })
    }
}

/// The panic that is asked for.
fn panic_wanted() -> Option<&'static InjectedFault> {
    static WANTED: OnceLock<Option<InjectedFault>> = OnceLock::new();
    WANTED.get_or_init(|| InjectedFault::of_variable(PANIC)).as_ref()
}

/// Stalls here, if a stall of this place is requested.
pub fn stall(here: &str) {
    static WANTED: OnceLock<Option<InjectedFault>> = OnceLock::new();
    let stall = WANTED.get_or_init(|| InjectedFault::of_variable(STALL)).as_ref();
    while stall.is_some_and(|stall| stall.place == here && stall.file.exists()) {
        thread::park_timeout(LOOK);
    }
}

/// Starts the task or the thread that is to fail.
pub fn start(tasks: &mut JoinSet<io::Result<()>>) {
    let Some(wanted) = panic_wanted() else { return };
    match wanted.place.as_str() {
        "task" => {
            tasks.spawn(async {
                while !wanted.file.exists() {
                    tokio::time::sleep(LOOK).await;
                }
                fail()
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
            fail()
        })),
        _ => {}
    }
}

/// The renderer is in the middle of a frame.
pub fn in_draw() {
    match panic_wanted() {
        Some(InjectedFault { place, file }) if place == "draw" && file.exists() => drop(fail()),
        Some(InjectedFault { place, file }) if place == "thread" && file.exists() => {
            thread::park_timeout(FRAME);
        }
        _ => {}
    }
}

/// By how much the clock is wrong, as the file says.
pub struct ClockShift(OsString);

impl ClockShift {
    /// The shift that is asked for.
    pub fn wanted() -> Option<Self> {
        env::os(CLOCK_SHIFT).map(Self)
    }

    /// The number in the file; zero if there is none.
    pub fn now(&self) -> SignedDuration {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        SignedDuration::from_secs(text.trim().parse().unwrap_or_default())
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

#[expect(clippy::panic, reason = "the fault that is injected")]
fn fail() -> io::Result<()> {
    panic!("injected fault");
}
