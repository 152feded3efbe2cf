//! The way of what must happen once, from the event loop to the render task: a bounded channel beside the frames.
//!
//! A newer frame replaces an older one; a bell, a notification or a copy is neither lost nor doubled by that, and reaches the
//! terminal in the order in which it was sent. Owns what happens when the terminal is so slow that the channel is full, since
//! the event loop never waits: bells become one bell and titles the newest title, which go as soon as there is room; a
//! notification becomes such a bell, and a copy is refused, so that the operator is told.

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
    /// The terminal takes nothing at the moment: this copy is not sent later.
    Copy,
    /// The same of a notification; a bell goes in its place.
    Notification,
    /// The text is longer than the terminal takes, in bytes.
    TooLong(usize),
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy => f.write_str("not copied: the terminal is too slow; try again"),
            Self::Notification => f.write_str("a notification was dropped: the terminal is too slow"),
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
    /// Whether a bell found no room.
    owes_bell: bool,
    /// The newest title that found no room.
    owed_title: Option<String>,
    /// The newest title.
    title: String,
    longest_copy: usize,
}

impl Outbox {
    /// Sends `output`, without waiting.
    ///
    /// # Errors
    /// What happened to it if there is no room.
    pub fn send(&mut self, output: OnceOutput) -> Result<(), Unsent> {
        if let OnceOutput::Copy(text) = &output
            && text.len() > self.longest_copy
        {
            return Err(Unsent::TooLong(self.longest_copy));
        }
        self.settle();
        if self.owes() {
            return self.postpone(output);
        }
        match self.sender.try_send(output) {
            Err(TrySendError::Full(output)) => self.postpone(output),
            // Without a render task the loop ends with its cause.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Sends the window's title, if it is another one than before.
    pub fn title(&mut self, title: String) {
        if self.title == title {
            return;
        }
        self.title.clone_from(&title);
        // A title that finds no room is sent later.
        let _ = self.send(OnceOutput::Title(title));
    }

    /// Sends what found no room before, as far as there is room now.
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
            // The colours stay as they are.
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
        // The one place is the bell's, and the title still waits.
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
