//! The tabs of the views: their texts and places.
//!
//! ```text
//!  1 Pods   2 Overview   4 Health                        all of them, where there is room
//!  1 Pods  2  3 +12  4                                   on a narrow screen, or beside a filter
//! ```
//!
//! The form depends on the width and on whether something restricts the list, so the tabs keep their places
//! while data and views change. Keys, clicks and drawing need the places, like those of
//! [`layout`](super::layout).

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::Model;
use crate::keys::{Action, Key, Mode, ViewKind};

/// Cells beside the tabs for the position in a restricted list and the number of marks, for the position in a list that is not
/// restricted with that number, and for the position alone. The second is what 80 columns have beside all titles: the tabs of
/// the pods stay where those of the other views are.
const BESIDE: [usize; 3] = [42, 34, 27];
/// Cells beside the tabs while a filter is typed, which may become long, and for a long one.
const RESTRICTED: usize = 74;

/// From this width on, tabs fit beside a filter. The filter has priority, because a hidden filter misleads,
/// while a hidden tab still has its key.
const NARROW: usize = 60;

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The view that it shows.
    pub view: ViewKind,
    /// Its key; empty if it has none.
    pub key: String,
    /// Its title, where there is room.
    pub title: &'static str,
    /// The number of unread items in the view, as `+119`; the tab reserves [`NEWS`] cells for it.
    pub news: String,
    /// Its place, including a blank at either side.
    pub place: Rect,
}

/// Cells for the unread number, including a blank before it: the tabs keep their places, whatever the number.
const NEWS: usize = 5;

/// The tabs that fit, from the left of `line` on.
pub fn of(model: &Model, line: Rect) -> Vec<Tab> {
    let keys = ViewKind::ALL.map(|view| {
        let key = model.keys.key_of(view.mode(), Action::Show(view));
        (view, key.map(Key::short_label).unwrap_or_default())
    });
    let [restricted, marked, alone] = BESIDE;
    let shown = model.focus.view();
    // The filter and the marks of the pods are shown where the pods are.
    let has_pods = matches!(shown, ViewKind::Pods | ViewKind::Overview);
    let is_scoped = shown == ViewKind::Changes && !model.request.scope.is_whole();
    let is_restricted = (has_pods && model.is_restricted()) || is_scoped || model.mode() == Mode::Filter;
    let has_marks = has_pods && !model.pods.marks.is_empty();
    if (is_restricted || has_marks) && usize::from(line.width) < NARROW {
        return Vec::new();
    }
    let beside = match (is_restricted, has_marks) {
        (true, _) if model.mode() == Mode::Filter => RESTRICTED,
        (true, _) => RESTRICTED.min(restricted + restrictions(model)),
        (false, true) => marked,
        (false, false) => alone,
    };
    let unread = model.new_changes();
    let all = placed(&keys, unread, line, |_| true);
    let end = all.last().map_or(line.x, |tab| tab.place.right());
    if usize::from(end - line.x) + beside <= usize::from(line.width) {
        return all;
    }
    placed(&keys, unread, line, |view| view == shown)
}

/// The cells of what restricts the list, at least.
fn restrictions(model: &Model) -> usize {
    let scope = model.shown_scope();
    let scope: usize = scope
        .iter()
        .map(|(name, value)| name.width() + value.width() + 2)
        .sum();
    let problems = if model.request.problems {
        "problems ".len()
    } else {
        0
    };
    let filter = match model.focus.view() {
        ViewKind::Changes => &model.changes.filter_text,
        _ => &model.filter_text,
    };
    scope + problems + filter.width()
}

/// How many changes are unread, in at most four cells.
fn news(unread: u64) -> String {
    match unread {
        0 => String::new(),
        1..1000 => format!("+{unread}"),
        1000..100_000 => format!("+{}k", unread / 1000),
        _ => "+99k".to_owned(),
    }
}

/// The tabs with the titles of some of them.
fn placed(
    keys: &[(ViewKind, String)],
    unread: u64,
    line: Rect,
    is_titled: impl Fn(ViewKind) -> bool,
) -> Vec<Tab> {
    let mut x = line.x;
    let mut tabs = Vec::with_capacity(keys.len());
    for (view, key) in keys {
        let title = if is_titled(*view) { view.title() } else { "" };
        if key.is_empty() && title.is_empty() {
            continue;
        }
        let gap = usize::from(!key.is_empty() && !title.is_empty());
        let has_news = *view == ViewKind::Changes;
        let news_width = if has_news { NEWS } else { 0 };
        let width = u16::try_from(key.width() + gap + title.width() + news_width + 2).unwrap_or(u16::MAX);
        if width > line.right().saturating_sub(x) {
            break;
        }
        let place = Rect {
            x,
            width,
            height: 1,
            ..line
        };
        x += width;
        tabs.push(Tab {
            view: *view,
            key: key.clone(),
            title,
            news: if has_news { news(unread) } else { String::new() },
            place,
        });
    }
    tabs
}
