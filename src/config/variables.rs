//! Variables whose names look like ours but are unknown.
//!
//! Owns the names of all variables that begin like the program's, so that a mistyped one is reported with the
//! name that was meant; otherwise nothing would explain why it has no effect. Must not: look at a value,
//! which may be a secret.

use super::key::TABLE;
use super::nearest::nearest;
use crate::fleet::RemoteText;
use crate::secrets::values::shortened;

/// The prefix of our variables.
const PREFIX: &str = "HSS_TOP_";
/// No valid name is longer.
const LONGEST_NAME: usize = 40;

/// The variables that do not belong to a key of the table.
const OTHERS: &[&str] = &[
    "HSS_TOP_CONFIG",
    "HSS_TOP_TOKEN",
    "HSS_TOP_TOKEN_FILE",
    "HSS_TOP_IAM_USER",
    "HSS_TOP_IAM_DOMAIN",
    "HSS_TOP_IAM_PASSWORD",
    "HSS_TOP_IAM_PASSWORD_FILE",
    "HSS_TOP_METADATA_ENDPOINT",
];

/// The variables that inject faults, in a build that contains them.
#[cfg(feature = "fault-injection")]
const INJECTIONS: &[&str] = &[
    crate::fault_injection::CLOCK_SHIFT,
    crate::fault_injection::PANIC,
    crate::fault_injection::STALL,
];
#[cfg(not(feature = "fault-injection"))]
const INJECTIONS: &[&str] = &[];

fn known() -> impl Iterator<Item = &'static str> {
    let of_keys = TABLE.iter().flat_map(|row| row.variables).copied();
    of_keys
        .filter(|name| name.starts_with(PREFIX))
        .chain(OTHERS.iter().copied())
}

/// A sentence about each of these names that has our prefix but is unknown, in alphabetical order.
pub fn unknown<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut strangers: Vec<String> = names
        .into_iter()
        .map(|name| name.as_ref().to_owned())
        .filter(|name| name.to_ascii_uppercase().starts_with(PREFIX))
        .filter(|name| !known().chain(INJECTIONS.iter().copied()).any(|it| it == name))
        .collect();
    strangers.sort();
    strangers.iter().map(|name| sentence(name)).collect()
}

fn sentence(name: &str) -> String {
    let meant = nearest(&name.to_ascii_uppercase(), known());
    let shown = if name.chars().count() > LONGEST_NAME {
        shortened(name)
    } else {
        name.to_owned()
    };
    let shown = RemoteText::name(&shown);
    match meant {
        Some(meant) => format!("unknown variable {shown}; did you mean {meant}?"),
        None => format!("unknown variable {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_mistyped_variable_is_told_with_the_name_that_was_meant() {
        let names = [
            "PATH",
            "HSS_TOP_REGION",
            "HSS_TOP_TOKN",
            "hss_top_interval",
            "HSS_TOP_COLOUR_OF_THE_SKY",
        ];
        assert_eq!(
            unknown(names),
            [
                "unknown variable HSS_TOP_COLOUR_OF_THE_SKY",
                "unknown variable HSS_TOP_TOKN; did you mean HSS_TOP_TOKEN?",
                "unknown variable hss_top_interval; did you mean HSS_TOP_INTERVAL?",
            ]
        );
    }

    /// All names in the sources, except those that only tests use.
    #[test]
    fn every_variable_of_the_program_is_known() {
        fn names_in(folder: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    names_in(&path, found);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                // Tests stand last in a file.
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
                let is_test = path.ends_with("tests.rs") || path.to_string_lossy().contains("/tests/");
                for (at, _) in text.match_indices("\"HSS_TOP_").filter(|_| !is_test) {
                    let name = text.split_at(at + 1).1.split('"').next().unwrap_or_default();
                    found.push(name.to_owned());
                }
            }
        }
        let mut found = Vec::new();
        names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let is_part = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        // Those of tests that start a program of their own are nobody's configuration.
        let is_of_tests = |text: &str| text.starts_with("HSS_TOP_TEST_");
        found.retain(|text| text != PREFIX && text.bytes().all(is_part) && !is_of_tests(text));
        assert!(found.len() > 30);
        assert_eq!(unknown(found), Vec::<String>::new());
    }
}
