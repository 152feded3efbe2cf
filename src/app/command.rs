//! The commands that are typed after `:`.
//!
//! One table gives parsing, completion and help. A command that is not understood says what was expected.

use std::time::Duration;

use crate::config::interval::parse_interval;
use crate::env;
use crate::fleet::fields::names::{beginning_with, nearest, sortable};
use crate::fleet::fields::{PodField, PodText};
use crate::fleet::query::{Completion, Values, present};
use crate::report::file::at_home;
use crate::report::{ExportRequest, Format};
use crate::settings::SavedView;

/// A command, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Ask the API for this part of the fleet; without a value, for all of it again.
    Scope(ScopeTerm, Option<String>),
    /// Drop all three filters of the API.
    All,
    /// Sort by a column.
    Sort(PodField),
    /// Show the saved view of this name; without one, say which there are.
    View(Option<String>),
    /// Write the pods shown to a file.
    Export(ExportRequest),
    /// Poll this often.
    Interval(Duration),
    /// Show the keys.
    Help,
    /// End the program.
    Quit,
}

/// Which of the API's filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeTerm {
    /// `namespace_name`
    Namespace,
    /// `cluster_name`
    Cluster,
    /// `pod_name`
    Pod,
}

/// Name, other names, argument, and what the help says.
pub const COMMANDS: &[(&str, &[&str], &str, &str)] = &[
    (
        "ns",
        &["namespace"],
        "[NAME]",
        "ask HSS for a namespace; no name: for all",
    ),
    (
        "cluster",
        &["ctx"],
        "[NAME]",
        "ask HSS for a cluster; no name: for all",
    ),
    (
        "pod",
        &["pods", "po"],
        "[NAME]",
        "ask HSS for a pod; no name: for all",
    ),
    ("all", &[], "", "ask HSS for the whole fleet"),
    ("sort", &[], "COLUMN", "sort by a column"),
    (
        "view",
        &["v"],
        "[NAME]",
        "show a saved view ([views.NAME] of the configuration); no name: list them",
    ),
    (
        "export",
        &[],
        "csv|json [PATH]",
        "write the pods shown to a new file, named by the time or by you",
    ),
    ("interval", &[], "TIME", "how often to ask, such as 60s or 5m"),
    ("help", &["h"], "", "the keys and commands"),
    ("quit", &["q", "q!", "exit"], "", "end hss-top"),
];

/// Understands what was typed; `None` for nothing, `Err` says what was expected.
pub fn parse(text: &str) -> Result<Option<Command>, String> {
    let text = text.trim();
    let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = argument.trim();
    if word.is_empty() {
        return Ok(None);
    }
    let Some((name, ..)) = entry(word) else {
        let names: Vec<&str> = COMMANDS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("no command {word}; there are {}", names.join(", ")));
    };
    let value = (!argument.is_empty()).then(|| argument.to_owned());
    let command = match *name {
        "ns" => Command::Scope(ScopeTerm::Namespace, value),
        "cluster" => Command::Scope(ScopeTerm::Cluster, value),
        "pod" => Command::Scope(ScopeTerm::Pod, value),
        "all" => Command::All,
        "sort" => Command::Sort(parse_sort(argument)?),
        "view" => Command::View(value),
        "export" => Command::Export(parse_export(argument)?),
        "interval" => Command::Interval(parse_interval(argument)?),
        "help" => Command::Help,
        _ => Command::Quit,
    };
    Ok(Some(command))
}

fn parse_sort(word: &str) -> Result<PodField, String> {
    sortable(word).ok_or_else(|| {
        let known: Vec<&str> = PodField::ALL.iter().map(|field| field.name()).collect();
        let known = known.join(" ");
        match nearest(word) {
            Some(field) => format!("cannot sort by {word}; did you mean {field}? fields: {known}"),
            None => format!("sort expects a field: {known}"),
        }
    })
}

fn parse_export(argument: &str) -> Result<ExportRequest, String> {
    let (word, path) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let format = Format::ALL
        .into_iter()
        .find(|format| format.name() == word.to_lowercase())
        .ok_or_else(|| format!("export expects {}", Format::ALL.map(Format::name).join(" or ")))?;
    let path = path.trim();
    let home = env::os("HOME");
    Ok(ExportRequest {
        format,
        path: (!path.is_empty()).then(|| at_home(path, home.as_deref())),
    })
}

/// What could stand at `cursor`, a byte offset in `text`: a command's name, or its argument from what is there.
pub fn complete(text: &str, cursor: usize, values: &impl Values, views: &[SavedView]) -> Vec<Completion> {
    let before = text.get(..cursor).unwrap_or(text);
    let typed = before.trim_start();
    let start = before.len() - typed.len();
    let completions = |start: usize, texts: Vec<String>| {
        let range = start..before.len();
        let completion = |text| Completion {
            range: range.clone(),
            text,
        };
        texts.into_iter().map(completion).collect()
    };
    let Some((word, rest)) = typed.split_once(char::is_whitespace) else {
        let spaced = |argument: &str| if argument.is_empty() { "" } else { " " };
        let names = COMMANDS.iter().filter(|(name, ..)| name.starts_with(typed));
        let names = names.map(|(name, _, argument, _)| format!("{name}{}", spaced(argument)));
        return completions(start, names.collect());
    };
    let Some((name, ..)) = entry(word) else {
        return vec![];
    };
    let argument = rest.trim_start();
    let beginning = |names: &[&'static str], space: &str| {
        let names = names.iter().filter(|name| name.starts_with(argument));
        names.map(|name| format!("{name}{space}")).collect()
    };
    let texts = match *name {
        "ns" => present(PodText::Namespace, argument, values),
        "cluster" => present(PodText::Cluster, argument, values),
        "sort" => beginning_with(argument)
            .into_iter()
            .map(|(_, name)| name.to_owned())
            .collect(),
        "view" => {
            let names = views.iter().map(|view| view.name.clone());
            names.filter(|name| name.starts_with(argument)).collect()
        }
        "export" => beginning(&Format::ALL.map(Format::name), " "),
        _ => vec![],
    };
    completions(before.len() - argument.len(), texts)
}

fn entry(word: &str) -> Option<&'static (&'static str, &'static [&'static str], &'static str, &'static str)> {
    let mut entries = COMMANDS.iter();
    entries.find(|(name, others, ..)| *name == word || others.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sort::Sort;
    use std::path::PathBuf;

    #[test]
    fn commands_are_understood() {
        let ns = |name: &str| Command::Scope(ScopeTerm::Namespace, Some(name.into()));
        assert_eq!(parse("ns payments"), Ok(Some(ns("payments"))));
        assert_eq!(parse("  namespace   a b "), Ok(Some(ns("a b"))));
        assert_eq!(parse("pod"), Ok(Some(Command::Scope(ScopeTerm::Pod, None))));
        assert_eq!(parse("view"), Ok(Some(Command::View(None))));
        assert_eq!(
            parse("view new pods"),
            Ok(Some(Command::View(Some("new pods".into()))))
        );
        assert_eq!(parse("q"), Ok(Some(Command::Quit)));
        assert_eq!(parse("sort CPU"), Ok(Some(Command::Sort(PodField::Cpu))));
        assert_eq!(
            parse("interval 5m"),
            Ok(Some(Command::Interval(Duration::from_mins(5))))
        );
        let export = |format, path: Option<&str>| {
            Ok(Some(Command::Export(ExportRequest {
                format,
                path: path.map(PathBuf::from),
            })))
        };
        assert_eq!(parse("export csv"), export(Format::Csv, None));
        assert_eq!(
            parse("export JSON  a b.json "),
            export(Format::Json, Some("a b.json"))
        );
        if let Some(home) = std::env::var_os("HOME") {
            let path = PathBuf::from(home).join("a/b.csv");
            assert_eq!(parse("export csv ~/a/b.csv"), export(Format::Csv, path.to_str()));
        }
        assert_eq!(parse("  "), Ok(None));
    }

    #[test]
    fn what_is_not_understood_says_what_was_expected() {
        assert!(
            parse("delete x")
                .unwrap_err()
                .contains("no command delete; there are ns, cluster")
        );
        assert!(
            parse("sort weight")
                .unwrap_err()
                .contains("sort expects a field: pod ns")
        );
        for text in ["export", "export xml", "export csvx"] {
            assert_eq!(parse(text).unwrap_err(), "export expects csv or json", "{text}");
        }
        for text in ["interval", "interval 0s", "interval 2days", "interval soon"] {
            assert!(parse(text).unwrap_err().contains("1s to 24h"), "{text}");
        }
    }

    struct Names;

    impl Values for Names {
        fn visit(&self, column: PodText, visit: &mut dyn FnMut(&str)) {
            match column {
                PodText::Namespace => ["payments", "prepay", "a b"].map(visit),
                _ => ["prod-a", "", "prod-b"].map(visit),
            };
        }
    }

    /// What `text` becomes by each completion at `|`.
    fn completed(text: &str) -> Vec<String> {
        let cursor = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let view = |name: &str| SavedView {
            name: name.to_owned(),
            filter: String::new(),
            sort: Sort::default(),
            problems: false,
        };
        let completions = complete(&text, cursor, &Names, &[view("hot"), view("new pods")]).into_iter();
        let become_ = |completion: Completion| {
            let mut text = text.clone();
            text.replace_range(completion.range, &completion.text);
            text
        };
        completions.map(become_).collect()
    }

    #[test]
    fn names_and_arguments_are_completed() {
        assert_eq!(completed("|").len(), COMMANDS.len());
        assert_eq!(completed(" cl|"), [" cluster "]);
        assert_eq!(completed("qu|"), ["quit"]);
        assert_eq!(completed("view |"), ["view hot", "view new pods"]);
        assert_eq!(completed("v n|"), ["v new pods"]);
        assert_eq!(completed("ex|"), ["export "]);
        assert_eq!(completed("sort  ri|"), ["sort  risk"]);
        assert_eq!(completed("sort n|"), ["sort ns", "sort node", "sort nodeip"]);
        assert_eq!(completed("sort nam|"), ["sort name", "sort namespace"]);
        assert_eq!(completed("export |"), ["export csv ", "export json "]);
        assert_eq!(completed("ns pay|"), ["ns payments", "ns prepay"]);
        assert_eq!(
            completed("namespace a|"),
            ["namespace a b", "namespace payments", "namespace prepay"]
        );
        assert_eq!(completed("ctx |x"), ["ctx prod-ax", "ctx prod-bx"]);
        for text in ["x|", "pod a|", "delete a|", "all |"] {
            assert!(completed(text).is_empty(), "{text}");
        }
    }
}
