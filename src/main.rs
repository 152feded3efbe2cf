//! The `hss-top` program: parse, install hooks, build the runtime, run, map the result to an exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use color_eyre::config::HookBuilder;
use color_eyre::eyre::{Result, WrapErr as _};
use hss_top::app::Ended;
use hss_top::cli::{Cli, Command, DashboardArgs};
use hss_top::clock::Clock;
use hss_top::settings::{Settings, Unready};
use hss_top::ui::{Palette, Theme};
use hss_top::{dashboard, log, simulate, terminal};

/// No terminal, or a wrong command line (clap's own).
const USAGE: u8 = 2;
/// Configuration or credential.
const CONFIGURATION: u8 = 3;
const CRASH: u8 = 101;

fn main() -> ExitCode {
    // Before anything secret is read: no core dump, no look into our memory or environment.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(report) => {
            terminal::leave();
            say(&format!("hss-top: {report:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    install_hooks()?;
    match cli.command {
        Some(Command::Simulate(args)) => {
            let runtime = runtime()?;
            let result = runtime.block_on(simulate::run(args, &variable, Clock::system()));
            runtime.shutdown_background();
            result.wrap_err("the simulator cannot serve")?;
            Ok(ExitCode::SUCCESS)
        }
        None => show_dashboard(&cli.dashboard),
    }
}

fn show_dashboard(args: &DashboardArgs) -> Result<ExitCode> {
    let settings = match Settings::resolve(args, &variable) {
        Ok(settings) => settings,
        Err(Unready::Missing(missing)) => {
            say(&first_steps(&missing));
            return Ok(ExitCode::from(CONFIGURATION));
        }
        Err(Unready::Wrong(sentence)) => {
            say(&format!("hss-top: {sentence}"));
            return Ok(ExitCode::from(CONFIGURATION));
        }
    };
    if let Some(why) = terminal::unfit(variable("TERM").as_deref()) {
        say(&format!("hss-top: {why}"));
        return Ok(ExitCode::from(USAGE));
    }
    if let Some(path) = &args.log_file {
        log::start(path, args.log_level).wrap_err_with(|| format!("cannot log to {}", path.display()))?;
    }
    let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let theme = Theme::new(if no_color { Palette::None } else { Palette::Sixteen });
    let runtime = runtime()?;
    let ended = runtime.block_on(dashboard::run(settings, theme, Clock::system()));
    // A resolver that hangs must not delay the prompt.
    runtime.shutdown_background();
    Ok(exit_code(&ended.wrap_err("the terminal failed")?))
}

fn exit_code(ended: &Ended) -> ExitCode {
    let code = |number: i32| ExitCode::from(u8::try_from(number).unwrap_or(u8::MAX));
    tracing::info!(?ended, "ended");
    match ended {
        Ended::Quit => ExitCode::SUCCESS,
        Ended::Signal(signal) => code(128 + signal),
        Ended::InputLost(why) => {
            say(&format!("hss-top: no more input from the terminal: {why}"));
            code(terminal::TERMINAL_LOST)
        }
        Ended::TaskLost(task) => {
            say(&format!("hss-top: the {task} task ended unexpectedly"));
            ExitCode::from(CRASH)
        }
    }
}

fn install_hooks() -> Result<()> {
    let (panic_hook, eyre_hook) = HookBuilder::default().display_env_section(false).into_hooks();
    eyre_hook.install()?;
    let wanted = variable("RUST_BACKTRACE").is_some_and(|value| value != "0");
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

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes to stderr; if that fails there is nobody to tell.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn first_steps(missing: &[&str]) -> String {
    let missing = missing.join("\n  ");
    format!(
        "hss-top shows the Kubernetes pods that Huawei Cloud HSS knows of a project.\n\n\
         Still missing:\n  {missing}\n\n\
         For example:\n  \
         export HSS_TOP_TOKEN=…   # an IAM token with the scope of the project\n  \
         hss-top --endpoint https://hss.cn-north-4.myhuaweicloud.com --project-id 0a1b…\n\n\
         No account at hand? This shows a simulated estate:\n  \
         hss-top --demo\n\n\
         All flags: hss-top --help"
    )
}
