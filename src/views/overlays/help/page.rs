//! The text of the help: the keys of the view below it, and everything that is the same in all views.
//!
//! Owns the entries, which come from the tables of keys, commands and fields. Each line knows its entry, so the search finds an
//! entry even if it spans several lines. Must not: know how many columns fit on the screen.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::app::command::COMMANDS;
use crate::fleet::RemoteText;
use crate::fleet::fields::{PodField, PodNumber, PodText};
use crate::fleet::usage::{CRITICAL_PERCENT, WARN_PERCENT};
use crate::keys::{ActionGroup, Mode};
use crate::ui::format::{left, wrapped};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::room;

/// Cells of the keys before what they mean.
const KEYS: usize = 23;

/// Filters of the changes, and what they show.
const CHANGE_FILTERS: &[(&str, &str)] = &[
    (
        "changed:status",
        "what changed: status protect detect cpu mem limit new gone",
    ),
    ("changed:1h", "seen within this time"),
    (
        "from:off to:on",
        "the value before, the value after; to:gone, to:new",
    ),
    (
        "gone",
        "a word alone: in a name of the pod, or in the text of the row",
    ),
];

/// Filters, and the pods that they show.
const FILTERS: &[(&str, &str)] = &[
    ("pay", "any text that contains it, in upper or lower case"),
    ("ns:prod*", "the text of one column; * and ? are wildcards"),
    (
        "ip=10.0.0.1",
        "the whole text, not a part of it; != all except these",
    ),
    ("status:Failed,Unknown", "one of several; pay|api for any text"),
    ("cpu>90%|mem>90%", "either one; cpu>90% or mem>90% means the same"),
    ("!detect:clean", "all except these"),
    (
        "cpu%>=80 mem>1.5Gi",
        "numbers by = != < <= > >=, with their units; a space is AND",
    ),
    ("age<1h risk>50", "younger than an hour, with a risk above 50"),
    ("memlimit=none", "what HSS does not report; also node:none"),
    ("/api-[0-9]+$/", "a regular expression; ns:/^prod/ too"),
    ("\"a b\"", "text with spaces or symbols"),
];

/// The state words and their meanings.
pub const STATE_WORDS: [(&str, &str); 10] = [
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
    ("DENIED", "the credential cannot read the pods of this project"),
    ("OFFLINE", "HSS cannot be reached; hss-top keeps trying"),
    ("RECORDED", "all pods of the --replay recording; nothing is live"),
];

/// A line of the help, and the entry that it is a part of.
#[derive(Debug, Clone)]
pub(super) struct HelpLine<'a> {
    pub line: Line<'a>,
    /// The number of the entry on its page; titles and blanks belong to no entry.
    pub entry: Option<usize>,
}

impl HelpLine<'_> {
    /// An empty line.
    pub fn blank() -> Self {
        Self {
            line: Line::default(),
            entry: None,
        }
    }

    pub fn is_blank(&self) -> bool {
        self.line.width() == 0
    }

    pub fn is_title(&self) -> bool {
        self.entry.is_none() && !self.is_blank()
    }

    /// The title again, at the top of the next column.
    pub fn continued(mut self) -> Self {
        self.line.push_span(" (continued)");
        self
    }
}

/// The lines of the help, none of them wider than a column.
pub(super) struct HelpPage<'a> {
    pub lines: Vec<HelpLine<'a>>,
    /// The whole text of each entry, in lower case.
    pub entries: Vec<String>,
    /// The line at which each group of keys begins, and then the line after the last key.
    pub starts: Vec<usize>,
    theme: &'a Theme,
    width: usize,
}

impl<'a> HelpPage<'a> {
    fn new(theme: &'a Theme, width: usize) -> Self {
        Self {
            lines: Vec::new(),
            entries: Vec::new(),
            starts: Vec::new(),
            theme,
            width,
        }
    }

    fn title(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(HelpLine::blank());
        }
        let style = self.theme.style(Role::Title);
        self.lines.push(HelpLine {
            line: Line::styled(format!(" {text}"), style),
            entry: None,
        });
    }

    fn entry(&mut self, key: &str, means: &str) {
        self.entries.push(format!("{key} {means}").to_lowercase());
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
        self.lines.push(HelpLine {
            line: Line::from(vec![key, Span::raw(means.to_owned())]),
            entry: self.entries.len().checked_sub(1),
        });
    }
}

/// The whole help, in lines of at most this many cells.
pub(super) fn page<'a>(model: &Model, theme: &'a Theme, width: usize) -> HelpPage<'a> {
    let mut page = HelpPage::new(theme, width);
    keys(model, &mut page);
    page.starts.push(page.lines.len());
    everywhere(model, &mut page);
    page
}

/// The keys of what lies below the help, in their groups.
fn keys(model: &Model, page: &mut HelpPage<'_>) {
    let underlying = model.underlying_mode();
    let title = match underlying {
        Mode::Detail => "Keys of the detail",
        Mode::Decisions => "Keys of the decisions",
        _ => room::of(model.focus.view()).keys_title,
    };
    let actions: Vec<_> = model.keys.actions_of(underlying).collect();
    for group in ActionGroup::ALL {
        page.starts.push(page.lines.len());
        page.title(&format!("{title}: {}", group.title()));
        for (_, keys, means) in actions.iter().filter(|(action, ..)| action.group() == group) {
            page.entry(keys, means);
        }
    }
}

/// What is the same in every view.
fn everywhere(model: &Model, page: &mut HelpPage<'_>) {
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
        "text fields",
        &names(&mut PodText::ALL.iter().map(|text| text.field())),
    );
    page.entry(
        "number fields",
        &names(&mut PodNumber::ALL.iter().map(|number| number.field())),
    );
    page.title("Filters of the changes");
    for (filter, means) in CHANGE_FILTERS {
        page.entry(filter, means);
    }
    page.title("Commands, after :");
    for row in COMMANDS {
        let also = match row.aliases {
            [] => String::new(),
            aliases => format!("; also {}", aliases.join(" ")),
        };
        page.entry(&row.usage(), &format!("{}{also}", row.help));
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
            "before a score: its main reason, with the sign of that state; % is CPU or memory near its limit, ∞ no limit, or none that HSS reports",
        ),
        (
            "NEW (N) ↑ ↓",
            "next to a score: an unread change found a risk, raised the score, lowered it; for an hour after hss-top saw it, or until it is read",
        ),
        ("ack mut ✓ M", "next to a score: acknowledged, muted"),
        (
            "↑ ↓ ≠ ×",
            "next to a score of the past: rose since, fell since, differs otherwise, gone since",
        ),
        (
            "● ◆ + × ↓ +1",
            "in the changes: unread, marked, appeared, gone, got better; one more change of the pod",
        ),
        (
            "resolved regressed",
            "in the changes: the finding is over; the pod has it again",
        ),
        (
            "┤ ◆ N ↑",
            "on the scroll bar: a score of 30 or more, a marked pod, a new risk, a risk that rose; the colour is that of the worst score",
        ),
        (
            "1/55",
            "in the overview: 1 of the 55 pods for which HSS reports it",
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
        ("profile", &source.profile),
        ("HSS", &source.place),
        ("project", &source.project),
        ("enterprise project", &source.enterprise_project),
        ("credential", &source.signed_in_by),
    ] {
        if !value.is_empty() {
            page.entry(name, RemoteText::name(value).shown());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::{ChangeQuery, Query};

    #[test]
    fn every_state_word_is_explained() {
        use crate::collector::SyncState;
        for state in [
            SyncState::Fresh,
            SyncState::Recorded,
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
    fn the_filters_of_the_changes_are_filters() {
        for (filter, _) in CHANGE_FILTERS {
            assert!(ChangeQuery::parse(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn the_filters_are_filters() {
        for (filter, _) in FILTERS {
            assert!(Query::parse(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn what_is_long_goes_on_in_the_next_line_and_is_one_entry() {
        let theme = Theme::new(crate::ui::Palette::None);
        for width in [30, 40, 80] {
            let mut page = HelpPage::new(&theme, width);
            for (filter, means) in FILTERS {
                page.entry(filter, means);
            }
            page.entry("export csv|json [PATH]", &"word ".repeat(30));
            assert!(page.lines.iter().all(|it| it.line.width() <= width), "{width}");
            let last = page.lines.iter().filter(|it| it.entry == Some(FILTERS.len()));
            let all: String = last.map(|it| it.line.to_string() + " ").collect();
            assert_eq!(all.matches("word").count(), 30, "{width}");
        }
    }
}
