//! The keys and commands, from their tables, and the search in them.
//!
//! ```text
//!  Keys of the table: Move       Keys of the table: Look        Keys of the table: Do
//!   j Down       down             p          only problems       e         write what is shown to a file
//!   …                             …                              …
//!
//!  The state, at the top right   Filters, after /               Commands, after :
//!   FRESH        all pods, …      pay        any text shown …    ns [NAME] load only this namespace …
//! ```
//!
//! A wide screen has three columns: the groups of keys side by side, all else below them, read from the left. A narrower one
//! has two columns or one, the keys first. A section that goes on in the next column has its title there again. All columns
//! scroll together.

mod page;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::{Paragraph, Widget as _};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
pub use page::STATE_WORDS;
use page::{HelpLine, HelpPage, page};

/// The fewest cells of a column of the help.
const COLUMN: usize = 58;
/// Cells between two columns.
const GAP: usize = 2;
/// The most columns: more are not read as one page.
const MOST_COLUMNS: usize = 3;

/// The help in its columns, and what was found in it.
struct ArrangedHelp<'a> {
    columns: Vec<Vec<HelpLine<'a>>>,
    /// The entries that have what is looked for, each with its column and the number of its first line, as they are read.
    found: Vec<(usize, usize, usize)>,
}

/// Draws the help over the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    super::clear(area, buffer);
    let arranged = arranged(model, theme, usize::from(area.width));
    let apart = area.width / u16::try_from(arranged.columns.len().max(1)).unwrap_or(1);
    let Some(help) = model.focus.help() else { return };
    let current = arranged.found.get(help.search.at).map(|(entry, ..)| *entry);
    for (at, lines) in (0..).zip(&arranged.columns) {
        let place = Rect {
            x: area.x + at * apart,
            width: apart,
            ..area
        };
        let text: Vec<_> = lines.iter().map(|it| it.line.clone()).collect();
        Paragraph::new(text)
            .scroll((help.scroll, 0))
            .render(place, buffer);
        for (line, row) in lines.iter().skip(help.scroll.into()).zip(place.rows()) {
            let is_found = |entry: &usize| arranged.found.iter().any(|(it, ..)| it == entry);
            if let Some(entry) = line.entry.filter(is_found) {
                mark(
                    line,
                    &help.search.text,
                    current == Some(entry),
                    theme,
                    row,
                    buffer,
                );
            }
        }
    }
}

/// Marks what is looked for in a line: reversed in the match in front, which has a sign in the margin, else underlined.
fn mark(line: &HelpLine<'_>, wanted: &str, is_current: bool, theme: &Theme, row: Rect, buffer: &mut Buffer) {
    if is_current {
        buffer.set_stringn(row.x, row.y, signs::CURSOR, 1, theme.style(Role::Accent));
    }
    let style = if is_current {
        theme.style(Role::Caret)
    } else {
        theme.style(Role::Accent).add_modifier(Modifier::UNDERLINED)
    };
    let (text, wanted) = (line.line.to_string().to_lowercase(), wanted.to_lowercase());
    for (start, found) in text.match_indices(&wanted) {
        let before = text.get(..start).unwrap_or_default().width();
        let cells = |width: usize| u16::try_from(width).unwrap_or(u16::MAX);
        let place = Rect {
            x: row.x.saturating_add(cells(before)),
            width: cells(found.width()),
            ..row
        };
        buffer.set_style(place.intersection(row), style);
    }
}

/// How far the help can be scrolled.
pub fn last_scroll(model: &Model) -> u16 {
    let height = model.lines_shown();
    let theme = Theme::new(crate::ui::Palette::None);
    let arranged = arranged(model, &theme, usize::from(model.size.width));
    let lines = arranged.columns.iter().map(Vec::len).max().unwrap_or_default();
    u16::try_from(lines.saturating_sub(height)).unwrap_or(u16::MAX)
}

/// The lines that have what is looked for, in the order in which they are read.
pub fn matches(model: &Model) -> Vec<u16> {
    let theme = Theme::new(crate::ui::Palette::None);
    let arranged = arranged(model, &theme, usize::from(model.size.width));
    let rows = arranged.found.iter();
    rows.map(|(_, _, row)| u16::try_from(*row).unwrap_or(u16::MAX))
        .collect()
}

/// The result of the search in a few words; `None` without a search.
pub fn found(model: &Model) -> Option<String> {
    Some(match model.help_match()? {
        (_, 0) => "no match".to_owned(),
        (at, count) => format!("match {at} of {count}"),
    })
}

/// The help in as many columns as fit into this many cells.
fn arranged<'a>(model: &Model, theme: &'a Theme, width: usize) -> ArrangedHelp<'a> {
    let count = (width / COLUMN).clamp(1, MOST_COLUMNS);
    let cells = if count == 1 { width } else { width / count - GAP };
    let page = page(model, theme, cells);
    let wanted = model
        .focus
        .help()
        .map_or("", |help| &help.search.text)
        .to_lowercase();
    let has_it: Vec<bool> = page
        .entries
        .iter()
        .map(|entry| !wanted.is_empty() && entry.contains(&wanted))
        .collect();
    let columns = if count == MOST_COLUMNS {
        side_by_side(page)
    } else {
        folded(page.lines, count)
    };
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (column, lines) in columns.iter().enumerate() {
        for (row, line) in lines.iter().enumerate() {
            let is_first = |entry: usize| found.last().is_none_or(|(last, ..)| *last != entry);
            if let Some(entry) = line
                .entry
                .filter(|entry| has_it.get(*entry) == Some(&true) && is_first(*entry))
            {
                found.push((entry, column, row));
            }
        }
    }
    ArrangedHelp { columns, found }
}

/// The groups of keys beside each other, and all else in as many columns below.
fn side_by_side(page: HelpPage<'_>) -> Vec<Vec<HelpLine<'_>>> {
    let HelpPage {
        mut lines, starts, ..
    } = page;
    let mut groups = Vec::new();
    let rest = lines.split_off(starts.last().copied().unwrap_or_default());
    for start in starts.iter().rev().skip(1) {
        groups.insert(0, lines.split_off(*start));
    }
    for group in &mut groups {
        // The blank that parts a title from what is above it.
        if group.first().is_some_and(HelpLine::is_blank) {
            group.remove(0);
        }
    }
    let height = groups.iter().map(Vec::len).max().unwrap_or_default();
    let blank = HelpLine {
        line: ratatui::text::Line::default(),
        entry: None,
    };
    let below = folded(rest, groups.len());
    let below = below.into_iter().chain(std::iter::repeat(Vec::new()));
    groups
        .into_iter()
        .zip(below)
        .map(|(mut group, mut below)| {
            group.resize(height + 1, blank.clone());
            if below.first().is_some_and(HelpLine::is_blank) {
                below.remove(0);
            }
            group.extend(below);
            group
        })
        .collect()
}

/// The lines in columns of about the same height. Each column begins with a title: its own, or that of the section that it
/// continues. No column ends with a title or in the middle of an entry.
fn folded(lines: Vec<HelpLine<'_>>, count: usize) -> Vec<Vec<HelpLine<'_>>> {
    let height = lines.len().div_ceil(count);
    let mut columns = vec![Vec::new()];
    let mut title: Option<HelpLine<'_>> = None;
    for part in parts(lines) {
        let begins_section = part.iter().find(|line| line.is_title()).cloned();
        let is_full = columns.last().is_some_and(|column: &Vec<HelpLine<'_>>| {
            column.len() + part.len() > height && column.iter().any(|line| line.entry.is_some())
        });
        if is_full && columns.len() < count {
            let continued = title.clone().filter(|_| begins_section.is_none());
            columns.push(continued.map(HelpLine::continued).into_iter().collect());
        }
        title = begins_section.or(title);
        if let Some(column) = columns.last_mut() {
            let is_empty = column.is_empty();
            column.extend(part.into_iter().filter(|line| !(is_empty && line.is_blank())));
        }
    }
    columns
}

/// The lines in parts that stay together: an entry, the first of a section with its title and the blank before it.
fn parts(lines: Vec<HelpLine<'_>>) -> Vec<Vec<HelpLine<'_>>> {
    let mut parts: Vec<Vec<HelpLine<'_>>> = Vec::new();
    for line in lines {
        let last = parts.last_mut();
        let goes_on = last.and_then(|part| part.last()).is_some_and(|before| {
            (before.entry.is_none() && !line.is_blank())
                || (before.entry.is_some() && before.entry == line.entry)
        });
        match parts.last_mut() {
            Some(part) if goes_on => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::text::Line;

    fn of_texts(texts: Vec<String>) -> Vec<HelpLine<'static>> {
        let line = |(at, text): (usize, String)| HelpLine {
            entry: (!text.is_empty() && !text.starts_with("title")).then_some(at),
            line: Line::from(text),
        };
        texts.into_iter().enumerate().map(line).collect()
    }

    #[test]
    fn every_column_begins_with_a_title_and_holds_every_line_in_order() {
        for count in 1..=3 {
            for sections in 1..9 {
                let section = |at: usize| {
                    let title = [String::new(), format!("title {at}")];
                    title
                        .into_iter()
                        .chain((0..at * 3).map(move |line| format!("{at}.{line}")))
                };
                let all = of_texts((1..=sections).flat_map(section).collect());
                let shown = |lines: &[HelpLine<'_>]| {
                    let lines = lines.iter().map(|it| it.line.to_string());
                    lines
                        .filter(|line| !line.is_empty() && !line.ends_with(" (continued)"))
                        .collect::<Vec<_>>()
                };
                let columns = folded(all.clone(), count);
                assert!(columns.len() <= count);
                assert_eq!(shown(&columns.concat()), shown(&all));
                for column in &columns {
                    let last = column.last().map(|it| it.line.to_string()).unwrap_or_default();
                    assert!(!last.starts_with("title"), "{sections} in {count}: {last}");
                    let first = column.first().map(|it| it.line.to_string()).unwrap_or_default();
                    assert!(first.starts_with("title"), "{sections} in {count}: {first}");
                }
            }
        }
    }
}
