//! Finds a field by a typed name.
//!
//! Owns the names of each field, and which field a mistyped name means. Must not: know where the name is
//! typed.

use std::fmt;

use super::{PodField, PodNumber, PodText};

/// Longer texts have no nearest name.
const LONGEST: usize = 24;

impl PodField {
    /// Each of its names once: the main one, the aliases, the API's, those in files.
    pub fn names(self) -> Vec<&'static str> {
        let row = self.row();
        let exported = row.exports.iter().map(|(name, _)| *name);
        let all = [row.name].into_iter().chain(row.aliases.iter().copied());
        let mut names = Vec::new();
        for name in all.chain(self.sent().map(|sent| sent.name)).chain(exported) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The field of this name, in upper or lower case.
pub fn named(name: &str) -> Option<PodField> {
    let is_it = |known: &&str| known.eq_ignore_ascii_case(name);
    PodField::ALL
        .iter()
        .copied()
        .find(|field| field.names().iter().any(is_it))
}

/// The field by which pods are sorted for this name.
pub fn sortable(name: &str) -> Option<PodField> {
    named(name).map(PodField::sorted_by)
}

/// The fields with a name that begins with the typed text: their main name, or else another one.
pub fn beginning_with(typed: &str) -> Vec<(PodField, &'static str)> {
    let typed = typed.to_lowercase();
    let written = PodField::ALL.iter().map(|field| (*field, field.name()));
    let written: Vec<_> = written.filter(|(_, name)| name.starts_with(&typed)).collect();
    if !written.is_empty() {
        return written;
    }
    let others = PodField::ALL.iter().filter_map(|field| {
        let name = field.names().into_iter().find(|name| name.starts_with(&typed))?;
        Some((*field, name))
    });
    others.collect()
}

/// The field that a mistyped `name` means: one that begins like it, or else the nearest one.
pub fn nearest(name: &str) -> Option<PodField> {
    let name = name.to_lowercase();
    let length = name.chars().count();
    if !(2..=LONGEST).contains(&length) {
        return None;
    }
    let begins_so = || beginning_with(&name).first().map(|(field, _)| *field);
    let fewest_slips = || {
        let names = PodField::ALL
            .iter()
            .flat_map(|field| field.names().into_iter().map(|name| (*field, name)));
        names
            .map(|(field, known)| (strsim::osa_distance(known, &name), field))
            .filter(|(slips, _)| *slips <= (length / 3).clamp(1, 3))
            .min_by_key(|(slips, _)| *slips)
            .map(|(_, field)| field)
    };
    begins_so().or_else(fewest_slips)
}

impl fmt::Display for PodField {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for PodText {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field().name())
    }
}

impl fmt::Display for PodNumber {
    /// Its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field().name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_leads_to_its_field_and_to_no_other() {
        let mut seen = HashSet::new();
        for field in PodField::ALL {
            for name in field.names() {
                assert!(seen.insert(name), "{name} twice");
                assert_eq!(named(name), Some(*field));
                assert_eq!(named(&name.to_uppercase()), Some(*field));
            }
        }
        assert_eq!(named(""), None);
    }

    #[test]
    fn a_slip_finds_the_field_that_was_meant() {
        let cases = [
            ("stauts", "status"),
            ("Statis", "status"),
            ("stat", "status"),
            ("nss", "ns"),
            ("nane", "pod"),
            ("mem%%", "mem%"),
            ("cpulimits", "cpulimit"),
            ("protct", "protect"),
            ("protetcoin", "protect"),
            ("nmaesapce", "ns"),
            ("memroylimt", "memlimit"),
            ("clusterid", "clusterid"),
            ("cluster-id", "clusterid"),
        ];
        for (typed, meant) in cases {
            assert_eq!(nearest(typed).map(PodField::name), Some(meant), "{typed}");
        }
        for typed in ["", "x", "http", "https", "10.0.0.1", "fe80", &"status".repeat(99)] {
            assert_eq!(nearest(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_beginning_is_completed_by_the_names_that_are_written_before_any_other() {
        let names = |typed| {
            beginning_with(typed)
                .into_iter()
                .map(|(_, name)| name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("cpu"), ["cpu%", "cpu", "cpulimit"]);
        assert_eq!(names("memor"), ["memory%", "memory", "memorylimit"]);
        assert_eq!(names("namesp"), ["namespace"]);
        assert_eq!(names("").len(), PodField::ALL.len());
    }
}
