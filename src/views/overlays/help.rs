//! The keys and commands, from their tables.
//!
//! ```text
//!  Keys of the pods            The state, at the top right      Commands, after :
//!   j Down       down           FRESH      all pods, as in …     ns [NAME]   load only …
//!   …                           …                                …
//! ```
//!
//! On a wide screen it has two or three columns, which are read from the left and scroll together.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::app::command::COMMANDS;
use crate::fleet::RemoteText;
use crate::fleet::fields::{PodField, PodNumber, PodText};
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::keys::Mode;
use crate::ui::format::{left, wrapped};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::room;

/// Cells of the keys.
const KEYS: usize = 23;

/// Filters, and the pods that they show.
const FILTERS: &[(&str, &str)] = &[
    ("pay", "any text that contains it, in upper or lower case"),
    ("ns:prod*", "the text of one column; * and ? are wildcards"),
    ("status:Failed,Unknown", "one of several; pay|api for any text"),
    ("!detect:clean", "all except these"),
    (
        "cpu%>=80 mem>1.5Gi",
        "numbers by = != < <= > >=, with their units; a space is AND",
    ),
    ("age<1h risk>50", "younger than an hour, with a risk above 50"),
    ("memlimit=none", "what HSS does not report; also node:none"),
    ("/api-[0-9]+$/", "a regular expression; ns:/^prod/ too"),
    ("\"a b\"", "a text with spaces and signs"),
];

/// The state words and their meanings.
pub const STATE_WORDS: [(&str, &str); 9] = [
    (
        "FRESH",
        "all pods, as in HSS's own list, which HSS renews every 24 h",
    ),
    (
        "LOADING n of m",
        "pages are being fetched; n of m pods are loaded",
    ),
    (
        "PARTIAL n of m",
        "HSS returned fewer pods than it counts; hss-top asks again",
    ),
    ("STALE 5m", "the last answer is this old; the last line says why"),
    (
        "OLD 4d",
        "HSS itself has not renewed its list for this long; :sync requests it",
    ),
    (
        "THROTTLED",
        "HSS asked us to wait; hss-top continues at the time shown",
    ),
    ("AUTH", "the credential is not accepted; hss-top doctor says why"),
    ("DENIED", "the credential may not read the pods of this project"),
    ("OFFLINE", "HSS cannot be reached; hss-top keeps trying"),
];

/// The fewest cells of a column of the help.
const COLUMN: usize = 58;
/// Cells between two columns.
const GAP: usize = 2;
/// The most columns that are still readable as one page.
const MOST_COLUMNS: usize = 3;

/// Draws the help over the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    super::clear(area, buffer);
    let columns = columns(model, theme, usize::from(area.width));
    let apart = area.width / u16::try_from(columns.len().max(1)).unwrap_or(1);
    for (at, lines) in (0..).zip(columns) {
        let place = Rect {
            x: area.x + at * apart,
            width: apart,
            ..area
        };
        Paragraph::new(lines)
            .scroll((model.scroll, 0))
            .render(place, buffer);
    }
}

/// How far the help can be scrolled.
pub fn last_scroll(model: &Model) -> u16 {
    let height = model.lines_shown();
    let width = usize::from(model.size.width);
    let theme = Theme::new(crate::ui::Palette::None);
    let columns = columns(model, &theme, width);
    let lines = columns.iter().map(Vec::len).max().unwrap_or_default();
    u16::try_from(lines.saturating_sub(height)).unwrap_or(u16::MAX)
}

/// The lines in as many columns as fit on a screen of this many cells.
fn columns<'a>(model: &Model, theme: &'a Theme, width: usize) -> Vec<Vec<Line<'a>>> {
    let count = (width / COLUMN).clamp(1, MOST_COLUMNS);
    let cells = if count == 1 { width } else { width / count - GAP };
    folded(lines(model, theme, cells), count)
}

/// The lines in columns of about the same height. No column ends with the title of the next one, or begins with a blank.
fn folded(lines: Vec<Line<'_>>, count: usize) -> Vec<Vec<Line<'_>>> {
    /// A title, the blank before it and a line behind it.
    const BEGINNING: usize = 3;
    let height = lines.len().div_ceil(count);
    let mut columns = vec![Vec::new()];
    for line in lines {
        let is_blank = line.width() == 0;
        let is_last = columns.len() == count;
        let needed = if is_blank { BEGINNING } else { 1 };
        if let Some(column) = columns
            .last_mut()
            .filter(|it| is_last || it.len() + needed <= height)
        {
            if !(is_blank && column.is_empty()) {
                column.push(line);
            }
        } else {
            columns.push(if is_blank { Vec::new() } else { vec![line] });
        }
    }
    columns
}

/// The lines while they are made, none of them wider than a column.
struct HelpPage<'a> {
    lines: Vec<Line<'a>>,
    theme: &'a Theme,
    width: usize,
}

impl HelpPage<'_> {
    fn title(&mut self, text: &'static str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let style = self.theme.style(Role::Title);
        self.lines.push(Line::styled(format!(" {text}"), style));
    }

    fn entry(&mut self, key: &str, means: &str) {
        let key = if key.width() < KEYS {
            left(key, KEYS)
        } else {
            format!("{key} ")
        };
        let mut key = format!("  {key}");
        let room = self.width.saturating_sub(key.width().max(KEYS + 2));
        let narrow = room < self.width / 3;
        if narrow {
            self.line(&std::mem::take(&mut key), "");
        }
        let indent = if narrow { 4 } else { KEYS + 2 };
        let room = if narrow {
            self.width.saturating_sub(indent)
        } else {
            room
        };
        for means in wrapped(means, room.max(1)) {
            let key = std::mem::take(&mut key);
            let key = if key.is_empty() { " ".repeat(indent) } else { key };
            self.line(&key, means);
        }
    }

    fn line(&mut self, key: &str, means: &str) {
        let key = Span::styled(key.to_owned(), self.theme.style(Role::Key));
        self.lines
            .push(Line::from(vec![key, Span::raw(means.to_owned())]));
    }
}

fn lines<'a>(model: &Model, theme: &'a Theme, width: usize) -> Vec<Line<'a>> {
    let beneath = model.focus.body();
    let mut page = HelpPage {
        lines: Vec::new(),
        theme,
        width,
    };
    page.title(match beneath {
        Mode::Detail => "Keys of the detail",
        _ => room::of(model.focus.view()).keys_title,
    });
    for (keys, means) in model.keys.of_mode(beneath) {
        page.entry(&keys, means);
    }
    page.title("The state, at the top right");
    for (word, means) in STATE_WORDS {
        page.entry(word, means);
    }
    page.title("Filters, after /");
    for (filter, means) in FILTERS {
        page.entry(filter, means);
    }
    let names = |fields: &mut dyn Iterator<Item = PodField>| {
        let names: Vec<&str> = fields.map(PodField::name).collect();
        names.join(" ")
    };
    page.entry(
        "fields of text",
        &names(&mut PodText::ALL.iter().map(|text| text.field())),
    );
    page.entry(
        "fields of numbers",
        &names(&mut PodNumber::ALL.iter().map(|number| number.field())),
    );
    page.title("Commands, after :");
    for row in COMMANDS {
        page.entry(&row.usage(), row.help);
    }
    page.title("While typing");
    for (keys, means) in model.keys.of_mode(Mode::Filter) {
        page.entry(&keys, means);
    }
    page.title("Signs");
    let usage = format!("% of the limit: near from {WARN_PERCENT} %, critical from {CRITICAL_PERCENT} %");
    page.entry("CPU MEMORY", &usage);
    for (sign, means) in [
        (
            signs::ABSENT,
            "HSS does not report it; pods on nodes do not have the field",
        ),
        (
            signs::DOUBT,
            "unknown; also an unreadable value, an undocumented word, a name that is not valid in Kubernetes",
        ),
        (
            "▲ ✗ ‼ ? ◐ ○ % ∞",
            "before a score: its main reason, with the sign of that state; % is CPU or memory near its limit, ∞ no limit",
        ),
        (
            "NEW (N) ↑ ↓",
            "next to a score: a risk was found, the score rose, it fell; for an hour, or until a marks changes as read",
        ),
        (
            "▼ △",
            "sorted by this column: the largest first, the smallest first",
        ),
    ] {
        page.entry(sign, means);
    }
    page.title("Where the pods come from");
    let source = model.shown_source();
    // The project's id may have come from IAM, the rest from a file.
    for (name, value) in [
        ("HSS", &source.place),
        ("project", &source.project),
        ("enterprise project", &source.enterprise_project),
        ("credential", &source.signed_in_by),
    ] {
        if !value.is_empty() {
            page.entry(name, RemoteText::name(value).shown());
        }
    }
    page.lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::Query;

    #[test]
    fn every_state_word_is_explained() {
        use crate::collector::SyncState;
        for state in [
            SyncState::Fresh,
            SyncState::Loading { met: 0, total: None },
            SyncState::Partial { met: 0, total: 0 },
            SyncState::Old(jiff::Timestamp::UNIX_EPOCH),
            SyncState::Stale(None),
            SyncState::Throttled(None),
            SyncState::Auth,
            SyncState::Offline,
            SyncState::Denied,
        ] {
            let word = state.word();
            assert!(
                STATE_WORDS
                    .iter()
                    .any(|(it, _)| it.split(' ').next() == Some(word)),
                "{word}"
            );
        }
    }

    #[test]
    fn columns_hold_every_line_in_order_and_no_title_alone() {
        for count in 1..=3 {
            for sections in 1..9 {
                let section = |at: usize| {
                    let title = [String::new(), format!("title {at}")];
                    title
                        .into_iter()
                        .chain((0..at * 3).map(move |line| format!("{at}.{line}")))
                };
                let all: Vec<Line<'_>> = (1..=sections).flat_map(section).map(Line::from).collect();
                let shown = |lines: &[Line<'_>]| {
                    let lines = lines.iter().map(ToString::to_string);
                    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
                };
                let columns = folded(all.clone(), count);
                assert!(columns.len() <= count);
                assert_eq!(shown(&columns.concat()), shown(&all));
                for column in &columns {
                    let last = column.last().map(ToString::to_string).unwrap_or_default();
                    assert!(!last.starts_with("title"), "{sections} in {count}: {last}");
                    assert!(column.first().is_none_or(|first| first.width() > 0));
                }
            }
        }
    }

    #[test]
    fn the_filters_are_filters() {
        for (filter, _) in FILTERS {
            assert!(Query::parse(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn what_is_long_goes_on_in_the_next_line() {
        let theme = Theme::new(crate::ui::Palette::None);
        for width in [30, 40, 80] {
            let mut page = HelpPage {
                lines: Vec::new(),
                theme: &theme,
                width,
            };
            for (filter, means) in FILTERS {
                page.entry(filter, means);
            }
            page.entry("export csv|json [PATH]", &"word ".repeat(30));
            assert!(page.lines.iter().all(|line| line.width() <= width), "{width}");
            let all: String = page.lines.iter().map(|line| line.to_string() + " ").collect();
            assert_eq!(all.matches("word").count(), 30, "{width}");
        }
    }
}
