//! The terminal's mode before hss-top changed it.
//!
//! Saved in atomics and not behind a lock, so that a signal handler can restore it. [`make_raw`] only changes
//! four words and two control characters of a mode, so nothing else has to be saved.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use rustix::stdio::stdin;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex,
    Termios, tcflush, tcgetattr, tcsetattr,
};

use super::screen::in_foreground;

/// The parts of a mode that raw mode changes.
#[derive(Debug)]
struct SavedMode {
    input: AtomicU32,
    output: AtomicU32,
    control: AtomicU32,
    local: AtomicU32,
    least: AtomicU8,
    time: AtomicU8,
}

/// The mode before; valid while [`RAW`] is set.
static BEFORE: SavedMode = SavedMode::new();
/// Whether the terminal is in our raw mode.
static RAW: AtomicBool = AtomicBool::new(false);

impl SavedMode {
    const fn new() -> Self {
        Self {
            input: AtomicU32::new(0),
            output: AtomicU32::new(0),
            control: AtomicU32::new(0),
            local: AtomicU32::new(0),
            least: AtomicU8::new(0),
            time: AtomicU8::new(0),
        }
    }

    fn save(&self, mode: &Termios) {
        self.input.store(mode.input_modes.bits(), Ordering::SeqCst);
        self.output.store(mode.output_modes.bits(), Ordering::SeqCst);
        self.control.store(mode.control_modes.bits(), Ordering::SeqCst);
        self.local.store(mode.local_modes.bits(), Ordering::SeqCst);
        let special = |at| mode.special_codes[at];
        self.least
            .store(special(SpecialCodeIndex::VMIN), Ordering::SeqCst);
        self.time
            .store(special(SpecialCodeIndex::VTIME), Ordering::SeqCst);
    }

    fn apply_to(&self, mode: &mut Termios) {
        mode.input_modes = InputModes::from_bits_retain(self.input.load(Ordering::SeqCst));
        mode.output_modes = OutputModes::from_bits_retain(self.output.load(Ordering::SeqCst));
        mode.control_modes = ControlModes::from_bits_retain(self.control.load(Ordering::SeqCst));
        mode.local_modes = LocalModes::from_bits_retain(self.local.load(Ordering::SeqCst));
        mode.special_codes[SpecialCodeIndex::VMIN] = self.least.load(Ordering::SeqCst);
        mode.special_codes[SpecialCodeIndex::VTIME] = self.time.load(Ordering::SeqCst);
    }
}

pub(super) fn is_raw() -> bool {
    RAW.load(Ordering::SeqCst)
}

/// Makes the terminal pass on each byte at once and uninterpreted.
pub(super) fn make_raw() -> io::Result<()> {
    let mut mode = tcgetattr(stdin())?;
    if is_raw() {
        // If we were stopped from outside we could not leave; then the saved mode is right, not what the
        // shell made of ours.
        BEFORE.apply_to(&mut mode);
    } else {
        BEFORE.save(&mode);
    }
    mode.make_raw();
    RAW.store(true, Ordering::SeqCst);
    tcsetattr(stdin(), OptionalActions::Now, &mode)?;
    Ok(())
}

/// Restores the mode before if the terminal is in our mode; safe in signal handlers. Unread input for us is
/// dropped: the shell must not run it as a command.
pub(super) fn restore() {
    // In the background the mode belongs to the shell, and changing it would stop us.
    if !is_raw() || !in_foreground() {
        RAW.store(false, Ordering::SeqCst);
        return;
    }
    if let Ok(mut mode) = tcgetattr(stdin()) {
        BEFORE.apply_to(&mut mode);
        // Not tcsetattr's own flush, which first waits for output: forever on a stopped serial line.
        let _ = tcflush(stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(stdin(), OptionalActions::Now, &mode);
    }
    RAW.store(false, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_raw_mode_changes_is_saved() {
        // The terminal side of a new pseudo-terminal has the mode of the other.
        let terminal = std::fs::File::open("/dev/ptmx").unwrap();
        let mut mode = tcgetattr(&terminal).unwrap();
        // Everything that raw mode could clear is set, and everything that it sets has another value.
        mode.input_modes = InputModes::from_bits_retain(0o7_777);
        mode.output_modes = OutputModes::OPOST | OutputModes::ONLCR;
        mode.local_modes = LocalModes::from_bits_retain(0o77_777);
        mode.control_modes |= ControlModes::PARENB;
        mode.special_codes[SpecialCodeIndex::VMIN] = 7;
        mode.special_codes[SpecialCodeIndex::VTIME] = 9;
        let before = format!("{mode:?}");
        let saved = SavedMode::new();
        saved.save(&mode);
        mode.make_raw();
        assert_ne!(format!("{mode:?}"), before);
        saved.apply_to(&mut mode);
        assert_eq!(format!("{mode:?}"), before);
    }
}
