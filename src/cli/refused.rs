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
    let masked = || is_masking_in_vain(cli).then(|| MASK.to_owned());
    repeated(command, matches)
        .or_else(masked)
        .or_else(|| ignored(name, cli.command.as_ref()?))
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

/// Whether names are to be masked by a command that shows them all the same: whoever asks for that must not mistake real names
/// for pseudonyms.
fn is_masking_in_vain(cli: &Cli) -> bool {
    let is_of_names = |command: &CliCommand| {
        !matches!(
            command,
            CliCommand::Config { .. } | CliCommand::Themes(_) | CliCommand::Values(_) | CliCommand::Record(_)
        )
    };
    let command = cli.command.as_ref().filter(|command| is_of_names(command));
    command
        .and_then(CliCommand::flags)
        .is_some_and(|flags| is_set(flags, ConfigKey::Mask))
}

/// A flag that chooses pods, for a command that has all pods of its scope all the same.
fn ignored(name: &str, command: &CliCommand) -> Option<String> {
    let instead = match command {
        CliCommand::Serve(_) | CliCommand::Record(_) => {
            "; '--namespace', '--cluster' and '--pod' choose pods there"
        }
        CliCommand::Mutes { .. } | CliCommand::Alerts { .. } => "",
        _ => return None,
    };
    let flags = command.flags()?;
    let keys = [ConfigKey::Filter, ConfigKey::View];
    let key = keys.into_iter().find(|key| is_set(flags, *key))?;
    let flag = key.row().flag();
    Some(format!("'--{flag}' does not apply to '{name}'{instead}"))
}

fn is_set(flags: &Flags, key: ConfigKey) -> bool {
    flags.get(key).is_some_and(|value| !value.is_empty())
}
