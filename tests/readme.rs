//! What README and the manual say, against the code. To renew their tables: `UPDATE_README=1 cargo test --locked --test readme`

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use hss_top::app::command::COMMANDS;
use hss_top::collector::SyncState;
use hss_top::exit_codes::{ExitReason, PluginState};
use hss_top::hss::auth::chain::SIGN_INS;
use hss_top::keys::Mode;
use hss_top::keys::table::BINDINGS;
use regex::Regex;

/// README, and the pages of the manual that it leads to.
const PAGES: [&str; 9] = [
    "README.md",
    "docs/alerts.md",
    "docs/collector.md",
    "docs/commands.md",
    "docs/operation.md",
    "docs/screen.md",
    "docs/setup.md",
    "docs/simulator.md",
    "docs/terminals.md",
];

fn path(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(page)
}

fn read(page: &str) -> String {
    fs::read_to_string(path(page)).unwrap()
}

/// The page with what is between the only place that begins with `from` and ends with `first_line`, and `end`, replaced. A page
/// without the place stays as it is.
fn with(page: &str, from: &str, first_line: &str, end: &str, body: &str) -> (String, bool) {
    let Some((before, rest)) = page.split_once(from) else {
        return (page.to_owned(), false);
    };
    assert!(!rest.contains(from), "{from} is there twice");
    let (mark, rest) = rest.split_once(first_line).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    (
        format!("{before}{from}{mark}{first_line}{body}{end}{after}"),
        true,
    )
}

/// The rows of the table of metrics.
fn metrics() -> String {
    use hss_top::metrics::{pods, service};
    let row = |name: String, labels: &[&str], help: &str| {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        format!(
            "| `{name}` | {} | {} |\n",
            labels.join(" "),
            help.trim_end_matches('.')
        )
    };
    let pods = pods::TABLE
        .iter()
        .map(|metric| row(metric.sample_name(), metric.labels, metric.help));
    let service = service::TABLE
        .iter()
        .map(|metric| row(metric.sample_name(), metric.labels, metric.help));
    pods.chain(service).collect()
}

/// Each generated part of the manual: how it begins, the end of what stays before it, what follows it, and itself.
fn parts() -> Vec<(&'static str, &'static str, &'static str, String)> {
    let keys = BINDINGS
        .iter()
        .filter(|binding| binding.modes.contains(&Mode::Table));
    let keys = keys.fold(String::new(), |all, binding| {
        let labels: Vec<String> = binding.keys.iter().map(|key| key.label()).collect();
        let (labels, name) = (labels.join("` `"), binding.action.name());
        all + &format!("| `{labels}` | {} | `{name}` |\n", binding.help)
    });
    let commands = COMMANDS.iter().fold(String::new(), |all, row| {
        all + &format!("| `{}` | {} |\n", row.usage(), row.help)
    });
    let codes = ExitReason::ALL.iter().fold(String::new(), |all, reason| {
        all + &format!("| {} | {} |\n", reason.shown(), reason.means())
    });
    let states = PluginState::ALL.iter().fold(String::new(), |all, state| {
        all + &format!("| {} | {} | {} |\n", state.code(), state.word(), state.means())
    });
    let themes = hss_top::ui::themes::shipped_themes();
    let themes = themes.iter().fold(String::new(), |all, theme| {
        let (dark, light) = (theme.file.dark.is_some(), theme.file.light.is_some());
        let on = match (dark, light) {
            (true, true) => "dark, light",
            (true, false) => "dark",
            _ => "light",
        };
        all + &format!("| `{}` | {} | {on} |\n", theme.name, theme.file.about)
    });
    let sign_ins = SIGN_INS.iter().fold(String::new(), |all, (source, set)| {
        all + &format!("| {source} | {set} |\n")
    });
    let columns = hss_top::report::columns::sql_columns();
    let usage_columns = hss_top::report::usage_record::TABLE.sql_columns();
    let rule = "|---|\n";
    vec![
        ("<!-- keys:", rule, "<!-- keys end -->", keys),
        ("<!-- commands:", rule, "<!-- commands end -->", commands),
        ("<!-- exit codes:", rule, "<!-- exit codes end -->", codes),
        (
            "<!-- plug-in states:",
            rule,
            "<!-- plug-in states end -->",
            states,
        ),
        ("<!-- themes:", rule, "<!-- themes end -->", themes),
        ("<!-- metrics:", rule, "<!-- metrics end -->", metrics()),
        ("<!-- sign-ins:", rule, "<!-- sign-ins end -->", sign_ins),
        (
            "read_json('FILE', ",
            "columns = {\n",
            "});\n",
            format!("  {columns}\n"),
        ),
        (
            "read_json('usage.jsonl', ",
            "columns = {\n",
            "})) TO",
            format!("  {usage_columns}\n"),
        ),
    ]
}

#[test]
fn the_tables_are_those_of_the_code() {
    let parts = parts();
    let mut places = vec![0; parts.len()];
    for page in PAGES {
        let text = read(page);
        let mut renewed = text.clone();
        for ((from, first_line, end, body), places) in parts.iter().zip(&mut places) {
            let is_there;
            (renewed, is_there) = with(&renewed, from, first_line, end, body);
            *places += usize::from(is_there);
        }
        if renewed != text && std::env::var_os("UPDATE_README").is_some() {
            // In one step: other tests read the page at the same time.
            let new = path(&format!("{page}.new"));
            fs::write(&new, &renewed).unwrap();
            fs::rename(&new, path(page)).unwrap();
        }
        assert!(read(page) == renewed, "{page}: UPDATE_README=1 renews the tables");
    }
    assert_eq!(places, vec![1; parts.len()], "each table is in one page");
}

/// The name by which a heading is linked.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|char| char.is_alphanumeric() || " -_".contains(*char));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The anchors of a page, without lines of code that look like headings.
fn anchors(page: &str) -> Vec<String> {
    let mut is_code = false;
    let headings = page.lines().filter(|line| {
        is_code ^= line.trim_start().starts_with("```");
        !is_code && line.starts_with('#')
    });
    headings
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

#[test]
fn every_link_of_the_manual_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut links = 0;
    for page in PAGES {
        let text = read(page);
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            let (file, place) = target.split_once('#').unwrap_or((&target, ""));
            let file = match file {
                "" => path(page),
                file => path(page).parent().unwrap().join(file),
            };
            assert!(file.exists(), "{page}: {target}");
            let is_there =
                place.is_empty() || anchors(&fs::read_to_string(&file).unwrap()).contains(&place.to_owned());
            assert!(is_there, "{page}: no heading for {target}");
        }
    }
    assert!(links > 60, "{links}");
    let readme = read("README.md");
    for page in PAGES.iter().skip(1) {
        assert!(
            readme.contains(&format!("]({page})")),
            "README does not lead to {page}"
        );
    }
}

#[test]
fn every_state_word_is_explained() {
    let page = read("docs/screen.md");
    let states = [
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
    ];
    for state in states {
        assert!(page.contains(&format!("`{}", state.word())), "{state}");
    }
}

#[test]
fn the_two_commands_to_begin_with_are_there() {
    let readme = read("README.md");
    for command in [
        "\ncargo run --release --locked -- --demo\n",
        "\ncargo test --locked\n",
    ] {
        assert!(readme.contains(command), "{command}");
    }
}
