//! The commands that are typed after `:`, in one table: name, argument, help, and the function that does it.
//!
//! Parsing, completion, help and README come from the table, so that no command can be known in one place and forgotten in
//! another. A command that is not understood says what was expected. Must not: change the model; that is the work of
//! [`update`](super::update).

mod argument;
mod fault;
pub mod habits;

use super::changes_view::typed;
use super::effect::Effect;
use super::model::Model;
use super::update::columns;
use super::update::{row, run, themes};
use crate::config::interval::parse_interval;
use crate::env;
use crate::fleet::fields::PodField;
use crate::fleet::fields::names::sortable;
use crate::fleet::query::{Completion, Values};
use crate::keys::ViewKind;
use crate::report::copied::CopyItem;
use crate::report::file::at_home;
use crate::report::{ExportRequest, Format};
use crate::settings::SavedView;
use crate::ui::Themes;
pub use argument::CommandArgument;
pub use fault::CommandFault;

/// A command.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// Its name.
    pub name: &'static str,
    /// What may be typed instead.
    pub aliases: &'static [&'static str],
    /// What stands behind it.
    pub argument: CommandArgument,
    /// What the help says.
    pub help: &'static str,
    /// Does it with the argument that was typed, or says what was expected of that.
    pub run: fn(&mut Model, &str) -> Result<Vec<Effect>, CommandFault>,
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

/// Every command, in the order of the help.
pub const COMMANDS: &[CommandRow] = &[
    CommandRow {
        name: "ns",
        aliases: &["namespace", "namespaces"],
        argument: CommandArgument::Namespace,
        help: "ask HSS for a namespace; no name: for all",
        run: |model, name| Ok(run::scope(model, ScopeTerm::Namespace, name)),
    },
    CommandRow {
        name: "cluster",
        aliases: &["clusters", "ctx", "context", "contexts"],
        argument: CommandArgument::Cluster,
        help: "ask HSS for a cluster; no name: for all",
        run: |model, name| Ok(run::scope(model, ScopeTerm::Cluster, name)),
    },
    CommandRow {
        name: "pods",
        aliases: &["po"],
        argument: CommandArgument::Nothing,
        help: "show the pods",
        run: |model, _| Ok(run::show(model, ViewKind::Pods)),
    },
    CommandRow {
        name: "health",
        aliases: &["hp"],
        argument: CommandArgument::Nothing,
        help: "show hss-top's own use",
        run: |model, _| Ok(run::show(model, ViewKind::Health)),
    },
    CommandRow {
        name: "filter",
        aliases: &["f", "grep"],
        argument: CommandArgument::Filter,
        help: "filter as after /; no filter: show all pods",
        run: |model, text| Ok(run::filter(model, text)),
    },
    CommandRow {
        name: "refresh",
        aliases: &["reload", "r"],
        argument: CommandArgument::Nothing,
        help: "ask the API now",
        run: |model, _| Ok(run::ask_now(model)),
    },
    CommandRow {
        name: "pod",
        aliases: &[],
        argument: CommandArgument::Pod,
        help: "ask HSS for a pod; no name: for all",
        run: |model, name| Ok(run::scope(model, ScopeTerm::Pod, name)),
    },
    CommandRow {
        name: "all",
        aliases: &[],
        argument: CommandArgument::Nothing,
        help: "ask HSS for the whole fleet",
        run: |model, _| Ok(run::unscoped(model)),
    },
    CommandRow {
        name: "sort",
        aliases: &[],
        argument: CommandArgument::Field,
        help: "sort by a field, also one that has no column",
        run: |model, name| Ok(run::sort(model, field(name)?)),
    },
    CommandRow {
        name: "overview",
        aliases: &["pulses"],
        argument: CommandArgument::Nothing,
        help: "show the namespaces, the worst first",
        run: |model, _| Ok(run::show(model, ViewKind::Overview)),
    },
    CommandRow {
        name: "columns",
        aliases: &["cols"],
        argument: CommandArgument::Columns,
        help: "show these columns, such as risk,pod:40,ns; reset: those of the start; nothing: choose",
        run: |model, list| Ok(columns::columns(model, list)?),
    },
    CommandRow {
        name: "view",
        aliases: &["v", "views"],
        argument: CommandArgument::View,
        help: "show a saved view ([views.NAME] of the configuration); no name: list them",
        run: |model, name| Ok(run::show_view(model, name)),
    },
    CommandRow {
        name: "export",
        aliases: &["save", "w"],
        argument: CommandArgument::File,
        help: "write the pods shown to a new file, named by the time or by you",
        run: |model, file| Ok(run::export(model, export_request(file)?)),
    },
    CommandRow {
        name: "report",
        aliases: &["handover"],
        argument: CommandArgument::Shift,
        help: "write what changed in this time, and what is open, as Markdown",
        run: |_, argument| Ok(vec![Effect::Report(typed::report_request(argument)?)]),
    },
    CommandRow {
        name: "changes",
        aliases: &["events"],
        argument: CommandArgument::Nothing,
        help: "show what changed",
        run: |model, _| Ok(typed::show_changes(model)),
    },
    CommandRow {
        name: "mute",
        aliases: &[],
        argument: CommandArgument::Mute,
        help: "do not tell of the pod, or its namespace, until it changes or that long",
        run: typed::mute,
    },
    CommandRow {
        name: "copy",
        aliases: &["yank"],
        argument: CommandArgument::CopyItem,
        help: "copy the pod's name, or its ip, node, namespace, cluster, kubectl line or json record",
        run: |model, item| Ok(row::copy(model, copy_item(item)?)),
    },
    CommandRow {
        name: "mask",
        aliases: &[],
        argument: CommandArgument::Nothing,
        help: "show pseudonyms for names, addresses and ids, for a shared screen; again: the names",
        run: |model, _| Ok(run::mask(model)),
    },
    CommandRow {
        name: "interval",
        aliases: &[],
        argument: CommandArgument::Time,
        help: "how often to ask, such as 60s or 5m",
        run: |model, time| Ok(run::set_interval(model, parse_interval(time)?)),
    },
    CommandRow {
        name: "theme",
        aliases: &["themes", "skin"],
        argument: CommandArgument::Theme,
        help: "choose a theme for this run, or dark:NAME,light:NAME; no name: list them",
        run: |model, name| Ok(themes::choose(model, name)),
    },
    CommandRow {
        name: "mouse",
        aliases: &[],
        argument: CommandArgument::Switch,
        help: "leave the mouse to the terminal, to select text without Shift, or take it back",
        run: |model, word| Ok(run::mouse(model, switch(word, model.pointer.is_on)?)),
    },
    CommandRow {
        name: "sync",
        aliases: &["synchronise", "synchronize", "rescan"],
        argument: CommandArgument::Nothing,
        help: "have HSS take a new snapshot of the clusters, after a yes",
        run: |model, _| Ok(run::sync(model)),
    },
    CommandRow {
        name: "help",
        aliases: &["h", "?"],
        argument: CommandArgument::Nothing,
        help: "the keys and commands",
        run: |model, _| Ok(run::help(model)),
    },
    CommandRow {
        name: "quit",
        aliases: &["q", "q!", "qa", "wq", "x", "exit", "bye"],
        argument: CommandArgument::Nothing,
        help: "end hss-top",
        run: |_, _| Ok(vec![Effect::Quit]),
    },
];

impl CommandRow {
    /// Its name and its argument, as the help writes them.
    pub fn usage(&self) -> String {
        format!("{} {}", self.name, self.argument.shown())
            .trim_end()
            .to_owned()
    }

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

/// The command that was typed, and its argument; `None` where nothing was.
pub fn find(text: &str) -> Result<Option<(&'static CommandRow, &str)>, CommandFault> {
    let text = text.trim();
    let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if word.is_empty() {
        return Ok(None);
    }
    let Some(row) = entry(word) else {
        return Err(CommandFault::NoCommand(word.to_owned()));
    };
    let argument = argument.trim();
    if row.argument == CommandArgument::Nothing && !argument.is_empty() {
        return Err(CommandFault::NoArgument(row.name));
    }
    Ok(Some((row, argument)))
}

/// What a switch is set to, by these words.
const SWITCH: [&str; 2] = ["on", "off"];

/// What a switch is to be that is now `is_on`.
fn switch(word: &str, is_on: bool) -> Result<bool, CommandFault> {
    match word.to_lowercase().as_str() {
        "" => Ok(!is_on),
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(CommandFault::NoSwitch),
    }
}

fn field(word: &str) -> Result<PodField, CommandFault> {
    sortable(word).ok_or_else(|| CommandFault::NoField(word.to_owned()))
}

fn copy_item(word: &str) -> Result<CopyItem, CommandFault> {
    CopyItem::named(word).ok_or(CommandFault::NoCopyItem)
}

fn export_request(argument: &str) -> Result<ExportRequest, CommandFault> {
    let (word, path) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let format = Format::ALL
        .into_iter()
        .find(|format| format.name() == word.to_lowercase())
        .ok_or(CommandFault::NoFormat)?;
    let path = path.trim();
    let home = env::os("HOME");
    Ok(ExportRequest {
        format,
        path: (!path.is_empty()).then(|| at_home(path, home.as_deref())),
    })
}

/// What could stand at `cursor`, a byte offset in `text`: a command's name, or its argument from what is there.
pub fn complete(
    text: &str,
    cursor: usize,
    values: &impl Values,
    views: &[SavedView],
    of_themes: &Themes,
) -> Vec<Completion> {
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
        let name = |row: &CommandRow| match row.argument {
            CommandArgument::Nothing => row.name.to_owned(),
            _ => format!("{} ", row.name),
        };
        let rows = COMMANDS.iter().filter(|row| row.name.starts_with(typed));
        return completions(start, rows.map(name).collect());
    };
    let Some(row) = entry(word) else {
        return vec![];
    };
    let argument = rest.trim_start();
    let texts = row.argument.complete(argument, values, views, of_themes);
    completions(before.len() - argument.len(), texts)
}

fn entry(word: &str) -> Option<&'static CommandRow> {
    COMMANDS.iter().find(|row| row.is_called(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::PodText;
    use crate::fleet::sort::Sort;
    use std::path::PathBuf;
    use std::time::Duration;

    #[test]
    fn commands_are_found_by_each_of_their_names() {
        let found = |text| find(text).map(|found| found.map(|(row, argument)| (row.name, argument)));
        assert_eq!(found("ns payments"), Ok(Some(("ns", "payments"))));
        assert_eq!(found("  namespace   a b "), Ok(Some(("ns", "a b"))));
        assert_eq!(found("pod"), Ok(Some(("pod", ""))));
        assert_eq!(found("po"), Ok(Some(("pods", ""))));
        assert_eq!(found("pods x"), Err(CommandFault::NoArgument("pods")));
        assert_eq!(found("view new pods"), Ok(Some(("view", "new pods"))));
        assert_eq!(found("  "), Ok(None));
        let mut seen = Vec::new();
        for row in COMMANDS {
            for name in [row.name].iter().chain(row.aliases) {
                assert_eq!(found(name), Ok(Some((row.name, ""))));
                assert!(!seen.contains(name), "{name} twice");
                seen.push(name);
            }
        }
    }

    #[test]
    fn arguments_are_understood() {
        assert_eq!(field("CPU"), Ok(PodField::Cpu));
        assert_eq!(field("ip"), Ok(PodField::PodIp));
        assert_eq!(parse_interval("5m"), Ok(Duration::from_mins(5)));
        let export = |format, path: Option<&str>| {
            Ok(ExportRequest {
                format,
                path: path.map(PathBuf::from),
            })
        };
        assert_eq!(export_request("csv"), export(Format::Csv, None));
        assert_eq!(
            export_request("JSON  a b.json"),
            export(Format::Json, Some("a b.json"))
        );
        if let Some(home) = std::env::var_os("HOME") {
            let path = PathBuf::from(home).join("a/b.csv");
            assert_eq!(
                export_request("csv ~/a/b.csv"),
                export(Format::Csv, path.to_str())
            );
        }
    }

    #[test]
    fn what_is_not_understood_says_what_was_expected() {
        for (text, said) in [
            ("exprot", "no command exprot; did you mean export?"),
            ("namspace x", "no command namspace; did you mean namespace?"),
            (
                "weight",
                "no command weight; :help lists them, Tab goes through them",
            ),
            ("logs", "no command logs; HSS has no logs; kubectl logs has them"),
            ("quit now", "quit stands alone"),
        ] {
            assert_eq!(find(text).map(|_| ()).unwrap_err().to_string(), said);
        }
        assert!(
            field("weight")
                .unwrap_err()
                .to_string()
                .contains("sort expects a field: pod ns")
        );
        let slip = field("memroy").unwrap_err().to_string();
        assert!(
            slip.starts_with("cannot sort by memroy; did you mean mem?"),
            "{slip}"
        );
        for text in ["", "xml", "csvx"] {
            assert_eq!(
                export_request(text).unwrap_err().to_string(),
                "export expects csv or json",
                "{text}"
            );
        }
        for text in ["", "0s", "2days", "soon"] {
            let sentence = parse_interval(text).unwrap_err().to_string();
            assert!(sentence.contains("1s to 24h"), "{text}");
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
            columns: None,
        };
        let views = [view("hot"), view("new pods")];
        let completions = complete(&text, cursor, &Names, &views, &Themes::default()).into_iter();
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
        assert_eq!(completed("theme hi|"), ["theme high-contrast"]);
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
