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
//! A wide screen has three columns: the groups of keys side by side, all else below them. A narrower one has two columns or
//! one, the keys first. Columns break at the end of each screen, so a screen is read down its columns from the left, and then
//! comes the next one. A section stays in one column; one that is longer than the screen has its title again where it goes on.
//! All columns scroll together.

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

/// The fewest lines that are left of a screen for a section to begin there.
const LEAST_ROOM: usize = 6;

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
    let height = model.lines_shown().max(1);
    let columns = match count {
        1 => vec![page.lines],
        MOST_COLUMNS => side_by_side(page, height),
        _ => by_screens(page.lines, count, 0, height),
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
    if count > 1 {
        found.sort_by_key(|(_, column, row)| (row / height, *column, *row));
    }
    ArrangedHelp { columns, found }
}

/// The groups of keys beside each other, and all else in as many columns below.
fn side_by_side(page: HelpPage<'_>, screen: usize) -> Vec<Vec<HelpLine<'_>>> {
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
    let below = by_screens(rest, groups.len(), height + 1, screen);
    groups
        .into_iter()
        .zip(below)
        .map(|(mut group, below)| {
            group.resize(height + 1, HelpLine::blank());
            group.extend(below);
            group
        })
        .collect()
}

/// The lines in columns on screens of this height, of which the first `used` lines are those of something else. A section
/// goes to the next column, or to the next screen, where it does not fit into the rest of one; so does the rest of a section
/// that is longer than a screen, below its title. No column ends with a title or in the middle of an entry.
fn by_screens(lines: Vec<HelpLine<'_>>, count: usize, used: usize, screen: usize) -> Vec<Vec<HelpLine<'_>>> {
    let room = screen - used % screen;
    // A title with an entry or two at the foot of a screen is overlooked.
    let top = if room < LEAST_ROOM && room < screen {
        room
    } else {
        0
    };
    let mut columns = ScreenColumns {
        columns: vec![vec![HelpLine::blank(); top]; count.max(1)],
        at: 0,
        top,
        room: if top > 0 { screen } else { room },
        screen,
    };
    for section in sections(lines) {
        let length: usize = section.iter().map(Vec::len).sum();
        if columns.used() > 0 && columns.used() + length > columns.room && length <= screen + 1 {
            columns.turn();
        }
        let title = section.iter().flatten().find(|line| line.is_title()).cloned();
        for part in section {
            let is_first = part.iter().any(HelpLine::is_title);
            if columns.used() > 0 && columns.used() + part.len() > columns.room {
                columns.turn();
                let continued = title.clone().filter(|_| !is_first);
                columns.push(continued.map(HelpLine::continued).into_iter().collect());
            }
            columns.push(part);
        }
    }
    // The end of the text is that of a screen, so that the last one is read like the others.
    let end = columns.top + columns.room;
    let mut columns = columns.columns;
    if let Some(first) = columns.first_mut().filter(|_| end > screen) {
        first.resize(end.max(first.len()), HelpLine::blank());
    }
    columns
}

/// Columns while they are filled, screen by screen.
struct ScreenColumns<'a> {
    columns: Vec<Vec<HelpLine<'a>>>,
    /// The column that is being filled.
    at: usize,
    /// The line at which the screen begins.
    top: usize,
    /// The lines of the screen.
    room: usize,
    /// The lines of the next ones.
    screen: usize,
}

impl<'a> ScreenColumns<'a> {
    /// How many lines of the screen the column has.
    fn used(&self) -> usize {
        let lines = self.columns.get(self.at).map_or(0, Vec::len);
        lines.saturating_sub(self.top)
    }

    fn push(&mut self, part: Vec<HelpLine<'a>>) {
        let is_empty = self.used() == 0;
        if let Some(column) = self.columns.get_mut(self.at) {
            column.extend(part.into_iter().filter(|line| !(is_empty && line.is_blank())));
        }
    }

    /// Goes to the next column, or to the first one of the next screen.
    fn turn(&mut self) {
        self.at += 1;
        if self.at < self.columns.len() {
            return;
        }
        let longest = self.columns.iter().map(Vec::len).max().unwrap_or_default();
        (self.at, self.top) = (0, longest.max(self.top + self.room));
        self.room = self.screen;
        for column in &mut self.columns {
            column.resize(self.top, HelpLine::blank());
        }
    }
}

/// The parts of each section: a title and its entries.
fn sections(lines: Vec<HelpLine<'_>>) -> Vec<Vec<Vec<HelpLine<'_>>>> {
    let mut sections: Vec<Vec<Vec<HelpLine<'_>>>> = Vec::new();
    for part in parts(lines) {
        let begins = part.iter().any(HelpLine::is_title);
        match sections.last_mut() {
            Some(section) if !begins => section.push(part),
            _ => sections.push(vec![part]),
        }
    }
    sections
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

    /// Sections with a title and `lengths` entries.
    fn of_sections(lengths: &[usize]) -> Vec<HelpLine<'static>> {
        let section = |(at, length): (usize, &usize)| {
            let title = [String::new(), format!("title {at}")];
            let entries = (0..*length).map(move |line| format!("{at}.{line}"));
            title.into_iter().chain(entries).collect::<Vec<_>>()
        };
        of_texts(lengths.iter().enumerate().flat_map(section).collect())
    }

    fn texts(lines: &[HelpLine<'_>]) -> Vec<String> {
        lines.iter().map(|it| it.line.to_string()).collect()
    }

    #[test]
    fn a_screen_is_read_down_its_columns_and_then_comes_the_next() {
        for screen in [3, 7, 12, 40] {
            for count in 1..=3 {
                for used in [0, 5] {
                    let all = of_sections(&[3, 1, 6, 20, 2, 2, 9]);
                    let columns = by_screens(all.clone(), count, used, screen);
                    assert_eq!(columns.len(), count);
                    let first = screen - used % screen;
                    let mut read = Vec::new();
                    let (mut from, mut to) = (0, first);
                    while columns.iter().any(|column| column.len() > from) {
                        for column in &columns {
                            let lines = texts(column.get(from..to.min(column.len())).unwrap_or_default());
                            let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
                            let begins = lines.first().is_none_or(|line| line.starts_with("title"));
                            let ends = lines.last().is_none_or(|line| !line.starts_with("title"));
                            assert!(begins && ends, "{screen} {count} {used}: {lines:?}");
                            read.extend(lines.into_iter().filter(|line| !line.ends_with(" (continued)")));
                        }
                        (from, to) = (to, to + screen);
                    }
                    let expected = texts(&all).into_iter().filter(|line| !line.is_empty());
                    assert_eq!(read, expected.collect::<Vec<_>>(), "{screen} {count} {used}");
                }
            }
        }
    }

    #[test]
    fn a_section_that_fits_on_a_screen_stays_in_one_column() {
        let columns = by_screens(of_sections(&[5, 5, 3]), 2, 0, 10);
        assert_eq!(texts(&columns[0])[0], "title 0");
        let shown = |column: usize| {
            texts(&columns[column])
                .into_iter()
                .filter(|line| line.starts_with("title"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (shown(0), shown(1)),
            (
                vec!["title 0".to_owned(), "title 2".to_owned()],
                vec!["title 1".to_owned()]
            )
        );
    }
}
