//! The counts over the pods in scope.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::collector::Extent;
use crate::fleet::summary::Summary;
use crate::ui::format::count;
use crate::ui::{Role, Theme, signs};

/// How many pods are known of what is looked at, and of how many, while these are not all.
pub fn pods(model: &Model) -> String {
    let known = model.view.summary.pods;
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

/// One count: its sign, what it counts, how many there are if any pod tells, and what it means.
type Count = (&'static str, &'static str, Option<usize>, Role);

/// The counts, what is worst first.
fn by_severity(summary: &Summary) -> [Count; 10] {
    let told = |number: usize, told: usize| (told > 0).then_some(number);
    let (risk, exception) = (
        told(summary.risk, summary.detection_told),
        told(summary.exception, summary.protection_told),
    );
    let (cpu, memory) = (
        told(summary.cpu_critical, summary.cpu_told),
        told(summary.memory_critical, summary.memory_told),
    );
    let unprotected = told(summary.unprotected, summary.protection_told);
    [
        (signs::FAILED, "failed", Some(summary.failed), Role::Bad),
        (signs::RISK, "risk", risk, Role::Bad),
        (signs::BROKEN, "exception", exception, Role::Bad),
        ("", "CPU>=90", cpu, Role::Bad),
        ("", "MEM>=90", memory, Role::Bad),
        (signs::OFF, "unprotected", unprotected, Role::Warn),
        (signs::DOUBT, "unknown", Some(summary.unknown), Role::Doubt),
        (signs::PENDING, "pending", Some(summary.pending), Role::Warn),
        (signs::FINE, "running", Some(summary.running), Role::Good),
        (signs::DONE, "done", Some(summary.succeeded), Role::Muted),
    ]
}

/// The counts over the pods in scope. What does not fit is left out from the end, and an ellipsis says so. Every count has its
/// place, whether it is zero or not, with room for two digits: a number that changes a little moves nothing.
pub(super) fn counts<'a>(model: &Model, theme: &Theme, width: usize) -> Line<'a> {
    const DIGITS: usize = 2;
    const SEPARATOR: &str = "  ";
    const ELLIPSIS: &str = "  …";
    let muted = theme.style(Role::Muted);
    let summary = &model.view.summary;
    let changes = match model.new_changes() {
        0 => String::new(),
        1 => "1 change ".to_owned(),
        changes => format!("{} changes ", count(changes)),
    };
    // The changes stand at the right edge: none of the counts moves when there are some.
    let room = width.saturating_sub(changes.width());
    let mut line = Line::from(Span::raw(format!(" {}", pods(model))));
    let mut items = by_severity(summary)
        .into_iter()
        .filter(|_| summary.pods > 0)
        .peekable();
    while let Some((sign, word, number, role)) = items.next() {
        let style = match number {
            None | Some(0) => muted,
            Some(_) => theme.style(role),
        };
        let number = number.map_or_else(|| signs::ABSENT.to_owned(), count);
        let text = if sign.is_empty() {
            format!("{word} {number}")
        } else {
            format!("{sign} {number} {word}")
        };
        let rest = if items.peek().is_some() {
            ELLIPSIS.width()
        } else {
            0
        };
        let blank = DIGITS.saturating_sub(number.width());
        if line.width() + SEPARATOR.len() + text.width() + blank + rest > room {
            line.push_span(Span::styled(ELLIPSIS, muted));
            break;
        }
        line.push_span(Span::raw(SEPARATOR));
        line.push_span(Span::styled(text, style));
        line.push_span(Span::raw(" ".repeat(blank)));
    }
    let gap = room.saturating_sub(line.width());
    if !changes.is_empty() && line.width() + changes.width() <= width {
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::styled(changes, theme.style(Role::Busy)));
    }
    line
}
