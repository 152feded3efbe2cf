//! What `[alertmanager]` and `[webhook]` mean, and the sentences about those that cannot be used.

use std::path::Path;
use std::sync::Arc;

use super::Settings;
use super::sections::{place, told};
use crate::clock::Clock;
use crate::config::forms::read_switch;
use crate::config::section::{ALERTMANAGER, StatedTable, WEBHOOK};
use crate::config::{Config, ConfigKey};
use crate::hss::Endpoint;
use crate::hss::transport::tls::Trust;
use crate::sinks::body::AlertOrigin;
use crate::sinks::http::SinkSecret;
use crate::sinks::{AlertServers, AlertSetup, AlertmanagerSetup, ServerSetup};

impl Settings {
    /// What the worker of the alerts works with.
    pub fn alert_setup(&self, clock: &Clock) -> AlertSetup {
        AlertSetup {
            rules: self.alerts.clone(),
            state: self.state.clone(),
            origin: AlertOrigin {
                project: self.source.project.clone(),
                region: self.source.place.clone(),
            },
            is_demo: self.source.demo,
            servers: self.alert_servers.clone(),
            clock: clock.clone(),
        }
    }
}

/// The servers that can be used, and why the others cannot.
pub(super) fn servers(config: &Config) -> (AlertServers, Vec<String>) {
    let mut refused = Vec::new();
    let mut server =
        |name: &str, table: Option<&StatedTable>, secret: fn(&StatedTable) -> Option<SinkSecret>| {
            let table = table?;
            match setup(config, name, table, secret(table)) {
                Ok(server) => Some(server),
                Err(why) => {
                    refused.push(format!("{why}; nothing is sent there"));
                    None
                }
            }
        };
    let sections = &config.sections;
    let alertmanager = server(ALERTMANAGER, sections.alertmanager.as_ref(), |table| {
        table
            .text("token_file")
            .map(|(path, _)| SinkSecret::Token(path.into()))
    });
    let webhook = server(WEBHOOK, sections.webhook.as_ref(), |table| {
        table
            .text("secret_file")
            .map(|(path, _)| SinkSecret::SigningKey(path.into()))
    });
    let alertmanager = alertmanager.zip(sections.alertmanager.as_ref());
    let servers = AlertServers {
        alertmanager: alertmanager.map(|(server, table)| AlertmanagerSetup {
            server,
            has_pod_label: table.text("pod_label").is_some_and(|(text, _)| text == "true"),
            link: table.text("link").map(|(text, _)| text.to_owned()),
        }),
        webhook,
    };
    (servers, refused)
}

fn setup(
    config: &Config,
    name: &str,
    table: &StatedTable,
    secret: Option<SinkSecret>,
) -> Result<ServerSetup, String> {
    let Some((url, line)) = table.text("url") else {
        return Err(format!("{}: [{name}] has no url", place(config, table.line)));
    };
    // What is told is no secret, unless a token goes with it.
    let is_allowed = config
        .parse(ConfigKey::AllowHttp, read_switch)
        .ok()
        .flatten()
        .unwrap_or(false);
    let allow_http = is_allowed || !matches!(secret, Some(SinkSecret::Token(_)));
    let endpoint = Endpoint::parse(url, allow_http).map_err(|why| {
        let (place, url) = (place(config, line), told(url));
        format!("{place}: {name}.url is {url}, but must be a URL such as https://alerts.example.com: {why}")
    })?;
    let trust = match table.text("ca_file") {
        None => Trust::default(),
        Some((path, line)) => Trust::load(Some(Path::new(path)), None, None)
            .map_err(|fault| format!("{}: {name}.ca_file: {fault}", place(config, line)))?,
    };
    Ok(ServerSetup {
        endpoint,
        trust: Arc::new(trust),
        secret,
        stated_at: format!("{}: {name}.url", place(config, line)),
    })
}
