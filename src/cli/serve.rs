//! `hss-top serve` as a command.
//!
//! Owns its flags, and the sentences and exit codes of its end. Must not: listen or call; [`crate::serve`] does.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;

use clap::Args;

use super::footers;
use super::headless::{DemoArgs, headless_config, settings_of, warn_of_real_names};
use super::stop::told_to_stop;
use super::typed;
use crate::clock::Clock;
use crate::config::{Config, ConfigKey, Flags, Origin};
use crate::env::Variables;
use crate::exit_codes::ExitReason;
use crate::fleet::RemoteText;
use crate::metrics::SeriesLimits;
use crate::serve::{self, RefusedSource, ServeEnd, ServeSettings, ServedProfile, TlsPaths};
use crate::settings::{Settings, Target, Unready};
use crate::terminal::say;

/// Flags of `serve`.
#[derive(Debug, Args)]
#[command(after_help = footers::SERVE)]
pub struct ServeArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The demo.
    #[command(flatten)]
    pub demo: DemoArgs,
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464", value_parser = typed::address)]
    pub listen: SocketAddr,
    /// A private file with the token of clients that read; this or the next one is required to listen on an address that other machines reach
    #[arg(long, value_name = "FILE")]
    pub client_token_file: Option<PathBuf>,
    /// A private file with the token of clients that also acknowledge and mute for the team
    #[arg(long, value_name = "FILE")]
    pub deciding_token_file: Option<PathBuf>,
    /// Use TLS with this certificate (PEM, with its intermediate certificates); read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key_file")]
    pub tls_cert_file: Option<PathBuf>,
    /// The key of the certificate (PEM, a private file)
    #[arg(long, value_name = "FILE", requires = "tls_cert_file")]
    pub tls_key_file: Option<PathBuf>,
    /// How many namespaces have their own series in /metrics; the others share the namespace "(other)"
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub metrics_namespaces: u32,
    /// How many pods with a high risk score have their own series in /metrics, the worst first
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub metrics_risky_pods: u32,
}

impl ServeArgs {
    /// What it runs with: each profile that is named, or the only source there is. `unknown` has sentences about unknown
    /// variables.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration.
    pub fn settings(
        &self,
        variables: Variables<'_>,
        unknown: &[String],
    ) -> Result<Vec<ServedProfile>, Unready> {
        let each = self.flags.of_each_profile();
        let is_one = each.len() == 1;
        let read = |flags: &Flags| {
            let name = flags.get(ConfigKey::Profile).filter(|_| !is_one);
            let read = || {
                let config = headless_config(flags, variables, unknown.to_vec())?;
                let mut settings = settings_of(&config, self.demo, variables)?;
                if !is_one {
                    not_replaced(flags, &config, &settings, variables)?;
                }
                warn_of_real_names(&config, &mut settings);
                Ok(ServedProfile {
                    name: name.map(str::to_owned),
                    settings,
                })
            };
            read().map_err(|unready| match name {
                Some(name) => about_profile(name, unready),
                None => unready,
            })
        };
        let profiles: Vec<ServedProfile> = each.iter().map(read).collect::<Result<_, Unready>>()?;
        told_apart(&profiles)?;
        Ok(profiles)
    }

    fn serve_settings(&self) -> ServeSettings {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        ServeSettings {
            listen: self.listen,
            client_token: self.client_token_file.clone(),
            deciding_token: self.deciding_token_file.clone(),
            tls: self
                .tls_cert_file
                .clone()
                .zip(self.tls_key_file.clone())
                .map(|(certificate, key)| TlsPaths { certificate, key }),
            series: SeriesLimits {
                namespaces: count(self.metrics_namespaces),
                risky_pods: count(self.metrics_risky_pods),
            },
        }
    }
}

/// The beginning of a sentence about one of several profiles.
fn of_profile(name: &str) -> String {
    format!("profile {}: ", RemoteText::name(name).shown())
}

/// The same sentences, each about the profile of this name.
fn about_profile(name: &str, unready: Unready) -> Unready {
    let of = of_profile(name);
    match unready {
        Unready::Wrong(why) => Unready::Wrong(format!("{of}{why}")),
        Unready::Missing(missing) => {
            Unready::Missing(missing.iter().map(|what| format!("{of}{what}")).collect())
        }
    }
}

/// Keys that make a credential, for those of a profile.
const CREDENTIAL_KEYS: [ConfigKey; 4] = [
    ConfigKey::TokenFile,
    ConfigKey::AccessKey,
    ConfigKey::CredentialProcess,
    ConfigKey::IamUser,
];

/// Checks that no variable replaces what one of several profiles says of itself: all of them would have the same credential,
/// region or project, and only one of them would be right.
fn not_replaced(
    flags: &Flags,
    config: &Config,
    settings: &Settings,
    variables: Variables<'_>,
) -> Result<(), Unready> {
    let of_file = |name: &str| {
        let is_place = ["HOME", "XDG_CONFIG_HOME", "HSS_TOP_CONFIG"].contains(&name);
        variables(name).filter(|_| is_place)
    };
    let own = Config::resolve(flags, &of_file)?;
    let is_own = |key: ConfigKey| {
        let origin = own.get(key).map(|value| &value.origin);
        matches!(origin, Some(Origin::Profile(..)))
    };
    let refused = |variable: &str, what: &str| {
        Err(Unready::Wrong(format!(
            "{variable} replaces its {what}: with several profiles each has its own, so unset the variable"
        )))
    };
    for (key, what) in [
        (ConfigKey::Region, "region"),
        (ConfigKey::ProjectId, "project_id"),
        (ConfigKey::Endpoint, "endpoint"),
    ] {
        if let Some(Origin::Variable(variable)) = config.get(key).map(|value| &value.origin)
            && is_own(key)
        {
            return refused(variable, what);
        }
    }
    // The name of a source begins with what it was read from.
    let source = settings.source.signed_in_by.split(' ').next().unwrap_or_default();
    let has_own = CREDENTIAL_KEYS.into_iter().any(is_own);
    let is_of_file = CREDENTIAL_KEYS.into_iter().any(|key| key.row().name == source);
    if has_own && !is_of_file && matches!(settings.target, Target::Api(_)) {
        return refused(source, "credential");
    }
    Ok(())
}

/// Checks that a client can name each source by its project.
fn told_apart(profiles: &[ServedProfile]) -> Result<(), Unready> {
    let mut seen = BTreeMap::new();
    for profile in profiles {
        let (name, project) = (profile.name.as_deref(), &profile.settings.source.project);
        let before = seen.insert(project, name).filter(|_| !project.is_empty());
        if let Some((before, name)) = before.flatten().zip(name) {
            return Err(Unready::Wrong(format!(
                "the profiles {before} and {name} have the same project {project}: clients name the pods they want by their \
                 project, so start a collector for each"
            )));
        }
    }
    Ok(())
}

/// Serves until a signal asks for the end; returns why it ended.
///
/// # Errors
/// Those of the system, if it lets nobody listen for signals.
pub async fn run(args: &ServeArgs, profiles: &[ServedProfile], clock: Clock) -> io::Result<ExitReason> {
    let told = pin!(told_to_stop()?);
    let listening = match serve::listen(args.serve_settings()).await {
        Ok(listening) => listening,
        Err(fault) => {
            say(&format!("hss-top: {fault}"));
            return Ok(fault.reason());
        }
    };
    if listening.is_readable_on_the_way() {
        say(
            "hss-top: client tokens and all answers travel in plain text: use --tls-cert-file and --tls-key-file, unless \
             something in front of hss-top encrypts them",
        );
    }
    say(&format!("hss-top: listening on {}", listening.url()));
    Ok(match listening.run(profiles, told, &clock).await {
        Ok(ServeEnd::Told) => ExitReason::Done,
        Ok(ServeEnd::Refused(refused)) => {
            for RefusedSource { profile, error } in refused {
                let of = profile.map(|name| of_profile(&name)).unwrap_or_default();
                say(&format!("hss-top: {of}{error}"));
                let advice = error.advice();
                if !advice.is_empty() {
                    say(&format!("hss-top: → {advice}"));
                }
            }
            say("hss-top: → hss-top doctor checks every step between this machine and the pods");
            ExitReason::Configuration
        }
        Ok(ServeEnd::Lost) => {
            say("hss-top: a task of serve ended without a reason");
            ExitReason::Crash
        }
        Err(fault) => {
            say(&format!("hss-top: {fault}"));
            fault.reason()
        }
    })
}
