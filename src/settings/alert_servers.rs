//! What `[alertmanager]` and `[webhook]` mean, and the sentences about those that cannot be used.

use super::Settings;
use super::sections::{place, told};
use crate::clock::Clock;
use crate::config::forms::read_switch;
use crate::config::section::{ALERTMANAGER, StatedTable, WEBHOOK};
use crate::config::{Config, ConfigKey};
use crate::hss::Endpoint;
use crate::sinks::body::AlertOrigin;
use crate::sinks::http::SinkSecret;
use crate::sinks::{AlertServers, AlertSetup, AlertmanagerSetup, ServerSetup, StatedFile};

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
    let mut server = |name: &str, table: Option<&StatedTable>, secret: SecretRow| match setup(
        config, name, table?, secret,
    ) {
        Ok(server) => Some(server),
        Err(why) => {
            refused.push(format!("{why}; nothing is sent there"));
            None
        }
    };
    let sections = &config.sections;
    let token: SecretRow = ("token_file", SinkSecret::Token);
    let alertmanager = server(ALERTMANAGER, sections.alertmanager.as_ref(), token);
    let key: SecretRow = ("secret_file", SinkSecret::SigningKey);
    let webhook = server(WEBHOOK, sections.webhook.as_ref(), key);
    let alertmanager = alertmanager.zip(sections.alertmanager.as_ref());
    let servers = AlertServers {
        alertmanager: alertmanager.map(|(server, table)| AlertmanagerSetup {
            server,
            has_pod_label: table.text("pod_label").is_none_or(|(text, _)| text == "true"),
            link: table.text("link").map(|(text, _)| text.to_owned()),
        }),
        webhook,
    };
    (servers, refused)
}

/// The key that names the file of a secret, and what this is.
type SecretRow = (&'static str, fn(StatedFile) -> SinkSecret);

fn setup(
    config: &Config,
    name: &str,
    table: &StatedTable,
    (key, secret): SecretRow,
) -> Result<ServerSetup, String> {
    let Some((url, line)) = table.text("url") else {
        return Err(format!("{}: [{name}] has no url", place(config, table.line)));
    };
    let file = |key: &str| {
        let (path, line) = table.text(key)?;
        Some(StatedFile {
            path: path.into(),
            stated_at: format!("{}: {name}.{key}", place(config, line)),
        })
    };
    let secret = file(key).map(secret);
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
    Ok(ServerSetup {
        endpoint,
        ca_file: file("ca_file"),
        secret,
        stated_at: format!("{}: {name}.url", place(config, line)),
    })
}
