//! `hss-top completions` and `hss-top man`: the command line for shells and for `man`.
//!
//! Owns how values of this machine get into a script: the scripts for bash, zsh and fish call
//! `hss-top values` for profiles, namespaces, themes and the like when Tab is pressed, and no file is offered where none is meant.
//! Everything else follows from the command line itself. Must not: make a call, or offer a name that a shell could read as
//! more than one word.

use std::collections::BTreeSet;
use std::io;

use clap::{Arg, Args, Command, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::list::ColumnNames;
use super::{Cli, version};
use crate::config::{Config, Flags};
use crate::env::Variables;
use crate::fleet::fields::{PodField, names};
use crate::fleet::pod_names::PodNames;
use crate::fleet::{Field, RemoteText};
use crate::hss::region;
use crate::settings::{Look, Settings};
use crate::state::Database;

/// Flags of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
  bash        hss-top completions bash > ~/.local/share/bash-completion/completions/hss-top
  zsh         hss-top completions zsh > ~/.zfunc/_hss-top        (with fpath+=~/.zfunc before compinit)
  fish        hss-top completions fish > ~/.config/fish/completions/hss-top.fish
  powershell  hss-top completions powershell >> $PROFILE
  elvish      hss-top completions elvish >> ~/.config/elvish/rc.elv")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: ShellName,
}

/// A shell that a script is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShellName {
    /// GNU bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// Elvish
    Elvish,
}

/// Flags of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command, such as list or export history [default: hss-top itself]
    #[arg(value_name = "COMMAND")]
    pub of: Vec<String>,
}

/// Flags of `values`.
#[derive(Debug, Args)]
pub struct ValuesArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The kind
    #[arg(value_name = "KIND")]
    pub of: ValueOf,
}

/// What values can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ValueOf {
    /// The profiles of the configuration file
    Profile,
    /// The regions that have HSS
    Region,
    /// The saved views of the configuration file
    View,
    /// The namespaces of the saved pods
    Namespace,
    /// The clusters of the saved pods
    Cluster,
    /// The themes, with those of files
    Theme,
    /// The fields to sort by
    Sort,
    /// The fields that have a column
    Columns,
}

impl ValueOf {
    const ALL: [Self; 8] = [
        Self::Profile,
        Self::Region,
        Self::View,
        Self::Namespace,
        Self::Cluster,
        Self::Theme,
        Self::Sort,
        Self::Columns,
    ];

    /// Its word, which is also the flag that takes such a value.
    const fn word(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Region => "region",
            Self::View => "view",
            Self::Namespace => "namespace",
            Self::Cluster => "cluster",
            Self::Theme => "theme",
            Self::Sort => "sort",
            Self::Columns => "columns",
        }
    }
}

/// The script for a shell.
///
/// # Errors
/// None that a buffer in memory could have.
pub fn completions(shell: ShellName) -> io::Result<String> {
    let mut out = Vec::new();
    let generator = match shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Powershell => Shell::PowerShell,
        ShellName::Elvish => Shell::Elvish,
    };
    clap_complete::generate(
        generator,
        &mut without_files(offered(&Cli::whole())),
        NAME,
        &mut out,
    );
    let script = String::from_utf8(out).map_err(io::Error::other)?;
    Ok(match shell {
        ShellName::Bash => bash(&script),
        ShellName::Zsh => zsh(&script),
        ShellName::Fish => fish(&script),
        ShellName::Powershell | ShellName::Elvish => script,
    })
}

const NAME: &str = "hss-top";

/// What the value of a flag is called if it is a path.
const OF_PATHS: [&str; 3] = ["FILE", "FOLDER", "PROGRAM"];

/// The same command line without what its help leaves out: what a command refuses, or would ignore. `clap_complete` itself offers
/// hidden flags, and clap cannot take one away.
fn offered(command: &Command) -> Command {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set()).cloned();
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let mut same = Command::new(command.get_name().to_owned())
        .args(shown)
        .subcommands(below.map(offered));
    if let Some(about) = command.get_about() {
        same = same.about(about.clone());
    }
    match command.get_version() {
        Some(version) => same.version(version.to_owned()),
        None => same,
    }
}

/// The same command line, so that shells offer files only where a file is meant.
fn without_files(command: Command) -> Command {
    let is_path = |arg: &Arg| {
        let names = arg.get_value_names().unwrap_or_default();
        names.iter().any(|name| OF_PATHS.contains(&name.as_str()))
    };
    let is_asked = |arg: &Arg| ValueOf::ALL.iter().any(|of| arg.get_long() == Some(of.word()));
    command
        .mut_args(|arg| {
            if is_path(&arg) || is_asked(&arg) || !arg.get_action().takes_values() {
                arg
            } else {
                arg.value_hint(ValueHint::Other)
            }
        })
        .mut_subcommands(without_files)
}

/// In bash each flag has its own case with its values; for these flags the case asks hss-top for them.
fn bash(script: &str) -> String {
    // clap_complete 4.6.12 writes the hyphen of the program's name in two ways, so that no case below the commands would hold.
    let script = script.replace("hss__subcmd__top", "hss__top");
    // And bash makes three words of `--output=js`: the flag is the word before the equals sign.
    let prev = "    prev=\"$3\"\n";
    let script = script.replacen(
        prev,
        &format!("{prev}    [[ $prev == = ]] && prev=${{COMP_WORDS[COMP_CWORD-2]}}\n"),
        1,
    );
    let mut asks = None;
    let mut lines = Vec::new();
    for line in script.lines() {
        let case = line
            .trim()
            .strip_prefix("--")
            .and_then(|line| line.strip_suffix(')'));
        if let Some(flag) = case {
            asks = ValueOf::ALL.into_iter().find(|of| of.word() == flag);
        }
        let files = "COMPREPLY=($(compgen -f \"${cur}\"))";
        match asks.take_if(|_| line.trim() == files) {
            None => lines.push(line.to_owned()),
            Some(of) => {
                let asked = format!(
                    "COMPREPLY=($(compgen -W \"$({NAME} values {} 2>/dev/null)\" -- \"${{cur}}\"))",
                    of.word()
                );
                lines.push(line.replace(files, &asked));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// In zsh a flag names what completes its value: for these flags a function.
fn zsh(script: &str) -> String {
    let mut text = String::new();
    for line in script.lines() {
        let of = ValueOf::ALL.into_iter().find(|of| {
            let flag = of.word();
            line.starts_with(&format!("'--{flag}=[")) || line.starts_with(&format!("'*--{flag}=["))
        });
        match of {
            Some(of) => text.push_str(&line.replace(":_default'", &format!(":_hss-top_{}'", of.word()))),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    let functions: Vec<String> = ValueOf::ALL
        .iter()
        .map(|of| {
            let word = of.word();
            format!(
                "_hss-top_{word}() {{\n    local -a found\n    found=(${{(f)\"$({NAME} values {word} 2>/dev/null)\"}})\n    \
                 compadd -a found\n}}\n"
            )
        })
        .collect();
    let functions = functions.concat();
    // Before the function of the program is called.
    match text.find("\n_hss-top() {") {
        Some(at) => {
            let (head, rest) = text.split_at(at + 1);
            format!("{head}{functions}\n{rest}")
        }
        None => text,
    }
}

/// In fish further lines add values to a flag.
fn fish(script: &str) -> String {
    let lines = script.lines().map(|line| {
        let of = ValueOf::ALL.into_iter().find(|of| {
            let flag = format!(" -l {} ", of.word());
            line.contains(&flag) && line.ends_with(" -r")
        });
        match of {
            Some(of) => format!("{line} -f -a \"({NAME} values {} 2>/dev/null)\"\n", of.word()),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// The manual page of a command, which is named by one word or more; `None` if there is no such command.
///
/// # Errors
/// None that a buffer in memory could have.
pub fn manual(of: &[String]) -> io::Result<Option<String>> {
    let mut whole = without_help(Cli::whole());
    whole.build();
    let mut command = &whole;
    for name in of {
        match command.find_subcommand(name) {
            Some(found) => command = found,
            None => return Ok(None),
        }
    }
    let full = [&[NAME.to_owned()], of].concat().join("-");
    page(command.clone().name(full.clone()).display_name(full)).map(Some)
}

/// The same commands without `help`, which is no command to read about: each page that a page names is there.
fn without_help(command: Command) -> Command {
    command
        .disable_help_subcommand(true)
        .mut_subcommands(without_help)
}

fn page(command: Command) -> io::Result<String> {
    let mut out = Vec::new();
    let manual = clap_mangen::Man::new(command.version(version()))
        .manual("hss-top")
        .source(format!("hss-top {}", version()));
    manual.render(&mut out)?;
    let page = String::from_utf8(out).map_err(io::Error::other)?;
    // Paths and flags are copied from a page: without hyphens at the end of a line, and with the tilde of ASCII.
    Ok(page.replace('~', "\\(ti").replacen("\n.SH", "\n.nh\n.SH", 1))
}

/// The values of a kind, one a line. What cannot be known has none.
pub fn values(args: &ValuesArgs, variables: Variables<'_>) -> String {
    let config = Config::resolve(&args.flags, variables).unwrap_or_default();
    let found: BTreeSet<String> = match args.of {
        ValueOf::Profile => config.profiles.iter().cloned().collect(),
        ValueOf::Region => region::all().iter().map(|region| region.id.clone()).collect(),
        ValueOf::View => config.sections.views.keys().cloned().collect(),
        ValueOf::Namespace => saved(&config, variables, |names| names.namespace.clone()),
        ValueOf::Cluster => saved(&config, variables, |names| names.cluster.clone()),
        ValueOf::Theme => Look::of(&config).map_or_else(
            |_| BTreeSet::new(),
            |look| look.themes(variables).0.names().map(str::to_owned).collect(),
        ),
        ValueOf::Sort => fields(|name| names::sortable(name).is_some()),
        ValueOf::Columns => fields(|name| ColumnNames::read(name).is_ok()),
    };
    // A word that a shell could take apart is left out.
    let is_word = |value: &&String| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        !value.is_empty() && !value.starts_with('-') && value.chars().all(plain)
    };
    let lines: Vec<String> = found
        .iter()
        .filter(is_word)
        .map(|value| format!("{value}\n"))
        .collect();
    lines.concat()
}

/// The usual name of each field that `takes` accepts.
fn fields(takes: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let usual = PodField::ALL
        .iter()
        .filter_map(|field| field.names().first().copied());
    usual.filter(|name| takes(name)).map(str::to_owned).collect()
}

/// One name of each saved pod.
fn saved(
    config: &Config,
    variables: Variables<'_>,
    name: impl Fn(&PodNames) -> Field<RemoteText>,
) -> BTreeSet<String> {
    let file = Settings::of_saved_state(config, variables)
        .ok()
        .and_then(|settings| settings.state);
    let Some(file) = file.filter(|file| file.exists()) else {
        return BTreeSet::new();
    };
    let names = Database::open_unmoved(&file).and_then(|database| database.pod_names());
    let names = names.unwrap_or_default().into_values();
    let known = names.filter_map(|names| {
        let name = name(&names);
        let name = name.value().filter(|name| name.is_kubernetes_label());
        name.map(|name| name.raw().to_owned())
    });
    known.collect()
}
