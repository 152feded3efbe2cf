//! Flags that a command refuses although it has them.
//!
//! Owns which flags would be ignored, or would replace each other, without anybody noticing: nobody watches the
//! screen of a monitoring system, and a list for one team must not have the pods of all. Must not: parse.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Cli, CliCommand};
use crate::config::{ConfigKey, Flags};

/// Two filters are meant as one: the last one alone would leave an alarm out.
const FILTERS: [&str; 3] = ["fail_on", "warn_on", "filter"];

/// Why this command line is refused; `cli` is what `command` made of it.
pub(super) fn why(cli: &Cli, command: &Command, matches: &ArgMatches) -> Option<String> {
    let (name, _) = matches.subcommand()?;
    repeated(command, matches).or_else(|| ignored(name, cli.command.as_ref()?))
}

/// The flags of the configuration that a command of this name refuses, because it would ignore them. Its help does not offer them.
fn keys(name: &str) -> &'static [ConfigKey] {
    match name {
        "serve" | "mutes" | "alerts" => &[ConfigKey::Mask, ConfigKey::Filter, ConfigKey::View],
        "record" => &[ConfigKey::Filter, ConfigKey::View],
        "config" | "themes" | "values" => &[],
        _ => &[ConfigKey::Mask],
    }
}

/// The flags that only say how a screen looks. A command without one accepts them, because an alias may have them, and its help
/// does not offer them.
const OF_THE_SCREEN: [ConfigKey; 3] = [ConfigKey::Theme, ConfigKey::NoMouse, ConfigKey::NoBom];

/// The same command, whose help offers only what it takes.
pub(super) fn without_ignored(command: Command) -> Command {
    let of_the_screen: &[ConfigKey] = match command.get_name() {
        "config" | "themes" | "values" | "doctor" => &[],
        _ => &OF_THE_SCREEN,
    };
    let hidden = keys(command.get_name()).iter().chain(of_the_screen);
    let hidden: Vec<String> = hidden.map(|key| key.row().flag()).collect();
    hide(command, &hidden)
}

fn hide(command: Command, flags: &[String]) -> Command {
    let is_hidden = |arg: &Arg| {
        Flags::has(arg)
            && arg
                .get_long()
                .is_some_and(|long| flags.iter().any(|it| it == long))
    };
    command
        .mut_args(|arg| if is_hidden(&arg) { arg.hide(true) } else { arg })
        .mut_subcommands(|below| hide(below, flags))
}

const MASK: &str = "'--mask' only applies to the dashboard and to 'record'";

/// A flag that chooses pods and is given twice before the command, or twice after it: only the pods of the last one would be
/// looked at. The one before the command is for all commands, and the one after it replaces that.
fn repeated(command: &Command, matches: &ArgMatches) -> Option<String> {
    let is_several = |arg: &&Arg| {
        let id = arg.get_id().as_str();
        let is_for_serve = id == "profile" && command.get_name() == "serve";
        let is_one = FILTERS.contains(&id) || Flags::has(arg) && !is_for_serve;
        // Only of these every value is kept.
        let is_kept = matches!(arg.get_action(), ArgAction::Append);
        is_one && is_kept && matches.get_raw(id).is_some_and(|values| values.len() > 1)
    };
    let Some(arg) = command.get_arguments().find(is_several) else {
        let (name, inner) = matches.subcommand()?;
        return repeated(command.find_subcommand(name)?, inner);
    };
    let advice = if FILTERS.contains(&arg.get_id().as_str()) {
        "; write one filter: 'a b' for both, 'a or b' for either"
    } else {
        ""
    };
    Some(format!(
        "'--{}' cannot be used more than once{advice}",
        arg.get_long()?
    ))
}

/// A flag that this command would ignore. Whoever asks for pseudonyms must not mistake real names for them, and whoever chooses pods
/// must not get those of the whole scope.
fn ignored(name: &str, command: &CliCommand) -> Option<String> {
    let flags = command.flags()?;
    let key = keys(name).iter().copied().find(|key| is_set(flags, *key))?;
    if key == ConfigKey::Mask {
        return Some(MASK.to_owned());
    }
    let instead = match command {
        CliCommand::Serve(_) | CliCommand::Record(_) => {
            "; '--namespace', '--cluster' and '--pod' choose pods there"
        }
        _ => "",
    };
    Some(format!(
        "'--{}' does not apply to '{name}'{instead}",
        key.row().flag()
    ))
}

fn is_set(flags: &Flags, key: ConfigKey) -> bool {
    flags.get(key).is_some_and(|value| !value.is_empty())
}
