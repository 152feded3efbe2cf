//! The table and the Markdown table, for people.
//!
//! Owns widths: every column is as wide as its widest value, and on a terminal all of them fit it. A pipe gets every value
//! whole. Must not: colour anything, or know where it is written.

use std::borrow::Cow;

use jiff::Timestamp;

use super::cells::cell;
use crate::fleet::Pod;
use crate::fleet::fields::{FieldKind, PodField, Wording};
use crate::ui::SignSet;
use crate::ui::format::{fit, head, width};

/// What stands between two columns.
const GAP: &str = "  ";
/// No column is made narrower than this to fit the terminal.
const NARROWEST: usize = 8;

/// A table whose columns are measured before the first line is written.
#[derive(Debug)]
pub(super) struct PodTable {
    columns: Vec<PodField>,
    widths: Vec<usize>,
    has_headings: bool,
    signs: SignSet,
}

impl PodTable {
    pub(super) fn new(columns: Vec<PodField>, has_headings: bool, signs: SignSet) -> Self {
        let heading = |field: &PodField| if has_headings { width(field.row().title) } else { 0 };
        Self {
            widths: columns.iter().map(heading).collect(),
            columns,
            has_headings,
            signs,
        }
    }

    /// Takes the widths of a pod that will be written.
    pub(super) fn measure(&mut self, pod: &Pod, now: Timestamp) {
        for (field, wide) in self.columns.iter().zip(&mut self.widths) {
            *wide = width(&cell(*field, pod, now)).max(*wide);
        }
    }

    /// Makes all columns fit into so many cells; returns those that find no place.
    pub(super) fn fit(&mut self, cells: usize) -> Vec<PodField> {
        let mut left_out = Vec::new();
        while self.cells() > cells {
            let widest = self.widths.iter().copied().max().unwrap_or(0);
            if widest > NARROWEST {
                if let Some(wide) = self.widths.iter_mut().rev().find(|wide| **wide == widest) {
                    *wide -= 1;
                }
            } else if self.columns.len() > 1 {
                self.widths.pop();
                left_out.extend(self.columns.pop());
            } else {
                break;
            }
        }
        left_out.reverse();
        left_out
    }

    fn cells(&self) -> usize {
        let gaps = GAP.len() * self.widths.len().saturating_sub(1);
        self.widths.iter().sum::<usize>() + gaps
    }

    /// Writes the headings.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.has_headings {
            let titles = self.columns.iter().map(|field| field.row().title.into());
            self.line(titles, out);
        }
    }

    /// Writes a pod.
    pub(super) fn pod(&self, pod: &Pod, now: Timestamp, out: &mut Vec<u8>) {
        let cells = self.columns.iter().map(|field| cell(*field, pod, now).into());
        self.line(cells, out);
    }

    fn line<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>, out: &mut Vec<u8>) {
        let mut line = String::new();
        for ((field, wide), cell) in self.columns.iter().zip(&self.widths).zip(cells) {
            if !line.is_empty() {
                line.push_str(GAP);
            }
            let (is_number, is_free) = match field.kind() {
                FieldKind::Number(_) => (true, false),
                FieldKind::Text(text) => (false, text.wording() == Wording::Free),
            };
            // Names differ at both ends; the beginning of a word says most.
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

/// A table in Markdown. Each text of a stranger is a code span, in which neither links nor mentions nor formats are read.
#[derive(Debug)]
pub(super) struct MarkdownTable {
    columns: Vec<PodField>,
    has_headings: bool,
}

impl MarkdownTable {
    pub(super) fn new(columns: Vec<PodField>, has_headings: bool) -> Self {
        Self {
            columns,
            has_headings,
        }
    }

    /// Writes the headings.
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        if self.has_headings {
            let titles = self.columns.iter().map(|field| field.row().title.to_owned());
            line(titles, out);
            let rule = |field: &PodField| match field.kind() {
                FieldKind::Number(_) => "---:".to_owned(),
                FieldKind::Text(_) => "---".to_owned(),
            };
            line(self.columns.iter().map(rule), out);
        }
    }

    /// Writes a pod.
    pub(super) fn pod(&self, pod: &Pod, now: Timestamp, out: &mut Vec<u8>) {
        line(
            self.columns.iter().map(|field| code(&cell(*field, pod, now))),
            out,
        );
    }
}

fn line(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    let cells: Vec<String> = cells.collect();
    out.extend_from_slice(format!("| {} |\n", cells.join(" | ")).as_bytes());
}

/// A code span. What would end it or its cell is no character of a Kubernetes name, and another one stands in its place.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "¦"))
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn table(cells: Option<usize>) -> (String, Vec<PodField>) {
        let mut table = PodTable::new(FIELDS.to_vec(), true, SignSet::Utf8);
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
        for (cells, left_out) in [(60, 0), (48, 0), (40, 0), (30, 2), (10, 4), (3, 4)] {
            let (text, told) = table(Some(cells));
            assert_eq!(told.len(), left_out, "{cells}: {text}");
            assert!(
                text.lines().all(|line| width(line) <= cells.max(8)),
                "{cells}: {text}"
            );
        }
        assert!(table(Some(48)).0.contains('…'), "names lose their middle");
    }

    #[test]
    fn in_markdown_a_strangers_text_is_a_code_span_in_its_cell() {
        let table = MarkdownTable::new(FIELDS.to_vec(), true);
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
