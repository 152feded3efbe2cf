//! This machine: the terminal, its clipboard, and the folder for saved state.

use std::io;
use std::path::Path;

use rustix::fs::Access;

use super::Check;
use crate::app::layout::SMALLEST;
use crate::env::Variables;
use crate::fleet::RemoteText;
use crate::log::rotating;
use crate::state;
use crate::terminal::{self, Multiplexer, TerminalTraits};
use crate::ui::SignSet;
use crate::ui::colours::ColourDepth;

/// Size, colours, and whether wide characters could shift the columns.
pub(super) fn terminal(variables: Variables<'_>) -> Check {
    let set = |name: &str| variables(name).filter(|value| !value.is_empty());
    if !io::IsTerminal::is_terminal(&io::stdout()) {
        return Check::skipped("terminal", "the output is not a terminal");
    }
    if let Some(why) = terminal::unfit(set("TERM").as_deref()) {
        return Check::problem("terminal", why, "start it in a terminal with TERM set");
    }
    let (width, height) = match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) => (size.ws_col, size.ws_row),
        Err(error) => return Check::problem("terminal", format!("its size is unknown: {error}"), ""),
    };
    let term = set("TERM").unwrap_or_default();
    let colours = colours(variables);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(set)
        .unwrap_or_default();
    let lower = locale.to_lowercase();
    // The dashboard decides in the same way; a flag or key may overrule it.
    let signs = SignSet::of_terminal(variables);
    let cjk = ["zh", "ja", "ko"]
        .iter()
        .any(|language| lower.starts_with(language));
    let found = format!(
        "{width}x{height}, {term}, {colours}, locale {}",
        if locale.is_empty() { "unset" } else { &locale }
    );
    if width < SMALLEST.width || height < SMALLEST.height {
        Check::problem(
            "terminal",
            found,
            format!("hss-top needs at least {}x{}", SMALLEST.width, SMALLEST.height),
        )
    } else if signs == SignSet::Ascii {
        let found = format!("{found}: the screen is drawn in ASCII; LANG=C.UTF-8 shows all signs and names");
        Check::ok("terminal", found)
    } else if signs == SignSet::Console {
        Check::ok("terminal", format!("{found}, with the signs of a Linux console"))
    } else if cjk {
        let found = format!(
            "{found}; if signs like ● are two cells wide, set the terminal's ambiguous width to one, or use --ascii"
        );
        Check::ok("terminal", found)
    } else {
        Check::ok("terminal", found)
    }
}

/// How many colours the dashboard uses.
fn colours(variables: Variables<'_>) -> &'static str {
    match ColourDepth::of(variables) {
        ColourDepth::None => "no colours (NO_COLOR)",
        ColourDepth::Sixteen => "16 colours",
        ColourDepth::Indexed => "256 colours",
        ColourDepth::All => "truecolor",
    }
}

/// Whether a copied name would reach the operator's clipboard (OSC 52).
pub(super) fn clipboard(variables: Variables<'_>) -> Check {
    let is_set = |name: &str| variables(name).is_some_and(|value| !value.is_empty());
    let via_ssh = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
    let found = match (is_set("TMUX"), via_ssh) {
        // tmux gives a popup no pane (seen with 3.3a and 3.8).
        (true, _) if !is_set("TMUX_PANE") => {
            "in a popup of tmux, which rings no bell, and up to 3.3 copies nothing: use a window"
        }
        _ if !TerminalTraits::of(variables).takes_strings() => {
            "none: terminals of this TERM, such as a console or a serial line, have none"
        }
        _ if is_set("STY") => "inside GNU screen: OSC 52 is passed on, up to 500 bytes",
        _ if Multiplexer::of(variables) == Multiplexer::ScreenOrTmux => {
            "inside GNU screen, or tmux with `set -g set-clipboard on`: OSC 52 is passed on, up to 500 bytes"
        }
        (true, _) => "inside tmux: OSC 52 works if tmux has `set -g set-clipboard on`",
        (false, true) => "over ssh: OSC 52 works if the terminal at the other end allows it",
        (false, false) => "a local terminal: OSC 52 works if it is allowed",
    };
    Check::ok("clipboard", found)
}

/// Whether times can be shown in the configured zone.
pub(super) fn time_zone(trouble: Option<String>) -> Check {
    const NAME: &str = "time zone";
    match trouble {
        None => Check::ok(NAME, "known"),
        Some(trouble) => Check::warning(
            NAME,
            RemoteText::message(&trouble).shown(),
            "set TZ to a name such as Asia/Shanghai; a minimal container needs the package tzdata",
        ),
    }
}

/// Whether the name of a variable looks like ours but is unknown.
pub(super) fn variables(unknown: &[String]) -> Check {
    const NAME: &str = "variables";
    match unknown {
        [] => Check::ok(NAME, "all are known"),
        unknown => Check::warning(
            NAME,
            unknown.join("\n"),
            "they have no effect: rename or unset them",
        ),
    }
}

/// Whether the configured log can be written. It is not created here.
pub(super) fn log_file(path: Option<&Path>) -> Check {
    const NAME: &str = "log file";
    let Some(path) = path else {
        return Check::skipped(NAME, "not set");
    };
    // In full, as at the start: a relative path that is hidden cannot be corrected.
    let shown = path.display();
    match rotating::probe(path) {
        Ok(()) => Check::ok(NAME, format!("{shown} can be written")),
        Err(error) if rotating::is_refusal(&error) => Check::problem(
            NAME,
            format!("{shown}: {error}"),
            "the dashboard does not start with it; name another file with --log-file",
        ),
        Err(error) => Check::problem(
            NAME,
            format!("{shown}: {error}"),
            "nothing would be logged; name another file with --log-file",
        ),
    }
}

/// Whether the folder for saved state exists or can be created.
pub(super) fn state_folder(variables: Variables<'_>) -> Check {
    const NAME: &str = "state folder";
    let Some(folder) = state::folder(variables) else {
        return Check::problem(
            NAME,
            "neither XDG_STATE_HOME nor HOME is set",
            "nothing is saved between runs",
        );
    };
    let there = folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    let shown = folder.display();
    // Rights are not all that counts: root has them in /proc too.
    let tried = rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(io::Error::from)
        .and_then(|()| try_folder_in(there));
    match tried {
        Ok(()) => Check::ok(NAME, format!("{shown} can be written")),
        Err(error) => Check::problem(
            NAME,
            format!("{shown}: {}: {error}", there.display()),
            "nothing is saved between runs; set XDG_STATE_HOME to another folder",
        ),
    }
}

/// Makes a folder in this one, and takes it away again.
fn try_folder_in(folder: &Path) -> io::Result<()> {
    let tried = folder.join(format!(".hss-top-{}", std::process::id()));
    std::fs::create_dir(&tried)?;
    std::fs::remove_dir(&tried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn colours_and_the_clipboard_are_those_of_the_dashboard_where_variables_were_lost() {
        let said = |set: &'static [(&str, &str)]| {
            let variables = move |name: &str| {
                let found = set.iter().find(|(it, _)| *it == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            (colours(&variables), clipboard(&variables).found)
        };
        let (colours, found) = said(&[("TERM", "screen.xterm-256color"), ("COLORTERM", "truecolor")]);
        assert_eq!(colours, "256 colours");
        assert!(found.starts_with("inside GNU screen, or tmux"), "{found}");
        let (colours, found) = said(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
        assert_eq!(colours, "truecolor");
        assert!(found.starts_with("a local terminal"), "{found}");
        assert_eq!(said(&[("TERM", "xterm-kitty")]).0, "truecolor");
        assert_eq!(
            said(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]).0,
            "no colours (NO_COLOR)"
        );
        assert_eq!(said(&[("TERM", "linux")]).0, "16 colours");
    }

    #[test]
    fn a_log_that_could_not_be_written_is_a_problem_and_one_that_could_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let verdict = |path: &Path| log_file(Some(path)).verdict;
        assert_eq!(verdict(&log), Verdict::Ok);
        assert!(!log.exists());
        std::fs::write(&log, "").unwrap();
        assert_eq!(verdict(&log), Verdict::Ok);
        std::os::unix::fs::symlink(&log, folder.path().join("link")).unwrap();
        for wrong in ["/dev/null", "/proc/self/none/log"] {
            assert_eq!(verdict(Path::new(wrong)), Verdict::Problem, "{wrong}");
        }
        for wrong in [
            folder.path().join("link"),
            folder.path().join("none/log"),
            folder.path().to_owned(),
        ] {
            assert_eq!(verdict(&wrong), Verdict::Problem, "{}", wrong.display());
        }
        assert_eq!(log_file(None).verdict, Verdict::Skipped);
    }

    #[test]
    fn a_folder_that_can_be_made_is_as_good_as_one_that_is_there() {
        let check = |home: &str| {
            let home = home.to_owned();
            state_folder(&move |name: &str| (name == "HOME").then(|| home.clone()))
        };
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(check(&temp.path().display().to_string()).verdict, Verdict::Ok);
        assert!(check("/tmp").found.starts_with("/tmp/.local/state/hss-top "));
        assert_eq!(check("/proc/self/none").verdict, Verdict::Problem);
        assert_eq!(check("/proc").verdict, Verdict::Problem, "also for root");
        assert_eq!(state_folder(&|_| None).verdict, Verdict::Problem);
    }
}
