//! One pod, all of it.
//!
//! ```text
//! ── payment-api-667894bc4-nz5xj ──────────────────────────────────────────────────────────────────────
//!  Why 90     ▲ risk found             60  since 21:59 (2m)                      │ RECORD  data_list
//!             % memory at 90 % or more 30  since 20:31                           │ {
//!                                                                                │   "id": "05d8…",
//!  CPU        710m of 1      ━━━━━━━━━━────   71%  ▲ near       7 d · peak 955m  │   "pod_name": …
//!        1  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ limit                                   │ }
//!     90 %  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄⣀⣤⣶⣿⣿⣿⣿⣿⣿                                         │
//!           ⣀⣀⣠⣤⣶⣿⣿⣿⣿  gap  ⣿⣿⣿⣿⣿⣿⣿⣿⣿                                          │ 21:59  ▲ scan: clean → risk
//!        0  ┴16:00─────┴18:00─────┴20:00──────                                   │ 09:14  created
//! ```
//!
//! The content is made of lines, which can be counted and scrolled. [`sheet`] places each part: in a pane
//! below the table, in one beside it, or in the whole body.

mod fields;
mod record;
mod security;
mod sheet;
mod story;
mod usage;
mod why;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::app::Model;
use crate::app::changes_view::KnownAs;
use crate::fleet::Pod;
use crate::keys::{Action, Mode};
use crate::ui::format::{CORRECTED, age, elapsed, fit, width as width_of};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use sheet::DetailSheet;

/// In place of what is unknown of a pod that is gone.
const NOT_SAVED: &str = "not saved";

/// Cells of a field's name.
const LABEL: usize = 12;

/// The input of every part of the detail.
#[derive(Clone, Copy)]
struct DetailFacts<'a> {
    model: &'a Model,
    pod: &'a Pod,
    theme: &'a Theme,
}

impl DetailFacts<'_> {
    /// Whether no record of the pod is known, only its names and what its changes tell.
    fn is_told(&self) -> bool {
        self.model.pod_known_as() == KnownAs::Told
    }
}

/// Draws the pod under the cursor. With `whole` the detail fills the body, so it may scroll, and shows where
/// more follows.
pub fn render(model: &Model, theme: &Theme, area: Rect, whole: bool, buffer: &mut Buffer) {
    let title = Rect { height: 1, ..area };
    let inner = below(area, 1);
    let Some(pod) = model.pod() else {
        let none = if model.has_banner() {
            "no pod of this moment matches the filter"
        } else {
            "no pod selected"
        };
        return rule(none, Role::Muted, title.width, theme).render(title, buffer);
    };
    let facts = DetailFacts {
        model,
        pod: &pod,
        theme,
    };
    let sheet = DetailSheet::of(facts, inner, whole);
    let last = if whole { sheet.last_scroll() } else { 0 };
    let scroll = model.detail.scroll.min(last);
    // A pane that does not show everything names the key that does.
    let opens = model.keys.key_of(Mode::Table, Action::OpenDetail);
    let opens = opens.filter(|_| !whole && sheet.last_scroll() > 0);
    let more = match (opens, last) {
        (Some(key), _) => format!(" {}", key.label()),
        (None, 0) => String::new(),
        (None, _) if scroll < last => " PgDn".to_owned(),
        (None, _) => " PgUp".to_owned(),
    };
    let room = title
        .width
        .saturating_sub(u16::try_from(width_of(&more)).unwrap_or(0));
    let (name, role) = heading(facts);
    let mut heading = rule(&name, role, room, theme);
    heading.push_span(Span::styled(more, theme.style(Role::Key)));
    heading.render(title, buffer);
    sheet.render(if whole { scroll } else { 0 }, theme, buffer);
}

/// How far the detail can be scrolled when it fills the body.
pub fn last_scroll(model: &Model) -> u16 {
    let (Some(areas), Some(pod)) = (model.areas(), model.pod()) else {
        return 0;
    };
    let theme = Theme::new(crate::ui::Palette::None);
    let facts = DetailFacts {
        model,
        pod: &pod,
        theme: &theme,
    };
    DetailSheet::of(facts, below(areas.body, 1), true).last_scroll()
}

/// The lines of the detail in which the record holds this text.
pub fn record_matches(model: &Model, text: &str) -> Vec<u16> {
    let (Some(areas), Some(pod)) = (model.areas(), model.pod()) else {
        return Vec::new();
    };
    let theme = Theme::new(crate::ui::Palette::None);
    let facts = DetailFacts {
        model,
        pod: &pod,
        theme: &theme,
    };
    let width = sheet::record_width(areas.body.width);
    let lines = record::lines(facts, usize::from(width));
    let holds = |line: &Line<'_>| !record::found(&line.to_string(), text).is_empty();
    let matching = (0..).zip(&lines).filter(|(_, line)| holds(line));
    matching.map(|(at, _)| at).collect()
}

/// The pod's name, and whether it is gone.
fn heading(facts: DetailFacts<'_>) -> (String, Role) {
    let DetailFacts { model, pod, .. } = facts;
    let (name, role) = signs::name(pod.name());
    if let Some(since) = model.pod_gone_since() {
        let ago = elapsed(since, model.now, CORRECTED);
        let ago = ago.map_or_else(String::new, |seconds| format!(" {} ago", age(seconds)));
        let as_of = match model.pod_known_as() {
            KnownAs::Listed => String::new(),
            KnownAs::Stored(at) => format!(" · as of HSS's list of {}", fields::moment(at, model)),
            KnownAs::Told => " · its record is not saved".to_owned(),
        };
        return (format!("{name} · gone{ago}{as_of}"), Role::Gone);
    }
    if let Some(absence) = model.absence_words(|at| fields::moment(at, model)) {
        return (format!("{name} · {absence}"), Role::Gone);
    }
    let role = if role == Role::Text { Role::Title } else { role };
    (name.into_owned(), role)
}

/// The place without its first `lines`.
fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    }
}

fn rule<'a>(title: &str, role: Role, width: u16, theme: &Theme) -> Line<'a> {
    let title = fit(title, usize::from(width).saturating_sub(6));
    let rest = usize::from(width).saturating_sub(width_of(&title) + 4);
    Line::from(vec![
        Span::styled("── ", theme.style(Role::Rule)),
        Span::styled(title, theme.style(role)),
        Span::styled(format!(" {}", "─".repeat(rest)), theme.style(Role::Rule)),
    ])
}

#[cfg(test)]
mod tests;
