//! The sections of the file other than the profiles.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{ConfigReader, Set, Stated, key_shown, names, words};
use crate::config::Wrong;
use crate::config::key::{ConfigKey, ValueKind};
use crate::config::nearest::nearest;
use crate::config::section::{
    ALERT_ROWS, ALERTS, BASE, COLOUR_ALLOWED, KIOSK, KIOSK_ROWS, SectionRow, StatedName, StatedTable,
    VIEW_ROWS, theme_names,
};
use crate::fleet::RemoteText;
use crate::ui::themes::CHOICE_ALLOWED;

/// What happens without a value that is not needed.
const DEFAULT: &str = "the default is used";

/// A value of the wrong kind.
struct WrongKind {
    row: &'static str,
    line: usize,
    why: Wrong,
}

impl ConfigReader<'_> {
    pub(super) fn views(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        const SHAPE: &str = "made of tables: [views.NAME]";
        let DeValue::Table(views) = value.get_ref() else {
            return Err(self.wrong(value.span(), "views", SHAPE));
        };
        for (name, section) in views {
            let path = format!("views.{}", key_shown(name.get_ref()));
            let DeValue::Table(section) = section.get_ref() else {
                return Err(self.wrong(section.span(), &path, SHAPE));
            };
            let (values, wrong) = self.rows(section, &path, &VIEW_ROWS);
            if let Some(wrong) = wrong.into_iter().next() {
                return Err(wrong.why);
            }
            self.file
                .sections
                .views
                .insert(name.get_ref().to_string(), values);
        }
        Ok(())
    }

    /// The list of the rules. Whoever made a mistake in one rule still wants to be told by the others.
    pub(super) fn alerts(&mut self, value: &Spanned<DeValue<'_>>) {
        const SHAPE: &str = "made of tables: [[alerts]]";
        let DeValue::Array(rules) = value.get_ref() else {
            return self.left_out(value, ALERTS, SHAPE, "the default rule is used");
        };
        let mut stated = Vec::new();
        for rule in rules {
            let DeValue::Table(section) = rule.get_ref() else {
                self.left_out(rule, ALERTS, SHAPE, "the rule is not used");
                continue;
            };
            let line = self.line(rule.span());
            let (values, wrong) = self.rows(section, ALERTS, &ALERT_ROWS);
            if wrong.is_empty() {
                stated.push(StatedTable { line, values });
            }
            for wrong in wrong {
                self.told_of(&wrong, "the rule is not used");
            }
        }
        self.file.sections.alerts = Some(stated);
    }

    /// A server that is told of alerts, which is one table. Without its URL or a file that it names it is not used: what it is
    /// told must neither go elsewhere nor lack its secret.
    pub(super) fn server(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        name: &str,
        rows: &[SectionRow],
    ) -> Option<StatedTable> {
        const UNUSED: &str = "nothing is sent there";
        let is_needed = |row: &str| row == "url" || row.ends_with("_file");
        let DeValue::Table(section) = value.get_ref() else {
            self.left_out(value, name, &format!("a table: [{name}]"), UNUSED);
            return None;
        };
        let (values, wrong) = self.rows(section, name, rows);
        for wrong in &wrong {
            let without = if is_needed(wrong.row) { UNUSED } else { DEFAULT };
            self.told_of(wrong, without);
        }
        let line = self.line(value.span());
        let is_used = !wrong.iter().any(|wrong| is_needed(wrong.row));
        is_used.then_some(StatedTable { line, values })
    }

    /// The wall, which is one table.
    pub(super) fn kiosk(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Table(section) = value.get_ref() else {
            return self.left_out(value, KIOSK, &format!("a table: [{KIOSK}]"), DEFAULT);
        };
        let (values, wrong) = self.rows(section, KIOSK, &KIOSK_ROWS);
        for wrong in wrong {
            self.told_of(&wrong, DEFAULT);
        }
        let line = self.line(value.span());
        self.file.sections.kiosk = Some(StatedTable { line, values });
    }

    /// Reports something of the wrong kind, and what happens `without` it.
    fn left_out(&mut self, value: &Spanned<DeValue<'_>>, path: &str, allowed: &str, without: &str) {
        let line = self.line(value.span());
        let why = match value.get_ref() {
            DeValue::Table(_) => self.wrong_shape(line, path, "a single table", allowed),
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                self.wrong_shape(line, path, "a list of tables", allowed)
            }
            _ => self.wrong(value.span(), path, allowed).0,
        };
        self.warnings.push((line, format!("{why}; {without}")));
    }

    fn wrong_shape(&self, line: usize, path: &str, shape: &str, allowed: &str) -> String {
        let file = self.file.path.display();
        format!("{file} line {line}: {path} is {shape}, but must be {allowed}")
    }

    fn told_of(&mut self, wrong: &WrongKind, without: &str) {
        let Wrong(why) = &wrong.why;
        self.warnings.push((wrong.line, format!("{why}; {without}")));
    }

    /// What a table sets of these rows, and what is of the wrong kind there, the first line first; an unknown key is a warning.
    fn rows(
        &mut self,
        section: &DeTable<'_>,
        path: &str,
        rows: &[SectionRow],
    ) -> (BTreeMap<&'static str, Stated>, Vec<WrongKind>) {
        let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
        for (key, value) in section {
            let known = rows.iter().find(|row| row.name == &**key.get_ref());
            let Some(row) = known else {
                self.unknown(key, path, rows.iter().map(|row| row.name));
                continue;
            };
            let set = match (row.kind, value.get_ref()) {
                (ValueKind::Switch, DeValue::Boolean(switch)) => Some(Set::Text(switch.to_string())),
                (ValueKind::Number, DeValue::Integer(number)) => Some(Set::Text(number.as_str().to_owned())),
                (ValueKind::Text, DeValue::String(text)) => Some(Set::Text(text.to_string())),
                (ValueKind::Names, DeValue::Array(_)) => names(value).map(Set::Text),
                (ValueKind::Words, DeValue::Array(_)) => words(value).map(Set::Words),
                _ => None,
            };
            let line = self.line(key.span());
            match set {
                Some(set) => drop(values.insert(row.name, Stated { set, line })),
                None => wrong.push(WrongKind {
                    row: row.name,
                    line,
                    why: self.wrong(value.span(), &format!("{path}.{}", row.name), row.allowed),
                }),
            }
        }
        wrong.sort_by_key(|wrong| wrong.line);
        (values, wrong)
    }

    pub(super) fn keys(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        let DeValue::Table(keys) = value.get_ref() else {
            return Err(self.wrong(value.span(), "keys", "a table: [keys]"));
        };
        for (name, value) in keys {
            let DeValue::String(action) = value.get_ref() else {
                let path = format!("keys.{}", key_shown(name.get_ref()));
                return Err(self.wrong(value.span(), &path, "the name of an action, as text"));
            };
            let set = Set::Text(action.to_string());
            let (name, line) = (name.get_ref().to_string(), self.line(name.span()));
            let stated = Stated { set, line };
            self.file.sections.keys.push(StatedName { name, stated });
        }
        Ok(())
    }

    pub(super) fn theme(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        let DeValue::Table(colours) = value.get_ref() else {
            return Ok(());
        };
        for (name, value) in colours {
            let known = theme_names().find(|it| *it == &**name.get_ref());
            let Some(known) = known else {
                self.unknown(name, "theme", theme_names());
                continue;
            };
            let set = match value.get_ref() {
                DeValue::String(text) => Set::Text(text.to_string()),
                DeValue::Integer(number) if known != BASE => Set::Text(number.as_str().to_owned()),
                _ => {
                    let allowed = if known == BASE {
                        CHOICE_ALLOWED
                    } else {
                        COLOUR_ALLOWED
                    };
                    return Err(self.wrong(value.span(), &format!("theme.{known}"), allowed));
                }
            };
            let line = self.line(name.span());
            let stated = Stated { set, line };
            if known == BASE {
                self.file.top.insert(ConfigKey::Theme, stated);
            } else {
                let name = known.to_owned();
                self.file.sections.theme.push(StatedName { name, stated });
            }
        }
        Ok(())
    }

    /// A key of a section that is not one of the `known` ones is a warning.
    fn unknown(
        &mut self,
        name: &Spanned<DeString<'_>>,
        section: &str,
        known: impl Iterator<Item = &'static str>,
    ) {
        let line = self.line(name.span());
        let meant = nearest(name.get_ref(), known);
        let meant = meant.map_or_else(String::new, |known| format!("; did you mean {known}?"));
        let path = format!("{section}.{}", key_shown(name.get_ref()));
        let (file, path) = (self.file.path.display(), RemoteText::name(&path));
        self.warnings
            .push((line, format!("{file} line {line}: unknown key {path}{meant}")));
    }
}
