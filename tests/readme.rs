//! What the README says, against the code. To renew its tables: `UPDATE_README=1 cargo test --locked --test readme`

#![expect(clippy::unwrap_used, reason = "tests")]

use hss_top::app::command::COMMANDS;
use hss_top::collector::SyncState;
use hss_top::exit_codes::{ExitReason, PluginState};
use hss_top::hss::auth::chain::SIGN_INS;
use hss_top::keys::Mode;
use hss_top::keys::table::BINDINGS;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// The text between the two marks of a table, with `rows` for its body.
fn with_rows(readme: &str, name: &str, rows: &str) -> String {
    let (before, rest) = readme.split_once(&format!("<!-- {name}:")).unwrap();
    let (mark, rest) = rest.split_once("|---|\n").unwrap();
    let (_, after) = rest.split_once(&format!("<!-- {name} end -->")).unwrap();
    format!("{before}<!-- {name}:{mark}|---|\n{rows}<!-- {name} end -->{after}")
}

/// The text with what DuckDB has to be told, as the code has it.
fn with_columns(readme: &str) -> String {
    let (before, rest) = readme.split_once("read_json('FILE', columns = {").unwrap();
    let (_, after) = rest.split_once("});\n").unwrap();
    let columns = hss_top::report::columns::sql_columns();
    format!("{before}read_json('FILE', columns = {{\n  {columns}\n}});\n{after}")
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

/// The text with what DuckDB has to be told of usage, as the code has it.
fn with_usage_columns(readme: &str) -> String {
    let (before, rest) = readme.split_once("read_json('usage.jsonl', columns = {").unwrap();
    let (_, after) = rest.split_once("})) TO").unwrap();
    let columns = hss_top::report::usage_record::TABLE.sql_columns();
    format!("{before}read_json('usage.jsonl', columns = {{\n  {columns}\n}})) TO{after}")
}

#[test]
fn the_tables_are_those_of_the_code() {
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
    let readme = std::fs::read_to_string(PATH).unwrap();
    let renewed = with_rows(&with_rows(&readme, "keys", &keys), "commands", &commands);
    let codes = ExitReason::ALL.iter().fold(String::new(), |all, reason| {
        all + &format!("| {} | {} |\n", reason.shown(), reason.means())
    });
    let renewed = with_rows(&renewed, "exit codes", &codes);
    let states = PluginState::ALL.iter().fold(String::new(), |all, state| {
        all + &format!("| {} | {} | {} |\n", state.code(), state.word(), state.means())
    });
    let renewed = with_rows(&renewed, "plug-in states", &states);
    let renewed = with_usage_columns(&with_columns(&renewed));
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
    let renewed = with_rows(&renewed, "themes", &themes);
    let renewed = with_rows(&renewed, "metrics", &metrics());
    let sign_ins = SIGN_INS.iter().fold(String::new(), |all, (source, set)| {
        all + &format!("| {source} | {set} |\n")
    });
    let renewed = with_rows(&renewed, "sign-ins", &sign_ins);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(PATH, &renewed).unwrap();
    }
    assert!(
        std::fs::read_to_string(PATH).unwrap() == renewed,
        "UPDATE_README=1 renews the tables"
    );
}

#[test]
fn every_state_word_is_explained() {
    let readme = std::fs::read_to_string(PATH).unwrap();
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
        assert!(readme.contains(&format!("`{}", state.word())), "{state}");
    }
}

#[test]
fn the_two_commands_to_begin_with_are_there() {
    let readme = std::fs::read_to_string(PATH).unwrap();
    for command in [
        "\ncargo run --release --locked -- --demo\n",
        "\ncargo test --locked\n",
    ] {
        assert!(readme.contains(command), "{command}");
    }
}
