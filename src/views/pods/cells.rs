//! The cells of the pod table: how the value of each field is drawn.
//!
//! Must not: know which columns are shown, or where.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::style::{Modifier, Style};

use super::columns::{MARK, MARKED_RISK, WITH_BAR};
use crate::fleet::fields::{FieldKind, PodColumn, PodField, PodNumber, PodText};
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::risk::Reason;
use crate::fleet::usage::Usage;
use crate::fleet::{Field, Pod, RemoteText, risk};
use crate::ui::amount;
use crate::ui::format::{NameCut, age_or_ahead, head, is_ahead, seconds_since, width};
use crate::ui::signs::{self, RowMark};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};
use crate::ui::thin_bar::thin_bar;

/// The input of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The pod of the row.
    pub pod: &'a Pod,
    /// Since when it is gone, if it is, by the service's clock.
    pub gone: Option<Timestamp>,
    /// The time of day by the service's clock, which dates the pods.
    pub now: Timestamp,
    /// What marks its row.
    pub mark: Option<RowMark>,
    /// The one cell of the row that may be in the colour of a problem: the main reason's.
    pub loud: PodField,
    /// The zone for the times of day.
    pub zone: &'a TimeZone,
    /// Where long names are cut.
    pub cuts: &'a [(PodField, NameCut)],
    /// The colours.
    pub theme: &'a Theme,
}

impl Context<'_> {
    /// The style of a cell of this field with this role. Healthy values are muted, and only one of several
    /// problems has its colour.
    fn style(&self, field: PodField, role: Role) -> Style {
        match role {
            Role::Good => self.theme.style(Role::Muted),
            Role::Bad if field != self.loud => self.theme.style(Role::Text).add_modifier(Modifier::BOLD),
            role => self.theme.style(role),
        }
    }
}

/// The cell with the colour: that of the main reason, or the score if that column is not shown.
pub fn loud(pod: &Pod, is_shown: impl Fn(PodField) -> bool) -> PodField {
    let field = risk::main_reason(pod).and_then(|reason| match reason {
        Reason::DetectionRisk => Some(PodField::Detection),
        Reason::Failed => Some(PodField::Status),
        Reason::ProtectionException => Some(PodField::Protection),
        Reason::MemoryCritical => Some(PodField::MemoryPercent),
        Reason::CpuCritical => Some(PodField::CpuPercent),
        _ => None,
    });
    field.filter(|field| is_shown(*field)).unwrap_or(PodField::Risk)
}

/// The name of a pod in a column of names.
pub fn name(field: PodField, pod: &Pod) -> Option<(Cow<'_, str>, Role)> {
    Some(match field {
        PodField::Name => signs::name(pod.name()),
        PodField::Namespace => signs::namespace(pod.namespace()),
        PodField::Cluster => signs::text(pod.cluster()),
        PodField::Node => signs::text(pod.node_name()),
        _ => return None,
    })
}

/// Draws the pod's value in a column.
pub fn draw(column: PodColumn, it: Context<'_>, slot: Slot<'_>) {
    match column {
        PodColumn::Shown(field) => shown(field, it, slot),
        PodColumn::Sent(field) => sent(field, it, slot),
    }
}

/// HSS's own word.
fn sent(field: PodField, it: Context<'_>, mut slot: Slot<'_>) {
    let style = |role| it.theme.style(role);
    match (field.kind(), it.pod.created()) {
        (FieldKind::Text(text), _) => {
            let word: Field<RemoteText> = text.of(it.pod).sent();
            let (word, role) = signs::text(&word);
            slot.left(&head(&word, slot.width()), style(role));
        }
        (FieldKind::Number(_), Field::Value(created)) => {
            let date = created.to_zoned_datetime(it.zone.clone());
            let date = date.strftime("%Y-%m-%d %H:%M:%S").to_string();
            slot.left(&head(&date, slot.width()), style(Role::Text));
        }
        (FieldKind::Number(_), Field::Absent) => slot.left(signs::ABSENT, style(Role::Muted)),
        (FieldKind::Number(_), Field::Unreadable) => slot.left(signs::UNREADABLE, style(Role::Doubt)),
    }
}

fn shown(field: PodField, it: Context<'_>, slot: Slot<'_>) {
    match field.kind() {
        FieldKind::Text(PodText::Name | PodText::Namespace | PodText::Cluster | PodText::Node) => {
            name_cell(it, field, slot);
        }
        FieldKind::Text(PodText::Status) => status_cell(it, slot),
        FieldKind::Text(PodText::Protection) => {
            state(it, field, signs::protection(it.pod.protection()), slot);
        }
        FieldKind::Text(PodText::Detection) => state(it, field, signs::detection(it.pod.detection()), slot),
        FieldKind::Text(other) => text(it, signs::text_field(other, it.pod), slot),
        FieldKind::Number(number) => number_cell(number, it, slot),
    }
}

fn number_cell(number: PodNumber, it: Context<'_>, slot: Slot<'_>) {
    let (field, pod) = (number.field(), it.pod);
    match number {
        PodNumber::Risk => risk_cell(it, slot),
        PodNumber::CpuPercent => usage(it, field, pod.cpu_usage(), slot),
        PodNumber::MemoryPercent => usage(it, field, pod.memory_usage(), slot),
        PodNumber::Age => age_cell(it, slot),
        PodNumber::Cpu => quantity(it, pod.cpu(), Measure::Cpu, slot),
        PodNumber::Memory => quantity(it, pod.memory(), Measure::Memory, slot),
        PodNumber::CpuLimit => quantity(it, pod.cpu_limit(), Measure::Cpu, slot),
        PodNumber::MemoryLimit => quantity(it, pod.memory_limit(), Measure::Memory, slot),
    }
}

fn quantity(context: Context<'_>, quantity: &Field<Quantity>, measure: Measure, mut slot: Slot<'_>) {
    let (text, role) = amount::alone(quantity, measure);
    slot.right(&text, context.theme.style(role));
}

fn text(context: Context<'_>, (name, role): (Cow<'_, str>, Role), mut slot: Slot<'_>) {
    slot.left(&name, context.theme.style(role));
}

fn name_cell(context: Context<'_>, field: PodField, mut slot: Slot<'_>) {
    let Some((text, role)) = name(field, context.pod) else {
        return;
    };
    let cut = context.cuts.iter().find(|(it, _)| *it == field);
    let style = context.theme.style(role);
    match cut {
        Some((_, cut)) => slot.left(&cut.of(&text), style),
        None => slot.left(&text, style),
    }
}

fn status_cell(context: Context<'_>, slot: Slot<'_>) {
    let mut shown = match context.gone {
        Some(_) => signs::gone(),
        None => signs::status(context.pod.status()),
    };
    if shown.role == Role::Text {
        shown.role = Role::Good;
    }
    state(context, PodField::Status, shown, slot);
}

fn state(context: Context<'_>, field: PodField, shown: signs::Shown<'_>, mut slot: Slot<'_>) {
    /// Cells of a sign and of the space behind it.
    const SIGN: usize = 2;
    let style = context.style(field, shown.role);
    let room = slot.width();
    let word = match shown.word {
        // The same word as in the counts.
        "Succeeded" if room < "Succeeded".len() => "done",
        word => word,
    };
    let cells = width(word);
    // A complete word needs no sign; the sign replaces a word that would be cut in half.
    if !shown.sign.is_empty() && (cells + SIGN <= room || cells > room) {
        slot.left(shown.sign, style);
        slot.left(" ", style);
    }
    // The beginning of a word is the most useful part.
    if cells <= slot.width() {
        slot.left(word, style);
    } else {
        slot.left(&head(word, slot.width()), style);
    }
}

/// The sign of the main reason and the score.
fn risk_cell(context: Context<'_>, mut slot: Slot<'_>) {
    /// Cells of the sign, the highest score and the space between.
    const WIDTH: usize = 4;
    let score = risk::score(context.pod);
    let behind = if slot.width() >= MARKED_RISK { MARK } else { 0 };
    slot.skip(slot.width().saturating_sub(WIDTH + behind));
    if let Some(reason) = risk::main_reason(context.pod) {
        let (sign, role) = signs::reason(reason);
        slot.left(sign, context.style(PodField::Risk, role));
    }
    let (number, role) = signs::risk(score);
    // The sign before it has the colour.
    let role = if role == Role::Warn { Role::Text } else { role };
    let cells = slot.width().saturating_sub(behind);
    slot.part(cells)
        .right(&number, context.style(PodField::Risk, role));
    if let Some(mark) = context.mark {
        let (_, word, role) = signs::row_mark(mark);
        slot.skip(1);
        slot.left(word, context.theme.style(role));
    }
}

/// Its age; for a gone pod, the age that it reached.
fn age_cell(context: Context<'_>, mut slot: Slot<'_>) {
    let until = context.gone.unwrap_or(context.now);
    let style = |role| context.theme.style(role);
    match context.pod.created() {
        Field::Value(created) => {
            let seconds = seconds_since(created, until);
            let role = if is_ahead(seconds) {
                Role::Doubt
            } else {
                Role::Text
            };
            slot.right(&age_or_ahead(seconds), style(role));
        }
        Field::Absent => slot.right(signs::ABSENT, style(Role::Muted)),
        Field::Unreadable => slot.right(signs::UNREADABLE, style(Role::Doubt)),
    }
}

/// The number, then the bar, then a gap of two.
fn usage(context: Context<'_>, field: PodField, usage: Usage, mut slot: Slot<'_>) {
    /// Cells of a number.
    const NUMBER: usize = 4;
    /// Cells between the number and the bar, and after that.
    const AROUND: usize = 2;
    let role = signs::usage(usage);
    let style = context
        .theme
        .style(if role == Role::Good { Role::Text } else { role });
    let style = if role == Role::Bad {
        context.style(field, role)
    } else {
        style
    };
    let word = signs::usage_word(usage);
    if slot.width() < WITH_BAR {
        return slot.right(short_usage(usage, &word, slot.width()), style);
    }
    if word.len() > NUMBER + 1 {
        return slot.left(&word, style);
    }
    let bar = slot.width().saturating_sub(NUMBER + AROUND);
    slot.part(NUMBER).right(short_usage(usage, &word, NUMBER), style);
    slot.skip(1);
    thin_bar(usage, bar, context.theme, &mut slot);
}

/// The word of a usage in a few cells.
fn short_usage(usage: Usage, word: &str, cells: usize) -> &str {
    match usage {
        _ if word.len() <= cells => word,
        Usage::NoLimit => signs::UNLIMITED,
        // Ten times the limit, and more.
        _ => "≥10x",
    }
}

#[cfg(test)]
mod tests;
