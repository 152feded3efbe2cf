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
mod tests {
    use super::*;

    fn told(text: &str) -> OnceOutput {
        OnceOutput::Notification {
            id: 42,
            text: text.into(),
        }
    }

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
    const URXVT: &[(&str, &str)] = &[("TERM", "rxvt-unicode-256color")];
    /// As after sudo in GNU screen.
    const MAYBE_SCREEN: &[(&str, &str)] = &[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")];

    #[test]
    fn it_is_said_what_happens_to_a_notification() {
        let in_tmux = [TMUX, KITTY].concat();
        for (set, note) in [
            (
                &[][..],
                " as a bell: this terminal is not known to show notifications",
            ),
            (
                TMUX,
                " as a bell: this terminal is not known to show notifications",
            ),
            (
                URXVT,
                " as a bell: this terminal is not known to show notifications",
            ),
            (KITTY, " with a bell, to the terminal"),
            (
                &in_tmux,
                " with a bell, to tmux, which passes it on with allow-passthrough on",
            ),
        ] {
            assert_eq!(traits(set).notification_note(), note, "{set:?}");
        }
    }

    #[test]
    fn a_console_and_a_serial_line_get_no_title_and_no_copy_and_a_bell_for_a_notification() {
        let copy = OnceOutput::Copy("api-0".into());
        let title = OnceOutput::Title("3 at risk".into());
        for term in ["linux", "linux-16color", "vt220", "vt102", "ansi", "minicom"] {
            let set = &[("TERM", term), ("TERM_PROGRAM", "WezTerm")][..];
            for output in [&copy, &title, &OnceOutput::AskForColours] {
                assert_eq!(written(output, set), "", "{term} {output:?}");
            }
            assert_eq!(written(&told("late"), set), "\x07", "{term}");
            assert!(!traits(set).takes_strings() && traits(set).longest_copy().is_none());
        }
        for term in ["xterm", "vte-256color", "screen", "tmux-256color", ""] {
            let set = &[("TERM", term)][..];
            assert!(written(&title, set).contains("3 at risk"), "{term}");
            assert!(traits(set).takes_strings() && traits(set).longest_copy().is_some());
        }
    }

    #[test]
    fn who_sets_no_marks_around_a_paste_is_known() {
        for (set, may) in [
            (&[][..], false),
            (TMUX, false),
            (KITTY, false),
            (SCREEN, true),
            (MAYBE_SCREEN, true),
            (&[("TERM", "dvtm-256color")], true),
            (&[("TERM", "eterm-color")], true),
            (&[("TERM", "vt220")], true),
            (&[("TERM", "linux")], true),
            (&[("TERM", "xterm"), ("VIM_TERMINAL", "901")], true),
            (&[("TERM", "xterm"), ("INSIDE_EMACS", "30.2,term")], true),
            (&[("TERM", "xterm"), ("VIM_TERMINAL", "")], false),
        ] {
            assert_eq!(traits(set).may_type_pastes(), may, "{set:?}");
        }
    }

    #[test]
    fn each_output_is_wrapped_only_for_the_multiplexer_in_use() {
        let copy = OnceOutput::Copy("api-0".into());
        let both = [TMUX, SCREEN].concat();
        for (set, bell, copied) in [
            (&[][..], "\x07", "^]52;c;YXBpLTA=\x07"),
            (TMUX, "\x07", "^]52;c;YXBpLTA=\x07"),
            (SCREEN, "\x07^P\x07^\\", "^P^]52;c;YXBpLTA=\x07^\\"),
            (
                MAYBE_SCREEN,
                "\x07^P\x07^\\",
                "^]52;c;YXBpLTA=\x07^P^]52;c;YXBpLTA=\x07^\\",
            ),
            (&both, "\x07", "^]52;c;YXBpLTA=\x07"),
        ] {
            assert_eq!(written(&OnceOutput::Bell, set), bell, "{set:?}");
            assert_eq!(written(&copy, set), copied, "{set:?}");
        }
        assert!(traits(SCREEN).longest_copy() < traits(TMUX).longest_copy());
        assert_eq!(traits(SCREEN).longest_copy(), traits(MAYBE_SCREEN).longest_copy());
        let may_be = [SCREEN, MAYBE_SCREEN, &both, TMUX, KITTY].map(|set| traits(set).may_type_pastes());
        assert_eq!(may_be, [true, true, true, false, false]);
        assert_eq!(
            traits(TMUX).copy_note(),
            " (tmux passes it on with set-clipboard on)"
        );
        assert_eq!([traits(SCREEN).copy_note(), traits(&[]).copy_note()], ["", ""]);
    }

    #[test]
    fn a_notification_rings_and_has_the_form_of_the_terminal() {
        let notification = told("2 pods\x07 at\x1b risk\u{9c}");
        for (set, sequence) in [
            (&[("TERM", "xterm-256color")][..], "\x07"),
            (URXVT, "\x07"),
            // Started from kitty, with its variable.
            (&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], "\x07"),
            (KITTY, "\x07^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^\\"),
            (&[("TERM", "foot")], "\x07^]777;notify;hss-top;2 pods at risk\x07"),
            (
                &[("TERM_PROGRAM", "WezTerm")],
                "\x07^]9;hss-top: 2 pods at risk\x07",
            ),
            (
                &[TMUX, &[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")]].concat(),
                "\x07^Ptmux;^^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^^\\^\\",
            ),
            (
                &[KITTY, TMUX].concat(),
                "\x07^Ptmux;^^]99;i=hss-top-0000002a;hss-top: 2 pods at risk^^\\^\\",
            ),
            (
                &[KITTY, SCREEN].concat(),
                "\x07^P\x07^\\^P^]99;i=hss-top-0000002a;hss-top: 2 pods at risk\x07^\\",
            ),
        ] {
            assert_eq!(written(&notification, set), sequence, "{set:?}");
        }
        let long = told(&"生".repeat(1000));
        assert!(written(&long, &[KITTY, SCREEN].concat()).len() < 760);
    }

    #[test]
    fn every_terminal_but_the_console_is_queried_for_its_colours() {
        let query = written(&OnceOutput::AskForColours, &[("TERM", "xterm-256color")]);
        assert_eq!(query, "^[?2031h^]11;?\x07");
        assert_eq!(written(&OnceOutput::AskForColours, &[]), query);
        assert_eq!(written(&OnceOutput::AskForColours, &[("TERM", "linux")]), "");
    }

    #[test]
    fn a_title_is_printable_ascii_of_a_length_that_every_terminal_accepts() {
        let hostile = "a\x07\x1b]0;b\u{9c}\u{751f}\n".to_owned() + &"c".repeat(200);
        let bytes = written(&OnceOutput::Title(hostile), &[]);
        let title = bytes.strip_prefix("^]2;").unwrap().strip_suffix('\x07').unwrap();
        assert!(title.starts_with("a]0;bccc") && title.len() == 80, "{title:?}");
    }
}
