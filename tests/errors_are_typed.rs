//! No function that another module can call returns a bare text as its error. A caller cannot distinguish two
//! failures by a text, and a text does not show what it may contain.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

/// The sources of a folder that are no tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_named = |name: &str| path.file_stem().is_some_and(|stem| stem == name);
        if path.is_dir() {
            if !is_named("tests") {
                sources(&path, found);
            }
        } else if !is_named("tests") {
            found.push(path);
        }
    }
}

/// The heads of the functions and types that are `pub` or `pub(crate)`, up to their bodies. Tests stand last in a file.
fn heads(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let starts = ["pub ", "pub(crate) "].map(|word| source.match_indices(word));
    starts
        .into_iter()
        .flatten()
        .filter_map(|(at, word)| {
            let head = source.get(at + word.len()..)?.split(['{', ';', '}']).next()?;
            let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
            let kind = head.split(['(', '<', '=']).next().unwrap_or_default();
            let is_one = kind.split(' ').any(|word| word == "fn" || word == "type");
            is_one.then_some(head)
        })
        .collect()
}

/// Whether a head has a result whose error is a text.
fn answers_a_text(head: &str) -> bool {
    head.split("Result<")
        .skip(1)
        .any(|rest| rest.contains(", String>"))
}

#[test]
fn no_function_that_others_call_has_a_text_for_an_error() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in files {
        for head in heads(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            if answers_a_text(&head) {
                wrong.push(format!("{}: {head}", file.display()));
            }
        }
    }
    assert!(seen > 500, "{seen} functions and types were looked at");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_text_for_an_error_is_seen_wherever_it_stands() {
    for source in [
        "pub fn a() -> Result<(), String> {}",
        "pub(crate) async fn a(\n    b: u8,\n) -> Result<Vec<u8>, String> {}",
        "    pub const fn a(with: impl Fn() -> Result<u8, String>) {}",
        "pub type Told = Result<u8, String>;",
    ] {
        let heads = heads(source);
        assert!(
            heads.len() == 1 && answers_a_text(&heads[0]),
            "{source}: {heads:?}"
        );
    }
    for source in [
        "fn a() -> Result<(), String> {}",
        "pub fn a() -> Result<String, Fault> {}",
        "pub fn a() -> HashMap<u8, String> {}",
        "pub fn a() {}\n#[cfg(test)]\nmod tests {\n    pub fn b() -> Result<(), String> {}\n}",
    ] {
        assert!(!heads(source).iter().any(|head| answers_a_text(head)), "{source}");
    }
}
