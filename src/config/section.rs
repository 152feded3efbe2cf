//! What the file says beside its keys: `[views.NAME]`, `[keys]`, `[theme]`, `[[alerts]]` and where alerts go.
//!
//! Owns the tables of what each section may contain, and the line of each value. What a value means is for
//! [`crate::settings`].

use std::collections::BTreeMap;

use super::file::{Set, Stated};
use super::key::ValueKind;
pub use crate::ui::colours::COLOUR_ALLOWED;
use crate::ui::theme::ROLES;
pub use crate::ui::theme::file::BACKGROUND;

/// The names of the sections, those of the profiles among them.
pub const SECTIONS: [&str; 8] = [
    "profiles",
    "views",
    "keys",
    "theme",
    ALERTS,
    ALERTMANAGER,
    WEBHOOK,
    KIOSK,
];

/// The section of Alertmanager.
pub const ALERTMANAGER: &str = "alertmanager";
/// The section of the webhook.
pub const WEBHOOK: &str = "webhook";

/// The list of alert rules.
pub const ALERTS: &str = "alerts";

/// A key of a section.
#[derive(Debug, Clone, Copy)]
pub struct SectionRow {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: ValueKind,
    /// What it may be, after "must be".
    pub allowed: &'static str,
    /// What it is for.
    pub about: &'static str,
}

/// What a saved view says.
pub const VIEW_ROWS: [SectionRow; 6] = [
    SectionRow {
        name: "view",
        kind: ValueKind::Text,
        allowed: "pods, overview, changes or health",
        about: "The view to show; the default is pods",
    },
    SectionRow {
        name: "filter",
        kind: ValueKind::Text,
        allowed: "text",
        about: "The filter, as typed after / in that view",
    },
    SectionRow {
        name: "sort",
        kind: ValueKind::Text,
        allowed: "text: the field to sort by",
        about: "The field to sort by, as for :sort, or a column of the overview; the default is risk",
    },
    SectionRow {
        name: "reversed",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Reverse the order",
    },
    SectionRow {
        name: "problems",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Show only problems",
    },
    SectionRow {
        name: "columns",
        kind: ValueKind::Names,
        allowed: "a list of columns, such as [\"risk\", \"pod:40\", \"ns\"]",
        about: "The columns, from left to right, as for :columns; the default is the initial columns",
    },
];

/// What a rule of `[[alerts]]` says.
pub const ALERT_ROWS: [SectionRow; 10] = [
    SectionRow {
        name: "name",
        kind: ValueKind::Text,
        allowed: "text",
        about: "The name of the rule, to which open alerts belong",
    },
    SectionRow {
        name: "on",
        kind: ValueKind::Text,
        allowed: "one of risk, protection, failed, usage, cpu, memory, vanished, old-list, unreachable, coverage",
        about: "What causes the alert: risk, protection, failed, usage (of CPU or memory), cpu, memory, vanished, old-list, \
                unreachable or coverage",
    },
    SectionRow {
        name: "threshold",
        kind: ValueKind::Text,
        allowed: "a percentage from 1% to 100%, such as 80%",
        about: "For usage, cpu and memory: the percentage of the limit, such as 80%; the default is 90%",
    },
    SectionRow {
        name: "filter",
        kind: ValueKind::Text,
        allowed: "text",
        about: "The pods of the rule, as a filter typed after /; the default is all",
    },
    SectionRow {
        name: "severity",
        kind: ValueKind::Text,
        allowed: "info, warning or critical",
        about: "How urgent it is: info, warning or critical",
    },
    SectionRow {
        name: "for",
        kind: ValueKind::Text,
        allowed: "a time from 0s to 7days, such as 5m",
        about: "How long it must last before an alert, such as 5m",
    },
    SectionRow {
        name: "quiet",
        kind: ValueKind::Text,
        allowed: "hours of the day, such as 22:00-07:00 or 22:00-07:00 Europe/Berlin",
        about: "When alerts are held back, such as 22:00-07:00 or 22:00-07:00 Europe/Berlin; they are sent afterwards",
    },
    SectionRow {
        name: "merge",
        kind: ValueKind::Text,
        allowed: "a time from 0s to 1day, such as 1m",
        about: "The least time between two notices; the next one has all that happened; the default is 1m",
    },
    SectionRow {
        name: "via",
        kind: ValueKind::Names,
        allowed: "a list of banner, bell, notify, command, alertmanager, webhook",
        about: "Where alerts go: banner, bell, notify, command, alertmanager, webhook; the default is banner and bell",
    },
    SectionRow {
        name: "command",
        kind: ValueKind::Words,
        allowed: "a program and its arguments, such as [\"/usr/local/bin/page\", \"hss\"]",
        about: "The program of via = [\"command\"] and its arguments; it receives the alerts as JSON on its input",
    },
];

const URL: SectionRow = SectionRow {
    name: "url",
    kind: ValueKind::Text,
    allowed: "a URL such as https://alerts.example.com",
    about: "Its URL, such as https://alerts.example.com:9093",
};

const SINK_CA_FILE: SectionRow = SectionRow {
    name: "ca_file",
    kind: ValueKind::Text,
    allowed: "the path of a file",
    about: "Additional CA certificate (PEM) for this server",
};

/// What `[alertmanager]` says.
pub const ALERTMANAGER_ROWS: [SectionRow; 5] = [
    URL,
    SectionRow {
        name: "token_file",
        kind: ValueKind::Text,
        allowed: "the path of a private file (mode 0600)",
        about: "A private file with a bearer token; it is read for each request",
    },
    SINK_CA_FILE,
    SectionRow {
        name: "pod_label",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "One alert for each pod, up to 1,000; false: one for the pods of a namespace, of which only the first is told",
    },
    SectionRow {
        name: "link",
        kind: ValueKind::Text,
        allowed: "a URL such as https://console.example.com/hss",
        about: "The link of an alert (generatorURL)",
    },
];

/// The section of the wall.
pub const KIOSK: &str = "kiosk";

/// What `[kiosk]` says.
pub const KIOSK_ROWS: [SectionRow; 4] = [
    SectionRow {
        name: "enabled",
        kind: ValueKind::Switch,
        allowed: "true or false",
        about: "Show a wall, as --kiosk does",
    },
    SectionRow {
        name: "views",
        kind: ValueKind::Names,
        allowed: "a list of views: pods, overview, changes, health, or names of [views.NAME]",
        about: "The views that the wall shows in turn: pods, overview, changes, health, or names of [views.NAME]",
    },
    SectionRow {
        name: "every",
        kind: ValueKind::Text,
        allowed: "a time from 5s to 1day, such as 30s",
        about: "How long the wall shows each view",
    },
    SectionRow {
        name: "dim",
        kind: ValueKind::Text,
        allowed: "hours of the day, such as 22:00-07:00 or 22:00-07:00 Europe/Berlin",
        about: "When the wall is dimmed, such as 22:00-07:00",
    },
];

/// What `[webhook]` says.
pub const WEBHOOK_ROWS: [SectionRow; 3] = [
    URL,
    SectionRow {
        name: "secret_file",
        kind: ValueKind::Text,
        allowed: "the path of a private file (mode 0600)",
        about: "A private file with the key of the signature: HMAC-SHA256 of the body in X-Hss-Top-Signature-256",
    },
    SINK_CA_FILE,
];

/// The key of `[theme]` that names the theme below the colours.
pub const BASE: &str = "base";

/// The names of all keys of `[theme]`.
pub fn theme_names() -> impl Iterator<Item = &'static str> {
    [BASE, BACKGROUND]
        .into_iter()
        .chain(ROLES.iter().map(|(name, _)| *name))
}

/// A table of the file: what is set in it, by the names of its rows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StatedTable {
    /// Its line.
    pub line: usize,
    /// The values.
    pub values: BTreeMap<&'static str, Stated>,
}

impl StatedTable {
    /// The value of a key that is a text, a number, a switch or a list of names, with its line.
    pub fn text(&self, key: &str) -> Option<(&str, usize)> {
        match self.values.get(key)? {
            Stated {
                set: Set::Text(text),
                line,
            } => Some((text, *line)),
            _ => None,
        }
    }

    /// The line of a key; that of the table where the key is not set.
    pub fn line_of(&self, key: &str) -> usize {
        self.values.get(key).map_or(self.line, |stated| stated.line)
    }

    /// The value of a key that is a list of words.
    pub fn words(&self, key: &str) -> Option<&[String]> {
        match &self.values.get(key)?.set {
            Set::Words(words) => Some(words),
            Set::Text(_) => None,
        }
    }
}

/// A name and what it was set to.
#[derive(Clone, PartialEq, Eq)]
pub struct StatedName {
    /// The name, as written.
    pub name: String,
    /// The value.
    pub stated: Stated,
}

/// What a saved view sets, by the names of [`VIEW_ROWS`].
pub type ViewValues = BTreeMap<&'static str, Stated>;

/// The sections, without the profiles.
#[derive(Clone, Default)]
pub struct Sections {
    /// Saved views, by their names.
    pub views: BTreeMap<String, ViewValues>,
    /// Keys and what they are bound to, in the order of the file.
    pub keys: Vec<StatedName>,
    /// Roles and their colours, and the background, in the order of the file.
    pub theme: Vec<StatedName>,
    /// Alert rules, by the names of [`ALERT_ROWS`]; `None` where there is no such list, so that the default holds.
    pub alerts: Option<Vec<StatedTable>>,
    /// The wall, by the names of [`KIOSK_ROWS`].
    pub kiosk: Option<StatedTable>,
    /// Alertmanager, by the names of [`ALERTMANAGER_ROWS`].
    pub alertmanager: Option<StatedTable>,
    /// The webhook, by the names of [`WEBHOOK_ROWS`].
    pub webhook: Option<StatedTable>,
}

impl Sections {
    /// Puts the home folder in the place of `~` before the files and the programs that alerts need, as for the keys that are
    /// paths.
    pub(super) fn expand_home(&mut self, home: &str) {
        let expand = |path: &mut String| {
            if let Some(rest) = path.strip_prefix("~/") {
                *path = format!("{}/{rest}", home.trim_end_matches('/'));
            }
        };
        for table in [&mut self.alertmanager, &mut self.webhook].into_iter().flatten() {
            for (key, stated) in &mut table.values {
                if let (true, Set::Text(path)) = (key.ends_with("_file"), &mut stated.set) {
                    expand(path);
                }
            }
        }
        for rule in self.alerts.iter_mut().flatten() {
            if let Some(Set::Words(words)) = rule.values.get_mut("command").map(|stated| &mut stated.set) {
                words.first_mut().into_iter().for_each(expand);
            }
        }
    }
}
