//! The places of the parts of the detail.
//!
//! ```text
//!  below the table      beside it, or narrow    whole, wide           whole, widest
//!  usage and trends     why                     why                   why              │ record
//!  why      │ where     two charts              two charts            two charts       │ timeline
//!  security │           security                security │ where      security │ where │
//!                       timeline, where                  │ timeline
//! ```
//!
//! A part consists of lines; if they do not fit, all columns scroll together. The record replaces everything
//! else if it is requested and does not fit beside it. Must not: know the pod.

use std::mem;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use super::{DetailFacts, LABEL, fields, record, security, story, usage, why};
use crate::app::layout::RECORD_BESIDE;
use crate::ui::format::wrapped;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// From this width on, the facts have two columns.
const TWO_COLUMNS: u16 = 96;
/// From this width on, they have three, if there are few lines.
const THREE_COLUMNS: u16 = 168;
/// From this height on, a pane has charts.
const HIGH: u16 = 18;
/// Lines of a chart's picture: the least that show a shape, and the most that are useful.
const CHART_ROWS: (u16, u16) = (3, 24);
/// Lines below the charts that have priority over their height.
const MOST_BENEATH: u16 = 18;
/// The same in one column.
const MOST_BENEATH_NARROW: u16 = 24;
/// Cells of the record beside the charts.
const RECORD_CELLS: (u16, u16) = (48, 76);

/// Cells of the record in a detail of this width: beside the rest, or in its place.
pub fn record_width(width: u16) -> u16 {
    if width >= RECORD_BESIDE {
        (width / 3).clamp(RECORD_CELLS.0, RECORD_CELLS.1)
    } else {
        width
    }
}

/// A column of lines.
struct SheetPane<'a> {
    x: u16,
    /// Its first line on the sheet.
    y: u16,
    width: u16,
    lines: Vec<Line<'a>>,
}

/// The complete detail, whatever its length.
pub struct DetailSheet<'a> {
    area: Rect,
    panes: Vec<SheetPane<'a>>,
    /// The column of the line between the record and the rest.
    bar: Option<u16>,
}

impl<'a> DetailSheet<'a> {
    /// The detail of a pod in this place; with `whole` it fills the body.
    pub fn of(facts: DetailFacts<'a>, area: Rect, whole: bool) -> Self {
        let mut sheet = Self {
            area,
            panes: Vec::new(),
            bar: None,
        };
        let pane = &facts.model.detail;
        let record = whole && pane.shows_record(facts.model.size.width);
        if whole && record && area.width >= RECORD_BESIDE {
            let cells = record_width(area.width);
            let rest = area.width.saturating_sub(cells + 2);
            sheet.bar = Some(rest);
            let beside = joined([
                record::lines(facts, usize::from(cells)),
                story::lines(facts, cells.into()),
            ]);
            sheet.place(rest + 2, 0, cells, beside);
            sheet.wide(facts, rest, Vec::new());
        } else if record {
            sheet.place(0, 0, area.width, record::lines(facts, usize::from(area.width)));
        } else if whole && area.width >= TWO_COLUMNS {
            let story = story::lines(facts, usize::from(area.width - area.width / 2));
            sheet.wide(facts, area.width, story);
        } else if whole || area.height >= HIGH {
            sheet.narrow(facts, whole);
        } else {
            sheet.low(facts);
        }
        sheet
    }

    /// The number of lines of the longest column.
    fn height(&self) -> u16 {
        let ends = self
            .panes
            .iter()
            .map(|pane| pane.y.saturating_add(count(&pane.lines)));
        ends.max().unwrap_or(0)
    }

    /// How far it can be scrolled.
    pub fn last_scroll(&self) -> u16 {
        self.height().saturating_sub(self.area.height)
    }

    fn place(&mut self, x: u16, y: u16, width: u16, lines: Vec<Line<'a>>) -> u16 {
        let lines = hung(lines, usize::from(width));
        let end = y.saturating_add(count(&lines));
        self.panes.push(SheetPane { x, y, width, lines });
        end
    }

    /// Why first, then the charts, and the other facts in two columns below them, with `story` unless it is elsewhere.
    fn wide(&mut self, facts: DetailFacts<'a>, width: u16, story: Vec<Line<'a>>) {
        let half = width / 2;
        let (left, right) = (half.saturating_sub(2), width - half);
        let why = self.place(0, 0, width, why::lines(facts, width.into())) + 1;
        let states = hung(security::lines(facts), left.into());
        let place = hung(joined([fields::where_it_is(facts), story]), right.into());
        // A long story is scrolled, and takes no room from the charts.
        let beneath = count(&states).max(count(&place).min(MOST_BENEATH));
        let rows = self.chart_rows(facts, why + beneath);
        let charts = usage::charts(facts, width.into(), rows);
        let end = self.place(0, why, width, charts) + 1;
        self.place(0, end, left, states);
        self.place(half, end, right, place);
    }

    /// One column: why first, then the charts. A pane beside the table cannot be scrolled, so all other facts have priority
    /// over the height of the charts there.
    fn narrow(&mut self, facts: DetailFacts<'a>, whole: bool) {
        let width = usize::from(self.area.width);
        let why = hung(why::lines(facts, width), width);
        let rest = hung(
            joined([
                security::lines(facts),
                story::lines(facts, width),
                fields::where_it_is(facts),
            ]),
            width,
        );
        let rest_shown = if whole {
            count(&rest).min(MOST_BENEATH_NARROW)
        } else {
            count(&rest)
        };
        let rows = self.chart_rows(facts, count(&why) + 1 + rest_shown);
        let all = joined([why, usage::charts(facts, width, rows), rest]);
        self.place(0, 0, self.area.width, all);
    }

    /// Few lines: usage with its trend, then the facts in as many columns as fit.
    fn low(&mut self, facts: DetailFacts<'a>) {
        let Rect { width, height, .. } = self.area;
        let usage = usage::bars(facts, width.into());
        let end = self.place(0, 0, width, usage);
        let end = end + u16::from(height > 8);
        let states = |cells: u16| joined_close([why::lines(facts, cells.into()), security::short(facts)]);
        if width >= THREE_COLUMNS {
            let third = width / 3;
            self.place(0, end, third - 1, states(third - 1));
            self.place(third, end, third - 1, fields::where_it_is(facts));
            let story = story::lines(facts, usize::from(width - third * 2));
            self.place(third * 2, end, width - third * 2, story);
        } else if width >= TWO_COLUMNS {
            let half = width / 2;
            let left = joined([states(half - 1), story::lines(facts, usize::from(half - 1))]);
            self.place(0, end, half - 1, left);
            self.place(half, end, width - half, fields::where_it_is(facts));
        } else {
            let all = joined_close([states(width), fields::where_it_is(facts)]);
            self.place(0, end, width, all);
        }
    }

    /// The height of each chart beside this many lines of other facts: the charts share the rest.
    fn chart_rows(&self, facts: DetailFacts<'a>, lines: u16) -> usize {
        // Each has a line above and one below its picture; there is one line between them and one below.
        let left = self.area.height.saturating_sub(lines + 6);
        let charts = u16::try_from(usage::charts_shown(facts)).unwrap_or(1).max(1);
        usize::from((left / charts).clamp(CHART_ROWS.0, CHART_ROWS.1))
    }

    /// Draws the lines from `scroll` on.
    pub fn render(&self, scroll: u16, theme: &Theme, buffer: &mut Buffer) {
        let Rect { x, y, height, .. } = self.area;
        for pane in &self.panes {
            for (line, at) in pane.lines.iter().zip(pane.y..) {
                let Some(row) = at.checked_sub(scroll).filter(|row| *row < height) else {
                    continue;
                };
                line.render(Rect::new(x + pane.x, y + row, pane.width, 1), buffer);
            }
        }
        if let Some(bar) = self.bar {
            for row in self.area.rows() {
                let bar_cell = Rect {
                    x: row.x + bar,
                    width: 1,
                    ..row
                };
                Line::styled(signs::BAR, theme.style(Role::Rule)).render(bar_cell, buffer);
            }
        }
    }
}

fn count(lines: &[Line<'_>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

/// The parts below each other, with empty lines between them.
fn joined<'a>(parts: impl IntoIterator<Item = Vec<Line<'a>>>) -> Vec<Line<'a>> {
    let mut all: Vec<Line<'a>> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !all.is_empty() {
            all.push(Line::default());
        }
        all.extend(part);
    }
    all
}

/// The parts below each other.
fn joined_close<'a>(parts: impl IntoIterator<Item = Vec<Line<'a>>>) -> Vec<Line<'a>> {
    parts.into_iter().flatten().collect()
}

/// The lines, none of them longer than `width`: a long value continues below itself. They are only rebuilt if
/// one is too long, because that takes time.
fn hung(lines: Vec<Line<'_>>, width: usize) -> Vec<Line<'_>> {
    if lines.iter().all(|line| line.width() <= width) {
        return lines;
    }
    let mut hung = Vec::new();
    for mut line in lines {
        if line.width() <= width {
            hung.push(line);
            continue;
        }
        let Some(value) = line.spans.pop() else { continue };
        // The value begins after the label, or below it if there is no room.
        let before = line.width();
        let indent = LABEL.min(width / 2);
        let mut label = line;
        let mut room = width.saturating_sub(before);
        if room < value.width().min(12) {
            hung.push(mem::replace(&mut label, Line::raw(" ".repeat(indent))));
            room = width.saturating_sub(indent);
        }
        let mut rest = value.content.as_ref();
        loop {
            let part = wrapped(rest, room.max(1)).first().copied().unwrap_or(rest);
            let (_, after) = rest.split_at_checked(part.len()).unwrap_or((rest, ""));
            label.push_span(Span::styled(part.to_owned(), value.style));
            hung.push(mem::replace(&mut label, Line::raw(" ".repeat(indent))));
            rest = after.trim_start();
            room = width.saturating_sub(indent);
            if rest.is_empty() {
                break;
            }
        }
    }
    hung
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(label: &str, value: &str) -> Line<'static> {
        Line::from(vec![Span::raw(label.to_owned()), Span::raw(value.to_owned())])
    }

    #[test]
    fn a_value_that_is_too_long_goes_on_under_itself() {
        let lines = hung(vec![line(" Id         ", "05d8a4f1-c280 4c6f")], 24);
        let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(text, [" Id         05d8a4f1-c28", "            0 4c6f"]);
    }

    #[test]
    fn parts_have_a_line_between_them_and_none_before_or_behind() {
        let part = |text: &'static str| vec![Line::raw(text)];
        let text: Vec<String> = joined([vec![], part("a"), vec![], part("b")])
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(text, ["a", "", "b"]);
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_its_place_and_nothing_is_lost(
            lines in prop::collection::vec(("[a-z]{0,14}", "[a-z ]{0,80}"), 0..6),
            width in 4_usize..60,
        ) {
            let made = hung(lines.iter().map(|(label, value)| line(label, value)).collect(), width);
            let letters = |text: &str| text.chars().filter(|it| *it != ' ').collect::<String>();
            for line in made.iter().filter(|line| line.spans.len() > 1 || line.width() > width) {
                let label = line.spans.first().map_or(0, Span::width);
                prop_assert!(line.width() <= width.max(label), "{line:?}");
            }
            let said: String = made.iter().map(|line| letters(&line.to_string())).collect();
            let wanted: String = lines.iter().map(|(label, value)| letters(label) + &letters(value)).collect();
            prop_assert_eq!(said, wanted);
        }
    }
}
