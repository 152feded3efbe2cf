//! A screen as an SVG picture.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

const CELL: (f32, f32) = (8.4, 18.0);

/// Draws `buffer`, every cell of which has colours of its own; runs of cells of one style become one text element each. The
/// background is that of the first cell.
pub fn svg(buffer: &Buffer) -> String {
    let paper = &colour(buffer.content.first().map_or(Color::Reset, |cell| cell.bg));
    let (columns, rows) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 16.0, rows * CELL.1 + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{paper}\"/>\n"
    );
    for (y, row) in buffer.content.chunks(usize::from(buffer.area.width)).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a.style() == b.style()) {
            push_run(&mut svg, paper, run, x, y);
            x += run.len();
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn push_run(svg: &mut String, sheet: &str, run: &[Cell], column: usize, row: usize) {
    let Some(first) = run.first() else { return };
    let (front, back) = if first.modifier.contains(Modifier::REVERSED) {
        (first.bg, first.fg)
    } else {
        (first.fg, first.bg)
    };
    let paper = colour(back);
    let x = 8.0 + cells(column) * CELL.0;
    let y = 8.0 + cells(row) * CELL.1;
    let width = cells(run.len()) * CELL.0;
    if paper != sheet {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{paper}\"/>",
            CELL.1
        );
    }
    let text: String = run.iter().map(Cell::symbol).collect();
    if text.trim().is_empty() {
        return;
    }
    let ink = colour(front);
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let bold = if first.modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let dim = if first.modifier.contains(Modifier::DIM) {
        " opacity=\"0.55\""
    } else {
        ""
    };
    let baseline = y + 13.5;
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{width:.1}\" fill=\"{ink}\"{bold}{dim}>{text}</text>"
    );
}

fn cells(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// The colours of a shipped theme; it has no others.
fn colour(colour: Color) -> String {
    let parts = match colour {
        Color::Rgb(red, green, blue) => Some((red, green, blue)),
        _ => None,
    };
    let (red, green, blue) = parts.unwrap();
    format!("#{red:02x}{green:02x}{blue:02x}")
}
