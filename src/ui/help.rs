//! The keys and commands, from their tables.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Widget as _};
use unicode_width::UnicodeWidthStr as _;

use super::format::left;
use super::signs;
use super::theme::{Role, Theme};
use crate::app::command::COMMANDS;
use crate::app::{Mode, Model, keymap};
use crate::fleet::RemoteText;
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};

/// Draws the help over the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    Paragraph::new(lines(model, theme))
        .scroll((model.scroll, 0))
        .render(area, buffer);
}

/// How far the help can be scrolled.
pub fn last_scroll(model: &Model) -> u16 {
    let height = model.lines_shown();
    let lines = lines(model, &Theme::new(super::Palette::None)).len();
    u16::try_from(lines.saturating_sub(height)).unwrap_or(u16::MAX)
}

fn lines<'a>(model: &Model, theme: &Theme) -> Vec<Line<'a>> {
    let beneath = model.beneath;
    let title = |text: &'static str| Line::styled(format!(" {text}"), theme.style(Role::Title));
    let entry = |key: &str, means: &str| {
        let key = if key.width() < 18 {
            left(key, 18)
        } else {
            format!("{key} ")
        };
        Line::from(vec![
            Span::styled(format!("  {key}"), theme.style(Role::Key)),
            Span::raw(means.to_owned()),
        ])
    };
    let mut lines = vec![title(match beneath {
        Mode::Detail => "Keys of the detail",
        Mode::Health => "Keys of the health screen",
        _ => "Keys of the table",
    })];
    lines.extend(keymap::of_mode(beneath).map(|(keys, means)| entry(&keys, means)));
    lines.push(Line::default());
    lines.push(title("Commands, after :"));
    lines.extend(
        COMMANDS
            .iter()
            .map(|(name, _, argument, means)| entry(&format!("{name} {argument}"), means)),
    );
    lines.push(Line::default());
    lines.push(title("While typing"));
    lines.extend(keymap::of_mode(Mode::Filter).map(|(keys, means)| entry(&keys, means)));
    lines.push(Line::default());
    lines.push(title("Signs"));
    let usage = format!("of the limit: near from {WARN_PERCENT} %, critical from {CRITICAL_PERCENT} %");
    lines.push(entry("CPU%L MEM%L", &usage));
    lines.push(entry(
        signs::ABSENT,
        "HSS does not say; for a pod on a node: has no such field",
    ));
    lines.push(entry(signs::UNREADABLE, "HSS says something that cannot be read"));
    lines.push(entry(
        "!",
        "a word that HSS does not document, or a name that Kubernetes would not take",
    ));
    lines.push(Line::default());
    lines.push(title("Where the pods come from"));
    let source = &model.source;
    // The project's id may have come from IAM, the rest from a file.
    for (name, value) in [
        ("HSS", source.place.as_str()),
        ("project", model.project()),
        ("enterprise project", &source.enterprise_project),
        ("credential", &source.signed_in_by),
    ] {
        if !value.is_empty() {
            lines.push(entry(name, RemoteText::name(value).shown()));
        }
    }
    lines
}
