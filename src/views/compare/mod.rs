//! Two pods side by side, or one pod before and after.
//!
//! ```text
//! ── 5 of 18 fields differ ───────────────────────────────────────────────────────
//!                payment-api-667894bc4-nz5xj       payment-api-667894bc4-q69vq
//! ≠ Risk         60  risk found                    0
//! ≠ Detection    ▲ risk                            ● clean
//! ≠ Node         192.168.0.50                      192.168.0.51
//! ```
//!
//! For one pod, each line ends with the dates of the change:
//!
//! ```text
//! ── payment-api-667894bc4-nz5xj · 2 changes saved ──────────────────────────────────
//!                before                            after               HSS's lists of
//! ≠ Detection    ● clean                           ▲ risk              by 21:59
//! ```
//!
//! While the past is shown, or after a step to another date, one pod is shown at two dates:
//!
//! ```text
//!                03:10 │ payment-api-667894bc4     now │ payment-api-667894bc4
//! ```
//!
//! [`rows`] says what differs. Heading and names stay while the lines are scrolled.

mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use crate::app::Model;
use crate::app::compare::{Compared, ComparedPod};
use crate::keys::{Action, Mode};
use crate::ui::format::{counted, fit, left, width as width_of, wrapped};
use crate::ui::moment::moment;
use crate::ui::signs;
use crate::ui::theme::{Palette, Role, Theme};
use crate::views::overlays::clear;
use rows::{CompareRow, Valued};

/// Cells before the values: a margin with the sign, the label, a blank.
const LABEL: usize = 15;
/// Cells of a date, and of two dates.
const WHEN: [usize; 2] = [19, 26];
/// From this width on, a line has room for both dates.
const WIDE: usize = 100;
/// Lines above those that are scrolled.
const HEADING: u16 = 2;

/// Draws the comparison over the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    clear(area, buffer);
    let sheet = Sheet::of(model, usize::from(area.width));
    let lines = sheet.lines(theme);
    let room = usize::from(area.height.saturating_sub(HEADING));
    let last = lines.len().saturating_sub(room);
    let top = usize::from(model.focus.comparison().map_or(0, |it| it.scroll)).min(last);
    let more = match last {
        0 => "",
        last if top < last => " PgDn",
        _ => " PgUp",
    };
    let heading = [sheet.rule(more, theme), sheet.names(theme)];
    let shown = lines.into_iter().skip(top);
    for (line, row) in heading.into_iter().chain(shown).zip(area.rows()) {
        line.render(row, buffer);
    }
}

/// How far the comparison can be scrolled, in lines.
pub fn last_scroll(model: &Model) -> u16 {
    let sheet = Sheet::of(model, usize::from(model.size.width));
    let lines = sheet.lines(&Theme::new(Palette::None)).len();
    let room = model.lines_shown().saturating_sub(usize::from(HEADING));
    u16::try_from(lines.saturating_sub(room)).unwrap_or(u16::MAX)
}

/// The content, before it is cut into lines.
struct Sheet {
    title: String,
    names: [Valued; 2],
    rows: Vec<CompareRow>,
    /// The text if there is no line.
    nothing: String,
    has_dates: bool,
    /// Columns of values: two, or one if nothing is set beside them.
    columns: usize,
    width: usize,
}

impl Sheet {
    fn of(model: &Model, width: usize) -> Self {
        let mut sheet = match model.focus.comparison().map(|comparison| &comparison.of) {
            Some(Compared::Two(pods)) => {
                let [left, right] = pods.as_ref();
                Self::of_two(left, right, model, width)
            }
            Some(Compared::Past(pod)) => Self::of_past(pod, model, width),
            None => Self::empty(width),
        };
        if !model.pods.compares_all {
            sheet.rows.retain(|row| row.differs);
        }
        sheet
    }

    fn empty(width: usize) -> Self {
        Self {
            title: "nothing to compare".to_owned(),
            names: ["", ""].map(|name| (name.to_owned(), Role::Label)),
            rows: Vec::new(),
            nothing: String::new(),
            has_dates: false,
            columns: 2,
            width,
        }
    }

    fn of_two(left: &ComparedPod, right: &ComparedPod, model: &Model, width: usize) -> Self {
        let rows = rows::of_two(left, right, model);
        let differing = rows.iter().filter(|row| row.differs).count();
        let is_one = left.pod.key == right.pod.key;
        let is_dated = is_one || left.as_of.is_some() || !model.time.is_live();
        let alike = if is_one {
            "the same at both dates"
        } else {
            "no field differs"
        };
        Self {
            title: format!("{differing} of {} fields differ", rows.len()),
            names: [left, right].map(|side| (dated_name(side, is_dated, model), Role::Title)),
            nothing: format!("{}{}", alike, all_shown_by(model)),
            rows,
            ..Self::empty(width)
        }
    }

    fn of_past(side: &ComparedPod, model: &Model, width: usize) -> Self {
        let mut rows = rows::of_past(side, model);
        let changes = rows.iter().filter(|row| row.differs).count();
        if changes == 0 {
            // There is nothing to stand in a column of its own.
            for row in &mut rows {
                row.values.swap(0, 1);
            }
        }
        let saved = match changes {
            0 => "no change is saved".to_owned(),
            _ => format!("{} saved", counted(changes, "change")),
        };
        Self {
            title: format!("{} · {saved}", name(side)),
            names: ["before", "after"].map(|name| {
                let name = if changes == 0 { "" } else { name };
                (name.to_owned(), Role::Label)
            }),
            nothing: format!("no change of this pod is saved{}", all_shown_by(model)),
            rows,
            has_dates: changes > 0,
            columns: if changes == 0 { 1 } else { 2 },
            ..Self::empty(width)
        }
    }

    /// The cells of the date, and of each value.
    fn cells(&self) -> (usize, usize) {
        let [short, long] = WHEN;
        let when = match (self.has_dates, self.width >= WIDE) {
            (false, _) => 0,
            (true, false) => short,
            (true, true) => long,
        };
        (when, self.width.saturating_sub(LABEL + when) / self.columns)
    }

    fn rule(&self, more: &'static str, theme: &Theme) -> Line<'static> {
        let title = fit(&self.title, self.width.saturating_sub(6 + more.len()));
        let rest = self.width.saturating_sub(width_of(&title) + 4 + more.len());
        Line::from(vec![
            Span::styled("── ", theme.style(Role::Rule)),
            Span::styled(title, theme.style(Role::Title)),
            Span::styled(format!(" {}", "─".repeat(rest)), theme.style(Role::Rule)),
            Span::styled(more, theme.style(Role::Key)),
        ])
    }

    fn names(&self, theme: &Theme) -> Line<'static> {
        let (when, cells) = self.cells();
        let mut line = Line::raw(" ".repeat(LABEL));
        for (name, role) in self.names.iter().take(self.columns) {
            let name = fit(name, cells.saturating_sub(1));
            line.push_span(Span::styled(left(&name, cells), theme.style(*role)));
        }
        if when > 0 {
            line.push_span(Span::styled("HSS's lists", theme.style(Role::Label)));
        }
        line
    }

    fn lines(&self, theme: &Theme) -> Vec<Line<'static>> {
        if self.rows.is_empty() {
            let lines = wrapped(&self.nothing, self.width.saturating_sub(3)).into_iter();
            let line = |text: &str| Line::styled(format!("  {text}"), theme.style(Role::Muted));
            return lines.map(line).collect();
        }
        self.rows
            .iter()
            .flat_map(|row| self.lines_of(row, theme))
            .collect()
    }

    /// A row, with as many lines as its longest value needs.
    fn lines_of(&self, row: &CompareRow, theme: &Theme) -> Vec<Line<'static>> {
        let (when, cells) = self.cells();
        let room = cells.saturating_sub(1).max(1);
        let [left_parts, right_parts] = [0, 1].map(|side| {
            let text = row.values.get(side).map_or("", |(text, _)| text);
            wrapped(text, room)
        });
        let dates = if when == 0 {
            Vec::new()
        } else {
            wrapped(&row.when, when.saturating_sub(1))
        };
        let height = left_parts.len().max(right_parts.len()).max(dates.len());
        let roles = row.values.each_ref().map(|(_, role)| *role);
        (0..height)
            .map(|at| {
                let label = if at == 0 { row.label } else { "" };
                let sign = if at == 0 && row.differs {
                    signs::DIFFERS
                } else {
                    " "
                };
                let mut line = Line::from(vec![
                    Span::styled(format!("{sign} "), theme.style(Role::Warn)),
                    Span::styled(left(label, LABEL - 2), theme.style(Role::Label)),
                ]);
                let sides = [(&left_parts, roles[0]), (&right_parts, roles[1])];
                for (parts, role) in sides.into_iter().take(self.columns) {
                    let part = parts.get(at).copied().unwrap_or_default();
                    line.push_span(Span::styled(left(part, cells), theme.style(role)));
                }
                let date = dates.get(at).copied().unwrap_or_default();
                line.push_span(Span::styled(date.to_owned(), theme.style(Role::Muted)));
                line
            })
            .collect()
    }
}

/// The key that shows all fields.
fn all_shown_by(model: &Model) -> String {
    let key = model.keys.key_of(Mode::Compare, Action::ToggleAllFields);
    key.map_or_else(String::new, |key| format!("; {} shows all fields", key.label()))
}

/// A pod's name behind the moment that it is of, so that a cut costs the name's end only.
fn dated_name(side: &ComparedPod, is_dated: bool, model: &Model) -> String {
    let when = match side.as_of {
        Some(at) => moment(at, model.now, &model.zone),
        None if is_dated => "now".to_owned(),
        None => return name(side),
    };
    format!("{when} {} {}", signs::BAR, name(side))
}

/// A pod's name, and whether it is gone.
fn name(side: &ComparedPod) -> String {
    if !side.is_listed {
        return "not in HSS's list".to_owned();
    }
    let (name, _) = signs::name(side.pod.name());
    match side.gone_since {
        Some(_) => format!("{name} · gone"),
        None => name.into_owned(),
    }
}
