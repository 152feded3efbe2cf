//! Commands that print tables of the configuration and the command line.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use hss_top::cli::{ConfigCommand, OutputFormat, config_show, shell, themes};
use hss_top::config::{self, Config, Flags, Wrong};
use hss_top::exit_codes::ExitReason;
use hss_top::settings::{self, Settings, Unready};
use hss_top::terminal::say;

use super::{complain, exit, first_failure, print, print_text, unknown_variables, variable};

pub(super) fn configure(command: ConfigCommand) -> ExitCode {
    match command {
        ConfigCommand::Init(flags) => {
            let Some((path, _)) = config::path(&flags, &variable) else {
                say("hss-top: HOME is not set; name a file for the configuration with --config");
                return exit(ExitReason::Configuration);
            };
            if let Err(why) = config::init::write(&path) {
                say(&format!("hss-top: {why}"));
                return exit(ExitReason::Failed);
            }
            print(&format!("wrote {}\n", path.display()))
        }
        // Its text is printed before.
        ConfigCommand::Schema => exit(ExitReason::Done),
        ConfigCommand::Show(args) => {
            let config = match Config::resolve(&args.flags, &variable) {
                Ok(config) => config,
                Err(wrong) => return complain(&wrong.into()),
            };
            let of_sections = settings::section_warnings(&config, &variable);
            let missing = settings::AlertConfig::of(&config).missing();
            let warnings = config.warnings.iter().chain(&of_sections).chain(&missing);
            let replaced = settings::replaced_endpoints(&config);
            for warning in warnings.chain(&replaced).chain(&unknown_variables()) {
                say(&format!("hss-top: {warning}"));
            }
            let settings = Settings::of_api(&config, &variable);
            // The last of these is printed below, as the reason why it cannot run.
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
            let printed = match args.output {
                OutputFormat::Text => print_text(&config_show::table(config.file.as_deref(), &lines)),
                OutputFormat::Json => print(&config_show::json(config.file.as_deref(), &lines)),
            };
            let ready = match settings {
                Ok(settings) => {
                    for half in &settings.unused {
                        say(&format!("hss-top: {half}"));
                    }
                    exit(ExitReason::Done)
                }
                Err(unready) => complain(&unready),
            };
            first_failure([printed, ready])
        }
    }
}

pub(super) fn list_themes(flags: &Flags) -> ExitCode {
    let listed = Config::resolve(flags, &variable)
        .and_then(|config| themes::list(&config, &variable, io::stdout().is_terminal()));
    match listed {
        Ok(text) => print(&text),
        Err(wrong) => complain(&wrong.into()),
    }
}

pub(super) fn show_manual(of: &[String]) -> ExitCode {
    match shell::manual(of) {
        Ok(Some(page)) => print(&page),
        Ok(None) => {
            say("hss-top: there is no such command; hss-top --help lists all");
            exit(ExitReason::Usage)
        }
        Err(error) => {
            say(&format!("hss-top: the page cannot be made: {error}"));
            exit(ExitReason::Failed)
        }
    }
}
