//! Outputs that must happen once, on their way from the event loop to the render task: a bounded channel next
//! to the frames.
//!
//! A newer frame replaces an older one, but no bell, notification or copy is lost or repeated, and they reach
//! the terminal in order. Owns what happens when a slow terminal fills the channel, because the event loop
//! never waits: several bells become one, only the newest title remains, and both are sent when there is room
//! again. A notification becomes such a bell. A copy is refused, and the operator is told.

use std::fmt;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::terminal::{OnceOutput, TerminalTraits};

/// Outputs that may wait for the terminal.
pub const ROOM: usize = 32;

/// A new channel to a terminal with these traits.
pub fn channel(to: TerminalTraits) -> (Outbox, mpsc::Receiver<OnceOutput>) {
    let (sender, receiver) = mpsc::channel(ROOM);
    let outbox = Outbox {
        sender,
        owes_bell: false,
        owed_title: None,
        title: String::new(),
        longest_copy: to.longest_copy(),
    };
    (outbox, receiver)
}

/// Why an output was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The terminal accepts nothing now: this copy is not sent later.
    Copy,
    /// The same for a notification; a bell replaces it.
    Notification,
    /// The text is longer than the terminal accepts, in bytes.
    TooLong(usize),
    /// The terminal has no clipboard.
    NoClipboard,
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy => f.write_str("not copied: the terminal is too slow; try again"),
            Self::Notification => f.write_str("a notification was dropped: the terminal is too slow"),
            Self::NoClipboard => f.write_str("not copied: this terminal has no clipboard; e writes a file"),
            Self::TooLong(most) => {
                write!(
                    f,
                    "not copied: this terminal takes {most} bytes; e writes a file instead"
                )
            }
        }
    }
}

/// The event loop's end of the channel.
#[derive(Debug)]
pub struct Outbox {
    sender: mpsc::Sender<OnceOutput>,
    /// Whether a bell waits for room.
    owes_bell: bool,
    /// The newest title that waits for room.
    owed_title: Option<String>,
    /// The newest title.
    title: String,
    longest_copy: Option<usize>,
}

impl Outbox {
    /// Sends `output`, without waiting.
    ///
    /// # Errors
    /// Why it was not sent, if there is no room.
    pub fn send(&mut self, output: OnceOutput) -> Result<(), Unsent> {
        if let OnceOutput::Copy(text) = &output {
            match self.longest_copy {
                None => return Err(Unsent::NoClipboard),
                Some(longest) if text.len() > longest => return Err(Unsent::TooLong(longest)),
                Some(_) => {}
            }
        }
        self.settle();
        if self.owes() {
            return self.postpone(output);
        }
        match self.sender.try_send(output) {
            Err(TrySendError::Full(output)) => self.postpone(output),
            // If the render task ended, the loop ends for the same reason.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Sends the window's title, if it has changed.
    pub fn title(&mut self, title: String) {
        if self.title == title {
            return;
        }
        self.title.clone_from(&title);
        // A title without room is sent later.
        let _ = self.send(OnceOutput::Title(title));
    }

    /// Sends the waiting bell and title, as far as there is room now.
    pub fn settle(&mut self) {
        if self.owes_bell {
            self.owes_bell = self.sender.try_send(OnceOutput::Bell).is_err();
        }
        if !self.owes_bell
            && let Some(title) = self.owed_title.take()
            && let Err(TrySendError::Full(OnceOutput::Title(title))) =
                self.sender.try_send(OnceOutput::Title(title))
        {
            self.owed_title = Some(title);
        }
    }

    fn owes(&self) -> bool {
        self.owes_bell || self.owed_title.is_some()
    }

    fn postpone(&mut self, output: OnceOutput) -> Result<(), Unsent> {
        match output {
            OnceOutput::Bell => self.owes_bell = true,
            OnceOutput::Title(title) => self.owed_title = Some(title),
            OnceOutput::Notification { .. } => {
                self.owes_bell = true;
                return Err(Unsent::Notification);
            }
            OnceOutput::Copy(_) => return Err(Unsent::Copy),
            // The colours do not change.
            OnceOutput::AskForColours => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(number: usize) -> OnceOutput {
        OnceOutput::Copy(number.to_string())
    }

    fn drained(receiver: &mut mpsc::Receiver<OnceOutput>) -> Vec<OnceOutput> {
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn what_is_sent_arrives_once_and_in_order() {
        let (mut outbox, mut receiver) = channel(TerminalTraits::default());
        let sent = [copy(1), OnceOutput::Bell, OnceOutput::Bell, copy(2), copy(2)];
        for output in sent.clone() {
            assert_eq!(outbox.send(output), Ok(()));
        }
        assert_eq!(drained(&mut receiver), sent);
    }

    #[test]
    fn where_there_is_no_room_bells_and_titles_become_one_and_a_copy_is_told() {
        let (mut outbox, mut receiver) = channel(TerminalTraits::default());
        let sent: Vec<OnceOutput> = (0..ROOM).map(copy).collect();
        for output in sent.clone() {
            assert_eq!(outbox.send(output), Ok(()));
        }
        let told = |text: &str| OnceOutput::Notification {
            id: 1,
            text: text.into(),
        };
        assert_eq!(outbox.send(copy(99)), Err(Unsent::Copy));
        assert_eq!(outbox.send(OnceOutput::Bell), Ok(()));
        assert_eq!(outbox.send(told("a")), Err(Unsent::Notification));
        outbox.title("one".into());
        outbox.title("two".into());
        assert_eq!(drained(&mut receiver), sent);
        assert_eq!(outbox.send(copy(100)), Ok(()));
        outbox.title("two".into());
        let late = [OnceOutput::Bell, OnceOutput::Title("two".into()), copy(100)];
        assert_eq!(drained(&mut receiver), late);
    }

    #[test]
    fn what_found_no_room_goes_before_what_is_sent_later() {
        let (mut outbox, mut receiver) = channel(TerminalTraits::default());
        for number in 0..ROOM {
            assert_eq!(outbox.send(copy(number)), Ok(()));
        }
        assert_eq!(outbox.send(OnceOutput::Bell), Ok(()));
        outbox.title("late".into());
        assert_eq!(receiver.try_recv(), Ok(copy(0)));
        // The bell gets the only free place, and the title still waits.
        assert_eq!(outbox.send(copy(99)), Err(Unsent::Copy));
        assert_eq!(drained(&mut receiver).last(), Some(&OnceOutput::Bell));
        outbox.settle();
        assert_eq!(drained(&mut receiver), [OnceOutput::Title("late".into())]);
    }

    #[test]
    fn a_text_that_the_terminal_does_not_take_is_refused_whatever_room_there_is() {
        let screen = TerminalTraits::of(&|name| (name == "STY").then(|| "1.a".to_owned()));
        let (mut outbox, mut receiver) = channel(screen);
        let refused = outbox.send(OnceOutput::Copy("x".repeat(501)));
        assert_eq!(refused, Err(Unsent::TooLong(500)));
        assert_eq!(outbox.send(OnceOutput::Copy("x".repeat(500))), Ok(()));
        assert_eq!(drained(&mut receiver).len(), 1);
    }
}
