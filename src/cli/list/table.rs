//! The table and the Markdown table, for people.
//!
//! Owns widths: every column is as wide as its widest value, and on a terminal all of them fit. A pipe gets
//! complete values. Must not: colour anything, or know where it is written.

use std::borrow::Cow;

use jiff::Timestamp;

use super::cells::cell;
use crate::fleet::Pod;
use crate::fleet::fields::{ChosenColumn, FieldKind, PodColumn, Wording};
use crate::ui::SignSet;
use crate::ui::format::{fit, head, width};

/// The gap between two columns.
const GAP: &str = "  ";

/// A table whose columns are measured before the first line is written.
#[derive(Debug)]
pub(super) struct PodTable {
    columns: Vec<ChosenColumn>,
    widths: Vec<usize>,
    has_headings: bool,
    signs: SignSet,
}

impl PodTable {
    pub(super) fn new(columns: Vec<ChosenColumn>, has_headings: bool, signs: SignSet) -> Self {
        let wide = |chosen: &ChosenColumn| match chosen.cells {
            Some(cells) => usize::from(cells),
            None if has_headings => width(chosen.column.title()),
            None => 0,
        };
        Self {
            widths: columns.iter().map(wide).collect(),
            columns,
            has_headings,
            signs,
        }
    }

    /// Measures a pod that will be written.
    pub(super) fn measure(&mut self, pod: &Pod, now: Timestamp) {
        let measured = self.columns.iter().zip(&mut self.widths);
        for (chosen, wide) in measured.filter(|(chosen, _)| chosen.cells.is_none()) {
            *wide = width(&cell(chosen.column, pod, now)).max(*wide);
        }
    }

    /// Fits all columns into this many cells; returns those that do not fit. Cells are distributed as on the
    /// screen: each field has widths to which it grows, each with its turn.
    pub(super) fn fit(&mut self, cells: usize) -> Vec<PodColumn> {
        if self.cells() <= cells {
            return Vec::new();
        }
        let needed = std::mem::replace(&mut self.widths, vec![0; self.columns.len()]);
        let mut steps: Vec<(u8, usize, usize)> = Vec::new();
        for (place, chosen) in self.columns.iter().enumerate() {
            steps.extend(widths_of(*chosen).map(|(turn, wide)| (turn, place, wide)));
        }
        steps.sort_unstable();
        for (_, place, wide) in steps {
            if !self.widen(place, &needed, wide, cells) {
                break;
            }
        }
        // The rest goes to columns that are cut, the first one first.
        for place in 0..needed.len() {
            let left = cells.saturating_sub(self.cells());
            if let Some(now) = self.widths.get(place).copied().filter(|now| *now > 0) {
                self.widen(place, &needed, now + left, cells);
            }
        }
        let places = self.columns.iter().zip(&self.widths);
        let left_out = places
            .filter(|(_, wide)| **wide == 0)
            .map(|(chosen, _)| chosen.column)
            .collect();
        let mut widths = self.widths.iter();
        self.columns
            .retain(|_| widths.next().is_some_and(|wide| *wide > 0));
        self.widths.retain(|wide| *wide > 0);
        left_out
    }

    /// Makes a column this wide, or as wide as it needs; returns whether that fits.
    fn widen(&mut self, place: usize, needed: &[usize], wide: usize, cells: usize) -> bool {
        let wide = wide.min(needed.get(place).copied().unwrap_or(0));
        let Some(now) = self.widths.get_mut(place) else {
            return true;
        };
        let before = std::mem::replace(now, wide.max(*now));
        let is_only = self.widths.iter().filter(|wide| **wide > 0).count() == 1;
        let fits = self.cells() <= cells || is_only;
        if let Some(now) = self.widths.get_mut(place).filter(|_| !fits) {
            *now = before;
        }
        fits
    }

    fn cells(&self) -> usize {
        let shown = self.widths.iter().filter(|wide| **wide > 0);
        let gaps = GAP.len() * shown.clone().count().saturating_sub(1);
        shown.sum::<usize>() + gaps
    }

    /// Writes the headings; if one does not fit, the shorter one of its field, if it has one.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.has_headings {
            let titles = self.columns.iter().zip(&self.widths).map(|(chosen, wide)| {
                let (title, short) = (chosen.column.title(), chosen.column.field().row().short_title);
                let is_short = width(title) > *wide && !short.is_empty();
                Cow::Borrowed(if is_short { short } else { title })
            });
            self.line(titles, out);
        }
    }

    /// Writes a pod.
    pub(super) fn pod(&self, pod: &Pod, now: Timestamp, out: &mut Vec<u8>) {
        let cells = self
            .columns
            .iter()
            .map(|chosen| cell(chosen.column, pod, now).into());
        self.line(cells, out);
    }

    fn line<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
        let mut line = String::new();
        for ((chosen, wide), cell) in self.columns.iter().zip(&self.widths).zip(cells) {
            if !line.is_empty() {
                line.push_str(GAP);
            }
            let (is_number, is_free) = match chosen.column.field().kind() {
                FieldKind::Number(_) => (true, false),
                FieldKind::Text(text) => (false, matches!(text.wording(), Wording::Names(_))),
            };
            // Names differ at both ends; the beginning of a word is the most useful part.
            let cell = if is_free {
                fit(&cell, *wide)
            } else {
                head(&cell, *wide)
            };
            let blank = " ".repeat(wide.saturating_sub(width(&cell)));
            if is_number {
                line.push_str(&blank);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&blank);
            }
        }
        out.extend_from_slice(self.signs.text(line.trim_end()).as_bytes());
        out.push(b'\n');
    }
}

/// The widths to which a column grows, each with its turn. A chosen width is the only one.
fn widths_of(chosen: ChosenColumn) -> impl Iterator<Item = (u8, usize)> {
    let steps = chosen.column.field().row().widths;
    let first = steps.first().map_or(0, |step| step.turn);
    let sent = chosen.column.as_sent().map(|sent| usize::from(sent.cells));
    let only = chosen.cells.map(usize::from).or(sent);
    let grown = steps.iter().filter(move |_| only.is_none());
    let grown = grown.map(|step| (step.turn, usize::from(step.cells)));
    only.map(|cells| (first, cells)).into_iter().chain(grown)
}

/// A table in Markdown. Each stranger's text is a code span, in which links, mentions and formats have no
/// meaning.
#[derive(Debug)]
pub(super) struct MarkdownTable {
    columns: Vec<ChosenColumn>,
    has_headings: bool,
}

impl MarkdownTable {
    pub(super) fn new(columns: Vec<ChosenColumn>, has_headings: bool) -> Self {
        Self {
            columns,
            has_headings,
        }
    }

    /// Writes the headings.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.has_headings {
            let titles = self.columns.iter().map(|chosen| chosen.column.title().to_owned());
            line(titles, out);
            let rule = |chosen: &ChosenColumn| match chosen.column.field().kind() {
                FieldKind::Number(_) => "---:".to_owned(),
                FieldKind::Text(_) => "---".to_owned(),
            };
            line(self.columns.iter().map(rule), out);
        }
    }

    /// Writes a pod.
    pub(super) fn pod(&self, pod: &Pod, now: Timestamp, out: &mut Vec<u8>) {
        line(
            self.columns
                .iter()
                .map(|chosen| code(&cell(chosen.column, pod, now))),
            out,
        );
    }
}

fn line(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    let cells: Vec<String> = cells.collect();
    out.extend_from_slice(format!("| {} |\n", cells.join(" | ")).as_bytes());
}

/// A code span. Characters that would end it or its cell are not valid in a Kubernetes name, and are
/// replaced.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "¦"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::PodField;
    use crate::fleet::fixture::{node, serverless};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn pods() -> [Pod; 2] {
        [
            node("checkout-api-7d9f8b6c5-x2x7k")
                .within("prod", "payments")
                .usage("100m", "200m", "", "")
                .build(),
            serverless("settle|`1")
                .within("cci", "pay")
                .security("opened", "undetected")
                .build(),
        ]
    }

    const FIELDS: [PodField; 5] = [
        PodField::Risk,
        PodField::Namespace,
        PodField::Name,
        PodField::Detection,
        PodField::CpuPercent,
    ];

    fn table(cells: Option<usize>) -> (String, Vec<PodColumn>) {
        let mut table = PodTable::new(FIELDS.map(ChosenColumn::from).to_vec(), true, SignSet::Utf8);
        let pods = pods();
        for pod in &pods {
            table.measure(pod, NOW);
        }
        let left_out = cells.map_or_else(Vec::new, |cells| table.fit(cells));
        let mut out = Vec::new();
        table.begin(&mut out);
        for pod in &pods {
            table.pod(pod, NOW, &mut out);
        }
        (String::from_utf8(out).unwrap(), left_out)
    }

    #[test]
    fn a_pipe_gets_every_value_whole() {
        let (text, _) = table(None);
        assert_eq!(
            text,
            "RISK  NAMESPACE  POD                           DETECT       CPU\n   0  payments   \
             checkout-api-7d9f8b6c5-x2x7k  –            50%\n   3  pay        ? settle|`1                   not scanned  n/a\n"
        );
    }

    #[test]
    fn on_a_terminal_every_line_fits_and_what_finds_no_place_is_told() {
        let mut shown = 0;
        for cells in 3..90 {
            let (text, left_out) = table(Some(cells));
            assert!(
                text.lines().all(|line| width(line) <= cells.max(21)),
                "{cells}: {text}"
            );
            let columns = FIELDS.len() - left_out.len();
            assert!(columns >= shown, "a wider window shows no less: {cells}");
            shown = columns;
        }
        assert_eq!(shown, FIELDS.len());
        let cut = table(Some(60)).0;
        assert!(cut.contains("checkout-api…"), "names lose their middle: {cut}");
    }

    #[test]
    fn in_markdown_a_strangers_text_is_a_code_span_in_its_cell() {
        let table = MarkdownTable::new(FIELDS.map(ChosenColumn::from).to_vec(), true);
        let mut out = Vec::new();
        table.begin(&mut out);
        for pod in &pods() {
            table.pod(pod, NOW, &mut out);
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "| RISK | NAMESPACE | POD | DETECT | CPU |\n| ---: | --- | --- | --- | ---: |\n\
             | `0` | `payments` | `checkout-api-7d9f8b6c5-x2x7k` | `–` | `50%` |\n\
             | `3` | `pay` | `? settle¦'1` | `not scanned` | `n/a` |\n"
        );
    }
}
