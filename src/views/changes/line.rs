//! What changed of one pod in one snapshot, in one line.
//!
//! ```text
//! ▌ ● 21:59 ▲ clean → risk            cci-settle-match-nj6q6x45-wfcrz  settlement  cci-burst-2  score 18 → 60
//!   ● 21:59 ✗ Running → Failed +1     order-queue-1                    orders      staging-east score 10 → 35  regressed twice
//! ```
//!
//! `+1` is another change of the same pod; a wide screen names it. If there is little room, the score is left out
//! first, then the cluster, then the namespace; the change, the pod and the decision stay. The namespace says whose pod it is, so
//! the longest names are cut before it is left out. The end of a name tells pods apart, so the name gets the cells of a note that
//! is not there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::fleet::change_log::LoggedChange;
use crate::fleet::changes::Change;
use crate::fleet::pseudonym::NameKind;
use crate::fleet::{Field, RemoteText};
use crate::ui::change_line::{ChangeWords, change_line, score_words, story_words};
use crate::ui::format::width as width_of;
use crate::ui::moment::day_or_time;
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells before the time: the cursor, the mark, and the unread sign.
const MARGIN: usize = 4;
/// Cells of the time of day.
const TIME: usize = 6;
/// Cells of the change: the longest common one is `% memory <70 % → ≥90 %`.
const WORDS: usize = 23;
/// Cells of `score 18 → 60`.
const SCORE: usize = 13;
/// Cells between columns.
const GAP: usize = 2;

/// The widths of the columns that depend on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChangeColumns {
    time: usize,
    words: usize,
    pod: usize,
    namespace: usize,
    cluster: usize,
    score: usize,
    note: usize,
}

/// The cells of the longest names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LongestNames {
    pub(super) pod: usize,
    pub(super) namespace: usize,
    pub(super) cluster: usize,
}

impl ChangeColumns {
    /// The widths on a screen of this many cells: the rest goes to the columns that are cut first.
    pub(super) fn of(width: usize, longest: LongestNames) -> Self {
        const POD: (usize, usize) = (27, 44);
        /// What nearly all names have: that of a deployment, and the 16 cells of its two hashes.
        const MOST_PODS: usize = 32;
        const MOST_WORDS: usize = 46;
        /// What most names of namespaces and clusters have, and the most that one gets.
        const PLACE: (usize, usize) = (13, 24);
        const LEAST_PLACE: usize = 9;
        /// The longest common note is `regressed 4 times`.
        const NOTE: (usize, usize) = (15, 44);
        const WHOLE_NOTE: usize = 17;
        if width < MARGIN + TIME + WORDS + GAP + POD.0 {
            // The heading above has the time; without it the name is more than its first and last letter.
            let half = width.saturating_sub(MARGIN + GAP) / 2;
            let words = half.min(WORDS);
            let pod = width.saturating_sub(MARGIN + words + GAP).min(POD.0);
            return Self {
                time: 0,
                words,
                pod,
                namespace: 0,
                cluster: 0,
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
        let longest_pod = longest.pod.clamp(POD.0, POD.1);
        let pod = rest.grow(pod, longest_pod.min(MOST_PODS));
        let namespace = longest.namespace.clamp(1, PLACE.0);
        let namespace = rest.column(namespace, namespace.min(LEAST_PLACE));
        // The whole name comes before anything else.
        let pod = rest.grow(pod, longest_pod);
        let note = rest.grow(note, WHOLE_NOTE);
        let cluster = longest.cluster.clamp(1, PLACE.0);
        // A part of its name is better than an empty end of the line.
        let cluster = rest.column(cluster, cluster.min(LEAST_PLACE));
        let namespace = rest.grow(namespace, longest.namespace.min(PLACE.1));
        let cluster = rest.grow(cluster, longest.cluster.min(PLACE.1));
        let score = rest.column(SCORE, SCORE);
        let words = rest.grow(WORDS, MOST_WORDS);
        let pod = rest.grow(pod, POD.1);
        let note = rest.grow(note, NOTE.1);
        Self {
            time: TIME,
            words,
            pod,
            namespace,
            cluster,
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
    let others = others(model, logged);
    let mut all = std::iter::once(logged).chain(others.iter().map(|(logged, _)| *logged));
    let is_unread = all.any(|logged| model.unread.is_unread_change(logged.number, logged.id));
    let is_muted = model.changes.is_muted(logged.id);
    let quiet = |role: Role| theme.style(if is_muted { Role::Muted } else { role });
    let mut line = Slot::new(buffer, area.x, area.y, usize::from(area.width));
    line.skip(1);
    let mark = if model.changes.marked.contains(&logged.id) {
        signs::MARKED
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
    let notes = fitting(notes(model, logged, change, is_muted), columns.note);
    // What the note leaves over is for the name, if nothing is between them: one pod must not have two names in two rows.
    let wanted = width_of(&name).saturating_sub(columns.pod);
    let more = if columns.namespace == 0 && columns.note > 0 {
        let room = line.width().saturating_sub(columns.pod + GAP + 1);
        let left_over = match notes_width(&notes) {
            0 => room + GAP,
            needed => room.saturating_sub(needed),
        };
        left_over.min(wanted)
    } else {
        0
    };
    line.part(columns.pod + more).left(&name, quiet(role));
    line.skip(GAP);
    for (cells, name) in [
        (columns.namespace, &change.namespace),
        (columns.cluster, &change.cluster),
    ] {
        if cells > 0 {
            line.part(cells).left(shown(name), theme.style(Role::Muted));
            line.skip(GAP);
        }
    }
    if columns.score > 0 {
        line.part(columns.score)
            .left(&score_words(change), theme.style(Role::Muted));
        line.skip(GAP);
    }
    // It is the last column, so nothing else needs the rest of the line; the last cell is the scroll bar's.
    let rest = if columns.note > 0 {
        line.width().saturating_sub(1)
    } else {
        0
    };
    let note = columns.note.saturating_sub(more);
    let mut slot = line.part(note.max(rest));
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
    if others.is_empty() {
        return words.within(cells);
    }
    let texts = others.iter().map(|(_, change)| change_line(change).text);
    let all = texts.fold(words.line(), |all, text| format!("{all}, {text}"));
    if width_of(&all) <= cells {
        return all;
    }
    let more = format!(" +{}", others.len());
    let room = cells.saturating_sub(width_of(&more));
    format!("{}{more}", words.within(room))
}

fn shown(field: &Field<RemoteText>) -> &str {
    match field {
        Field::Absent => signs::ABSENT,
        Field::Unreadable => signs::UNREADABLE,
        Field::Value(text) => text.shown(),
    }
}

/// Between two notes.
const BETWEEN: &str = " · ";

/// The decision and the course of the finding, the most important part first.
fn notes(model: &Model, logged: &LoggedChange, change: &Change, is_muted: bool) -> Vec<(String, Role)> {
    let at = |at| day_or_time(at, model.now, &model.zone);
    // A time without a day is of the day of the row.
    let row = change.seen_by_snapshot().unwrap_or(model.now);
    let since = |at| day_or_time(at, row, &model.zone);
    let mut parts: Vec<(String, Role)> = Vec::new();
    if is_muted {
        parts.push(("muted".to_owned(), Role::Muted));
    }
    if let Some(known) = model.changes.acknowledgement(logged.id) {
        let who = RemoteText::name(&model.masking.name(NameKind::Account, &known.who));
        let text = format!("{} {} {}", signs::DONE, who.shown(), at(known.at));
        parts.push((text, Role::Good));
    }
    let story = story_words(&logged.story, since).into_iter();
    parts.extend(story.map(|text| (text, Role::Label)));
    parts
}

/// As many of the notes as this number of cells holds, but at least the first.
fn fitting(mut notes: Vec<(String, Role)>, cells: usize) -> Vec<(String, Role)> {
    while notes.len() > 1 && notes_width(&notes) > cells {
        notes.pop();
    }
    if notes_width(&notes) > cells {
        for (text, _) in &mut notes {
            if let Some(many) = text.strip_suffix(" times") {
                *text = format!("{many}x");
            }
        }
    }
    notes
}

fn notes_width(notes: &[(String, Role)]) -> usize {
    let texts: usize = notes.iter().map(|(text, _)| width_of(text)).sum();
    texts + notes.len().saturating_sub(1) * width_of(BETWEEN)
}

#[cfg(test)]
mod tests;
