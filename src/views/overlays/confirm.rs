//! The question before a change at HSS.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Padding, Paragraph, Widget as _, Wrap};

use super::clear;
use crate::app::Model;
use crate::app::changes_view::decide::ChangesQuestion;
use crate::app::snapshot_request;
use crate::fleet::RemoteText;
use crate::fleet::pseudonym::NameKind;
use crate::keys::ViewKind;
use crate::ui::format::count;
use crate::ui::theme::{Role, Theme};

/// The widest box, in cells.
const WIDEST: u16 = 70;

/// Draws the question in the middle of the body. The footer shows the keys that answer it.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (title, question) = question(model);
    let lines: Vec<Line<'_>> = question
        .iter()
        .map(|line| Line::raw(RemoteText::message(line).shown().to_owned()))
        .collect();
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .padding(Padding::horizontal(1))
        .title(Line::styled(title, theme.style(Role::Title)));
    let width = WIDEST.min(area.width);
    let text = Paragraph::new(lines)
        .style(theme.style(Role::Text))
        .wrap(Wrap { trim: true });
    let inner = block.inner(Rect::new(0, 0, width, area.height));
    let rows = wrapped(&question, usize::from(inner.width.max(1)));
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX).min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    clear(place, buffer);
    let inner = block.inner(place);
    block.render(place, buffer);
    text.render(inner, buffer);
}

/// The title and the lines of the open question.
fn question(model: &Model) -> (&'static str, Vec<String>) {
    let of_changes = model.focus.view() == ViewKind::Changes;
    let scope = model.scope_words();
    let scope = scope.map_or_else(String::new, |scope| format!(" of {scope}"));
    match model.changes.question.as_ref().filter(|_| of_changes) {
        Some(ChangesQuestion::AcknowledgeAll(open, all)) => (
            " acknowledge ",
            vec![
                if open == all {
                    format!("Acknowledge all {} changes that are shown{scope}?", count(*all))
                } else {
                    let others = if all - open == 1 {
                        "The other one is"
                    } else {
                        "The others are"
                    };
                    format!(
                        "Acknowledge {} of the {} changes that are shown{scope}? {others} acknowledged already.",
                        count(*open),
                        count(*all)
                    )
                },
                String::new(),
                "Your name and the time are saved and shown to everybody who uses this state file; u undoes it.".to_owned(),
            ],
        ),
        Some(ChangesQuestion::Undo(decision)) => {
            let who = RemoteText::name(&model.masking.name(NameKind::Account, decision.who()));
            (
                " undo ",
                vec![
                    format!("Undo the {} by {}?", model.undone_words(decision), who.shown()),
                    String::new(),
                    format!(
                        "It is not yours; only {} can make it again under that name.",
                        who.shown()
                    ),
                ],
            )
        }
        None => (" new snapshot ", snapshot_request::question(model)),
    }
}

/// How many rows the lines need without breaking words.
fn wrapped(lines: &[String], width: usize) -> usize {
    lines
        .iter()
        .map(|line| {
            let mut rows = 1;
            let mut used = 0;
            for word in line.split(' ').map(|word| word.chars().count()) {
                let filled = if used == 0 { word } else { used + 1 + word };
                if filled > width && used > 0 {
                    rows += 1;
                    used = word;
                } else {
                    used = filled;
                }
                // A word that is longer than a row is broken.
                rows += used.saturating_sub(1) / width;
                used = if used > width {
                    (used - 1) % width + 1
                } else {
                    used
                };
            }
            rows
        })
        .sum()
}
