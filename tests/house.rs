//! The order of the rooms, and other rules for the sources.
//!
//! Most tests read `src/` without comments and without code for tests, which may import anything. A room is a
//! module at the top of the crate.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The rooms from the top down, each with what it is above the next for. A room imports only what stands below it.
const ORDER: [(&str, &str); 33] = [
    ("main", "starts what the command line names"),
    (
        "dashboard",
        "puts the tasks of the dashboard together, so it knows all of them",
    ),
    ("doctor", "tries what the dashboard would do, without a screen"),
    ("simulate", "runs the simulator as a command"),
    ("cli", "commands; `config show` tells what the settings come to"),
    ("views", "reads the model and draws it; takes part in nothing"),
    (
        "app",
        "owns the model; draws nothing, so it works without a screen",
    ),
    ("serve", "puts the service together; `cli` says why it ended"),
    ("settings", "from the configuration to what a command runs with"),
    (
        "config",
        "what each key is set to; asks the rooms below what a value may be",
    ),
    (
        "keys",
        "which key means what; needs the words of what it can ask for: fields, formats",
    ),
    ("ui", "widgets: they know what a pod is, and not how it got here"),
    (
        "recording",
        "answers of HSS in a file, for a replay; a line of it has a schema like the other files",
    ),
    ("report", "files of pods; knows no screen"),
    ("metrics", "the fleet in numbers, and how the collector keeps it"),
    (
        "collector",
        "asks HSS within the call budgets, and gives what comes to the state",
    ),
    (
        "sinks",
        "alerts on their way to people and programs, and what became of them",
    ),
    ("state", "keeps pages, usage and decisions on disk"),
    ("hss", "all that knows HTTP; answers become pods here"),
    (
        "simulator",
        "the look-alike of HSS; shares no code with the client, or a test would prove nothing",
    ),
    ("http_server", "HTTP for callers that cannot be trusted"),
    (
        "terminal",
        "the terminal; what it shows of others' words is made safe by `fleet::text`",
    ),
    ("operator", "who sits before the screen: a name, safe to show"),
    (
        "alerts",
        "what is worth telling a person, and when: no I/O, no clock",
    ),
    ("fleet", "what is known of pods: no HTTP, no clock, no screen"),
    ("health", "what the program itself costs"),
    ("log", "lines and files; secrets are taken out of them"),
    ("secrets", "needs nothing, so that everything can use it"),
    ("files", "reads within bounds"),
    (
        "exit_codes",
        "one table of them; every end of the program takes its code from it",
    ),
    ("clock", "the one reader of the wall clock"),
    ("fault_injection", "faults that only a test asks for"),
    ("env", "the one reader of the environment"),
];

/// The most lines of code in a file, without its tests, which are lists of cases and may be long.
const MOST_LINES: usize = 400;

/// Phrases that readers found hard to understand, as expressions, and what to write instead. Sources with their
/// comments, tests and documents have none of them.
const HARD_PHRASES: [(&str, &str); 16] = [
    (
        "(?:that|which|it|filter|name|theme|word) (?:is|are) none",
        "is invalid, is missing",
    ),
    ("so many", "this many, the number of"),
    ("nobody knows", "unknown"),
    ("what is known of", "the known …"),
    ("answers (?:whether|how many)", "returns whether"),
    (
        "what (?:came|comes|becomes|became) of",
        "the result of, the state of",
    ),
    ("begins? anew", "starts again"),
    ("stands? behind", "follows, is after"),
    ("worth a word", "is reported"),
    ("(?:is|are) said of", "the text about"),
    ("for ever", "forever"),
    ("cannot be so", "is impossible"),
    ("(?:takes?|taken|took|taking) (?:it |them )?back", "undo"),
    ("what stands", "the text, the part"),
    ("by turns", "in turns"),
    ("fares? better", "succeed"),
];

/// Phrases of earlier versions of the screen, the help, the errors and README that operators found hard to understand. Each was
/// replaced; none returns.
const REPLACED_PHRASES: [&str; 50] = [
    "the filter to begin with",
    "A filter that is none",
    "the changes so far are seen",
    "no shell would bring hss-top",
    "named by the time or by you",
    "Show or begin the configuration",
    "is the dashboard's; what",
    "nobody knows the key",
    "Take what [profiles",
    "of this project, and not ended",
    "a certificate could have",
    "a private authority is named",
    "breaks TLS open",
    "no answer told the time",
    "as the service's, to",
    "the secret key is another",
    "nobody we trust signed",
    "What came of asking",
    "it is asked is not any more",
    "unreadable names nothing alike",
    "nobody knows who still uses",
    "the end is no matter",
    "renewed so long before",
    "Who gets how many cells",
    "as a rule could ask about",
    "CPU%L",
    "MEM%L",
    "snap 14m",
    "ask 3s",
    "to the shell; fg comes",
    "fg comes back",
    "ask HSS for a namespace",
    "what hss-top itself costs",
    "0s in all",
    "risk detected 60",
    "usage n/a now",
    "leaves it as it was",
    "Tab next, → takes it",
    "no end known",
    "the gateway tells none",
    "Pods of a page, and of one call",
    "Trust this authority",
    "besides the platform's",
    "Keep nothing on disk between",
    "leaves the one before it in force",
    "of which HSS says nothing",
    "a word nobody documents",
    "it is counted no more",
    "is there whole or not at all",
    "What you look at goes first",
];

/// The only readers of `std::env`: its room, `main` for the arguments, and code that is not in a release
/// build.
const READERS_OF_ENV: [&str; 3] = ["env.rs", "main.rs", "long_tests.rs"];

/// A file of `src/`: its path there, and its code.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// Its room.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep it is: 1 for `app.rs` and `app/mod.rs`.
    fn depth(&self) -> usize {
        self.path.trim_end_matches("/mod.rs").split('/').count()
    }

    /// The rooms that it names.
    fn rooms_named(&self) -> BTreeSet<String> {
        let paths = Regex::new(r"\b(?:crate|hss_top)::(\w+|\{[^;]*)").unwrap();
        let listed = Regex::new(r"(?:^\{|,)\s*(\w+)").unwrap();
        let mut rooms = BTreeSet::new();
        for path in paths.captures_iter(&self.code) {
            if path[1].starts_with('{') {
                // Of `{a::{b, c}, d}` the rooms are `a` and `d`.
                let outer = without_braces(path[1].trim_start_matches('{'));
                let names = format!("{{{outer}");
                rooms.extend(listed.captures_iter(&names).map(|name| name[1].to_owned()));
            } else {
                rooms.insert(path[1].to_owned());
            }
        }
        let above = Regex::new(r"\b((?:super::)+)(\w+)").unwrap();
        for path in above.captures_iter(&self.code) {
            if path[1].matches("super").count() >= self.depth() {
                rooms.insert(path[2].to_owned());
            }
        }
        rooms.remove(self.room());
        rooms
    }
}

/// The text without its parts in braces.
fn without_braces(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|character| {
            depth += i32::from(*character == '{');
            let is_outside = depth == 0;
            depth -= i32::from(*character == '}');
            is_outside
        })
        .collect()
}

/// The code of a file without comments and without code for tests, and its modules for tests in separate
/// files.
fn shipped(text: &str) -> (String, Vec<String>) {
    let mut code = String::new();
    let mut modules = Vec::new();
    let module = Regex::new(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start() == "#[cfg(test)]" {
            let item = lines
                .by_ref()
                .find(|line| !line.trim_start().starts_with("#["))
                .unwrap_or_default();
            let indent = item.len() - item.trim_start().len();
            modules.extend(module.captures(item).map(|name| name[1].to_owned()));
            if !item.ends_with(';') && !item.ends_with('}') {
                let end = format!("{}}}", " ".repeat(indent));
                lines.by_ref().find(|line| line.starts_with(&end));
            }
            continue;
        }
        let is_comment = line.trim_start().starts_with("//");
        code.push_str(if is_comment { "" } else { line });
        code.push('\n');
    }
    (code, modules)
}

/// The files below `folder` whose names end in one of `endings`.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, endings, found);
        } else if endings
            .iter()
            .any(|ending| path.extension().is_some_and(|it| it == *ending))
        {
            found.push(path);
        }
    }
}

/// All sources that are shipped.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &["rs"], &mut paths);
    paths.sort();
    let mut sources = Vec::new();
    let mut for_tests = Vec::new();
    for path in paths {
        let (code, modules) = shipped(&fs::read_to_string(&path).unwrap());
        let path = path.strip_prefix(&root).unwrap().display().to_string();
        let folder = match path.as_str() {
            "lib.rs" | "main.rs" => String::new(),
            path => path
                .strip_suffix("mod.rs")
                .map_or_else(|| format!("{}/", path.trim_end_matches(".rs")), str::to_owned),
        };
        for_tests.extend(modules.iter().map(|module| format!("{folder}{module}")));
        sources.push(Source { path, code });
    }
    sources.retain(|source| {
        let is_of = |module: &String| {
            source
                .path
                .strip_prefix(module)
                .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        };
        !for_tests.iter().any(is_of)
    });
    assert!(sources.len() > 200, "{}", sources.len());
    sources
}

#[test]
fn an_import_is_seen_however_it_is_written_and_in_a_test_it_is_none() {
    let text = "use crate::{\n    app::{Model, layout},\n    fleet,\n};\nuse super::super::hss::Error;\n\
        // crate::log::file\nfn it() { crate::ui::Theme::new(); super::sibling(); }\n\
        #[cfg(test)]\nmod tests {\n    use crate::views;\n}\nconst AFTER: u8 = crate::keys::COUNT;\n\
        #[cfg(test)]\npub(crate) mod fixture;\n";
    let (code, modules) = shipped(text);
    let path = "report/csv.rs".to_owned();
    let rooms = Source { path, code }.rooms_named();
    let expected = ["app", "fleet", "hss", "keys", "ui"].map(str::to_owned);
    assert_eq!(
        (rooms, modules),
        (BTreeSet::from(expected), vec!["fixture".to_owned()])
    );
}

#[test]
fn imports_run_one_way() {
    let place = |room: &str| ORDER.iter().position(|(name, _)| *name == room);
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs") {
        let from = place(source.room());
        if from.is_none() {
            wrong.push(format!("{} is in no room of ORDER", source.path));
        }
        for room in source.rooms_named() {
            if place(&room).is_some_and(|to| Some(to) < from) {
                wrong.push(format!("{} imports {room}, which is above it", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_of_the_order_is_there() {
    let rooms: BTreeSet<String> = sources().iter().map(|source| source.room().to_owned()).collect();
    for (room, why) in ORDER {
        assert!(rooms.contains(room) && !why.is_empty(), "{room}");
    }
}

#[test]
fn a_type_name_is_used_once() {
    let definition = Regex::new(r"(?m)^\s*(?:pub(?:\([^)]*\))? )?(?:struct|enum|trait|union) (\w+)").unwrap();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for name in definition.captures_iter(&source.code) {
            places
                .entry(name[1].to_owned())
                .or_default()
                .push(source.path.clone());
        }
    }
    assert!(places.len() > 300);
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.code.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{} has {lines} lines of code", source.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A text in one line, without the marks of comments: a phrase may go over the end of a line.
fn in_one_line(text: &str) -> String {
    let breaks = Regex::new(r"\\?\n\s*(?://[/!]? ?|# )?").unwrap();
    breaks.replace_all(text, " ").into_owned()
}

#[test]
fn a_phrase_is_seen_over_the_end_of_a_line() {
    for text in ["/// so\n    /// many", "\"so \\\n  many\"", "# so\n# many"] {
        assert!(in_one_line(text).replace("  ", " ").contains("so many"), "{text}");
    }
}

#[test]
fn no_text_has_a_phrase_that_was_hard_to_understand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches", "examples", "docs"] {
        files(&root.join(folder), &["rs", "md"], &mut paths);
    }
    paths.retain(|path| !path.ends_with("tests/house.rs"));
    paths.extend(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root.join(name)));
    assert!(paths.len() > 400, "{}", paths.len());
    let expression = |phrases: &str| {
        let spaced = phrases.replace(' ', r"\s+");
        Regex::new(&format!(r"(?i)\b(?:{spaced})\b")).unwrap()
    };
    let replaced = REPLACED_PHRASES.map(|phrase| regex::escape(phrase).replace(' ', r"\s+"));
    let replaced = Regex::new(&format!("(?i)(?:{})", replaced.join("|"))).unwrap();
    let any = expression(&HARD_PHRASES.map(|(phrase, _)| phrase).join("|"));
    let mut found = Vec::new();
    for path in paths {
        let text = in_one_line(&fs::read_to_string(&path).unwrap());
        for hit in any.find_iter(&text).map(|hit| hit.as_str()) {
            let (_, better) = HARD_PHRASES
                .iter()
                .find(|(phrase, _)| expression(phrase).is_match(hit))
                .unwrap();
            found.push(format!("{}: {hit} → {better}", path.display()));
        }
        let replaced = replaced.find_iter(&text).map(|hit| hit.as_str());
        found.extend(replaced.map(|hit| format!("{}: {hit} was replaced", path.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Fields of the model that only one view or overlay draws, and why they are no part of its own state.
const DRAWN_IN_ONE_VIEW: [(&str, &str); 4] = [
    (
        "health",
        "a task of its own measures it, whatever is on the screen",
    ),
    (
        "saved_views",
        "commands show and save them, and the menu opens where it was left",
    ),
    ("started_at", "alerts and the wall count from it"),
    (
        "zone_trouble",
        "known before the first view, and true for all of them",
    ),
];

/// The views: the room of each in `src/views/`, and the field of the model with its own state.
const VIEWS: [(&str, &str); 4] = [
    ("pods", "pods"),
    ("overview", "namespaces"),
    ("changes", "changes"),
    ("health", "health_view"),
];

#[test]
fn the_model_has_no_field_that_belongs_to_one_view_or_overlay() {
    let sources = sources();
    let model = sources
        .iter()
        .find(|source| source.path == "app/model.rs")
        .unwrap();
    let (_, fields) = model.code.split_once("pub struct Model {").unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let name = Regex::new(r"(?m)^    pub(?:\([^)]*\))? (\w+):").unwrap();
    let fields: Vec<&str> = name
        .captures_iter(fields)
        .map(|name| name.extract::<1>().1[0])
        .collect();
    assert!(fields.len() > 40, "{fields:?}");
    let mut wrong = Vec::new();
    for field in fields {
        let used = Regex::new(&format!(r"\bmodel\.{field}\b[^(]")).unwrap();
        // A view, or an overlay.
        let room = |source: &Source| {
            let path = source.path.strip_prefix("views/")?;
            let name = path.strip_prefix("overlays/").unwrap_or(path);
            let first = name.split('/').next()?.trim_end_matches(".rs");
            used.is_match(&source.code).then(|| first.to_owned())
        };
        let rooms: BTreeSet<String> = sources.iter().filter_map(room).collect();
        let only = rooms.first().filter(|_| rooms.len() == 1);
        let is_overlay = |room: &String| {
            sources
                .iter()
                .any(|it| it.path == format!("views/overlays/{room}.rs"))
        };
        let view = only.and_then(|room| VIEWS.iter().find(|(view, _)| view == room));
        let view = view.or(only.filter(|room| is_overlay(room)).map(|_| &("", "")));
        let is_excused = DRAWN_IN_ONE_VIEW
            .iter()
            .any(|(excused, why)| *excused == field && !why.is_empty());
        if view.is_some_and(|(_, own)| *own != field) && !is_excused {
            wrong.push(format!("{field}: only {rooms:?} draws it"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_overlay_holds_its_state_and_the_model_none_of_it() {
    let sources = sources();
    let within = |path: &str, begin: &str| {
        let source = sources.iter().find(|source| source.path == path).unwrap();
        let (_, part) = source.code.split_once(begin).unwrap();
        part.split_once("\n}").unwrap().0.to_owned()
    };
    let model = within("app/model.rs", "pub struct Model {");
    let state = Regex::new(r"(?m)^    \w+\((?:Box<)?(\w+)>?\),$").unwrap();
    let overlays = within("app/focus.rs", "pub enum Overlay {");
    let states: Vec<&str> = state
        .captures_iter(&overlays)
        .map(|state| state.extract::<1>().1[0])
        .collect();
    assert!(states.len() >= 10, "{states:?}");
    for state in states {
        let field = Regex::new(&format!(r"\b{state}\b")).unwrap();
        assert!(!field.is_match(&model), "the model has {state}");
    }
}

#[test]
fn one_room_reads_the_environment() {
    let reads =
        Regex::new(r"\bstd::env\b|\benv::(?:var|vars|var_os|vars_os|temp_dir|home_dir|current_dir)\b")
            .unwrap();
    for source in sources() {
        let reads = reads.find_iter(&source.code).map(|found| found.as_str());
        // Splitting a text at its colons reads nothing.
        let code = reads.filter(|_| !READERS_OF_ENV.contains(&source.path.as_str()));
        let count = code.count();
        let splits = source.code.matches("std::env::split_paths").count();
        assert_eq!(count, splits, "{} reads the environment", source.path);
    }
}
