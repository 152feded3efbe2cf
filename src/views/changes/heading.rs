//! The line above the changes of a snapshot: its two dates, and the gaps.
//!
//! ```text
//!  ── HSS's list of 21:59, seen 22:01 (gap: not watched 03:10–05:24) ─────────
//! ```

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::fleet::change_log::ChangeGroup;
use crate::fleet::watched::{WatchedSpan, gaps};
use crate::ui::change_line::moment;
use crate::ui::format::{head, width as width_of};
use crate::ui::theme::{Role, Theme};

/// The heading in exactly this many cells.
pub(super) fn line(model: &Model, group: &ChangeGroup, theme: &Theme, width: usize) -> Line<'static> {
    let rule = theme.style(Role::Rule);
    let (dates, gap) = words(model, group);
    let room = width.saturating_sub(6);
    let dates = head(&dates, room);
    let gap = head(&gap, room.saturating_sub(width_of(&dates)));
    let used = 5 + width_of(&dates) + width_of(&gap);
    Line::from(vec![
        Span::styled(" ── ", rule),
        Span::styled(dates, theme.style(Role::Label)),
        Span::styled(gap, theme.style(Role::Warn)),
        Span::styled(format!(" {}", "─".repeat(width.saturating_sub(used))), rule),
    ])
}

/// Its text: the dates and the gaps.
fn words(model: &Model, group: &ChangeGroup) -> (String, String) {
    let at = |at: Timestamp| moment(at, model.now, &model.zone);
    let list = match group.snapshot {
        Some(snapshot) => format!("HSS's list of {}", at(snapshot)),
        None => "a list without a date".to_owned(),
    };
    let seen = group
        .noticed
        .map_or_else(String::new, |noticed| format!(", seen {}", at(noticed)));
    let gap = match (group.earlier, group.seen_at()) {
        (Some(from), Some(to)) => gap_words(&gaps(&model.changes.book.watched, from, to), at),
        _ => String::new(),
    };
    (format!("{list}{seen}"), gap)
}

/// The longest gap, and the number of others.
fn gap_words(gaps: &[WatchedSpan], at: impl Fn(Timestamp) -> String) -> String {
    let longest = gaps.iter().max_by_key(|gap| gap.to.duration_since(gap.from));
    let Some(longest) = longest else {
        return String::new();
    };
    let more = match gaps.len() {
        1 => String::new(),
        many => format!(", and {} more", many - 1),
    };
    format!(
        " (gap: not watched {}–{}{more})",
        at(longest.from),
        at(longest.to)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_told_and_how_many_more_there_are() {
        let span = |from: i64, to: i64| WatchedSpan {
            from: Timestamp::from_second(from).unwrap(),
            to: Timestamp::from_second(to).unwrap(),
        };
        let told = |gaps: &[WatchedSpan]| gap_words(gaps, |at| at.as_second().to_string());
        assert_eq!(told(&[]), "");
        assert_eq!(told(&[span(10, 20)]), " (gap: not watched 10–20)");
        assert_eq!(
            told(&[span(10, 20), span(30, 90), span(95, 96)]),
            " (gap: not watched 30–90, and 2 more)"
        );
    }
}
