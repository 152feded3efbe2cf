//! Whether `q` ends the program: only if it is pressed twice in a short time, with no other key in between.
//!
//! Owns the question. Time is counted in ticks: a clock that is set back must not keep the question open. Must not: know
//! which key asks.

use std::time::Duration;

/// Within this many ticks of a second, the second press ends the program.
const TICKS: u64 = 2;

/// Whether somebody asked to end the program, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuitQuestion {
    asked_at: Option<u64>,
}

impl QuitQuestion {
    /// How long the question is shown: one tick longer, because the first may come at once.
    pub const STAYS: Duration = Duration::from_secs(TICKS + 1);

    /// The key was pressed at this tick. Returns whether it was pressed before, so that the program ends.
    pub fn press(&mut self, tick: u64) -> bool {
        let again = self
            .asked_at
            .take()
            .is_some_and(|asked| tick.saturating_sub(asked) <= TICKS);
        if !again {
            self.asked_at = Some(tick);
        }
        again
    }

    /// Another key was pressed, so the program goes on.
    pub fn forget(&mut self) {
        self.asked_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_ends_where_the_key_is_pressed_twice_within_two_seconds() {
        let mut question = QuitQuestion::default();
        assert!(!question.press(10) && question.press(12));
        assert!(!question.press(13), "it was answered");
        assert!(!question.press(16), "too late: it is asked anew");
        question.forget();
        assert!(!question.press(16) && question.press(16));
    }
}
