//! The terminal's mode before it was ours.
//!
//! Kept in atomics and not behind a lock, so that a signal handler can restore it: of a mode, [`make_raw`] changes four
//! words and two control characters, and nothing else has to be kept.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use rustix::stdio::stdin;
use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex,
    Termios, tcflush, tcgetattr, tcsetattr,
};

use super::screen::in_foreground;

/// What raw mode changes of a mode.
#[derive(Debug)]
struct KeptMode {
    input: AtomicU32,
    output: AtomicU32,
    control: AtomicU32,
    local: AtomicU32,
    least: AtomicU8,
    time: AtomicU8,
}

/// The mode before; of meaning while [`RAW`].
static BEFORE: KeptMode = KeptMode::new();
/// Whether the mode is ours.
static RAW: AtomicBool = AtomicBool::new(false);

impl KeptMode {
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

    fn keep(&self, mode: &Termios) {
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

    fn put_into(&self, mode: &mut Termios) {
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

/// Makes the terminal give each byte at once, and none a meaning of its own.
pub(super) fn make_raw() -> io::Result<()> {
    let mut mode = tcgetattr(stdin())?;
    if is_raw() {
        // Stopped from outside we could not leave: then the mode before is the one we know, not what a shell made of ours.
        BEFORE.put_into(&mut mode);
    } else {
        BEFORE.keep(&mode);
    }
    mode.make_raw();
    RAW.store(true, Ordering::SeqCst);
    tcsetattr(stdin(), OptionalActions::Now, &mode)?;
    Ok(())
}

/// Restores the mode before, if it is ours; for signal handlers too. What was typed for us and is not read is dropped: the
/// shell must not take it for a command.
pub(super) fn restore() {
    // In the background the mode is the shell's business, and to touch it would stop us.
    if !is_raw() || !in_foreground() {
        RAW.store(false, Ordering::SeqCst);
        return;
    }
    if let Ok(mut mode) = tcgetattr(stdin()) {
        BEFORE.put_into(&mut mode);
        // Not tcsetattr's own flush: it waits for output first, on a serial line that is stopped for ever.
        let _ = tcflush(stdin(), QueueSelector::IFlush);
        let _ = tcsetattr(stdin(), OptionalActions::Now, &mode);
    }
    RAW.store(false, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_raw_mode_changes_is_what_is_kept() {
        // The terminal side of a new pseudo-terminal has the mode of the other.
        let terminal = std::fs::File::open("/dev/ptmx").unwrap();
        let mut mode = tcgetattr(&terminal).unwrap();
        // All that raw mode could clear is set, and all that it sets is otherwise.
        mode.input_modes = InputModes::from_bits_retain(0o7_777);
        mode.output_modes = OutputModes::OPOST | OutputModes::ONLCR;
        mode.local_modes = LocalModes::from_bits_retain(0o77_777);
        mode.control_modes |= ControlModes::PARENB;
        mode.special_codes[SpecialCodeIndex::VMIN] = 7;
        mode.special_codes[SpecialCodeIndex::VTIME] = 9;
        let before = format!("{mode:?}");
        let kept = KeptMode::new();
        kept.keep(&mode);
        mode.make_raw();
        assert_ne!(format!("{mode:?}"), before);
        kept.put_into(&mut mode);
        assert_eq!(format!("{mode:?}"), before);
    }
}
