//! `check` and `list`: from the saved list where it is young enough, or else from HSS.

use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr as _};
use hss_top::cli::check::{self, CheckOutput};
use hss_top::cli::fleet_fetch::FleetFetch;
use hss_top::cli::{CheckArgs, ListArgs, list};
use hss_top::health::allocator;
use hss_top::log::LogTrouble;
use hss_top::settings::{Settings, Unready};
use hss_top::terminal::say;

/// Runs `check`.
pub(super) fn check(args: &CheckArgs) -> Result<ExitCode> {
    // Those of a plug-in are heeded already.
    let is_plugin = args.output == CheckOutput::Nagios;
    if !is_plugin {
        check::heed_signals(false).wrap_err("cannot listen for signals")?;
    }
    let prepared = args
        .headless
        .settings(&super::variable, super::unknown_variables());
    let prepared = prepared.and_then(|mut settings| {
        let trouble = log_trouble(&settings)?;
        if is_plugin {
            settings.warnings.extend(trouble);
        } else if let Some(trouble) = trouble {
            say(&format!("hss-top: {trouble}"));
        }
        Ok(settings)
    });
    let settings = match prepared {
        Ok(settings) => settings,
        Err(unready) if is_plugin => {
            return Ok(super::plugin_fault(&match unready {
                Unready::Missing(missing) => format!("still missing: {}", missing.join(", ")),
                Unready::Wrong(sentence) => sentence,
            }));
        }
        Err(unready) => return Ok(super::complain(&unready)),
    };
    // A plug-in has them behind its verdict: its caller may read nothing else if something is on stderr.
    if !args.headless.quiet && !is_plugin {
        for warning in settings.warnings.iter().chain(&settings.unused) {
            say(&format!("hss-top: {warning}"));
        }
    }
    let clock = settings.clock();
    let stored = FleetFetch::stored(&settings, args.headless.limits(), &clock);
    // A runtime, its thread and its signals take longer than the check itself.
    let told = stored.as_ref().and_then(|it| check::at_once(args, &settings, it));
    if let Some(code) = told {
        return Ok(ExitCode::from(code));
    }
    let runtime = runtime_for(stored.as_ref())?;
    let code = runtime.block_on(check::run(args, settings, stored, &super::variable, clock));
    runtime.shutdown_background();
    Ok(ExitCode::from(code.wrap_err("the check cannot be made")?))
}

/// Starts the log of a program without a screen, and returns why nothing is logged.
pub(super) fn log_trouble(settings: &Settings) -> Result<Option<String>, Unready> {
    let log = super::start_log(settings)?;
    let told = log
        .borrow()
        .as_ref()
        .map(LogTrouble::why)
        .zip(settings.log.as_ref());
    Ok(told.map(|(why, (path, _))| format!("nothing is logged to {}: {why}", path.display())))
}

/// Runs `list`.
pub(super) fn print(args: &ListArgs) -> Result<ExitCode> {
    // Its threads share their memory, or each would keep some for itself.
    allocator::limit();
    let settings = args
        .headless
        .settings(&super::variable, super::unknown_variables());
    let settings = match super::ready(settings, args.headless.quiet) {
        Ok(settings) => settings,
        Err(unready) => return Ok(super::complain(&unready)),
    };
    let clock = settings.clock();
    let stored = FleetFetch::stored(&settings, args.headless.limits(), &clock);
    let runtime = runtime_for(stored.as_ref())?;
    let code = runtime.block_on(list::run(args, settings, stored, &super::variable, clock));
    runtime.shutdown_background();
    Ok(ExitCode::from(code.wrap_err("the list cannot be made")?))
}

/// What a command runs in: without another thread, where the list is there and nobody is asked.
fn runtime_for(stored: Option<&FleetFetch>) -> Result<tokio::runtime::Runtime> {
    if stored.is_none() {
        return super::runtime();
    }
    let mut one_thread = tokio::runtime::Builder::new_current_thread();
    one_thread.enable_all().build().wrap_err("no runtime")
}
