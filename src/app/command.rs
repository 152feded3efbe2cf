//! The commands that are typed after `:`, in one table: name, argument, help, and the function that does it.
//!
//! Parsing, completion, help and the manual use this table, so no command can be missing in one of them. An error
//! says what was expected. Must not: change the model; that is the work of [`update`](super::update).

mod argument;
mod fault;
pub mod habits;

use super::changes_view::typed;
use super::effect::Effect;
use super::model::Model;
use super::update::{alerts, columns};
use super::update::{row, run, saved_views, themes};
use crate::config::interval::parse_interval;
use crate::env;
use crate::fleet::fields::PodField;
use crate::fleet::fields::names::sortable;
use crate::fleet::query::{Completion, Values};
use crate::fleet::sort::Sort;
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
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// Its argument.
    pub argument: CommandArgument,
    /// Its text in the help.
    pub help: &'static str,
    /// Runs it with the typed argument, or says which argument was expected.
    pub run: fn(&mut Model, &str) -> Result<Vec<Effect>, CommandFault>,
}

/// A filter of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeTerm {
    /// `namespace_name`
    Namespace,
    /// `cluster_name`
    Cluster,
    /// `pod_name`
    Pod,
}

/// A single letter is more often a slip or a key than the beginning of a name.
const SHORTEST_BEGINNING: usize = 2;

/// Every command, in the order of the help.
pub const COMMANDS: &[CommandRow] = &[
    CommandRow {
        name: "ns",
        aliases: &["namespace", "namespaces"],
        argument: CommandArgument::Namespace,
        help: "load only this namespace from HSS; no name: all",
        run: |model, name| Ok(run::scope(model, ScopeTerm::Namespace, name)),
    },
    CommandRow {
        name: "cluster",
        aliases: &["clusters", "ctx", "context", "contexts"],
        argument: CommandArgument::Cluster,
        help: "load only this cluster from HSS; no name: all",
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
        help: "show the state of the list, the last calls, hss-top's own use",
        run: |model, _| Ok(run::show(model, ViewKind::Health)),
    },
    CommandRow {
        name: "filter",
        aliases: &["f", "grep"],
        argument: CommandArgument::Filter,
        help: "apply a filter, as after /; no filter: show all pods",
        run: |model, text| Ok(run::filter(model, text)),
    },
    CommandRow {
        name: "refresh",
        aliases: &["reload", "r"],
        argument: CommandArgument::Nothing,
        help: "ask HSS now",
        run: |model, _| Ok(run::ask_now(model)),
    },
    CommandRow {
        name: "pod",
        aliases: &[],
        argument: CommandArgument::Pod,
        help: "load only pods of this name from HSS; no name: all",
        run: |model, name| Ok(run::scope(model, ScopeTerm::Pod, name)),
    },
    CommandRow {
        name: "all",
        aliases: &[],
        argument: CommandArgument::Nothing,
        help: "load the whole fleet from HSS",
        run: |model, _| Ok(run::unscoped(model)),
    },
    CommandRow {
        name: "sort",
        aliases: &[],
        argument: CommandArgument::Field,
        help: "sort by any field, even one without a column",
        run: |model, order| {
            let (name, direction) = order.split_once(char::is_whitespace).unwrap_or((order, ""));
            let key = field(name)?;
            Ok(match sort_direction(direction.trim())? {
                Some(descending) => run::sort_in(model, Sort { key, descending }),
                None => run::sort(model, key),
            })
        },
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
        help: "show these columns, such as risk,pod:40,ns; reset: the initial columns; no argument: choose",
        run: |model, list| Ok(columns::columns(model, list)?),
    },
    CommandRow {
        name: "view",
        aliases: &["v", "views"],
        argument: CommandArgument::View,
        help: "show a saved view, save what the screen shows now, or delete one; no argument: choose",
        run: |model, words| Ok(saved_views::command(model, words)),
    },
    CommandRow {
        name: "export",
        aliases: &["save", "w"],
        argument: CommandArgument::File,
        help: "write the pods shown to a new file; its default name contains the time",
        run: |model, file| Ok(run::export(model, export_request(file)?)),
    },
    CommandRow {
        name: "report",
        aliases: &["handover"],
        argument: CommandArgument::Shift,
        help: "write the changes since this time, or since the last report, and the open findings as Markdown",
        run: |model, argument| {
            let request = typed::report_request(argument, model.report_end(), &model.zone)?;
            Ok(vec![Effect::Report(request)])
        },
    },
    CommandRow {
        name: "changes",
        aliases: &["events"],
        argument: CommandArgument::Nothing,
        help: "show what changed",
        run: |model, _| Ok(typed::show_changes(model)),
    },
    CommandRow {
        name: "alerts",
        aliases: &[],
        argument: CommandArgument::Nothing,
        help: "list the alerts: since when, which pod and rule, open or over, how sent, acknowledged",
        run: |model, _| Ok(alerts::show(model)),
    },
    CommandRow {
        name: "at",
        aliases: &["time"],
        argument: CommandArgument::Moment,
        help: "show the pods as they were: 03:10, 2h, yesterday, friday 18:00, 2026-11-28 03:10",
        run: Model::at_moment,
    },
    CommandRow {
        name: "now",
        aliases: &["live"],
        argument: CommandArgument::Nothing,
        help: "show the pods as they are now",
        run: |model, _| Ok(model.return_to_now()),
    },
    CommandRow {
        name: "mute",
        aliases: &[],
        argument: CommandArgument::Mute,
        help: "hide the changes of the pod or its namespace, until it changes or for a time",
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
        help: "show pseudonyms instead of names, addresses and ids, for a shared screen; again: names",
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
        help: "off: leave the mouse to the terminal, to select text without Shift; on: use it again",
        run: |model, word| Ok(run::mouse(model, switch(word, model.pointer.is_on)?)),
    },
    CommandRow {
        name: "sync",
        aliases: &["synchronise", "synchronize", "rescan"],
        argument: CommandArgument::Nothing,
        help: "ask HSS for a new snapshot of the clusters, after a confirmation",
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
        help: "quit hss-top",
        run: |_, _| Ok(vec![Effect::Quit]),
    },
];

impl CommandRow {
    /// Its name and its argument as in the help.
    pub fn usage(&self) -> String {
        format!("{} {}", self.name, self.argument.shown())
            .trim_end()
            .to_owned()
    }

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

/// The only command whose name begins like this, as in vim; `None` if several do.
fn beginning(word: &str) -> Option<&'static CommandRow> {
    let begins = |row: &&CommandRow| {
        let mut names = [row.name].into_iter().chain(row.aliases.iter().copied());
        names.any(|name| name.starts_with(word))
    };
    let mut rows = COMMANDS.iter().filter(begins);
    let row = rows.next().filter(|_| word.len() >= SHORTEST_BEGINNING);
    row.filter(|_| rows.next().is_none())
}

/// The typed command and its argument; `None` if nothing was typed.
pub fn find(text: &str) -> Result<Option<(&'static CommandRow, &str)>, CommandFault> {
    let text = text.trim();
    let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if word.is_empty() {
        return Ok(None);
    }
    let Some(row) = entry(word).or_else(|| beginning(word)) else {
        return Err(CommandFault::NoCommand(word.to_owned()));
    };
    let argument = argument.trim();
    if row.argument == CommandArgument::Nothing && !argument.is_empty() {
        return Err(CommandFault::NoArgument(row.name));
    }
    Ok(Some((row, argument)))
}

/// The values of a switch.
const SWITCH: [&str; 2] = ["on", "off"];

/// The new value of a switch whose current value is `is_on`.
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

/// Whether the largest value comes first, if that is typed behind a field.
fn sort_direction(word: &str) -> Result<Option<bool>, CommandFault> {
    match word.to_lowercase().as_str() {
        "" => Ok(None),
        "asc" => Ok(Some(false)),
        "desc" => Ok(Some(true)),
        _ => Err(CommandFault::NoDirection),
    }
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

/// The completions at `cursor`, a byte offset in `text`: names of commands, or existing values of the
/// argument.
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
mod tests;
