//! What changed of one pod in one snapshot, in one line.
//!
//! ```text
//! ▌ ● 21:59 ▲ clean → risk            cci-settle-match-nj6q6x45-wfcrz  settlement · cci-burst-2  score 18→60  NEW
//!   ● 21:59 ✗ Running → Failed +1     order-queue-1                    orders · staging-east     score 10→35  NEW
//! ```
//!
//! `+1` is another change of the same pod; a wide screen names it. If there is little room, the score is left out
//! first and then the place; the change, the pod and the decision stay. The end of a name tells pods apart, so the
//! name gets every cell that nothing else needs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::fleet::change_log::LoggedChange;
use crate::fleet::changes::{Change, Recorded};
use crate::fleet::pseudonym::NameKind;
use crate::fleet::{Field, RemoteText};
use crate::ui::change_line::{ChangeWords, change_line, day_or_time, score_words, story_words};
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
    time: usize,
    words: usize,
    pod: usize,
    place: usize,
    score: usize,
    note: usize,
}

impl ChangeColumns {
    /// The widths on a screen of this many cells: the rest goes to the columns that are cut first. The longest name of
    /// a pod has `longest` cells.
    pub(super) fn of(width: usize, longest: usize) -> Self {
        const POD: (usize, usize) = (27, 44);
        const MOST_WORDS: usize = 46;
        const PLACE: (usize, usize) = (24, 40);
        const NOTE: (usize, usize) = (15, 44);
        if width < MARGIN + TIME + WORDS + GAP + POD.0 {
            // The heading above has the time; without it the name is more than its first and last letter.
            let half = width.saturating_sub(MARGIN + GAP) / 2;
            let words = half.min(WORDS);
            let pod = width.saturating_sub(MARGIN + words + GAP).min(POD.0);
            return Self {
                time: 0,
                words,
                pod,
                place: 0,
                score: 0,
                note: 0,
            };
        }
        let mut rest = RestOfLine {
            cells: width.saturating_sub(MARGIN + TIME + WORDS + GAP),
            has_all: true,
        };
        let pod = rest.column(POD.0, 0);
        let note = rest.column(NOTE.0, NOTE.0);
        // The whole name comes before anything else.
        let pod = rest.grow(pod, longest.clamp(POD.0, POD.1));
        let place = rest.column(PLACE.0, PLACE.0);
        let score = rest.column(SCORE, SCORE);
        let words = rest.grow(WORDS, MOST_WORDS);
        let pod = rest.grow(pod, POD.1);
        let place = rest.grow(place, PLACE.1);
        let note = rest.grow(note, NOTE.1);
        Self {
            time: TIME,
            words,
            pod,
            place,
            score,
            note,
        }
    }
}

/// The cells that are left, while they are given to one column after the other, the most important first. What follows a
/// column that did not get everything gets nothing.
struct RestOfLine {
    cells: usize,
    has_all: bool,
}

impl RestOfLine {
    /// Begins a column, and returns its cells.
    fn column(&mut self, cells: usize, least: usize) -> usize {
        self.has_all &= self.cells >= least;
        let taken = if self.has_all { cells.min(self.cells) } else { 0 };
        self.cells = self.cells.saturating_sub(taken + GAP);
        taken
    }

    /// Widens a column that has this number of cells, and returns its cells.
    fn grow(&mut self, has: usize, most: usize) -> usize {
        let wanted = most.saturating_sub(has);
        let grown = if self.has_all { wanted.min(self.cells) } else { 0 };
        self.has_all &= grown == wanted;
        self.cells -= grown;
        has + grown
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
    let others = others(model, logged);
    let is_unread = model.unread.is_unread(&recorded)
        || others.iter().any(|(logged, change)| {
            let recorded = Recorded {
                number: logged.number,
                id: logged.id,
                change,
                row: None,
            };
            model.unread.is_unread(&recorded)
        });
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
    line.part(columns.time)
        .left(time.as_deref().unwrap_or(signs::ABSENT), theme.style(Role::Muted));
    let words = change_line(change);
    let all = joined(&words, &others, columns.words);
    line.part(columns.words).left(&all, quiet(words.role));
    line.skip(GAP);
    let (name, role) = signs::name(&change.name);
    let notes = notes(model, logged, change, is_unread, is_muted);
    let notes = fitting(notes, columns.note);
    // Beside a short note there is room for more of the name.
    let note_cells = match columns.place {
        0 => notes_width(&notes).min(columns.note),
        _ => columns.note,
    };
    let mut slot = line.part(columns.pod + columns.note - note_cells);
    slot.left(&name, quiet(role));
    // Without a column of its own the namespace follows a name that leaves room for it.
    let namespace = shown(&change.namespace);
    if columns.place == 0 && GAP + width_of(namespace) <= slot.width() {
        slot.skip(GAP);
        slot.left(namespace, theme.style(Role::Muted));
    }
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
    let mut slot = line.part(note_cells);
    for (number, (text, role)) in notes.iter().enumerate() {
        slot.left(if number == 0 { "" } else { BETWEEN }, theme.style(Role::Muted));
        slot.left(text, theme.style(*role));
    }
}

/// The other changes of the row.
fn others<'a>(model: &'a Model, logged: &LoggedChange) -> Vec<(&'a LoggedChange, &'a Change)> {
    let changes = model.fleet.changes();
    let others = model.changes.others_of(logged.id).iter();
    others
        .filter_map(|other| Some((other, changes.numbered(other.number)?)))
        .collect()
}

/// All changes of the row in this many cells; without room for all, the first one and the number of the others.
fn joined(words: &ChangeWords, others: &[(&LoggedChange, &Change)], cells: usize) -> String {
    let first = words.line();
    if others.is_empty() {
        return first;
    }
    let texts = others.iter().map(|(_, change)| change_line(change).text);
    let all = texts.fold(first.clone(), |all, text| format!("{all}, {text}"));
    if width_of(&all) <= cells {
        return all;
    }
    let more = format!(" +{}", others.len());
    let room = cells.saturating_sub(width_of(&more));
    format!("{}{more}", fit(&first, room.min(width_of(&first))))
}

/// Namespace and cluster in this many cells; if they are too long, both are shortened.
fn place(namespace: &str, cluster: &str, cells: usize) -> String {
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

/// Between two notes.
const BETWEEN: &str = " · ";

/// The decision and the course of the finding, the most important part first.
fn notes(
    model: &Model,
    logged: &LoggedChange,
    change: &Change,
    is_unread: bool,
    is_muted: bool,
) -> Vec<(String, Role)> {
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
    parts
}

/// As many of the notes as this number of cells holds, but at least the first.
fn fitting(mut notes: Vec<(String, Role)>, cells: usize) -> Vec<(String, Role)> {
    while notes.len() > 1 && notes_width(&notes) > cells {
        notes.pop();
    }
    notes
}

fn notes_width(notes: &[(String, Role)]) -> usize {
    let texts: usize = notes.iter().map(|(text, _)| width_of(text)).sum();
    texts + notes.len().saturating_sub(1) * width_of(BETWEEN)
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
        for (longest, width) in [0, 20, 33, 60]
            .into_iter()
            .flat_map(|longest| (30..400).map(move |width| (longest, width)))
        {
            let (narrow, wide) = (
                ChangeColumns::of(width, longest),
                ChangeColumns::of(width + 1, longest),
            );
            for (less, more) in [
                (narrow.words, wide.words),
                (narrow.pod, wide.pod),
                (narrow.place, wide.place),
                (narrow.score, wide.score),
                (narrow.note, wide.note),
            ] {
                assert!(less <= more, "{width}: {narrow:?} {wide:?}");
            }
            let used = MARGIN + wide.time + wide.words + GAP + wide.pod;
            let used = [wide.note, wide.place, wide.score]
                .into_iter()
                .filter(|cells| *cells > 0)
                .fold(used, |used, cells| used + GAP + cells);
            assert!(used <= width + 1, "{used} of {width}: {wide:?}");
        }
    }

    #[test]
    fn a_name_is_whole_before_anything_less_important_has_room() {
        for width in 80..400 {
            let columns = ChangeColumns::of(width, 38);
            assert!(columns.place == 0 || columns.pod >= 38, "{width}: {columns:?}");
        }
        assert!(ChangeColumns::of(119, 38).place > 0);
    }

    #[test]
    fn other_changes_of_a_pod_are_named_or_counted() {
        use crate::fleet::changes::ChangeKind;
        use crate::fleet::fixture::node;
        use crate::fleet::usage::Pressure;
        use crate::fleet::words::Status;
        let of = |kind| Change::of(&node("a").build(), kind);
        let failed = of(ChangeKind::Status(Status::Running.into(), Status::Failed.into()));
        let memory = of(ChangeKind::MemoryThreshold(Pressure::Warn, Pressure::Unknown));
        let logged = LoggedChange {
            number: 1,
            id: crate::fleet::changes::ChangeId::of(&memory),
            gravity: 0,
            story: crate::fleet::change_log::FindingStory::default(),
        };
        let words = change_line(&failed);
        let all = |cells| joined(&words, &[(&logged, &memory)], cells);
        assert_eq!(all(46), "✗ Running → Failed, memory ≥70 % → unknown");
        assert_eq!(all(23), "✗ Running → Failed +1");
        assert_eq!(joined(&words, &[], 23), "✗ Running → Failed");
    }
}
