//! The tabs of the views: what each says, and where it is.
//!
//! ```text
//!  1 Pods   2 Overview   4 Health                        all of them, where there is room
//!  1 Pods  2  4                                          on a narrow screen, or beside a filter
//! ```
//!
//! Which of both it is depends on the width and on whether something restricts the list, so that the tabs stay where they are
//! while data and views change. Keys, clicks and the drawing need the places, as they do those of [`layout`](super::layout).

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::Model;
use crate::keys::{Action, Key, Mode, ViewKind};

/// Cells beside the tabs for what restricts the list and for the place in it, and for the place alone.
const BESIDE: [usize; 2] = [60, 27];

/// From so many cells on there is room for tabs beside a filter: a filter that nobody sees misleads, a tab that nobody sees has
/// its key.
const NARROW: usize = 60;

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The view that it shows.
    pub view: ViewKind,
    /// The key that shows it; empty where no key does.
    pub key: String,
    /// Its title, where there is room.
    pub title: &'static str,
    /// Where it is, a blank at either side included.
    pub place: Rect,
}

/// The tabs from the left of `line` on, those that have room.
pub fn of(model: &Model, line: Rect) -> Vec<Tab> {
    let keys = ViewKind::ALL.map(|view| {
        let key = model.keys.key_of(view.mode(), Action::Show(view));
        (view, key.map(Key::short_label).unwrap_or_default())
    });
    let [crowded, alone] = BESIDE;
    let is_crowded = model.is_restricted() || !model.marks.is_empty() || model.mode() == Mode::Filter;
    if is_crowded && usize::from(line.width) < NARROW {
        return Vec::new();
    }
    let beside = if is_crowded { crowded } else { alone };
    let shown = model.focus.view();
    let all = placed(&keys, line, |_| true);
    let end = all.last().map_or(line.x, |tab| tab.place.right());
    if usize::from(end - line.x) + beside <= usize::from(line.width) {
        return all;
    }
    placed(&keys, line, |view| view == shown)
}

/// The tabs with the titles of some of them.
fn placed(keys: &[(ViewKind, String)], line: Rect, is_titled: impl Fn(ViewKind) -> bool) -> Vec<Tab> {
    let mut x = line.x;
    let mut tabs = Vec::with_capacity(keys.len());
    for (view, key) in keys {
        let title = if is_titled(*view) { view.title() } else { "" };
        if key.is_empty() && title.is_empty() {
            continue;
        }
        let gap = usize::from(!key.is_empty() && !title.is_empty());
        let width = u16::try_from(key.width() + gap + title.width() + 2).unwrap_or(u16::MAX);
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
            place,
        });
    }
    tabs
}
