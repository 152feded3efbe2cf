//! `hss-top themes`: the themes that can be chosen, each with a sample.
//!
//! ```text
//!   dark                ▲ 60 risk  ○ off  ● on  ◌ scanning  ? odd   calm colours on a dark background
//! ```
//!
//! The sample is in the theme's colours if the output is a terminal with colours; otherwise it is left out.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::config::{Config, Wrong};
use crate::env::Variables;
use crate::settings::{Look, theme_files};
use crate::terminal::display::line_of_text;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::ui::themes::ThemeChoice;

/// The states in a theme's style.
const SAMPLE: [(&str, &str, Role); 5] = [
    (signs::RISK, "risk", Role::Bad),
    (signs::OFF, "off", Role::Warn),
    (signs::FINE, "on", Role::Good),
    (signs::BUSY, "scanning", Role::Busy),
    (signs::DOUBT, "odd", Role::Doubt),
];
/// Cells of a sample.
const SAMPLE_WIDTH: u16 = 42;

/// The list, and warnings about files of themes. `is_shown` is whether a terminal shows it.
///
/// # Errors
/// A chosen theme that cannot be used.
pub fn list(config: &Config, variables: Variables<'_>, is_shown: bool) -> Result<String, Wrong> {
    let look = Look::of(config)?;
    let (mut themes, warnings) = look.themes(variables);
    let names: Vec<String> = themes.names().skip(1).map(str::to_owned).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let mark = if *themes.chosen() == ThemeChoice::Named(name.clone()) {
            '*'
        } else {
            ' '
        };
        let path = themes.all().get(at).and_then(|theme| theme.path.clone());
        let about = path.unwrap_or_else(|| themes.about(at + 1).to_owned());
        themes.look_at(at + 1);
        let sample = if is_shown && themes.theme().is_coloured() {
            sample(themes.theme())
        } else {
            String::new()
        };
        themes.restore();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark} {name:width$}  {sample}{about}");
    }
    text.push_str("\nhss-top --theme NAME, or theme = \"NAME\" in the configuration file; the default is auto, which depends on the terminal.\n");
    if let Some(folder) = &config.folder {
        let folder = folder.join(theme_files::FOLDER);
        let _ = writeln!(text, "Your own: {}/NAME.toml", folder.display());
    }
    for warning in warnings.iter().chain(&look.odd_elsewhere()) {
        let _ = writeln!(text, "! {warning}");
    }
    Ok(text)
}

/// The states in a theme's colours, as the bytes that show them.
fn sample(theme: &Theme) -> String {
    let area = Rect::new(0, 0, SAMPLE_WIDTH, 1);
    let mut buffer = Buffer::empty(area);
    let words = SAMPLE.map(|(sign, word, role)| Span::styled(format!(" {sign} {word} "), theme.style(role)));
    Line::from(words.to_vec()).render(area, &mut buffer);
    theme.signs().adapt(&mut buffer);
    theme.paint(&mut buffer);
    format!("{}  ", line_of_text(&buffer.content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn listed(is_shown: bool, set: &[(&str, &str)]) -> String {
        let variables = |name: &str| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let config = Config::resolve(&Flags::parse_from(&["--theme", "light"]), &variables).unwrap();
        list(&config, &variables, is_shown).unwrap()
    }

    #[test]
    fn every_theme_has_a_line_and_colours_only_on_a_terminal_that_has_some() {
        let piped = listed(false, &[("TERM", "xterm-256color")]);
        assert!(!piped.contains('\u{1b}'), "{piped}");
        assert!(
            piped.contains("* light ") && piped.contains("  dark  "),
            "{piped}"
        );
        let shown = listed(true, &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
        let lines: Vec<&str> = shown.lines().filter(|line| line.contains('\u{1b}')).collect();
        assert_eq!(lines.len(), 5, "{shown}");
        assert!(
            lines
                .iter()
                .all(|line| line.contains("risk") && line.contains("\u{1b}[m")),
            "{shown}"
        );
        let none = listed(true, &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
        assert!(!none.contains('\u{1b}'), "{none}");
    }
}
