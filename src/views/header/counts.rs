//! The counts over the pods in scope, what is worst first, and over how many pods they are.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::collector::{Extent, SyncState};
use crate::fleet::risk::Reason;
use crate::fleet::summary::Summary;
use crate::ui::format::{self, count};
use crate::ui::{Role, Theme, signs};

/// How many pods are known of what is looked at, and of how many, while these are not all.
pub fn pods(model: &Model) -> String {
    let known = model.counted().pods;
    // The state word tells of how many, and how far the sweep is: another number beside that would be a second progress.
    if matches!(
        model.state(),
        SyncState::Loading { total: Some(_), .. } | SyncState::Partial { .. }
    ) {
        return format::counted(known, "pod");
    }
    match model.status.extent() {
        Extent::Short(Some(total)) if total > known as u64 => {
            format!("{} of {} pods", count(known), count(total))
        }
        Extent::Short(None) if known == 0 => format!("{} pods", signs::ABSENT),
        Extent::Short(None) => format!("{} of ? pods", count(known)),
        Extent::Whole | Extent::Short(Some(_)) if known == 1 => "1 pod".to_owned(),
        Extent::Whole | Extent::Short(Some(_)) => format!("{} pods", count(known)),
    }
}

/// One count.
struct Count {
    sign: &'static str,
    word: &'static str,
    /// How many there are, if any pod tells.
    number: Option<usize>,
    /// How many of them came since the operator last acknowledged.
    new: usize,
    role: Role,
}

/// How many there are, where `told` pods tell.
fn counted(number: usize, told: usize) -> Option<usize> {
    (told > 0).then_some(number)
}

fn item(sign: &'static str, word: &'static str, number: Option<usize>, role: Role) -> Count {
    Count {
        sign,
        word,
        number,
        new: 0,
        role,
    }
}

impl Count {
    /// The same with how many came lately, where the counts are over all that changes are told of.
    fn with_new(self, model: &Model, reason: Reason) -> Self {
        let is_whole = model.view.request.scope.is_whole();
        let new = if is_whole { model.unread.new_in(reason) } else { 0 };
        Self { new, ..self }
    }
}

/// What only serverless pods tell, in the order of the risk score.
fn of_security(model: &Model) -> [Count; 3] {
    let summary = model.counted();
    let risk = counted(summary.risk, summary.detection_told);
    let broken = counted(summary.exception, summary.protection_told);
    let off = counted(summary.unprotected, summary.protection_told);
    [
        item(signs::RISK, "risk", risk, Role::Bad).with_new(model, Reason::DetectionRisk),
        item(signs::BROKEN, "broken", broken, Role::Bad).with_new(model, Reason::ProtectionException),
        item(signs::OFF, "off", off, Role::Warn).with_new(model, Reason::ProtectionClosed),
    ]
}

/// What every pod can tell, in the order of the risk score.
fn of_all(model: &Model) -> [Count; 7] {
    let summary = model.counted();
    let memory = counted(summary.memory_critical, summary.memory_told);
    let cpu = counted(summary.cpu_critical, summary.cpu_told);
    [
        item(signs::FAILED, "failed", Some(summary.failed), Role::Bad).with_new(model, Reason::Failed),
        item("", "MEM>=90", memory, Role::Bad),
        item("", "CPU>=90", cpu, Role::Bad),
        item(signs::DOUBT, "unknown", Some(summary.unknown), Role::Doubt),
        item(signs::PENDING, "pending", Some(summary.pending), Role::Warn),
        item(signs::FINE, "running", Some(summary.running), Role::Good),
        item(signs::DONE, "done", Some(summary.succeeded), Role::Muted),
    ]
}

/// Of the counts that every pod can tell, the first so many are of what is wrong (failed, near a limit). Words give way to them:
/// a pod over its limit must not be left out for them.
const WORST: usize = 3;

/// How many pods the security counts are over, the longest form first, each with the other counts that must have room
/// beside it. Pods on nodes have no security fields: "4 off" of 1,111 pods would read as if the others were on.
fn coverage(summary: &Summary) -> [(String, usize); 3] {
    let known = count(summary.security_told);
    [
        (
            format!("security known of {known} of {} pods", count(summary.pods)),
            WORST,
        ),
        (format!("security known of {known}"), WORST),
        (format!("known of {known}"), 0),
    ]
}

/// The counts over the pods in scope. What does not fit is left out from the end, each part as a whole. Every count has its
/// place, whether it is zero or not, with room for two digits: a number that changes a little moves nothing.
pub(super) fn counts<'a>(model: &Model, theme: &Theme, width: usize) -> Line<'a> {
    let changes = match model.new_changes() {
        0 => String::new(),
        1 => "1 change ".to_owned(),
        changes => format!("{} changes ", count(changes)),
    };
    // The changes stand at the right edge: none of the counts moves when there are some.
    let room = width.saturating_sub(changes.width());
    let mut forms = coverage(model.counted()).into_iter();
    let fitting = forms.find_map(|(coverage, least)| {
        let (line, others) = within(model, theme, room, &coverage);
        (others >= least).then_some(line)
    });
    let mut line = fitting.unwrap_or_default();
    let gap = room.saturating_sub(line.width());
    if !changes.is_empty() && line.width() + changes.width() <= width {
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::styled(changes, theme.style(Role::Busy)));
    }
    line
}

/// The counts in at most so many cells, and how many of those that every pod can tell are among them.
fn within<'a>(model: &Model, theme: &Theme, room: usize, coverage: &str) -> (Line<'a>, usize) {
    let summary = model.counted();
    let mut row = CountRow {
        line: Line::from(Span::raw(format!(" {}", pods(model)))),
        theme,
        room,
        is_full: summary.pods == 0,
    };
    for count in &of_security(model) {
        row.push(count);
    }
    row.say(&format!("{} {coverage}", signs::BAR));
    let mut others = 0;
    for count in &of_all(model) {
        row.push(count);
        others += usize::from(!row.is_full);
    }
    (row.line, others)
}

/// A line of counts that is being filled.
struct CountRow<'a, 't> {
    line: Line<'a>,
    theme: &'t Theme,
    room: usize,
    /// Whether something had no room: then nothing follows.
    is_full: bool,
}

impl CountRow<'_, '_> {
    const DIGITS: usize = 2;
    const SEPARATOR: &'static str = "  ";

    /// Adds a count, if there is room for it.
    fn push(&mut self, counted: &Count) {
        let style = match counted.number {
            None | Some(0) => self.theme.style(Role::Muted),
            Some(_) => self.theme.style(counted.role),
        };
        let number = counted.number.map_or_else(|| signs::ABSENT.to_owned(), count);
        let (sign, word) = (counted.sign, counted.word);
        let text = if sign.is_empty() {
            format!("{word} {number}")
        } else {
            format!("{sign} {number} {word}")
        };
        let text = match counted.new {
            0 => text,
            new => format!("{text} +{}", count(new)),
        };
        let blank = Self::DIGITS.saturating_sub(number.width());
        if self.take(text.width() + blank) {
            self.line.push_span(Span::styled(text, style));
            self.line.push_span(Span::raw(" ".repeat(blank)));
        }
    }

    /// Adds a few quiet words, if there is room for them.
    fn say(&mut self, text: &str) {
        if self.take(text.width()) {
            let style = self.theme.style(Role::Muted);
            self.line.push_span(Span::styled(text.to_owned(), style));
        }
    }

    /// Whether there is room for so many cells; then what separates them from the others is there.
    fn take(&mut self, cells: usize) -> bool {
        if self.is_full {
            return false;
        }
        self.is_full = self.line.width() + Self::SEPARATOR.len() + cells > self.room;
        if !self.is_full {
            self.line.push_span(Span::raw(Self::SEPARATOR));
        }
        !self.is_full
    }
}
