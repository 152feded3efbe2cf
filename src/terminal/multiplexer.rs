//! Which multiplexer is between us and the terminal, from the variables of the environment.
//!
//! Owns the guess, for colours, copies, notifications and pastes alike. The multiplexers name themselves in `TMUX` and `STY`. But
//! sudo keeps `TERM` and `COLORTERM` and drops these two, and ssh sends `TERM` alone, that of Debian 13 `COLORTERM` as well. Then
//! `TERM` is all that is left: GNU screen's begins with `screen`, and so does that of tmux up to 3.3. Must not: query anything.

use crate::env::Variables;

/// The multiplexer between us and the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Multiplexer {
    /// None that is known.
    #[default]
    None,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
    /// GNU screen, or an older tmux: sudo or ssh has dropped the variable that tells.
    ScreenOrTmux,
    /// One inside the other, but it is unknown which.
    Nested,
}

impl Multiplexer {
    /// The one that these variables tell.
    pub fn of(variables: Variables<'_>) -> Self {
        let set = |name: &str| variables(name).filter(|value| !value.is_empty());
        match (set("TMUX"), set("STY")) {
            (Some(_), None) => Self::Tmux,
            (None, Some(_)) => Self::Screen,
            (Some(_), Some(_)) => Self::Nested,
            (None, None) if set("TERM").is_some_and(|term| term.starts_with("screen")) => Self::ScreenOrTmux,
            (None, None) => Self::None,
        }
    }

    /// Whether GNU screen may be in between.
    pub fn may_be_screen(self) -> bool {
        matches!(self, Self::Screen | Self::ScreenOrTmux | Self::Nested)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn screen_is_known_by_its_terminal_type_where_its_variable_is_lost() {
        use Multiplexer::{Nested, None, Screen, ScreenOrTmux, Tmux};
        for (tmux, sty, term, found) in [
            ("", "", "xterm-256color", None),
            ("/tmp/t,1,0", "", "screen-256color", Tmux),
            ("", "1.a", "screen.xterm-256color", Screen),
            ("", "1.a", "xterm-256color", Screen),
            ("", "", "screen.xterm-256color", ScreenOrTmux),
            ("", "", "screen", ScreenOrTmux),
            ("", "", "tmux-256color", None),
            ("/tmp/t,1,0", "1.a", "screen", Nested),
        ] {
            let variables = |name: &str| match name {
                "TMUX" => Some(tmux.to_owned()),
                "STY" => Some(sty.to_owned()),
                "TERM" => Some(term.to_owned()),
                _ => Option::None,
            };
            let multiplexer = Multiplexer::of(&variables);
            assert_eq!(multiplexer, found, "{tmux} {sty} {term}");
            assert_eq!(multiplexer.may_be_screen(), !matches!(found, None | Tmux));
        }
    }
}
