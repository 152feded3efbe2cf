//! The usage of a pod over time, as an area of braille that stands on zero.
//!
//! ```text
//!    1250m ┄
//!       1  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄⣀⣤⣶⣄ limit
//!    90 %  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄⣀⣤⣶⣿⣿⣿⣿⣿
//!    70 %  ┄┄┄┄┄┄┄┄┄┄┄┄⣀⣀⣠⣤⣤⣴⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿
//!          ⣀⣀⣠⣤⣶⣿⣿⣿⣿  gap  ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿
//!       0  ┴16:00─────┴18:00─────┴20:00──────
//! ```
//!
//! ratatui's `Chart` connects the two sides of a gap and cannot show a limit between its axes, so the picture
//! is our own. [`TimeAxis`] maps columns to times, [`mod@readings`] finds the usage in each column, and
//! [`HeightScale`] its height; all three are pure, and the picture is made from them alone. A cell has two
//! columns of four dots. On a terminal without braille the last step of every picture replaces it by `.`,
//! `:`, `|` and `#` according to its height ([`super::signs`]).

pub mod axis;
pub mod readings;
pub mod scale;

use std::ops::Range;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::format::right;
use super::theme::{Role, Theme};
use crate::fleet::history::Point;
use crate::fleet::quantity::Measure;
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::fleet::watched::WatchedSpan;
use axis::{AxisTick, TimeAxis};
use readings::readings;
use scale::HeightScale;

/// Cells before the first column, for the amounts.
pub const GUTTER: usize = 8;
/// The minimum width of a picture without the gutter.
const NARROWEST: usize = 8;
/// The dots of a braille character from the bottom up, on its left and on its right.
pub(super) const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
/// The braille character without dots.
pub(super) const BRAILLE: u32 = 0x2800;
/// A line at the limit or at a share of it.
const DOTTED: &str = "┄";

/// The content of a chart.
#[derive(Debug, Clone, Copy)]
pub struct UsageChart<'a> {
    /// The samples, oldest first.
    pub points: &'a [Point],
    /// The resource.
    pub measure: Measure,
    /// The limit, if HSS reports one: nanocores or bytes.
    pub limit: Option<u64>,
    /// The time range.
    pub seconds: i64,
    /// The end of the time axis.
    pub now: Timestamp,
    /// The zone for the times of day.
    pub zone: &'a TimeZone,
    /// When hss-top watched HSS's list.
    pub watched: &'a [WatchedSpan],
    /// When the pod was created, if HSS says so.
    pub created: Option<Timestamp>,
    /// Whether it has ended: no usage comes after the last sample.
    pub has_ended: bool,
}

/// The size of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartSize {
    /// Its width in cells, including the gutter.
    pub width: usize,
    /// Lines of the picture, without the time axis.
    pub rows: usize,
}

/// The usage in a chart's time range, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartFigures {
    /// Samples in that time.
    pub samples: usize,
    /// The highest of them.
    pub peak: Option<u64>,
    /// The newest sample of all.
    pub newest: Option<Timestamp>,
}

impl UsageChart<'_> {
    /// The figures for the time range.
    pub fn figures(&self) -> ChartFigures {
        let since = self.now.checked_sub(SignedDuration::from_secs(self.seconds));
        let since = since.unwrap_or(Timestamp::MIN);
        let first = self.points.partition_point(|point| point.at < since);
        let shown = self.points.get(first..).unwrap_or_default();
        ChartFigures {
            samples: shown.len(),
            peak: shown.iter().map(|point| point.amount).max(),
            newest: self.points.last().map(|point| point.at),
        }
    }

    /// The picture: `size.rows` lines and one with the times.
    pub fn lines<'t>(&self, size: ChartSize, theme: &Theme) -> Vec<Line<'t>> {
        let cells = size.width.saturating_sub(GUTTER);
        if cells < NARROWEST || size.rows == 0 {
            return Vec::new();
        }
        let axis = TimeAxis::ending(self.now, self.seconds, cells * 2);
        let readings = readings(self.points, &axis, self.now, self.watched);
        let created = self
            .created
            .and_then(|at| axis.column(at))
            .map(|column| column / 2);
        let peak = readings.iter().flatten().copied().max();
        let scale = HeightScale::of(self.limit, peak, self.measure, size.rows);
        let grid = ChartGrid {
            cells: pairs(&readings),
            marks: marks(self, &scale),
            scale,
            theme,
        };
        let mut lines: Vec<Line<'t>> = (0..size.rows)
            .map(|row| {
                let is_lowest = row + 1 == size.rows;
                let words = is_lowest.then(|| words_of(&readings, created, self.has_ended));
                grid.line(row, words.unwrap_or_default())
            })
            .collect();
        lines.push(time_line(&axis.ticks(self.zone), cells, theme));
        lines
    }
}

/// The usage in the two columns of a cell.
type CellReadings = [Option<u64>; 2];

fn pairs(readings: &[Option<u64>]) -> Vec<CellReadings> {
    let pair = |chunk: &[Option<u64>]| [chunk.first().copied().flatten(), chunk.get(1).copied().flatten()];
    readings.chunks(2).map(pair).collect()
}

/// A line across the picture: its row from the top, its label, and the text at its right end.
struct ChartMark {
    row: usize,
    label: String,
    word: &'static str,
    role: Role,
}

/// The lines across the picture, the most important first: if two share a row, the first is drawn.
fn marks(chart: &UsageChart<'_>, scale: &HeightScale) -> Vec<ChartMark> {
    let mut marks = Vec::new();
    let mut mark = |amount: u64, label: String, word, role| {
        let row = scale.row(amount);
        if marks.iter().all(|it: &ChartMark| it.row != row) {
            marks.push(ChartMark {
                row,
                label,
                word,
                role,
            });
        }
    };
    let mut unit = None;
    if let Some(limit) = chart.limit {
        let amount = super::amount::amount(limit, chart.measure);
        unit = super::amount::AmountUnit::of_words(&amount, chart.measure);
        mark(limit, amount, "limit", Role::Label);
        for percent in [CRITICAL_PERCENT, WARN_PERCENT] {
            mark(share(limit, percent), format!("{percent} %"), "", Role::Rule);
        }
    }
    let top = super::amount::in_unit(scale.top(), chart.measure, unit);
    mark(scale.top(), top, "", Role::Rule);
    marks
}

/// The least amount that is this percentage of a limit.
fn share(limit: u64, percent: u32) -> u64 {
    let amount = (u128::from(limit) * u128::from(percent)).div_ceil(100);
    u64::try_from(amount).unwrap_or(u64::MAX)
}

/// The cells of a picture, with their lines and words.
struct ChartGrid<'t> {
    cells: Vec<CellReadings>,
    marks: Vec<ChartMark>,
    scale: HeightScale,
    theme: &'t Theme,
}

/// A word in a line of the picture, and its first cell.
struct ChartWord {
    at: usize,
    text: String,
}

impl ChartGrid<'_> {
    /// A line of the picture, counted from its top.
    fn line<'l>(&self, row: usize, words: Vec<ChartWord>) -> Line<'l> {
        let mark = self.marks.iter().find(|mark| mark.row == row);
        let label = mark.map_or("", |mark| mark.label.as_str());
        let mut line = Line::styled(
            format!("{} ", right(label, GUTTER - 1)),
            self.theme.style(Role::Muted),
        );
        let mut cells: Vec<(char, Role)> = self
            .cells
            .iter()
            .map(|pair| self.cell(*pair, row, mark))
            .collect();
        if let Some(mark) = mark.filter(|mark| !mark.word.is_empty()) {
            name_line(&mut cells, mark.word);
        }
        for ChartWord { at, text } in words {
            write_over(&mut cells, at, &text);
        }
        line.extend(spans(&cells, self.theme));
        line
    }

    fn cell(&self, pair: CellReadings, row: usize, mark: Option<&ChartMark>) -> (char, Role) {
        let dots: u32 = pair
            .iter()
            .zip(DOTS)
            .flat_map(|(amount, dots)| {
                let height = amount.map_or(0, |amount| self.scale.dots_in(amount, row));
                dots.into_iter().take(height)
            })
            .sum();
        if dots == 0 {
            let symbol = mark.and_then(|_| DOTTED.chars().next()).unwrap_or(' ');
            return (symbol, mark.map_or(Role::Text, |mark| mark.role));
        }
        let most = pair.iter().flatten().copied().max().unwrap_or(0);
        let symbol = char::from_u32(BRAILLE + dots).unwrap_or(' ');
        (symbol, self.scale.role(most))
    }
}

/// Cells as parts of a line.
fn spans<'l>(cells: &[(char, Role)], theme: &Theme) -> Vec<Span<'l>> {
    let runs = cells.chunk_by(|one, other| one.1 == other.1);
    let span = |run: &[(char, Role)]| {
        let text: String = run.iter().map(|(symbol, _)| symbol).collect();
        let role = run.first().map_or(Role::Text, |(_, role)| *role);
        // A reversed or bold area would be hard to read.
        let style = theme.style(role);
        Span::styled(text, style.remove_modifier(Modifier::BOLD | Modifier::REVERSED))
    };
    runs.map(span).collect()
}

/// Writes a line's text as far to the right as the area leaves room.
fn name_line(cells: &mut [(char, Role)], word: &str) {
    let length = word.chars().count() + 2;
    let is_free = |window: &[(char, Role)]| window.iter().all(|cell| !is_drawn(cell.0));
    let last = cells.windows(length).rposition(is_free);
    if let Some(at) = last {
        write_over(cells, at, &format!(" {word} "));
    }
}

/// Writes a word if it does not cover any of the area; otherwise it is left out.
fn write_over(cells: &mut [(char, Role)], at: usize, text: &str) {
    let is_free = |cell: &(char, Role)| !is_drawn(cell.0);
    let Some(place) = cells.get_mut(at..at + text.chars().count()) else {
        return;
    };
    if place.iter().all(is_free) {
        for (cell, symbol) in place.iter_mut().zip(text.chars()) {
            *cell = (symbol, Role::Muted);
        }
    }
}

/// Whether a symbol has dots of the area.
fn is_drawn(symbol: char) -> bool {
    (BRAILLE + 1..BRAILLE + 0x100).contains(&u32::from(symbol))
}

/// The texts for times without usage, in the lowest line: before the cell in which the pod was created, before its first sample,
/// in gaps, and after its end.
fn words_of(readings: &[Option<u64>], created: Option<usize>, has_ended: bool) -> Vec<ChartWord> {
    let is_known = |pair: &[Option<u64>]| pair.iter().any(Option::is_some);
    let mut known = readings.chunks(2).map(is_known);
    let cells = known.len();
    let Some(first) = known.position(|is_known| is_known) else {
        return Vec::new();
    };
    let end = readings
        .chunks(2)
        .rposition(is_known)
        .map_or(cells, |last| last + 1);
    let named = |blank: Range<usize>, name: &str| {
        let fits = blank.len() >= name.len() + 2;
        fits.then(|| ChartWord {
            at: blank.start + (blank.len() - name.len()) / 2,
            text: name.to_owned(),
        })
    };
    let begin = created.unwrap_or(0).min(first);
    let before = ["before it was created", "not created"];
    let before = before.into_iter().find_map(|name| named(0..begin, name));
    let after = has_ended.then(|| named(end..cells, "ended")).flatten();
    before
        .into_iter()
        .chain(named(begin..first, "nothing kept"))
        .chain(gaps(readings).filter_map(|gap| named(gap, "gap")))
        .chain(after)
        .collect()
}

/// The cells of gaps. The time before the first sample and after the last one is not a gap.
fn gaps(readings: &[Option<u64>]) -> impl Iterator<Item = Range<usize>> {
    let known: Vec<bool> = readings
        .chunks(2)
        .map(|pair| pair.iter().any(Option::is_some))
        .collect();
    let known: Vec<usize> = (0..known.len())
        .filter(|at| known.get(*at) == Some(&true))
        .collect();
    let pairs: Vec<[usize; 2]> = known.windows(2).filter_map(|pair| pair.try_into().ok()).collect();
    pairs
        .into_iter()
        .filter(|[before, after]| after - before > 1)
        .map(|[before, after]| before + 1..after)
}

/// The line at zero with the times: `┴16:00────`.
fn time_line<'l>(ticks: &[AxisTick], cells: usize, theme: &Theme) -> Line<'l> {
    let mut line = vec![('─', Role::Rule); cells];
    for tick in ticks {
        let label = tick.label.chars().map(|symbol| (symbol, Role::Muted));
        let label = [('┴', Role::Rule)].into_iter().chain(label);
        for (cell, symbol) in line.iter_mut().skip(tick.cell).zip(label) {
            *cell = symbol;
        }
    }
    let zero = Span::styled(format!("{} ", right("0", GUTTER - 1)), theme.style(Role::Muted));
    let mut zero = Line::from(zero);
    zero.extend(spans(&line, theme));
    zero
}

#[cfg(test)]
mod tests;
