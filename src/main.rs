//! The `hss-top` program: parse, install hooks, build the runtime, run, map the result to an exit code.

#[path = "main/alerts.rs"]
mod alerts;
#[path = "main/closed_output.rs"]
mod closed_output;
#[path = "main/lists.rs"]
mod lists;
#[path = "main/serve.rs"]
mod serve_pods;
#[path = "main/tables.rs"]
mod tables;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::config::{HookBuilder, Theme};
use color_eyre::eyre::{Result, WrapErr as _};
use hss_top::cli::stop::told_to_stop;
use hss_top::cli::{
    Cli, CliCommand, DashboardArgs, DoctorArgs, ExportCommand, OutputFormat, WatchArgs, check, headless,
    history, mutes, record, report, shell, stdout, watch,
};
use hss_top::clock::Clock;
use hss_top::config::{self, Config};
use hss_top::exit_codes::{self, ExitReason, PluginState};
use hss_top::fleet::query::change_query::ChangeQuery;
use hss_top::log::LogTrouble;
use hss_top::recording::ReplayPace;
use hss_top::settings::{Settings, Unready};
use hss_top::terminal::{TerminalTraits, say};
use hss_top::ui::SignSet;
use hss_top::{dashboard, doctor, log, simulate, terminal};

/// How long the last lines of the log may take: together with the other limits at the end, less than two
/// seconds.
const LAST_LINES: Duration = Duration::from_millis(300);

/// What is wrong with the log.
type LogWatch = tokio::sync::watch::Receiver<Option<LogTrouble>>;

fn exit(reason: ExitReason) -> ExitCode {
    ExitCode::from(reason.code())
}

fn main() -> ExitCode {
    // Before anything secret is read: no core dump, no look into our memory or environment.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    closed_output::refuse();
    let line: Vec<OsString> = std::env::args_os().collect();
    let is_plugin = check::is_plugin(&line);
    if is_plugin && let Err(error) = check::heed_signals(is_plugin) {
        return plugin_fault(&format!("cannot listen for signals: {error}"));
    }
    let cli = match Cli::read(line) {
        Ok(cli) => cli,
        Err(error) if is_plugin && error.use_stderr() => return plugin_fault(&error.to_string()),
        Err(error) if error.use_stderr() => error.exit(),
        // Help and the version are what was asked for.
        Err(asked) => return ended(asked.print().and_then(|()| io::stdout().flush())),
    };
    let refused = closed_output::end(&cli, is_plugin);
    let code = match refused.map_or_else(|| run(cli, is_plugin), Ok) {
        Ok(code) => code,
        Err(report) => {
            terminal::leave();
            tracing::error!("{report:#}");
            if is_plugin {
                return plugin_fault(&format!("{report:#}"));
            }
            say(&format!("hss-top: {report:#}"));
            exit(ExitReason::Failed)
        }
    };
    log::flush(LAST_LINES);
    code
}

fn run(cli: Cli, is_plugin: bool) -> Result<ExitCode> {
    install_hooks()?;
    if is_plugin {
        terminal::install_plugin_panic_hook(check::plugin_fault);
    }
    if let Some(text) = cli.command.as_ref().and_then(CliCommand::text) {
        return Ok(print(&text?));
    }
    match cli.command {
        Some(CliCommand::Simulate(args)) => {
            let runtime = runtime()?;
            let result = runtime.block_on(simulate::run(args, &variable, Clock::system()));
            runtime.shutdown_background();
            result.wrap_err("the simulator cannot serve")?;
            Ok(exit(ExitReason::Done))
        }
        Some(CliCommand::Doctor(args)) => diagnose(&args),
        Some(CliCommand::Config { command }) => Ok(tables::configure(command)),
        Some(CliCommand::Themes(args)) => Ok(tables::list_themes(&args.flags)),
        Some(CliCommand::List(args)) => lists::print(&args),
        Some(CliCommand::Check(args)) => lists::check(&args),
        Some(CliCommand::Alerts { command }) => alerts::run(&command),
        Some(CliCommand::Watch(args)) => watch_changes(&args),
        Some(CliCommand::Record(args)) => {
            let settings = args.settings(&variable, unknown_variables());
            let run = |settings| record::run(&args, settings, &variable, Clock::system());
            without_screen(settings, args.quiet, "nothing can be recorded", run)
        }
        Some(CliCommand::Report(args)) => {
            let settings = args.headless.settings(&variable, unknown_variables());
            let run = |settings: Settings| {
                let clock = settings.clock();
                report::run(&args, settings, &variable, clock)
            };
            without_screen(settings, args.headless.quiet, "the report cannot be made", run)
        }
        Some(CliCommand::Export { command }) => export(&command),
        Some(CliCommand::Mutes { command }) => {
            let settings = headless::of_flags(command.flags(), &variable, unknown_variables());
            let run = |settings| async move { mutes::run(&command, &settings, &Clock::system()).await };
            without_screen(settings, false, "the mutes cannot be read", run)
        }
        Some(CliCommand::Serve(args)) => serve_pods::run(&args),
        Some(CliCommand::Man(args)) => Ok(tables::show_manual(&args.of)),
        Some(CliCommand::Values(args)) => Ok(print(&shell::values(&args, &variable))),
        // Their text is printed above.
        Some(
            CliCommand::Schema { .. }
            | CliCommand::Keys(_)
            | CliCommand::Fields(_)
            | CliCommand::Completions(_),
        ) => Ok(exit(ExitReason::Done)),
        None => show_dashboard(&cli.dashboard),
    }
}

fn show_dashboard(args: &DashboardArgs) -> Result<ExitCode> {
    let mut settings = match resolve(args) {
        Ok(settings) => settings,
        Err(unready) => return Ok(complain(&unready)),
    };
    settings.kiosk.is_on |= args.kiosk;
    let log = match start_log(&settings) {
        Ok(log) => log,
        Err(unready) => return Ok(complain(&unready)),
    };
    if let Some(why) = terminal::unfit(variable("TERM").as_deref()) {
        tracing::error!(code = ExitReason::Usage.code(), "{why}");
        say(&format!(
            "hss-top: {why}; hss-top list, check, watch and report need none"
        ));
        return Ok(exit(ExitReason::Usage));
    }
    let (themes, odd) = settings.look.themes(&variable);
    settings.warnings.extend(odd);
    let runtime = runtime()?;
    let traits = TerminalTraits::of(&variable);
    let clock = settings.clock();
    let ended = runtime.block_on(dashboard::run(settings, themes, traits, clock, log));
    // A resolver that hangs must not delay the prompt.
    runtime.shutdown_background();
    // A panic that is ending the process keeps the word.
    terminal::claim_end();
    let ended = ended.wrap_err("the terminal failed")?;
    let code = ended.code();
    match ended.reason() {
        None => tracing::info!(code, "quit"),
        Some(why) => {
            say(&format!("hss-top: {why}"));
            tracing::error!(code, "{why}");
        }
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)))
}

/// Says why a plug-in could not look, where its caller reads that: on stdout, in one line, with the code for it.
fn plugin_fault(why: &str) -> ExitCode {
    // What clap says behind a mistake is for a person at a shell.
    let why = why.split("For more information").next().unwrap_or_default();
    let one_line: Vec<&str> = why.split_whitespace().collect();
    let _ = print(&check::plugin_fault(&one_line.join(" ")));
    ExitCode::from(PluginState::Unknown.code())
}

/// Starts the log, if one is configured.
fn start_log(settings: &Settings) -> Result<LogWatch, Unready> {
    let Some((path, level)) = &settings.log else {
        return Ok(log::none());
    };
    let refused = |why| Unready::Wrong(format!("cannot log to {}: {why}", path.display()));
    log::start(path, *level, Clock::system()).map_err(refused)
}

/// Starts the log of a program without a screen, which could show that nothing is logged: it says so.
fn start_told_log(settings: &Settings) -> Result<(), Unready> {
    if let Some(trouble) = lists::log_trouble(settings)? {
        say(&format!("hss-top: {trouble}"));
    }
    Ok(())
}

fn resolve(args: &DashboardArgs) -> Result<Settings, Unready> {
    let mut config = Config::resolve(&args.flags, &variable)?;
    config.warnings.extend(unknown_variables());
    match (&args.replay.replay, args.demo.wanted()) {
        (Some(path), _) => Settings::of_replay(&config, &variable, path, ReplayPace::AsRecorded),
        (None, Some(demo)) => Settings::of_demo(&config, &variable, demo),
        (None, None) => Settings::of_api(&config, &variable),
    }
}

/// Says what is missing or wrong.
fn complain(unready: &Unready) -> ExitCode {
    match unready {
        Unready::Missing(missing) => say(&first_steps(missing)),
        Unready::Wrong(sentence) => say(&format!("hss-top: {sentence}")),
    }
    exit(ExitReason::Configuration)
}

fn diagnose(args: &DoctorArgs) -> Result<ExitCode> {
    let runtime = runtime()?;
    // A signal ends it in order, because a credential_process in a group of its own would go on otherwise.
    let unknown = unknown_variables();
    let mut printed = exit(ExitReason::Done);
    let mut tell = |check: &doctor::Check| {
        if args.output == OutputFormat::Text && printed == exit(ExitReason::Done) {
            printed = print_text(&doctor::line(check));
        }
    };
    let checks = runtime.block_on(async {
        let signal = told_to_stop()?;
        let checks = doctor::run(&args.flags, &variable, &unknown, Clock::system(), &mut tell);
        tokio::select! {
            checks = checks => io::Result::Ok(Ok(checks)),
            signal = signal => Ok(Err(signal)),
        }
    })?;
    runtime.shutdown_background();
    let checks = match checks {
        Ok(checks) => checks,
        Err(signal) => {
            let name = terminal::signal_name(signal.into());
            say(&format!("hss-top: ended by {name}: not everything was checked"));
            return Ok(ExitCode::from(exit_codes::of_signal(signal)));
        }
    };
    let last = match args.output {
        OutputFormat::Text if printed == exit(ExitReason::Done) => print_text(&doctor::sum(&checks)),
        OutputFormat::Text => printed,
        OutputFormat::Json => print(&doctor::json(&checks)),
    };
    let found = if doctor::all_hold(&checks) {
        ExitReason::Done
    } else {
        ExitReason::Failed
    };
    Ok(first_failure([last, exit(found)]))
}

fn watch_changes(args: &WatchArgs) -> Result<ExitCode> {
    let (settings, query) = match args.plan(&variable, unknown_variables()) {
        Ok(plan) => (Ok(plan.settings), plan.query),
        Err(unready) => (Err(unready), ChangeQuery::default()),
    };
    let run = |settings: Settings| {
        let clock = settings.clock();
        watch::run(args, settings, query, &variable, clock)
    };
    without_screen(settings, args.quiet, "changes cannot be watched", run)
}

fn export(command: &ExportCommand) -> Result<ExitCode> {
    let args = command.args();
    let plan = match command.plan(&variable, unknown_variables()) {
        Ok(plan) => plan,
        Err(unready) => return Ok(complain(&unready)),
    };
    let clock = Clock::system();
    let run = |settings| history::run(args, settings, plan.wanted, &clock);
    without_screen(Ok(plan.settings), args.quiet, "nothing can be exported", run)
}

/// The settings of a command without a screen, once its log is open and its warnings are told.
fn ready(settings: Result<Settings, Unready>, is_quiet: bool) -> Result<Settings, Unready> {
    let settings = settings?;
    start_told_log(&settings)?;
    if !is_quiet {
        for warning in settings.warnings.iter().chain(&settings.unused) {
            say(&format!("hss-top: {warning}"));
        }
    }
    Ok(settings)
}

/// Runs a command with these settings, if they are ready; `fault` is what a fault of the system means for it.
fn without_screen<F: Future<Output = io::Result<u8>>>(
    settings: Result<Settings, Unready>,
    is_quiet: bool,
    fault: &'static str,
    run: impl FnOnce(Settings) -> F,
) -> Result<ExitCode> {
    let settings = match ready(settings, is_quiet) {
        Ok(settings) => settings,
        Err(unready) => return Ok(complain(&unready)),
    };
    let runtime = runtime()?;
    let code = runtime.block_on(run(settings));
    runtime.shutdown_background();
    Ok(ExitCode::from(code.wrap_err(fault)?))
}

fn install_hooks() -> Result<()> {
    let (panic_hook, eyre_hook) = HookBuilder::default()
        .display_env_section(false)
        // No colours: the text passes through the filter for control characters, which would show them as
        // escapes.
        .theme(Theme::new())
        .into_hooks();
    eyre_hook.install()?;
    let wanted = variable("RUST_BACKTRACE").is_some_and(|value| value != "0");
    // A file that has reached its size limit makes the write fail, but does not end the program.
    let _ = signal_hook::flag::register(rustix::process::Signal::XFSZ.as_raw(), Arc::default());
    terminal::install_panic_hook(move |info| wanted.then(|| panic_hook.panic_report(info).to_string()));
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    runtime_builder().build().wrap_err("no runtime")
}

fn runtime_builder() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all();
    builder
}

/// Sentences about variables whose names look like ours but are unknown.
fn unknown_variables() -> Vec<String> {
    config::variables::unknown(hss_top::env::names())
}

fn variable(name: &str) -> Option<String> {
    hss_top::env::text(name)
}

/// Writes to stdout, no secret. A reader that went away has read enough; a full disk is an error.
fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    let written = out.write_all(hss_top::secrets::redact(text).as_bytes());
    ended(written.and_then(|()| out.flush()))
}

/// The exit code of a command that wrote to stdout, with this result.
fn ended(written: io::Result<()>) -> ExitCode {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let why = stdout::fault(&error);
            say(&format!("hss-top: the output cannot be written: {why}"));
            exit(ExitReason::Output)
        }
        _ => exit(ExitReason::Done),
    }
}

/// The same for people, in the characters of their locale.
fn print_text(text: &str) -> ExitCode {
    print(&SignSet::of_terminal(&variable).text(text))
}

/// The first of these that is not a success.
fn first_failure(codes: [ExitCode; 2]) -> ExitCode {
    let [first, second] = codes;
    if first == exit(ExitReason::Done) {
        second
    } else {
        first
    }
}

fn first_steps(missing: &[String]) -> String {
    let missing = missing.join("\n  ");
    format!(
        "hss-top shows the Kubernetes pods that Huawei Cloud HSS lists for a project.\n\n\
         Still missing:\n  {missing}\n\n\
         For example:\n  \
         export HUAWEICLOUD_SDK_AK=... HUAWEICLOUD_SDK_SK=...\n  \
         hss-top --region cn-north-4\n\n\
         No account at hand? This shows a simulated fleet:\n  \
         hss-top --demo\n\n\
         All flags: hss-top --help    A file for them: hss-top config init"
    )
}
