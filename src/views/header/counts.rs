//! The counts over the pods in scope, the worst first, and the number of pods that they cover. Above a filtered overview each
//! count is `2/3`: two of the three pass the filter, and the rows below add up to two.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::collector::{Extent, SyncState};
use crate::fleet::risk::Reason;
use crate::fleet::summary::Summary;
use crate::keys::ViewKind;
use crate::ui::format::{self, count};
use crate::ui::{Role, Theme, signs};

/// The number of loaded pods, and the total while these are not all.
pub fn pods(model: &Model) -> String {
    let known = model.counted().pods;
    // The state word tells of how many, and how far the sweep is: another number beside that would be a second progress.
    let is_under_way = matches!(
        model.state(),
        SyncState::Loading { total: Some(_), .. } | SyncState::Partial { .. }
    );
    if is_under_way && model.time.is_live() {
        return format::counted(known, "pod");
    }
    // How many pods HSS has of those of a moment is another question.
    let extent = if model.time.is_live() {
        model.status.extent()
    } else {
        Extent::Whole
    };
    match extent {
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
    /// The number; `None` if no pod reports it.
    number: Option<usize>,
    /// How many of them pass the filter, where only those are counted below.
    passing: Option<usize>,
    /// How many of them came unread: no difference to what there was before, since others may have gone.
    new: usize,
    role: Role,
}

/// The number, if `told` pods report it.
fn counted(number: usize, told: usize) -> Option<usize> {
    (told > 0).then_some(number)
}

fn item(sign: &'static str, word: &'static str, number: Option<usize>, role: Role) -> Count {
    Count {
        sign,
        word,
        number,
        passing: None,
        new: 0,
        role,
    }
}

impl Count {
    /// The same with the number of those that pass the filter.
    fn of_passing(self, passing: Option<&Summary>, number: impl Fn(&Summary) -> usize) -> Self {
        Self {
            passing: passing.map(number),
            ..self
        }
    }

    /// The same with the number of new ones, if the counts are those of the current list.
    fn with_new(self, model: &Model, reason: Reason) -> Self {
        // The view on the screen may still be that of the scope before.
        let is_of_same_pods = model.view.request.scope == *model.unread.scope();
        let new = if is_of_same_pods && model.time.is_live() {
            model.unread.new_in(reason)
        } else {
            0
        };
        Self { new, ..self }
    }
}

/// The counts that only serverless pods report, in the order of the risk score.
fn of_security(model: &Model, passing: Option<&Summary>) -> [Count; 3] {
    let summary = model.counted();
    let risk = counted(summary.risk, summary.detection_told);
    let broken = counted(summary.exception, summary.protection_told);
    let off = counted(summary.unprotected, summary.protection_told);
    [
        item(signs::RISK, "risk", risk, Role::Bad)
            .with_new(model, Reason::DetectionRisk)
            .of_passing(passing, |of| of.risk),
        item(signs::BROKEN, "broken", broken, Role::Bad)
            .with_new(model, Reason::ProtectionException)
            .of_passing(passing, |of| of.exception),
        item(signs::OFF, "off", off, Role::Warn)
            .with_new(model, Reason::ProtectionClosed)
            .of_passing(passing, |of| of.unprotected),
    ]
}

/// The counts that every pod reports, in the order of the risk score.
fn of_all(model: &Model, passing: Option<&Summary>) -> [Count; 7] {
    let summary = model.counted();
    let memory = counted(summary.memory_critical, summary.memory_told);
    let cpu = counted(summary.cpu_critical, summary.cpu_told);
    [
        item(signs::FAILED, "failed", Some(summary.failed), Role::Bad)
            .with_new(model, Reason::Failed)
            .of_passing(passing, |of| of.failed),
        item("", "MEM>=90%", memory, Role::Bad).of_passing(passing, |of| of.memory_critical),
        item("", "CPU>=90%", cpu, Role::Bad).of_passing(passing, |of| of.cpu_critical),
        item(signs::DOUBT, "unknown", Some(summary.unknown), Role::Doubt)
            .of_passing(passing, |of| of.unknown),
        item(signs::PENDING, "pending", Some(summary.pending), Role::Warn)
            .of_passing(passing, |of| of.pending),
        item(signs::FINE, "running", Some(summary.running), Role::Good).of_passing(passing, |of| of.running),
        item(signs::DONE, "done", Some(summary.succeeded), Role::Muted)
            .of_passing(passing, |of| of.succeeded),
    ]
}

/// The counts of the pods that pass the filter of the overview: what its rows add up to. Elsewhere nothing adds up.
fn passing(model: &Model) -> Option<Summary> {
    let request = &model.view.request;
    let is_filtered = request.problems || !request.filter.is_empty();
    if model.focus.view() != ViewKind::Overview || !is_filtered {
        return None;
    }
    Some(model.overview()?.total().summary)
}

/// How many of the counts that every pod reports are problems (failed, near a limit). Words are shortened for
/// them, so that a pod over its limit is not left out for them.
const WORST: usize = 3;

/// The number of pods that the security counts cover, the longest form first, each with how many other counts
/// must fit next to it. Pods on nodes have no security fields: "4 off" of 1,111 pods would read as if the
/// others were on.
fn coverage(summary: &Summary) -> [(String, usize); 3] {
    let known = count(summary.security_told);
    [
        (
            format!("security data for {known} of {} pods", count(summary.pods)),
            WORST,
        ),
        (format!("security data for {known}"), WORST),
        (format!("data for {known}"), 0),
    ]
}

/// The counts over the pods in scope. If they do not fit, the last ones are left out, each as a whole. Every
/// count has its place, even if it is zero, with room for two digits, so that small changes move nothing.
pub(super) fn counts<'a>(model: &Model, theme: &Theme, width: usize) -> Line<'a> {
    let changes = match model.new_changes() {
        0 => String::new(),
        1 => "  1 unread ".to_owned(),
        unread => format!("  {} unread ", count(unread)),
    };
    // The changes are at the right edge, so that they do not move the counts.
    let room = width.saturating_sub(changes.width());
    // What is new of a count is told where nothing that is wrong gives way to it; the changes have it anyway.
    let forms = coverage(model.counted());
    let passing = passing(model);
    let with_new = |told| forms.iter().map(move |(words, _)| (words, WORST, told));
    let without = forms.iter().map(|(words, least)| (words, *least, NewTold::No));
    let with_new = with_new(NewTold::Words).chain(with_new(NewTold::Number));
    let fitting = with_new.chain(without).find_map(|(coverage, least, new)| {
        let (line, others) = within(model, passing.as_ref(), theme, room, (coverage, new));
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

/// The counts in at most this number of cells, and how many of those that every pod can tell are among them.
fn within<'a>(
    model: &Model,
    passing: Option<&Summary>,
    theme: &Theme,
    room: usize,
    (coverage, new): (&str, NewTold),
) -> (Line<'a>, usize) {
    let summary = model.counted();
    let mut row = CountRow {
        line: Line::from(Span::raw(format!(" {}", pods(model)))),
        theme,
        room,
        new,
        is_full: summary.pods == 0,
    };
    for count in &of_security(model, passing) {
        row.push(count);
    }
    row.say(&format!("{} {coverage}", signs::BAR));
    let mut others = 0;
    for count in &of_all(model, passing) {
        row.push(count);
        others += usize::from(!row.is_full);
    }
    (row.line, others)
}

/// How a count says how many of it are new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NewTold {
    /// `(2 new)`
    Words,
    /// `+2`, as on the tab of the changes.
    Number,
    No,
}

/// A line of counts while it is filled.
struct CountRow<'a, 't> {
    line: Line<'a>,
    theme: &'t Theme,
    room: usize,
    /// How a count says how many of it are new.
    new: NewTold,
    /// Whether something had no room: then nothing follows.
    is_full: bool,
}

impl CountRow<'_, '_> {
    const DIGITS: usize = 2;
    const SEPARATOR: &'static str = "  ";

    /// Adds a count, if it fits.
    fn push(&mut self, counted: &Count) {
        let style = match counted.number {
            None | Some(0) => self.theme.style(Role::Muted),
            Some(_) => self.theme.style(counted.role),
        };
        let number = match (counted.number, counted.passing) {
            (None, _) => signs::ABSENT.to_owned(),
            (Some(number), None) => count(number),
            (Some(number), Some(passing)) => format!("{}/{}", count(passing), count(number)),
        };
        let (sign, word) = (counted.sign, counted.word);
        let text = if sign.is_empty() {
            format!("{word} {number}")
        } else {
            format!("{sign} {number} {word}")
        };
        let text = match (counted.new, self.new) {
            (0, _) | (_, NewTold::No) => text,
            (new, NewTold::Words) => format!("{text} ({} new)", count(new)),
            (new, NewTold::Number) => format!("{text} +{}", count(new)),
        };
        // Where there is little room, it is worth more than a place that never moves.
        let blank = match self.new {
            NewTold::Number => 0,
            NewTold::Words | NewTold::No => Self::DIGITS.saturating_sub(number.width()),
        };
        if self.take(text.width() + blank) {
            self.line.push_span(Span::styled(text, style));
            self.line.push_span(Span::raw(" ".repeat(blank)));
        }
    }

    /// Adds a few secondary words, if they fit.
    fn say(&mut self, text: &str) {
        if self.take(text.width()) {
            let style = self.theme.style(Role::Muted);
            self.line.push_span(Span::styled(text.to_owned(), style));
        }
    }

    /// Whether this many cells fit; then adds the separator before them.
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
