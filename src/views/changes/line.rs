//! One change in one line.
//!
//! ```text
//! ▌ ● 21:59 ▲ clean → risk            cci-settle-match-nj6q6x45-wfcrz  settlement · cci-burst-2  score 18→60  NEW
//! ```
//!
//! If there is little room, the score is left out first and then the place; the change, the pod and the
//! decision stay.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::fleet::change_log::LoggedChange;
use crate::fleet::changes::{Change, Recorded};
use crate::fleet::pseudonym::NameKind;
use crate::fleet::{Field, RemoteText};
use crate::ui::change_line::{change_line, day_or_time, score_words, story_words};
use crate::ui::format::{fit, width as width_of};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells before the time: the cursor, the mark, and the unread sign.
const MARGIN: usize = 4;
/// Cells of the time of day.
const TIME: usize = 6;
/// Cells of the change: the longest common one is `% memory <70 % → ≥90 %`.
const WORDS: usize = 23;
/// Cells of `score 18→60`.
const SCORE: usize = 11;
/// Cells between columns.
const GAP: usize = 2;

/// The widths of the columns that depend on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChangeColumns {
    pod: usize,
    place: usize,
    score: usize,
    note: usize,
}

impl ChangeColumns {
    /// The widths on a screen of this many cells: the rest goes to the columns that are cut first.
    pub(super) fn of(width: usize) -> Self {
        const POD: (usize, usize) = (27, 44);
        const PLACE: (usize, usize) = (24, 40);
        const NOTE: (usize, usize) = (15, 44);
        let mut room = width.saturating_sub(MARGIN + TIME + WORDS + GAP);
        let mut has_all = true;
        // The most important part first; parts after one that does not fit are left out too.
        let mut take = |cells: usize, least: usize| {
            has_all &= room >= least;
            let taken = if has_all { cells.min(room) } else { 0 };
            room = room.saturating_sub(taken + GAP);
            taken
        };
        let pod = take(POD.0, 0);
        let note = take(NOTE.0, NOTE.0);
        let place = take(PLACE.0, PLACE.0);
        let score = take(SCORE, SCORE);
        let mut grow = |cells: usize, most: usize| {
            let grown = if has_all { room.min(most - cells) } else { 0 };
            room -= grown;
            cells + grown
        };
        let pod = grow(pod, POD.1);
        let place = grow(place, PLACE.1);
        let note = grow(note, NOTE.1);
        Self {
            pod,
            place,
            score,
            note,
        }
    }
}

/// Draws the line.
pub(super) fn draw(
    model: &Model,
    logged: &LoggedChange,
    change: &Change,
    columns: &ChangeColumns,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let recorded = Recorded {
        number: logged.number,
        id: logged.id,
        change,
        row: None,
    };
    let is_unread = model.unread.is_unread(&recorded);
    let is_muted = model.changes.is_muted(logged.id);
    let quiet = |role: Role| theme.style(if is_muted { Role::Muted } else { role });
    let mut line = Slot::new(buffer, area.x, area.y, usize::from(area.width));
    line.skip(1);
    let mark = if model.changes.marked.contains(&logged.id) {
        "*"
    } else {
        ""
    };
    line.part(1).left(mark, theme.style(Role::Title));
    let unread = if is_unread { signs::FINE } else { "" };
    line.part(MARGIN - 2).left(unread, theme.style(Role::Title));
    let time = change.seen_by_snapshot().map(|at| {
        let at = at.to_zoned_datetime(model.zone.clone());
        at.strftime("%H:%M").to_string()
    });
    line.part(TIME)
        .left(time.as_deref().unwrap_or(signs::ABSENT), theme.style(Role::Muted));
    let words = change_line(change);
    line.part(WORDS).left(&words.line(), quiet(words.role));
    line.skip(GAP);
    let (name, role) = signs::name(&change.name);
    line.part(columns.pod).left(&name, quiet(role));
    line.skip(GAP);
    if columns.place > 0 {
        let place = place(shown(&change.namespace), shown(&change.cluster), columns.place);
        line.part(columns.place).left(&place, theme.style(Role::Muted));
        line.skip(GAP);
    }
    if columns.score > 0 {
        line.part(columns.score)
            .left(&score_words(change), theme.style(Role::Muted));
        line.skip(GAP);
    }
    note(
        model,
        logged,
        change,
        is_unread,
        is_muted,
        theme,
        line.part(columns.note),
    );
}

/// Namespace and cluster in this many cells; if they are too long, both are shortened.
fn place(namespace: &str, cluster: &str, cells: usize) -> String {
    const BETWEEN: &str = " · ";
    let room = cells.saturating_sub(width_of(BETWEEN));
    let (wanted, of_cluster) = (width_of(namespace), width_of(cluster));
    if wanted + of_cluster <= room {
        return format!("{namespace}{BETWEEN}{cluster}");
    }
    let half = room / 2;
    let namespace = fit(namespace, room.saturating_sub(of_cluster).max(half));
    let cluster = fit(cluster, room.saturating_sub(width_of(&namespace)));
    format!("{namespace}{BETWEEN}{cluster}")
}

fn shown(field: &Field<RemoteText>) -> &str {
    match field {
        Field::Absent => signs::ABSENT,
        Field::Unreadable => signs::UNREADABLE,
        Field::Value(text) => text.shown(),
    }
}

/// Whether a change brought what is still open, and its pod is worse than before by everything that changed with it.
fn is_worse(logged: &LoggedChange, change: &Change) -> bool {
    let scores = change.scores.before.zip(change.scores.after);
    logged.is_open_finding() && scores.is_none_or(|(before, after)| after > before)
}

/// The decision and the course of the finding, as much as fits, the most important part first.
fn note(
    model: &Model,
    logged: &LoggedChange,
    change: &Change,
    is_unread: bool,
    is_muted: bool,
    theme: &Theme,
    mut slot: Slot<'_>,
) {
    let at = |at| day_or_time(at, model.now, &model.zone);
    let mut parts: Vec<(String, Role)> = Vec::new();
    if is_muted {
        parts.push(("muted".to_owned(), Role::Muted));
    }
    if let Some(known) = model.changes.acknowledgement(logged.id) {
        let who = RemoteText::name(&model.masking.name(NameKind::Account, &known.who));
        let text = format!("{} {} {}", signs::DONE, who.shown(), at(known.at));
        parts.push((text, Role::Good));
    } else if is_unread && is_worse(logged, change) {
        parts.push(("NEW".to_owned(), Role::Title));
    }
    let story = story_words(&logged.story, at).into_iter();
    parts.extend(story.map(|text| (text, Role::Label)));
    for (number, (text, role)) in parts.iter().enumerate() {
        let separator = if number == 0 { "" } else { " · " };
        if number > 0 && width_of(separator) + width_of(text) > slot.width() {
            break;
        }
        slot.left(separator, theme.style(Role::Muted));
        slot.left(text, theme.style(*role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_too_long_keeps_a_part_of_both_names() {
        assert_eq!(place("payments", "prod-pay", 24), "payments · prod-pay");
        assert_eq!(
            place("payments", "prod-north-4a-of-china", 24),
            "payments · prod-n…-china"
        );
        assert_eq!(
            place("settlement-of-china", "prod-north-4a-of-china", 23)
                .chars()
                .count(),
            23
        );
    }

    #[test]
    fn a_wider_screen_never_shows_less_of_a_change() {
        for width in 30..400 {
            let (narrow, wide) = (ChangeColumns::of(width), ChangeColumns::of(width + 1));
            for (less, more) in [
                (narrow.pod, wide.pod),
                (narrow.place, wide.place),
                (narrow.score, wide.score),
                (narrow.note, wide.note),
            ] {
                assert!(less <= more, "{width}: {narrow:?} {wide:?}");
            }
        }
    }
}
