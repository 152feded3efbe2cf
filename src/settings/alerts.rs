//! What `[[alerts]]` means: rules, and the sentences about those that cannot be used.
//!
//! A rule that cannot be used is left out and told with file and line; the others hold.

use std::collections::HashSet;
use std::time::Duration;

use jiff::SignedDuration;

use super::alert_servers;
use super::sections::{place, told, word};
use crate::alerts::{AlertCondition, AlertRule, AlertSeverity, AlertWay, QuietHours};
use crate::clock::local_zone;
use crate::config::section::{ALERT_ROWS, StatedTable};
use crate::config::{Config, nearest};
use crate::fleet::PodField;
use crate::fleet::query::Query;
use crate::sinks::{AlertServers, missing_needs};

/// The longest that a condition may have to last.
const LONGEST_HOLD: Duration = Duration::from_hours(7 * 24);
/// The longest merge window.
const LONGEST_MERGE: Duration = Duration::from_hours(24);

/// The rules in force, and those that cannot be used.
#[derive(Debug)]
pub struct AlertConfig {
    /// The rules.
    pub rules: Vec<AlertRule>,
    /// The servers that are told.
    pub servers: AlertServers,
    /// Why not, with file and line.
    pub refused: Vec<String>,
}

impl AlertConfig {
    /// What the configuration says.
    pub fn of(config: &Config) -> Self {
        alerts(config)
    }

    /// What the ways need and is not there now, as sentences with file and line: secrets, CAs and programs. Blocking.
    pub fn missing(&self) -> Vec<String> {
        missing_needs(&self.rules, &self.servers)
    }
}

fn alerts(config: &Config) -> AlertConfig {
    let (servers, mut refused) = alert_servers::servers(config);
    let Some(stated) = &config.sections.alerts else {
        let rules = AlertRule::defaults();
        refused.extend(unused_servers(config, &servers, &rules));
        return AlertConfig {
            rules,
            servers,
            refused,
        };
    };
    let mut rules: Vec<AlertRule> = Vec::new();
    let mut names = HashSet::new();
    for table in stated {
        match rule(config, table) {
            Ok(mut rule) if names.insert(rule.name.clone()) => {
                refused.extend(without_server(config, table, &mut rule, &servers));
                refused.extend(unused_command(config, &rule, table));
                rules.push(rule);
            }
            Ok(rule) => {
                let place = place(config, table.line);
                let name = told(&rule.name);
                refused.push(format!(
                    "{place}: two alerts have the name {name}; the second one is not used"
                ));
            }
            Err(why) => refused.push(why),
        }
    }
    refused.extend(unused_servers(config, &servers, &rules));
    AlertConfig {
        rules,
        servers,
        refused,
    }
}

/// Servers that no rule uses: whoever configured one expects alerts there.
fn unused_servers(config: &Config, servers: &AlertServers, rules: &[AlertRule]) -> Vec<String> {
    let sections = &config.sections;
    let stated = [
        (
            AlertWay::Alertmanager,
            servers.alertmanager.is_some(),
            &sections.alertmanager,
        ),
        (AlertWay::Webhook, servers.webhook.is_some(), &sections.webhook),
    ];
    let is_used = |way: &AlertWay| rules.iter().any(|rule| rule.via.contains(way));
    let unused = stated
        .into_iter()
        .filter(|(way, is_there, _)| *is_there && !is_used(way));
    let told = unused.filter_map(|(way, _, table)| {
        let (place, way) = (place(config, table.as_ref()?.line), way.name());
        Some(format!(
            "{place}: no alert rule has via = [\"{way}\"]; nothing is sent to [{way}]"
        ))
    });
    told.collect()
}

/// A program that is named and not called: whoever names one expects it to be called.
fn unused_command(config: &Config, rule: &AlertRule, table: &StatedTable) -> Option<String> {
    let is_unused = !rule.command.is_empty() && !rule.via.contains(&AlertWay::Command);
    let place = place(config, table.line_of("command"));
    is_unused
        .then(|| format!("{place}: alerts.command is set, but alerts.via has no command; it is not called"))
}

/// Takes away the ways to servers that are not configured, and says so.
fn without_server(
    config: &Config,
    table: &StatedTable,
    rule: &mut AlertRule,
    servers: &AlertServers,
) -> Vec<String> {
    let place = place(config, table.text("via").map_or(table.line, |(_, line)| line));
    let mut told = Vec::new();
    for (way, is_there) in [
        (AlertWay::Alertmanager, servers.alertmanager.is_some()),
        (AlertWay::Webhook, servers.webhook.is_some()),
    ] {
        if !is_there && rule.via.contains(&way) {
            rule.via.retain(|it| *it != way);
            let way = way.name();
            told.push(format!(
                "{place}: alerts.via has {way}, but there is no [{way}] that can be used; the rule is used without it"
            ));
        }
    }
    told
}

fn rule(config: &Config, table: &StatedTable) -> Result<AlertRule, String> {
    let wrong = |key: &str, value: &str, line: usize, must: &str| {
        let (place, value) = (place(config, line), told(value));
        format!("{place}: alerts.{key} is {value}, but must be {must}; the rule is not used")
    };
    let bad = |key: &str, must: &str| {
        let (value, line) = table.text(key).unwrap_or(("", table.line));
        wrong(key, value, line, must)
    };
    let missing = |key: &str| {
        let place = place(config, table.line);
        format!("{place}: an alert rule has no {key}; the rule is not used")
    };
    let text = |key: &str| table.text(key).map(|(text, _)| text);
    let one_of = |key: &str, known: &mut dyn Iterator<Item = &'static str>| {
        let known: Vec<&str> = known.collect();
        let meant = nearest(text(key).unwrap_or_default(), known.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        bad(key, &format!("{}{meant}", allowed(key)))
    };

    let name = text("name").ok_or_else(|| missing("name"))?;
    if name.is_empty() || name.chars().count() > 64 || name.contains(char::is_control) {
        return Err(bad("name", "1 to 64 characters"));
    }
    let on = text("on").ok_or_else(|| missing("on"))?;
    let on = AlertCondition::named(on)
        .ok_or_else(|| one_of("on", &mut AlertCondition::ALL.iter().map(|it| it.name())))?;
    let mut rule = AlertRule::new(name, on);
    if let Some(filter) = text("filter") {
        rule.filter = Query::parse(filter).map_err(|error| bad("filter", &format!("a filter: {error}")))?;
        if !on.is_of_pods() && !rule.filter.is_empty() {
            let must = format!("left out: {} is not about single pods", on.name());
            return Err(bad("filter", &must));
        }
    }
    if let Some(threshold) = text("threshold") {
        rule.threshold = percentage(threshold).ok_or_else(|| bad("threshold", allowed("threshold")))?;
        if !on.is_of_usage() {
            return Err(bad(
                "threshold",
                &format!("left out: {} is not about usage", on.name()),
            ));
        }
    }
    let usage = [PodField::CpuPercent, PodField::MemoryPercent];
    if on.is_of_usage() && usage.iter().any(|field| rule.filter.asks_for(*field)) {
        return Err(bad(
            "filter",
            "without cpu% and mem%: threshold = \"80%\" sets the threshold",
        ));
    }
    if let Some(severity) = text("severity") {
        rule.severity = AlertSeverity::named(severity)
            .ok_or_else(|| one_of("severity", &mut AlertSeverity::ALL.iter().map(|it| it.name())))?;
    }
    for (key, longest) in [("for", LONGEST_HOLD), ("merge", LONGEST_MERGE)] {
        let Some(time) = text(key) else { continue };
        let time = duration(time, longest).ok_or_else(|| bad(key, allowed(key)))?;
        if key == "for" {
            rule.hold = time;
        } else {
            rule.merge = time;
        }
    }
    if let Some(quiet) = text("quiet") {
        let hours = QuietHours::read(quiet, &local_zone().0);
        let must = || format!("{}{}", allowed("quiet"), QuietHours::advice(quiet));
        rule.quiet = Some(hours.ok_or_else(|| bad("quiet", &must()))?);
    }
    if let Some(command) = table.words("command") {
        rule.command = command.to_vec();
        rule.command_at = Some(format!(
            "{}: alerts.command",
            place(config, table.line_of("command"))
        ));
    }
    if let Some((via, line)) = table.text("via") {
        rule.via = ways(via).map_err(|unknown| {
            let meant = nearest(unknown, AlertWay::ALL.iter().map(|way| way.name()));
            let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            let known: Vec<&str> = AlertWay::ALL.iter().map(|way| way.name()).collect();
            let place = place(config, line);
            let (unknown, known) = (word(unknown), known.join(", "));
            format!(
                "{place}: alerts.via has {unknown}, but the ways are {known}{meant}; the rule is not used"
            )
        })?;
    }

    if rule.via.is_empty() {
        let place = place(config, table.line_of("via"));
        return Err(format!(
            "{place}: alerts.via is empty, but must be {}; the rule is not used",
            allowed("via")
        ));
    }
    let has_command = rule.via.contains(&AlertWay::Command);
    if has_command && rule.command.first().is_none_or(String::is_empty) {
        return Err(format!(
            "{}: alerts.via has command, but the rule names none: command = [\"/path/of/program\"]; the rule is not used",
            place(config, table.line)
        ));
    }
    Ok(rule)
}

fn ways(via: &str) -> Result<Vec<AlertWay>, &str> {
    let names = via.split(',').filter(|name| !name.is_empty());
    let mut ways = names
        .map(|name| AlertWay::named(name).ok_or(name))
        .collect::<Result<Vec<AlertWay>, &str>>()?;
    ways.sort_unstable();
    ways.dedup();
    Ok(ways)
}

fn duration(text: &str, longest: Duration) -> Option<SignedDuration> {
    let time = humantime::parse_duration(text).ok()?;
    SignedDuration::try_from(time).ok().filter(|_| time <= longest)
}

fn percentage(text: &str) -> Option<u32> {
    let number = text.trim().strip_suffix('%')?.trim_end();
    let percent = number.parse().ok()?;
    (1..=100).contains(&percent).then_some(percent)
}

fn allowed(key: &str) -> &'static str {
    let row = ALERT_ROWS.iter().find(|row| row.name == key);
    row.map_or("", |row| row.allowed)
}

#[cfg(test)]
mod tests;
