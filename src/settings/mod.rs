//! Turns the configuration into what the dashboard runs with.
//!
//! Owns the meaning of each key, what is required, what is missing, and the sentences that say so. Reads the
//! files of secrets and certificates, to report a wrong one at the start, and asks a cloud server's metadata
//! service if nothing else provides a credential.

mod alert_servers;
mod alerts;
mod api;
mod demo;
pub mod demo_past;
mod kiosk;
mod look;
mod nearest_key;
mod profile;
mod replay;
pub mod saved_view;
mod sections;
mod source_label;
mod target;
#[cfg(test)]
mod tests;
pub mod theme_files;
pub mod views_file;

use crate::alerts::AlertRule;
use crate::config::forms::{self, read_switch};
pub use alerts::AlertConfig;
use api::ApiUse;
pub use api::replaced_endpoints;
pub use kiosk::KioskChoice;
pub use look::Look;
pub use saved_view::{SavedView, ViewOrigin};
pub use source_label::SourceLabel;
pub use target::{Api, Demo, ReplayTarget, Target, Unready};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::collector::budget::PUBLISHED_LIMIT;
use crate::collector::ledger::LedgerPlace;
use crate::collector::{FetchRequest, SourceSetup};
use crate::config::interval::parse_interval;
use crate::config::{Config, ConfigKey, Wrong};
use crate::env::Variables;
use crate::fleet::Scope;
use crate::fleet::fields::ColumnList;
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::query::Query;
use crate::hss::auth::chain;
use crate::hss::auth::refusals::Refusals;
use crate::hss::transport::tls::Trust;
use crate::hss::{Endpoint, ListPods, ProjectId, Setup};
use crate::keys::KeyMap;
use crate::log::LogLevel;
use crate::simulator;
use crate::sinks::AlertServers;
use crate::state;
use views_file::ViewsFile;

/// The demo's budget: the simulator sets no limit, but the dashboard keeps this one.
const DEMO_CALLS_PER_MINUTE: u32 = 600;
/// The interval between two snapshots of the demo.
const DEMO_SNAPSHOT_EVERY: Duration = Duration::from_mins(1);
/// The project id that the demo shows.
const DEMO_PROJECT: &str = "demo-project";

/// All that the dashboard runs with.
#[derive(Debug)]
pub struct Settings {
    /// Whom to ask.
    pub target: Target,
    /// The call for the first page.
    pub call: ListPods,
    /// Calls allowed per minute.
    pub calls_per_minute: u32,
    /// The age of HSS's own list that is worth a warning.
    pub list_age_limit: ListAgeLimit,
    /// How often to ask.
    pub interval: Duration,
    /// The filter at the start.
    pub filter: String,
    /// The columns at the start.
    pub columns: ColumnList,
    /// The saved view at the start.
    pub view: Option<SavedView>,
    /// The saved views of the configuration, in the order of their names.
    pub views: Vec<SavedView>,
    /// The keys in force.
    pub keys: KeyMap,
    /// What is told to a person, and how.
    pub alerts: Vec<AlertRule>,
    /// The wall.
    pub kiosk: KioskChoice,
    /// The servers that are told.
    pub alert_servers: AlertServers,
    /// What the header says.
    pub source: SourceLabel,
    /// The file with the state saved between runs.
    pub state: Option<PathBuf>,
    /// The folder of what the operator saved and typed; `None` where nothing is kept.
    pub own_folder: Option<PathBuf>,
    /// Whether a demo is to have a past.
    pub has_demo_past: bool,
    /// Where calls are counted for all programs of this machine; a demo counts for itself.
    pub ledger: Option<LedgerPlace>,
    /// Where and how much to log.
    pub log: Option<(PathBuf, LogLevel)>,
    /// How much to log, wherever that goes.
    pub log_level: LogLevel,
    /// How the screen looks and what the terminal is asked for.
    pub look: Look,
    /// Whether names are masked at the start.
    pub mask: bool,
    /// Whether CSV files begin with a byte order mark.
    pub csv_mark: bool,
    /// Warnings about the configuration that do not prevent the start.
    pub warnings: Vec<String>,
    /// Sources of credentials that are only set in part; another one is used.
    pub unused: Vec<String>,
}

impl Settings {
    /// What the simulator's dashboard runs with.
    pub fn of_demo(config: &Config, variables: Variables<'_>, demo: Demo) -> Result<Self, Unready> {
        let own_calls = calls_per_minute(config)?;
        let simulator = simulator::SimulatorSettings {
            seed: demo.seed,
            pods: demo.pods,
            serverless: demo.serverless,
            calls_per_minute: own_calls,
            snapshot_every: Some(DEMO_SNAPSHOT_EVERY),
            ..simulator::SimulatorSettings::default()
        };
        let source = SourceLabel {
            project: DEMO_PROJECT.to_owned(),
            place: "simulator".to_owned(),
            demo: true,
            ..SourceLabel::of(config)
        };
        let calls = own_calls.unwrap_or(DEMO_CALLS_PER_MINUTE);
        let target = Target::Demo(Box::new(simulator));
        let mut settings = Self::new(config, variables, target, calls, source)?;
        settings.has_demo_past = !config.parse(ConfigKey::NoState, read_switch)?.unwrap_or(false);
        Ok(settings)
    }

    /// What a dashboard of the API runs with.
    pub fn of_api(config: &Config, variables: Variables<'_>) -> Result<Self, Unready> {
        Self::of_project(config, variables, ApiUse::Calls)
    }

    /// What a command runs with that only uses the saved state of a project. It needs a credential only where that determines
    /// the project.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn of_saved_state(config: &Config, variables: Variables<'_>) -> Result<Self, Unready> {
        Self::of_project(config, variables, ApiUse::SavedState)
    }

    fn of_project(config: &Config, variables: Variables<'_>, purpose: ApiUse) -> Result<Self, Unready> {
        let api = api::api(config, variables, purpose)?;
        let first = api.setup.endpoints.first();
        let place = first.map_or_else(String::new, |endpoint| {
            endpoint.region().map_or_else(|| endpoint.place(), str::to_owned)
        });
        let source = SourceLabel {
            project: api
                .setup
                .project
                .as_ref()
                .map_or("", ProjectId::as_str)
                .to_owned(),
            place,
            plain_text: api.setup.endpoints.iter().any(Endpoint::is_plain_text),
            signed_in_by: api.setup.found.name.clone(),
            ..SourceLabel::of(config)
        };
        let calls = calls_per_minute(config)?.unwrap_or(PUBLISHED_LIMIT);
        let ledger = LedgerPlace::of(&api.setup, variables);
        let mut settings = Self::new(config, variables, Target::Api(Box::new(api)), calls, source)?;
        settings.ledger = ledger;
        settings.unused = chain::incomplete(variables);
        settings.warnings.extend(replaced_endpoints(config));
        if !config.parse(ConfigKey::NoState, read_switch)?.unwrap_or(false) {
            settings.state = settings.state_file(variables);
        }
        Ok(settings)
    }

    /// The source for the collector; `setup` and `trust` say whom to ask, `request` what to ask for at first.
    pub fn source_setup(&self, setup: Setup, trust: Arc<Trust>, request: FetchRequest) -> SourceSetup {
        let folder = self.state.as_deref().and_then(Path::parent);
        SourceSetup {
            id: self.source.id,
            name: None,
            setup,
            trust,
            call: self.call.clone(),
            calls_per_minute: self.calls_per_minute,
            state: self.state.clone(),
            disk: state::DiskWait::Never,
            ledger: self.ledger.clone(),
            refusals: folder.map(Refusals::in_folder),
            accepted_age: None,
            pages_ahead: crate::collector::PAGES_AHEAD,
            request,
            after: None,
            team: None,
        }
    }

    /// What is wanted of the source at first.
    pub fn request(&self) -> FetchRequest {
        FetchRequest {
            scope: self.call.scope().clone(),
            pod: None,
            asks: 0,
            syncs: 0,
            interval: self.interval,
        }
    }

    /// The file of this source. Each endpoint, project and part of the fleet has its own.
    fn state_file(&self, variables: Variables<'_>) -> Option<PathBuf> {
        let Target::Api(api) = &self.target else {
            return None;
        };
        let setup = &api.setup;
        let place = setup.endpoints.first()?.to_string();
        // If the project is not known yet, the file is that of the account that signs in.
        let found = || {
            let region = setup.region.as_deref().unwrap_or_default();
            match setup.found.source.account() {
                Some(account) => format!("{region} {account}"),
                None => region.to_owned(),
            }
        };
        let project = setup.project.as_ref();
        let project = project.map_or_else(found, |project| project.as_str().to_owned());
        let scope: Vec<String> = self
            .call
            .scope()
            .terms()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let identity = [
            place.as_str(),
            &project,
            self.call.enterprise_project_id(),
            &scope.join(" "),
        ];
        Some(state::file(
            &state::folder(variables)?,
            &self.source.place,
            &identity,
        ))
    }

    fn new(
        config: &Config,
        variables: Variables<'_>,
        target: Target,
        calls: u32,
        source: SourceLabel,
    ) -> Result<Self, Unready> {
        let set = |key: ConfigKey| config.text(key).map(str::to_owned);
        let scope = Scope {
            pod: set(ConfigKey::Pod),
            namespace: set(ConfigKey::Namespace),
            cluster: set(ConfigKey::Cluster),
        };
        let page_size = config
            .parse(ConfigKey::PageSize, forms::page_size)?
            .unwrap_or(200);
        let call = ListPods::new(&source.enterprise_project, page_size, scope)
            .map_err(|error| Unready::Wrong(error.to_string()))?;
        let filter = config.parse(ConfigKey::Filter, |text| {
            Some((text.to_owned(), Query::parse(text)))
        })?;
        let filter = match filter {
            Some((text, Ok(_))) => text,
            Some((_, Err(error))) => {
                return Err(config
                    .wrong(ConfigKey::Filter, &format!("a filter: {error}"))
                    .into());
            }
            None => String::new(),
        };
        let columns = config.parse(ConfigKey::Columns, |text| Some(ColumnList::parse(text)))?;
        let columns = match columns {
            Some(Ok(list)) => list,
            Some(Err(fault)) => {
                let must = format!("a list of columns: {}", fault.told(sections::word));
                return Err(config.wrong(ConfigKey::Columns, &must).into());
            }
            None => ColumnList::default(),
        };
        let views = sections::views(config);
        let own_folder = own_folder(config, variables, matches!(target, Target::Demo(_)))?;
        let saved = match (config.text(ConfigKey::View), &own_folder) {
            (Some(_), Some(folder)) => ViewsFile::in_folder(folder)
                .read()
                .map_err(|fault| fault.to_string()),
            _ => Ok(Vec::new()),
        };
        let view = sections::chosen(config, &views, &saved)?;
        let filter = match &view {
            Some(view) if sections::wins_against_filter(config) => view.filter_of_pods().to_owned(),
            _ => filter,
        };
        let odd_views = views.iter().flat_map(|view| view.faults.clone()).collect();
        let (keys, of_keys) = sections::keys(config);
        let alerts = AlertConfig::of(config);
        let of_file = |folder: &PathBuf| ViewsFile::in_folder(folder).read().ok();
        let has_kiosk = config.sections.kiosk.is_some();
        let saved = own_folder.as_ref().filter(|_| has_kiosk).and_then(of_file);
        let known = [views.clone(), saved.unwrap_or_default()].concat();
        let (kiosk, of_kiosk) = kiosk::kiosk(config, Some(&known));
        let interval = config.parse(ConfigKey::Interval, |text| parse_interval(text).ok())?;
        let level = config
            .parse(ConfigKey::LogLevel, LogLevel::named)?
            .unwrap_or_default();
        Ok(Self {
            target,
            call,
            calls_per_minute: calls,
            interval: interval.unwrap_or(Duration::from_mins(1)),
            list_age_limit: config
                .parse(ConfigKey::ListOldAfter, ListAgeLimit::read)?
                .unwrap_or_default(),
            filter,
            columns,
            view,
            views,
            keys,
            kiosk,
            alerts: alerts.rules,
            alert_servers: alerts.servers,
            source,
            state: None,
            own_folder,
            has_demo_past: false,
            ledger: None,
            log: config
                .path(ConfigKey::LogFile, variables)
                .map(|path| (path, level)),
            log_level: level,
            look: Look::of(config)?,
            mask: config.parse(ConfigKey::Mask, read_switch)?.unwrap_or(false),
            csv_mark: !config.parse(ConfigKey::NoBom, read_switch)?.unwrap_or(false),
            warnings: [
                config.warnings.clone(),
                odd_views,
                of_keys,
                alerts.refused,
                of_kiosk,
            ]
            .concat(),
            unused: Vec::new(),
        })
    }
}

/// Warnings about the sections of the file, on a terminal with these variables.
pub fn section_warnings(config: &Config, variables: Variables<'_>) -> Vec<String> {
    let of_colours = Look::of(config).map_or_else(
        |_| Vec::new(),
        |look| [look.themes(variables).1, look.odd_elsewhere()].concat(),
    );
    [
        sections::views(config)
            .into_iter()
            .flat_map(|view| view.faults)
            .collect(),
        sections::keys(config).1,
        AlertConfig::of(config).refused,
        kiosk::kiosk(config, None).1,
        of_colours,
    ]
    .concat()
}

/// The folder of what the operator saves and types. A demo has one of its own: its pods are invented.
fn own_folder(config: &Config, variables: Variables<'_>, is_demo: bool) -> Result<Option<PathBuf>, Wrong> {
    if config.parse(ConfigKey::NoState, read_switch)?.unwrap_or(false) {
        return Ok(None);
    }
    let folder = state::folder(variables);
    Ok(folder.map(|folder| if is_demo { folder.join("demo") } else { folder }))
}

fn calls_per_minute(config: &Config) -> Result<Option<u32>, Wrong> {
    config.parse(ConfigKey::CallsPerMinute, forms::calls_per_minute)
}
