//! What is written to the terminal exactly once: bells, titles, notifications, copies.
//!
//! Owns the bytes of each, for the terminal at hand: a multiplexer drops some sequences unless they are wrapped, and prints
//! what is wrapped for another one. So the variables of this environment decide, and in doubt nothing is wrapped. A picture
//! is the newest frame and is [`super::display`]'s; these are not part of any frame. Must not: ask the terminal anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::env::Variables;

/// Bytes of a window's title at most: every terminal takes so many.
const LONGEST_TITLE: usize = 80;
/// Bytes of a notification's text at most: wrapped it stays below the 760 that GNU screen lets through.
const LONGEST_NOTIFICATION: usize = 600;
/// Bytes that are copied at most. Terminals take different amounts, the least of them 74,994 letters of base64 (xterm's old
/// bound, which others took over); nothing that is copied here is nearly as long.
const LONGEST_COPY: usize = 16 << 10;
/// The same in GNU screen, which prints what is beyond some 766 letters of a sequence as text.
const LONGEST_COPY_IN_SCREEN: usize = 500;

/// Something that happens once, in the order in which it was sent, whatever becomes of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnceOutput {
    /// The bell.
    Bell,
    /// The window's title. Only its printable ASCII is used.
    Title(String),
    /// A sentence that the desktop shows; a bell where the terminal is not known to take one.
    Notification(String),
    /// A text for the clipboard (OSC 52). Many terminals ignore it unless they are told otherwise, and none says whether it
    /// did: this is sent, not copied.
    Copy(String),
}

/// The program between us and the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Multiplexer {
    #[default]
    None,
    Tmux,
    Screen,
}

/// The sequence by which a terminal takes notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotificationForm {
    /// OSC 9: iTerm2, WezTerm, ghostty.
    Nine,
    /// OSC 99: kitty.
    NinetyNine,
    /// OSC 777: urxvt, foot.
    SevenSevenSeven,
}

/// What is known of the terminal, by its variables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerminalTraits {
    multiplexer: Multiplexer,
    notifications: Option<NotificationForm>,
}

impl TerminalTraits {
    /// Those of a terminal with these variables.
    pub fn of(variables: Variables<'_>) -> Self {
        let set = |name: &str| variables(name).filter(|value| !value.is_empty());
        let multiplexer = match (set("TMUX"), set("STY")) {
            (Some(_), None) => Multiplexer::Tmux,
            (None, Some(_)) => Multiplexer::Screen,
            // One inside the other: which is the inner one is not told.
            (Some(_), Some(_)) | (None, None) => Multiplexer::None,
        };
        let term = set("TERM").unwrap_or_default();
        let program = set("TERM_PROGRAM").unwrap_or_default();
        let notifications = if term.starts_with("xterm-kitty") || set("KITTY_WINDOW_ID").is_some() {
            Some(NotificationForm::NinetyNine)
        } else if term.starts_with("rxvt") || term.starts_with("foot") {
            Some(NotificationForm::SevenSevenSeven)
        } else if matches!(program.as_str(), "iTerm.app" | "WezTerm" | "ghostty") {
            Some(NotificationForm::Nine)
        } else {
            None
        };
        Self {
            multiplexer,
            notifications,
        }
    }

    /// The most bytes that can be copied at once.
    pub fn longest_copy(self) -> usize {
        match self.multiplexer {
            Multiplexer::Screen => LONGEST_COPY_IN_SCREEN,
            Multiplexer::None | Multiplexer::Tmux => LONGEST_COPY,
        }
    }

    /// A sequence as it reaches the terminal outside.
    fn wrapped(self, sequence: String) -> String {
        match self.multiplexer {
            Multiplexer::None => sequence,
            // Passes with `allow-passthrough on`, and leaves nothing on the screen without.
            Multiplexer::Tmux => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
            Multiplexer::Screen => format!("\x1bP{sequence}\x1b\\"),
        }
    }
}

impl OnceOutput {
    /// What is written, in one piece.
    pub(crate) fn bytes(&self, to: TerminalTraits) -> Vec<u8> {
        let text = match self {
            Self::Bell => bell(to),
            Self::Title(title) => {
                let safe = title.chars().filter(|letter| (' '..='~').contains(letter));
                format!("\x1b]2;{}\x07", safe.take(LONGEST_TITLE).collect::<String>())
            }
            Self::Notification(text) => notification(text, to),
            Self::Copy(text) => copy(text, to),
        };
        text.into_bytes()
    }
}

fn bell(to: TerminalTraits) -> String {
    match to.multiplexer {
        // Its own bell is a flash by default; the wrapped one rings outside.
        Multiplexer::Screen => format!("\x07{}", to.wrapped("\x07".to_owned())),
        Multiplexer::None | Multiplexer::Tmux => "\x07".to_owned(),
    }
}

fn notification(text: &str, to: TerminalTraits) -> String {
    let safe: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let safe = safe.get(..safe.floor_char_boundary(LONGEST_NOTIFICATION));
    let safe = safe.unwrap_or_default();
    // The name goes first: a text that begins with a number and `;` means other things to some that take OSC 9.
    let sequence = match to.notifications {
        None => return bell(to),
        Some(NotificationForm::Nine) => format!("\x1b]9;hss-top: {safe}\x07"),
        Some(NotificationForm::NinetyNine) => format!("\x1b]99;;hss-top: {safe}\x1b\\"),
        Some(NotificationForm::SevenSevenSeven) => format!("\x1b]777;notify;hss-top;{safe}\x07"),
    };
    match (to.multiplexer, to.notifications) {
        // Its own end of a wrapper is the same ST, so a sequence in it has to end in BEL.
        (Multiplexer::Screen, Some(NotificationForm::NinetyNine)) => {
            to.wrapped(format!("\x1b]99;;hss-top: {safe}\x07"))
        }
        _ => to.wrapped(sequence),
    }
}

fn copy(text: &str, to: TerminalTraits) -> String {
    let sequence = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    match to.multiplexer {
        // tmux with `set-clipboard on` takes it as it is, and drops it otherwise.
        Multiplexer::None | Multiplexer::Tmux => sequence,
        Multiplexer::Screen => to.wrapped(sequence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(set: &[(&str, &str)]) -> TerminalTraits {
        TerminalTraits::of(&|name| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn written(output: &OnceOutput, set: &[(&str, &str)]) -> String {
        let bytes = output.bytes(traits(set));
        String::from_utf8(bytes).unwrap().replace('\x1b', "^")
    }

    const TMUX: &[(&str, &str)] = &[("TMUX", "/tmp/tmux-0/default,1,0")];
    const SCREEN: &[(&str, &str)] = &[("STY", "1.pts-0.host")];
    const KITTY: &[(&str, &str)] = &[("TERM", "xterm-kitty")];

    #[test]
    fn each_output_is_wrapped_for_the_multiplexer_that_is_there_and_for_no_other() {
        let copy = OnceOutput::Copy("api-0".into());
        let both = [TMUX, SCREEN].concat();
        for (set, bell, copied) in [
            (&[][..], "\x07", "^]52;c;YXBpLTA=\x07"),
            (TMUX, "\x07", "^]52;c;YXBpLTA=\x07"),
            (SCREEN, "\x07^P\x07^\\", "^P^]52;c;YXBpLTA=\x07^\\"),
            (&both, "\x07", "^]52;c;YXBpLTA=\x07"),
        ] {
            assert_eq!(written(&OnceOutput::Bell, set), bell, "{set:?}");
            assert_eq!(written(&copy, set), copied, "{set:?}");
        }
        assert!(traits(SCREEN).longest_copy() < traits(TMUX).longest_copy());
    }

    #[test]
    fn a_notification_has_the_form_that_the_terminal_takes_and_is_a_bell_elsewhere() {
        let told = OnceOutput::Notification("2 pods\x07 at\x1b risk\u{9c}".into());
        for (set, sequence) in [
            (&[("TERM", "xterm-256color")][..], "\x07"),
            (KITTY, "^]99;;hss-top: 2 pods at risk^\\"),
            (&[("TERM", "foot")], "^]777;notify;hss-top;2 pods at risk\x07"),
            (&[("TERM_PROGRAM", "WezTerm")], "^]9;hss-top: 2 pods at risk\x07"),
            (
                &[KITTY, TMUX].concat(),
                "^Ptmux;^^]99;;hss-top: 2 pods at risk^^\\^\\",
            ),
            (
                &[KITTY, SCREEN].concat(),
                "^P^]99;;hss-top: 2 pods at risk\x07^\\",
            ),
        ] {
            assert_eq!(written(&told, set), sequence, "{set:?}");
        }
        let long = OnceOutput::Notification("生".repeat(1000));
        assert!(written(&long, &[KITTY, SCREEN].concat()).len() < 760);
    }

    #[test]
    fn a_title_is_printable_ascii_of_a_length_that_every_terminal_takes() {
        let hostile = "a\x07\x1b]0;b\u{9c}\u{751f}\n".to_owned() + &"c".repeat(200);
        let bytes = written(&OnceOutput::Title(hostile), &[]);
        let title = bytes.strip_prefix("^]2;").unwrap().strip_suffix('\x07').unwrap();
        assert!(title.starts_with("a]0;bccc") && title.len() == 80, "{title:?}");
    }
}
