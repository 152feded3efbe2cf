//! The dependencies of the program, compared with `deny.toml` and CONTRIBUTING.md by what cargo knows
//! offline.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which print what they measured"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{ROOT}/{name}")).unwrap()
}

/// A TOML file, as JSON.
fn parsed(name: &str) -> Value {
    fn json(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(is) => Value::Bool(*is),
            DeValue::Array(list) => list.iter().map(|it| json(it.get_ref())).collect(),
            DeValue::Table(table) => table
                .iter()
                .map(|(key, it)| (key.get_ref().to_string(), json(it.get_ref())))
                .collect(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => Value::Null,
        }
    }
    let text = read(name);
    let table = DeTable::parse(&text).unwrap().into_inner();
    json(&DeValue::Table(table))
}

/// The texts of a list in `deny.toml`.
fn listed(section: &str, name: &str) -> Vec<String> {
    let list = parsed("deny.toml")[section][name].take();
    serde_json::from_value(list).unwrap()
}

/// The packages of the lock file: name, version, source.
fn locked() -> Vec<(String, String, Option<String>)> {
    let lock = parsed("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let text = |package: &Value, name: &str| package[name].as_str().map(str::to_owned);
    packages
        .iter()
        .map(|package| {
            (
                text(package, "name").unwrap(),
                text(package, "version").unwrap(),
                text(package, "source"),
            )
        })
        .collect()
}

/// The packages that this machine's build is made of.
fn metadata() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version=1",
            "--filter-platform",
            &platform,
        ])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn everything_comes_from_crates_io_with_a_checksum() {
    let lock = read("Cargo.lock");
    let registries: Vec<String> = listed("sources", "allow-registry")
        .iter()
        .map(|registry| format!("registry+{registry}"))
        .collect();
    let packages = locked();
    let foreign: Vec<_> = packages
        .iter()
        .filter(|(_, _, source)| source.as_ref().is_some_and(|source| !registries.contains(source)))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let own: Vec<&str> = packages
        .iter()
        .filter(|(_, _, source)| source.is_none())
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(own, ["hss-top"], "no path dependencies");
    assert_eq!(lock.matches("\nchecksum = \"").count(), packages.len() - 1);
    println!("{} packages, all but ours from crates.io", packages.len());
}

#[test]
fn nothing_that_is_banned_is_in_and_one_crossterm() {
    let rules = parsed("deny.toml");
    let packages = locked();
    for ban in rules["bans"]["deny"].as_array().unwrap() {
        let name = ban["crate"].as_str().unwrap();
        let versions: Vec<&str> = packages
            .iter()
            .filter(|(it, ..)| it == name)
            .map(|(_, version, _)| version.as_str())
            .collect();
        let most = usize::from(ban.get("deny-multiple-versions").is_some());
        assert!(versions.len() <= most, "{name} {versions:?}");
    }
    assert!(packages.iter().any(|(name, ..)| name == "crossterm"));
}

/// Whether a licence expression (SPDX) can be met with the licences in `allowed`.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    /// The parts between `word` outside of brackets.
    fn parts<'e>(expression: &'e str, word: &str) -> Vec<&'e str> {
        let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
        for (at, character) in expression.char_indices() {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ if depth == 0 && expression.get(at..).unwrap_or_default().starts_with(word) => {
                    parts.push(expression.get(start..at).unwrap_or_default());
                    start = at + word.len();
                }
                _ => {}
            }
        }
        parts.push(expression.get(start..).unwrap_or_default());
        parts
    }
    let expression = expression.trim();
    for (word, all) in [(" OR ", false), (" AND ", true)] {
        let parts = parts(expression, word);
        if parts.len() > 1 {
            let mut met = parts.iter().map(|part| is_met(part, allowed));
            return if all { met.all(|it| it) } else { met.any(|it| it) };
        }
    }
    match expression
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
    {
        Some(inner) => is_met(inner, allowed),
        None => allowed.contains(expression),
    }
}

#[test]
fn every_licence_is_one_that_we_may_ship() {
    let allowed: BTreeSet<String> = listed("licenses", "allow").into_iter().collect();
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(MIT AND GPL-3.0) OR GPL-2.0", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
    let mut counts = BTreeMap::new();
    for package in metadata() {
        // Before SPDX a slash was an OR.
        let license = package["license"]
            .as_str()
            .unwrap_or_default()
            .replace('/', " OR ");
        assert!(
            is_met(&license, &allowed),
            "{} is under {license:?}",
            package["name"]
        );
        *counts.entry(license).or_insert(0) += 1;
    }
    println!("{counts:?}");
}

/// The features of our package, where it is built with these kinds of dependencies.
fn own_features(kinds: &str) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--depth=0", "--format={f}"])
        .args(["--edges", kinds])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn only_a_build_for_tests_injects_faults() {
    assert_eq!(own_features("normal,build"), "");
    assert_eq!(own_features("normal,build,dev"), "fault-injection");
    let of_tests = std::fs::read(env!("CARGO_BIN_EXE_hss-top")).unwrap();
    let name = hss_top::fault_injection::PANIC.as_bytes();
    assert!(of_tests.windows(name.len()).any(|part| part == name));
}

#[test]
fn every_direct_dependency_is_in_the_table_of_libraries() {
    let contributing = read("CONTRIBUTING.md");
    let (_, table) = contributing.split_once("| crate | for |\n|---|---|\n").unwrap();
    let table = table.split("\n\n").next().unwrap();
    let told: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|names| names.split(','))
        .map(|name| name.split('(').next().unwrap_or_default().trim().to_owned())
        .collect();
    let manifest = parsed("Cargo.toml");
    let direct: BTreeSet<String> = manifest["dependencies"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        told, direct,
        "the table of crates in CONTRIBUTING.md, and Cargo.toml"
    );
}
