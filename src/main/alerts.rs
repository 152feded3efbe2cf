//! `hss-top alerts`: what its commands print, and the code that each ends with.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use color_eyre::eyre::Result;
use hss_top::cli::{self, AlertsCommand};
use hss_top::clock::Clock;
use hss_top::config::Config;
use hss_top::exit_codes::ExitReason;
use hss_top::settings::Settings;
use hss_top::terminal::TerminalTraits;

use super::{complain, exit, first_failure, print, print_text, runtime, variable};

/// Tries the ways, or prints what was told.
pub(super) fn run(command: &AlertsCommand) -> Result<ExitCode> {
    let config = match Config::resolve(command.flags(), &variable) {
        Ok(config) => config,
        Err(wrong) => return Ok(complain(&wrong.into())),
    };
    let args = match command {
        AlertsCommand::Log(args) => {
            let settings = Settings::of_saved_state(&config, &variable);
            let lines = settings.and_then(|settings| cli::alerts::log(args, &settings));
            return Ok(lines.map_or_else(|unready| complain(&unready), |lines| print(&lines)));
        }
        AlertsCommand::Test(args) => args,
    };
    let (traits, clock) = (TerminalTraits::of(&variable), Clock::system());
    let runtime = runtime()?;
    let outcome = runtime.block_on(cli::alerts::test(args, &config, traits, &clock));
    runtime.shutdown_background();
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(unready) => {
            complain(&unready);
            return Ok(exit(ExitReason::Usage));
        }
    };
    if io::stdout().is_terminal() {
        let _ = print(&String::from_utf8_lossy(&outcome.bytes));
    }
    let found = if outcome.is_well {
        ExitReason::Done
    } else {
        ExitReason::Failed
    };
    Ok(first_failure([print_text(&outcome.text), exit(found)]))
}
