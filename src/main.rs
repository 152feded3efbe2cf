//! The `hss-top` program: parse, install hooks, build the runtime, run, map the result to an exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::config::{HookBuilder, Theme};
use color_eyre::eyre::{Result, WrapErr as _};
use hss_top::cli::{Cli, CliCommand, ConfigCommand, DashboardArgs, DoctorArgs, OutputFormat, config_show};
use hss_top::clock::Clock;
use hss_top::config::{self, Config, Wrong};
use hss_top::exit_codes::{self, ExitReason};
use hss_top::settings::{self, Demo, Settings, Unready};
use hss_top::terminal::{TerminalTraits, say};
use hss_top::ui::SignSet;
use hss_top::{dashboard, doctor, log, simulate, terminal};
use tokio::signal::unix::{self, SignalKind};

/// How long the last lines of the log may take: with all else that has a limit at the end, less than two seconds.
const LAST_LINES: Duration = Duration::from_millis(300);

fn exit(reason: ExitReason) -> ExitCode {
    ExitCode::from(reason.code())
}

fn main() -> ExitCode {
    // Before anything secret is read: no core dump, no look into our memory or environment.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let cli = Cli::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    let code = match run(cli) {
        Ok(code) => code,
        Err(report) => {
            terminal::leave();
            tracing::error!("{report:#}");
            say(&format!("hss-top: {report:#}"));
            exit(ExitReason::Failed)
        }
    };
    log::flush(LAST_LINES);
    code
}

fn run(cli: Cli) -> Result<ExitCode> {
    install_hooks()?;
    match cli.command {
        Some(CliCommand::Simulate(args)) => {
            let runtime = runtime()?;
            let result = runtime.block_on(simulate::run(args, &variable, Clock::system()));
            runtime.shutdown_background();
            result.wrap_err("the simulator cannot serve")?;
            Ok(exit(ExitReason::Done))
        }
        Some(CliCommand::Doctor(args)) => diagnose(&args),
        Some(CliCommand::Config { command }) => Ok(configure(command)),
        None => show_dashboard(&cli.dashboard),
    }
}

fn show_dashboard(args: &DashboardArgs) -> Result<ExitCode> {
    let mut settings = match resolve(args) {
        Ok(settings) => settings,
        Err(unready) => return Ok(complain(&unready)),
    };
    let log = match &settings.log {
        Some((path, level)) => match log::start(path, *level, Clock::system()) {
            Ok(trouble) => trouble,
            Err(refused) => {
                let sentence = format!("cannot log to {}: {refused}", path.display());
                return Ok(complain(&Unready::Wrong(sentence)));
            }
        },
        None => log::none(),
    };
    if let Some(why) = terminal::unfit(variable("TERM").as_deref()) {
        tracing::error!(code = ExitReason::Usage.code(), "{why}");
        say(&format!("hss-top: {why}"));
        return Ok(exit(ExitReason::Usage));
    }
    let (theme, odd) = settings.look.theme(&variable);
    settings.warnings.extend(odd);
    let runtime = runtime()?;
    let traits = TerminalTraits::of(&variable);
    let ended = runtime.block_on(dashboard::run(settings, theme, traits, Clock::system(), log));
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

fn resolve(args: &DashboardArgs) -> Result<Settings, Unready> {
    let mut config = Config::resolve(&args.flags, &variable)?;
    config.warnings.extend(unknown_variables());
    if !args.demo {
        return Settings::of_api(&config, &variable);
    }
    let demo = Demo {
        pods: args.pods,
        serverless: args.serverless,
        seed: args.seed,
    };
    Settings::of_demo(&config, &variable, demo)
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
    // Told to stop, it ends in order: a credential's program in a group of its own would go on otherwise.
    let unknown = unknown_variables();
    let checks = runtime.block_on(async {
        let signal = told_to_stop()?;
        tokio::select! {
            checks = doctor::run(&args.flags, &variable, &unknown, Clock::system()) => io::Result::Ok(Ok(checks)),
            signal = signal => Ok(Err(signal)),
        }
    })?;
    runtime.shutdown_background();
    let checks = match checks {
        Ok(checks) => checks,
        Err(signal) => return Ok(ExitCode::from(exit_codes::of_signal(signal))),
    };
    match args.output {
        OutputFormat::Text => print_text(&doctor::text(&checks)),
        OutputFormat::Json => print(&doctor::json(&checks)),
    }
    Ok(if doctor::all_hold(&checks) {
        exit(ExitReason::Done)
    } else {
        exit(ExitReason::Failed)
    })
}

/// The number of the first signal that asks for the end.
fn told_to_stop() -> io::Result<impl Future<Output = u8>> {
    let mut hangup = unix::signal(SignalKind::hangup())?;
    let mut interrupt = unix::signal(SignalKind::interrupt())?;
    let mut terminate = unix::signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = hangup.recv() => 1,
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    })
}

fn configure(command: ConfigCommand) -> ExitCode {
    match command {
        ConfigCommand::Init(flags) => {
            let Some((path, _)) = config::path(&flags, &variable) else {
                say("hss-top: there is no HOME to write a configuration to; --config names a file");
                return exit(ExitReason::Configuration);
            };
            if let Err(why) = config::init::write(&path) {
                say(&format!("hss-top: {why}"));
                return exit(ExitReason::Failed);
            }
            print(&format!("wrote {}\n", path.display()));
            exit(ExitReason::Done)
        }
        ConfigCommand::Schema => {
            print(&config::schema::text());
            exit(ExitReason::Done)
        }
        ConfigCommand::Show(args) => {
            let config = match Config::resolve(&args.flags, &variable) {
                Ok(config) => config,
                Err(wrong) => return complain(&wrong.into()),
            };
            let of_sections = settings::section_warnings(&config, &variable);
            let warnings = config.warnings.iter().chain(&of_sections);
            for warning in warnings.chain(&unknown_variables()) {
                say(&format!("hss-top: {warning}"));
            }
            let settings = Settings::of_api(&config, &variable);
            // The last of these is told below, as the reason why it cannot run.
            let told = match &settings {
                Err(Unready::Wrong(sentence)) => Some(sentence.as_str()),
                _ => None,
            };
            for (_, Wrong(sentence)) in config::forms::wrong_values(&config) {
                if told != Some(sentence.as_str()) {
                    say(&format!("hss-top: {sentence}"));
                }
            }
            let lines = config_show::lines(&config, settings.as_ref().ok(), &variable);
            match args.output {
                OutputFormat::Text => print_text(&config_show::table(config.file.as_deref(), &lines)),
                OutputFormat::Json => print(&config_show::json(config.file.as_deref(), &lines)),
            }
            match settings {
                Ok(settings) => {
                    for half in &settings.unused {
                        say(&format!("hss-top: {half}"));
                    }
                    exit(ExitReason::Done)
                }
                Err(unready) => complain(&unready),
            }
        }
    }
}

fn install_hooks() -> Result<()> {
    let (panic_hook, eyre_hook) = HookBuilder::default()
        .display_env_section(false)
        // A colour would be shown as its escape: what is said passes through the filter for control characters.
        .theme(Theme::new())
        .into_hooks();
    eyre_hook.install()?;
    let wanted = variable("RUST_BACKTRACE").is_some_and(|value| value != "0");
    // A file that may not grow any more fails to be written; it does not end the program.
    let _ = signal_hook::flag::register(rustix::process::Signal::XFSZ.as_raw(), Arc::default());
    terminal::install_panic_hook(move |info| wanted.then(|| panic_hook.panic_report(info).to_string()));
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .wrap_err("no runtime")
}

/// Sentences about variables that look like ours and are none.
fn unknown_variables() -> Vec<String> {
    config::variables::unknown(hss_top::env::names())
}

fn variable(name: &str) -> Option<String> {
    hss_top::env::text(name)
}

/// Writes to stdout, no secret; a reader that went away has read enough.
fn print(text: &str) {
    let _ = io::stdout()
        .lock()
        .write_all(hss_top::secrets::redact(text).as_bytes());
}

/// The same for people, in the characters of their locale.
fn print_text(text: &str) {
    print(&SignSet::of_terminal(&variable).text(text));
}

fn first_steps(missing: &[String]) -> String {
    let missing = missing.join("\n  ");
    format!(
        "hss-top shows the Kubernetes pods that Huawei Cloud HSS knows of a project.\n\n\
         Still missing:\n  {missing}\n\n\
         For example:\n  \
         export HUAWEICLOUD_SDK_AK=... HUAWEICLOUD_SDK_SK=...\n  \
         hss-top --region cn-north-4\n\n\
         No account at hand? This shows a simulated fleet:\n  \
         hss-top --demo\n\n\
         All flags: hss-top --help    A file for them: hss-top config init"
    )
}
