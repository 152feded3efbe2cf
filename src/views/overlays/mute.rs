//! The menu of a mute: what is muted, and every choice with its key.
//!
//! ```text
//! ╭ mute pod tax-cache-1 ──────────────────────╮
//! │  m    until it changes                     │
//! │  h    for 2 h unless worse                 │
//! │  d    for 7 d unless worse                 │
//! │  f    until it gets worse                  │
//! │  n    the whole namespace instead          │
//! │  Esc  mute nothing                         │
//! ╰────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::changes_view::muting::Muting;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::fleet::RemoteText;
use crate::fleet::decisions::{Mute, MuteTarget};
use crate::fleet::pseudonym::NameKind;
use crate::keys::{Action, Mode, MuteChoice};
use crate::ui::format::{head, left, width as width_of};
use crate::ui::moment::moment;
use crate::ui::theme::{Role, Theme};

/// The narrowest box, in cells: it does not jump between pod and namespace.
const NARROWEST: u16 = 46;

/// A row: its action, the keys, and what they do.
struct MuteRow {
    action: Action,
    keys: String,
    means: String,
}

fn rows(model: &Model) -> Vec<MuteRow> {
    let muting = model.focus.mute();
    let is_namespace = muting.is_some_and(|muting| muting.is_namespace);
    let holds = muting.and_then(|muting| muting.holds.as_ref());
    let row = |action: Action| {
        let mut actions = model.keys.actions_of(Mode::Mute);
        let keys = actions.find(|(it, ..)| *it == action).map(|(_, keys, _)| keys);
        let means = match action {
            Action::MuteNamespace if is_namespace => "only the pod instead".to_owned(),
            Action::UndoDecision => holds.map(|mute| held_words(model, mute))?,
            Action::MuteFor(MuteChoice::UntilChanged) => "until it changes".to_owned(),
            Action::MuteFor(MuteChoice::Hours) => "for 2 h unless worse".to_owned(),
            Action::MuteFor(MuteChoice::Days) => "for 7 d unless worse".to_owned(),
            Action::MuteFor(MuteChoice::Forever) => "until it gets worse".to_owned(),
            Action::MuteNamespace => "the whole namespace instead".to_owned(),
            _ => "mute nothing".to_owned(),
        };
        Some(MuteRow {
            action,
            keys: keys.unwrap_or_default(),
            means,
        })
    };
    let choices = muting.map(Muting::choices);
    choices.into_iter().flatten().filter_map(row).collect()
}

/// The mute that holds already: `end its mute until it changes, by ops`.
fn held_words(model: &Model, mute: &Mute) -> String {
    let of = match &mute.target {
        MuteTarget::Pod { .. } => "its mute".to_owned(),
        target => format!("the mute of {}", model.target_words(target)),
    };
    let until = mute.end.words(|at| moment(at, model.now, &model.zone));
    let who = RemoteText::name(&model.masking.name(NameKind::Account, &mute.who));
    format!("end {of} {until}, by {}", who.shown())
}

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let place = place(model, area);
    super::clear(place, buffer);
    let title = head(&title(model), usize::from(place.width.saturating_sub(4)));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(format!(" {title} "), theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    let rows = rows(model);
    let chosen = model.focus.mute().map(|muting| muting.choice);
    let keys = rows.iter().map(|row| width_of(&row.keys)).max().unwrap_or(0);
    for (row, line) in rows.iter().zip(inner.rows()) {
        Line::from(vec![
            Span::styled(format!("  {}", left(&row.keys, keys)), theme.style(Role::Key)),
            Span::styled(format!("  {}", row.means), theme.style(Role::Text)),
        ])
        .render(line, buffer);
        if chosen == Some(row.action) {
            theme.select(line, buffer);
        }
    }
}

/// A click on a row is the same as its key.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let inner = place(model, area).inner(Margin::new(1, 1));
    let rows = rows(model).into_iter().zip(inner.rows());
    rows.map(|(row, line)| Hotspot::new(line, ClickTarget::Do(row.action)))
        .collect()
}

fn title(model: &Model) -> String {
    let target = model.focus.mute().map(Muting::target);
    let target = target.map(|target| model.target_words(target));
    format!("mute {}", target.unwrap_or_default())
}

fn place(model: &Model, area: Rect) -> Rect {
    let rows = rows(model);
    let keys = rows.iter().map(|row| width_of(&row.keys)).max().unwrap_or(0);
    let longest = rows.iter().map(|row| width_of(&row.means)).max().unwrap_or(0);
    let wanted = (width_of(&title(model)) + 4).max(keys + longest + 7);
    let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
    let width = wanted.max(NARROWEST).min(area.width);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
