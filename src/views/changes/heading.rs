//! The lines between the changes: the dates of a snapshot, what we did not watch, and since when something is new.
//!
//! ```text
//!  ── your last visit was at 21:45:40: everything above came since ───────────────
//!  ┄┄ not watched 03:10:00–05:24:10 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!  ── HSS's list of 21:59, seen 22:01 ────────────────────────────────────────
//! ```

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::changes_view::Between;
use crate::fleet::change_log::ChangeGroup;
use crate::ui::format::{head, width as width_of};
use crate::ui::moment::{exact_moment, moment};
use crate::ui::theme::{Role, Theme};

/// The heading of a snapshot of exactly this width.
pub(super) fn line(model: &Model, group: &ChangeGroup, theme: &Theme, width: usize) -> Line<'static> {
    let at = |at: Timestamp| moment(at, model.now, &model.zone);
    let list = match group.snapshot {
        Some(snapshot) => format!("HSS's list of {}", at(snapshot)),
        None => "a list without a date".to_owned(),
    };
    let day = |at: Timestamp| at.to_zoned_datetime(model.zone.clone()).date();
    let seen = group.noticed.map(|noticed| {
        // One day is enough.
        if group
            .snapshot
            .is_some_and(|snapshot| day(snapshot) == day(noticed))
        {
            at(noticed).rsplit(' ').next().unwrap_or_default().to_owned()
        } else {
            at(noticed)
        }
    });
    let seen = seen.map_or_else(String::new, |seen| format!(", seen {seen}"));
    let whole = format!("{list}{seen}");
    let bare = group.snapshot.map_or_else(|| list.clone(), at);
    // The rows of a narrow screen have no time, so that of the list has to be whole.
    let room = width.saturating_sub(6);
    let forms = [&whole, &list, &bare];
    let words = forms
        .into_iter()
        .find(|words| width_of(words) <= room)
        .unwrap_or(&bare);
    ruled(words, "─", Role::Label, theme, width)
}

/// What lies between two snapshots.
pub(super) fn between(model: &Model, between: Between, theme: &Theme, width: usize) -> Line<'static> {
    let at = |at: Timestamp| exact_moment(at, model.now, &model.zone);
    match between {
        Between::NotWatched(gap, more) => {
            let until = if gap.to >= model.now {
                format!("not watched since {}", at(gap.from))
            } else {
                format!("not watched {}–{}", at(gap.from), at(gap.to))
            };
            let more = match more {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            ruled(&format!("{until}{more}"), "┄", Role::Warn, theme, width)
        }
        Between::LastHere(last) => {
            let words = format!("your last visit was at {}: everything above came since", at(last));
            ruled(&words, "─", Role::Title, theme, width)
        }
    }
}

/// Words on a rule of exactly this width.
fn ruled(words: &str, stroke: &'static str, role: Role, theme: &Theme, width: usize) -> Line<'static> {
    let words = head(words, width.saturating_sub(6));
    let used = 5 + width_of(&words);
    Line::from(vec![
        Span::styled(format!(" {} ", stroke.repeat(2)), theme.style(Role::Rule)),
        Span::styled(words, theme.style(role)),
        Span::styled(
            format!(" {}", stroke.repeat(width.saturating_sub(used))),
            theme.style(Role::Rule),
        ),
    ])
}
