//! `hss-top serve`: prepares its profiles, and runs it.

use std::collections::BTreeSet;
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr as _};
use hss_top::cli::{ServeArgs, serve};
use hss_top::clock::Clock;
use hss_top::health::allocator;
use hss_top::log;
use hss_top::settings::Unready;
use hss_top::terminal::say;

use super::{complain, exit, runtime_builder, start_told_log, unknown_variables, variable};

/// The threads of `serve` for work that blocks: a picture is rendered, two names are searched, and a file is read.
const SERVE_THREADS: usize = 4;

/// Serves pods until a signal ends it.
pub(super) fn run(args: &ServeArgs) -> Result<ExitCode> {
    allocator::limit();
    let clock = Clock::system();
    let prepared = args.settings(&variable, &unknown_variables());
    let prepared = prepared.and_then(|profiles| {
        // One log for all, where the first profile has it.
        if let Some(first) = profiles.first().map(|first| &first.settings) {
            if first.log.is_none() {
                let refused = |why| Unready::Wrong(format!("cannot log: {why}"));
                log::start_on_stderr(first.log_level, clock.clone()).map_err(refused)?;
            }
            start_told_log(first)?;
        }
        Ok(profiles)
    });
    let profiles = match prepared {
        Ok(profiles) => profiles,
        Err(unready) => return Ok(complain(&unready)),
    };
    let settings = profiles.iter().map(|profile| &profile.settings);
    let warnings = settings.flat_map(|settings| settings.warnings.iter().chain(&settings.unused));
    // Most of the file is the same for all profiles.
    let mut said = BTreeSet::new();
    for warning in warnings.filter(|warning| said.insert(*warning)) {
        say(&format!("hss-top: {warning}"));
    }
    // Each thread has memory of its own that it does not give back.
    let runtime = runtime_builder().max_blocking_threads(SERVE_THREADS).build();
    let runtime = runtime.wrap_err("no runtime")?;
    let reason = runtime.block_on(serve::run(args, &profiles, clock));
    runtime.shutdown_background();
    Ok(exit(reason.wrap_err("cannot listen for signals")?))
}
