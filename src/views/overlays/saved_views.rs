//! The menu of the saved views, and what the chosen one sets.
//!
//! ```text
//! ╭ saved views ───────────────────────────────────────────────────╮
//! │ ▌ hot           Pods      cpu%>=80                             │
//! │   night shift   Overview                                       │
//! │                                                                │
//! │   filter        cpu%>=80                                       │
//! │   order         cpu%, reversed; only problems                  │
//! │   columns       risk,pod:40,ns,cpu%,mem%                       │
//! │   from          the configuration file                         │
//! ╰────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::fleet::RemoteText;
use crate::keys::{Action, ViewKind};
use crate::settings::{SavedView, ViewOrigin};
use crate::ui::format::{fit, left, wrapped};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of a name, and of a view.
const NAME: usize = 22;
const VIEW: usize = 10;
/// Lines for what the chosen view sets, a blank before them included.
const ABOUT: u16 = 5;
/// Lines for what cannot be used, where a view has such a part.
const FAULT_LINES: usize = 3;
/// The narrowest and the widest box, in cells.
const WIDTH: (u16, u16) = (76, 110);
/// Said where there is none.
const EMPTY: &str = "No view is saved yet. :view save NAME saves what the screen shows now: the view, its filter, \
    its order and its columns.";

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let place = place(model, area);
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" saved views ", theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    for (at, view, line) in rows(model, inner) {
        let is_chosen = at == model.saved_views.choice;
        let mut slot = Slot::new(buffer, line.x, line.y, usize::from(line.width));
        slot.left(if is_chosen { " " } else { "  " }, theme.style(Role::Text));
        if is_chosen {
            slot.left(signs::CURSOR, theme.style(Role::Accent));
        }
        slot.skip(1);
        slot.left(
            &left(&fit(&shown(&view.name), NAME - 1), NAME),
            theme.style(Role::Text),
        );
        slot.left(&left(view.shown_in().title(), VIEW), theme.style(Role::Muted));
        let room = slot.width().saturating_sub(1);
        slot.part(room)
            .left(&fit(&summary(model, view), room), theme.style(Role::Label));
        if is_chosen {
            theme.select(line, buffer);
        }
    }
    if let Some(view) = model.saved_views.chosen() {
        about(model, view, theme, about_place(model, inner), buffer);
        return;
    }
    let inner = inner.inner(Margin::new(1, 0));
    let lines = wrapped(EMPTY, usize::from(inner.width.max(1)));
    for (text, row) in lines.into_iter().zip(inner.rows()) {
        Line::styled(text.to_owned(), theme.style(Role::Text)).render(row, buffer);
    }
}

/// A click on a row shows its view.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let inner = place(model, area).inner(Margin::new(1, 1));
    let rows = rows(model, inner);
    rows.map(|(at, _, line)| Hotspot::new(line, ClickTarget::Choice(at)))
        .collect()
}

/// The menu in the middle of the body: as high as its views need, and not higher than there is room.
fn place(model: &Model, area: Rect) -> Rect {
    let rows = u16::try_from(model.saved_views.all().len()).unwrap_or(u16::MAX);
    let width = (area.width.saturating_mul(2) / 3)
        .clamp(WIDTH.0, WIDTH.1)
        .min(area.width);
    let lines = if rows == 0 {
        let lines = wrapped(EMPTY, usize::from(width.saturating_sub(4).max(1))).len();
        u16::try_from(lines).unwrap_or(u16::MAX)
    } else {
        rows.saturating_add(about_height(model))
    };
    let height = lines.saturating_add(2).min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Lines for what the chosen view sets: fewer where half of the box is too little.
fn about_lines(model: &Model, inner: Rect) -> u16 {
    about_height(model).min(inner.height / 2)
}

fn about_height(model: &Model) -> u16 {
    let views = model.saved_views.all();
    let has_faults = views.iter().any(|view| !view.faults.is_empty());
    let of_faults = if has_faults { FAULT_LINES } else { 0 };
    ABOUT + u16::try_from(of_faults).unwrap_or_default()
}

fn about_place(model: &Model, inner: Rect) -> Rect {
    let rows = u16::try_from(model.saved_views.all().len()).unwrap_or(u16::MAX);
    let rows = rows.min(inner.height - about_lines(model, inner));
    // A blank line is between them.
    let y = (inner.y + rows + 1).min(inner.bottom());
    Rect {
        y,
        height: inner.bottom() - y,
        ..inner
    }
}

/// The rows that there is room for, the chosen one among them, each with its number and its line on the screen.
fn rows(model: &Model, inner: Rect) -> impl Iterator<Item = (usize, &SavedView, Rect)> {
    let room = inner.height - about_lines(model, inner);
    let top = (model.saved_views.choice + 1).saturating_sub(usize::from(room));
    let rows = model.saved_views.all().iter().enumerate().skip(top);
    let lines = inner.rows().take(usize::from(room));
    rows.zip(lines).map(|((at, view), line)| (at, view, line))
}

/// A name or a filter: the configuration file may have any characters in it.
fn shown(text: &str) -> String {
    RemoteText::message(text).shown().to_owned()
}

/// What a view sets, in a few words.
fn summary(model: &Model, view: &SavedView) -> String {
    let mut parts = Vec::new();
    if !view.filter.is_empty() {
        parts.push(shown(&model.masking.filter(&view.filter)));
    }
    if view.problems {
        parts.push("only problems".to_owned());
    }
    if let (Some(order), _) = view.order() {
        parts.push(format!("by {order}"));
    }
    if !view.faults.is_empty() {
        parts.insert(0, format!("{} a part is not used", signs::DOUBT));
    }
    parts.join(" · ")
}

/// What a view sets, each with its name; first what of it cannot be used.
fn facts(model: &Model, view: &SavedView) -> Vec<(&'static str, String, Role)> {
    let filter = match view.filter.as_str() {
        "" => "none".to_owned(),
        filter => shown(&model.masking.filter(filter)),
    };
    let mut facts = vec![("filter", filter, Role::Text)];
    let is_of_pods = matches!(view.shown_in(), ViewKind::Pods | ViewKind::Overview);
    if is_of_pods {
        let (order, is_reversed) = view.order();
        let first = match view.shown_in() {
            ViewKind::Overview => view.namespaces.column.name(),
            _ => view.sort.key.name(),
        };
        let turned = if is_reversed { ", reversed" } else { "" };
        let problems = if view.problems { "; only problems" } else { "" };
        let order = format!("{}{turned}{problems}", order.unwrap_or(first));
        facts.push(("order", order, Role::Text));
        let columns = view.columns.as_ref();
        let columns = columns.map_or_else(|| "as at the start".to_owned(), ToString::to_string);
        facts.push(("columns", columns, Role::Text));
    }
    let from = match view.origin {
        ViewOrigin::Configuration => "the configuration file".to_owned(),
        ViewOrigin::Saved => match model.keys.key_of(model.mode(), Action::DeleteView) {
            Some(key) => format!("saved from the dashboard; {} deletes it", key.label()),
            None => "saved from the dashboard".to_owned(),
        },
    };
    facts.push(("from", from, Role::Text));
    if let Some(fault) = view.faults.first() {
        let fault = shown(&model.masking.sentence(fault));
        facts.insert(0, ("not used", fault, Role::Warn));
    }
    facts
}

fn about(model: &Model, view: &SavedView, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(NAME + 4).max(1);
    let lines = facts(model, view).into_iter().flat_map(|(label, value, role)| {
        let most = if role == Role::Warn { FAULT_LINES } else { 1 };
        let lines = wrapped(&value, room);
        let shown = lines.iter().take(most).enumerate();
        let shown = shown.map(|(at, line)| {
            let label = if at == 0 { label } else { "" };
            // The last line has what is left, cut.
            let rest = if at + 1 == most {
                lines.get(at..).unwrap_or_default().join(" ")
            } else {
                (*line).to_owned()
            };
            (label, rest, role)
        });
        shown.collect::<Vec<_>>()
    });
    for ((label, value, role), line) in lines.zip(area.rows()) {
        let mut slot = Slot::new(buffer, line.x, line.y, usize::from(line.width));
        slot.skip(3);
        slot.left(&left(label, NAME), theme.style(Role::Muted));
        let room = slot.width().saturating_sub(1);
        slot.part(room).left(&fit(&value, room), theme.style(role));
    }
}
