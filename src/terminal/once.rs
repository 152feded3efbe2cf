//! Output that is written to the terminal exactly once: bells, titles, notifications, copies.
//!
//! Owns the bytes of each, depending on the terminal: a multiplexer drops some sequences unless they are
//! wrapped, and prints those that are wrapped for another one. So the environment's variables decide, and in
//! doubt nothing is wrapped. A notification rings as well: the variables that tell of a terminal are inherited by others that are
//! started from it, mosh and tmux (by default) drop notifications, and no terminal confirms one.
//! [`super::display`] owns pictures, of which the newest replaces older ones; this
//! output is not part of any frame. Must not: wait for an answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::multiplexer::Multiplexer;
use super::screen::{ASK_FOR_COLOURS, WATCH_COLOURS};
use crate::env::Variables;

/// The longest window title in bytes, which every terminal accepts.
const LONGEST_TITLE: usize = 80;
/// The longest text of a notification in bytes: wrapped it stays below the 760 that GNU screen passes on.
const LONGEST_NOTIFICATION: usize = 600;
/// The most bytes that are copied. Terminals have different limits, the lowest 74,994 letters of base64
/// (xterm's old limit, which others adopted); nothing that is copied here is nearly as long.
const LONGEST_COPY: usize = 16 << 10;
/// The same in GNU screen, which prints everything beyond about 766 letters of a sequence as text.
const LONGEST_COPY_IN_SCREEN: usize = 500;

/// Output that is written once and in the order of sending, whatever happens to frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnceOutput {
    /// The bell.
    Bell,
    /// The window's title. Only its printable ASCII is used.
    Title(String),
    /// A bell, and a sentence that the desktop shows if the terminal is known to support notifications. Where the terminal
    /// knows ids (OSC 99), it replaces the one with the same id.
    Notification {
        /// The id.
        id: u32,
        /// The sentence.
        text: String,
    },
    /// A text for the clipboard (OSC 52). Many terminals ignore it by default, and none confirms it, so the
    /// text counts as sent, not as copied.
    Copy(String),
    /// Requests the terminal's background, and reports of changes of its scheme.
    AskForColours,
}

/// The sequence in which a terminal accepts notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotificationForm {
    /// OSC 9: iTerm2, WezTerm, ghostty.
    Nine,
    /// OSC 99: kitty.
    NinetyNine,
    /// OSC 777: foot. urxvt has it only with an extension that is off by default, so it does not count.
    SevenSevenSeven,
}

/// What the environment's variables say about the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalTraits {
    multiplexer: Multiplexer,
    notifications: Option<NotificationForm>,
    /// A terminal without titles, clipboard and queries, such as a console or a serial line: some print a part of such a
    /// sequence, and ring for its end.
    lacks_strings: bool,
    /// Whether a paste may arrive as if it were typed.
    may_type_pastes: bool,
}

impl TerminalTraits {
    /// The traits of a terminal with these variables.
    pub fn of(variables: Variables<'_>) -> Self {
        let set = |name: &str| variables(name).filter(|value| !value.is_empty());
        let multiplexer = Multiplexer::of(variables);
        let term = set("TERM").unwrap_or_default();
        let program = set("TERM_PROGRAM").unwrap_or_default();
        // Other terminals inherit the variable if they are started from kitty. In a multiplexer it is all there is.
        let is_inside = set("TMUX").or_else(|| set("STY")).is_some();
        let is_kitty = term.starts_with("xterm-kitty") || is_inside && set("KITTY_WINDOW_ID").is_some();
        let lacks_strings = lacks_strings(&term);
        let may_type_pastes = multiplexer.may_be_screen()
            || lacks_strings
            || ["dvtm", "eterm"].iter().any(|name| term.starts_with(name))
            || ["VIM_TERMINAL", "INSIDE_EMACS"]
                .iter()
                .any(|name| set(name).is_some());
        let notifications = if lacks_strings {
            None
        } else if is_kitty {
            Some(NotificationForm::NinetyNine)
        } else if term.starts_with("foot") {
            Some(NotificationForm::SevenSevenSeven)
        } else if matches!(program.as_str(), "iTerm.app" | "WezTerm" | "ghostty") {
            Some(NotificationForm::Nine)
        } else {
            None
        };
        Self {
            multiplexer,
            notifications,
            lacks_strings,
            may_type_pastes,
        }
    }

    /// Whether it has a title, a clipboard and colours that it tells: sequences that end with a BEL or ST.
    pub fn takes_strings(self) -> bool {
        !self.lacks_strings
    }

    /// Whether a paste may arrive as if it were typed: GNU screen, dvtm, Vim and Emacs set no marks around their own, and a
    /// serial line knows none.
    pub fn may_type_pastes(self) -> bool {
        self.may_type_pastes
    }

    /// The most bytes that can be copied at once; none where there is no clipboard.
    pub fn longest_copy(self) -> Option<usize> {
        match self.multiplexer {
            _ if self.lacks_strings => None,
            Multiplexer::Screen | Multiplexer::ScreenOrTmux => Some(LONGEST_COPY_IN_SCREEN),
            Multiplexer::None | Multiplexer::Tmux | Multiplexer::Nested => Some(LONGEST_COPY),
        }
    }

    /// What a notice about a copy adds: what the multiplexer does with it.
    pub fn copy_note(self) -> &'static str {
        match self.multiplexer {
            Multiplexer::Tmux => " (tmux passes it on with set-clipboard on)",
            Multiplexer::None | Multiplexer::Screen | Multiplexer::ScreenOrTmux | Multiplexer::Nested => "",
        }
    }

    /// What happens to a notification that is sent, after "sent": the terminal confirms none.
    pub fn notification_note(self) -> &'static str {
        match (self.notifications, self.multiplexer) {
            (None, _) => " as a bell: this terminal is not known to show notifications",
            (Some(_), Multiplexer::Tmux) => {
                " with a bell, to tmux, which passes it on with allow-passthrough on"
            }
            (Some(_), _) => " with a bell, to the terminal",
        }
    }

    /// The sequence, wrapped so that it reaches the outer terminal.
    fn wrapped(self, sequence: String) -> String {
        match self.multiplexer {
            Multiplexer::None | Multiplexer::Nested => sequence,
            // Passes with `allow-passthrough on`, and leaves nothing on the screen without.
            Multiplexer::Tmux => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
            // tmux drops it without a trace.
            Multiplexer::Screen | Multiplexer::ScreenOrTmux => format!("\x1bP{sequence}\x1b\\"),
        }
    }
}

/// Whether the terminal type is one without sequences that end with BEL or ST: the Linux console, and what is usual on a serial
/// line (agetty sets `vt220`). terminfo has no title for them. minicom 2.8 prints such a sequence and rings for its BEL.
fn lacks_strings(term: &str) -> bool {
    let is_vt = term
        .strip_prefix("vt")
        .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    is_vt
        || ["linux", "ansi", "minicom"]
            .iter()
            .any(|name| term.starts_with(name))
}

impl OnceOutput {
    /// The bytes to write, in one piece.
    pub(crate) fn bytes(&self, to: TerminalTraits) -> Vec<u8> {
        let text = match self {
            Self::Bell => bell(to),
            Self::Title(_) | Self::Copy(_) if !to.takes_strings() => String::new(),
            Self::Title(title) => {
                let safe = title.chars().filter(|letter| (' '..='~').contains(letter));
                format!("\x1b]2;{}\x07", safe.take(LONGEST_TITLE).collect::<String>())
            }
            Self::Notification { id, text } => notification(*id, text, to),
            Self::Copy(text) => copy(text, to),
            // Without a wrapper: a multiplexer reports its own background, or one that cannot be trusted.
            Self::AskForColours if !to.takes_strings() => String::new(),
            Self::AskForColours => [WATCH_COLOURS, ASK_FOR_COLOURS].concat(),
        };
        text.into_bytes()
    }
}

fn bell(to: TerminalTraits) -> String {
    match to.multiplexer {
        // Its own bell is a flash by default; the wrapped one rings in the outer terminal.
        Multiplexer::Screen | Multiplexer::ScreenOrTmux => {
            format!("\x07{}", to.wrapped("\x07".to_owned()))
        }
        Multiplexer::None | Multiplexer::Tmux | Multiplexer::Nested => "\x07".to_owned(),
    }
}

fn notification(id: u32, text: &str, to: TerminalTraits) -> String {
    let safe: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let safe = safe.get(..safe.floor_char_boundary(LONGEST_NOTIFICATION));
    let safe = safe.unwrap_or_default();
    // The name goes first: some terminals with OSC 9 interpret a text that begins with a number and `;`
    // differently.
    let sequence = match to.notifications {
        None => return bell(to),
        Some(NotificationForm::Nine) => format!("\x1b]9;hss-top: {safe}\x07"),
        Some(NotificationForm::NinetyNine) => format!("\x1b]99;i=hss-top-{id:08x};hss-top: {safe}\x1b\\"),
        Some(NotificationForm::SevenSevenSeven) => format!("\x1b]777;notify;hss-top;{safe}\x07"),
    };
    let shown = match (to.multiplexer, to.notifications) {
        // GNU screen's wrapper ends in the same ST, so a sequence inside it must end in BEL.
        (Multiplexer::Screen | Multiplexer::ScreenOrTmux, Some(NotificationForm::NinetyNine)) => {
            to.wrapped(format!("\x1b]99;i=hss-top-{id:08x};hss-top: {safe}\x07"))
        }
        _ => to.wrapped(sequence),
    };
    bell(to) + &shown
}

fn copy(text: &str, to: TerminalTraits) -> String {
    let sequence = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match to.multiplexer {
        // tmux accepts it unwrapped with `set-clipboard on`, and drops it otherwise.
        Multiplexer::None | Multiplexer::Tmux | Multiplexer::Nested => sequence,
        Multiplexer::Screen => to.wrapped(sequence),
        // GNU screen drops the first, tmux the second.
        Multiplexer::ScreenOrTmux => [sequence.clone(), to.wrapped(sequence)].concat(),
    }
}

#[cfg(test)]
mod tests;
