//! The sections of the file other than the profiles.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{ConfigReader, Set, Stated, key_shown, names, words};
use crate::config::Wrong;
use crate::config::key::{ConfigKey, ValueKind};
use crate::config::nearest::nearest;
use crate::config::section::{
    ALERT_ROWS, ALERTS, BASE, COLOUR_ALLOWED, SectionRow, StatedName, StatedTable, VIEW_ROWS, theme_names,
};
use crate::fleet::RemoteText;
use crate::ui::themes::CHOICE_ALLOWED;

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
            let values = self.rows(section, &path, &VIEW_ROWS)?;
            self.file
                .sections
                .views
                .insert(name.get_ref().to_string(), values);
        }
        Ok(())
    }

    pub(super) fn alerts(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        const SHAPE: &str = "made of tables: [[alerts]]";
        let DeValue::Array(rules) = value.get_ref() else {
            return Err(self.wrong(value.span(), ALERTS, SHAPE));
        };
        let mut stated = Vec::new();
        for rule in rules {
            let DeValue::Table(section) = rule.get_ref() else {
                return Err(self.wrong(rule.span(), ALERTS, SHAPE));
            };
            let line = self.line(rule.span());
            match self.rows(section, ALERTS, &ALERT_ROWS) {
                Ok(values) => stated.push(StatedTable { line, values }),
                // Whoever made a mistake in one rule still wants to be told by the others.
                Err(Wrong(why)) => self.warnings.push((line, format!("{why}; the rule is not used"))),
            }
        }
        self.file.sections.alerts = Some(stated);
        Ok(())
    }

    /// A section that is one table.
    pub(super) fn table(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        name: &str,
        rows: &[SectionRow],
    ) -> Result<StatedTable, Wrong> {
        let DeValue::Table(section) = value.get_ref() else {
            return Err(self.wrong(value.span(), name, &format!("a table: [{name}]")));
        };
        let values = self.rows(section, name, rows)?;
        let line = self.line(value.span());
        Ok(StatedTable { line, values })
    }

    /// What a table sets of these rows; an unknown key is a warning.
    fn rows(
        &mut self,
        section: &DeTable<'_>,
        path: &str,
        rows: &[SectionRow],
    ) -> Result<BTreeMap<&'static str, Stated>, Wrong> {
        let mut values = BTreeMap::new();
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
            let Some(set) = set else {
                return Err(self.wrong(value.span(), &format!("{path}.{}", row.name), row.allowed));
            };
            let line = self.line(key.span());
            values.insert(row.name, Stated { set, line });
        }
        Ok(values)
    }

    pub(super) fn keys(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), Wrong> {
        let DeValue::Table(keys) = value.get_ref() else {
            return Err(self.wrong(value.span(), "keys", "a table: [keys]"));
        };
        for (name, value) in keys {
            let DeValue::String(action) = value.get_ref() else {
                let path = format!("keys.{}", key_shown(name.get_ref()));
                return Err(self.wrong(value.span(), &path, "the name of an action, as a text"));
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
