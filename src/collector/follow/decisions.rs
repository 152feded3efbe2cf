//! Decisions of one kind, on both sides.
//!
//! Owns what the collector has to be sent, and which of its decisions are new here. Must not: know a logbook.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::hss::call::Parameters;
use crate::hss::calls::{ReadTeam, SendToTeam};
use crate::hss::{Client, Error, SendBy};
use crate::state::shared_record::SharedDecision;

/// The records of a page.
const PAGE: u32 = 500;
/// The most pages of a list: a collector keeps 20,000 decisions of each kind.
const MOST_PAGES: u32 = 50;
/// The most decisions in one request.
pub(super) const AT_ONCE: usize = 50;
/// Decisions older than the newest known one by more than this are only read with all others: screens whose
/// clocks differ, or that were cut off, send late.
const OVERLAP_MS: i64 = 48 * 3600 * 1000;
/// The most decisions that wait for a collector; the logbook has them, so a restart finds what was dropped.
const MOST_WAITING: usize = 2000;

/// The known decisions of one kind.
#[derive(Debug)]
pub(super) struct KnownDecisions<D> {
    path: &'static str,
    /// By id, and whether it is undone.
    known: HashMap<String, bool>,
    /// To be sent.
    pub(super) waiting: Vec<D>,
    /// The newest date of a decision that was read, in milliseconds.
    newest: i64,
}

impl<D: SharedDecision> KnownDecisions<D> {
    pub(super) fn new(path: &'static str, saved: Vec<D>) -> Self {
        let known = saved.iter().map(|row| (row.id(), row.undone().is_some()));
        Self {
            path,
            known: known.collect(),
            waiting: saved,
            newest: 0,
        }
    }

    /// Takes decisions of this screen. One that is undone before it was sent replaces itself.
    pub(super) fn own(&mut self, rows: Vec<D>) {
        for row in rows {
            let id = row.id();
            self.known.insert(id.clone(), row.undone().is_some());
            self.waiting.retain(|other| other.id() != id);
            self.waiting.push(row);
        }
        let too_many = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..too_many);
    }

    /// Takes decisions of the collector, which need not be sent to it. Returns what is new here.
    fn arrived(&mut self, rows: Vec<D>) -> Vec<D> {
        let there: HashMap<String, bool> = rows
            .iter()
            .map(|row| (row.id(), row.undone().is_some()))
            .collect();
        self.waiting.retain(|row| match there.get(&row.id()) {
            Some(is_undone) => row.undone().is_some() && !is_undone,
            None => true,
        });
        let is_new = |row: &D| {
            let is_undone = row.undone().is_some();
            match self.known.insert(row.id(), is_undone) {
                // What was undone before it was seen here is of no use.
                None => !is_undone,
                // What is undone here is not done again.
                Some(true) => {
                    self.known.insert(row.id(), true);
                    false
                }
                Some(false) => is_undone,
            }
        };
        rows.into_iter().filter(is_new).collect()
    }

    /// Reads the decisions of the collector, or only the newest of them.
    pub(super) async fn read(
        &mut self,
        client: &Client,
        is_all: bool,
        now: Timestamp,
    ) -> Result<Vec<D>, Error> {
        let since = (!is_all).then(|| self.newest.saturating_sub(OVERLAP_MS).max(0));
        let rows = pages(client, self.path, since).await?;
        let rows: Vec<D> = rows.iter().filter_map(|row| D::read(row, now).ok()).collect();
        let newest = rows.iter().map(|row| row.moved_at().as_millisecond()).max();
        self.newest = self.newest.max(newest.unwrap_or(0));
        let there: HashSet<String> = rows.iter().map(SharedDecision::id).collect();
        let arrived = self.arrived(rows);
        if is_all {
            // What the collector does not have needs not be undone there.
            self.waiting
                .retain(|row| row.undone().is_none() || there.contains(&row.id()));
        }
        Ok(arrived)
    }

    /// Takes those of these saved decisions that are new, or undone, since the others were known.
    pub(super) fn own_new(&mut self, rows: Vec<D>) {
        let is_new = |row: &D| self.known.get(&row.id()) != Some(&row.undone().is_some());
        let new = rows.into_iter().filter(is_new).collect();
        self.own(new);
    }

    /// Sends the first `count` that wait.
    pub(super) async fn post(&self, client: &Client, count: usize) -> Result<(), Error> {
        let records: Vec<Value> = self.waiting.iter().take(count).map(D::write).collect();
        let call = SendToTeam {
            path: self.path,
            project: client.known_project().map(str::to_owned),
            body: json!({ "records": records }).to_string().into_bytes(),
        };
        client.call(SendBy::ANY, &call).await.map(drop)
    }

    /// Sends what waits.
    pub(super) async fn send(&mut self, client: &Client) -> Result<(), Error> {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(AT_ONCE);
            match self.post(client, count).await {
                Ok(()) => {}
                // Sending them again would not help.
                Err(Error::Service(service)) if [400, 413, 507].contains(&service.status) => {
                    tracing::warn!(
                        status = service.status,
                        count,
                        "the collector accepts no decisions"
                    );
                }
                Err(error) => return Err(error),
            }
            self.waiting.drain(..count);
        }
        Ok(())
    }
}

/// All records of a list of the collector, oldest first.
pub(super) async fn pages(
    client: &Client,
    path: &'static str,
    since: Option<i64>,
) -> Result<Vec<Value>, Error> {
    let (mut rows, mut after) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let call = ReadTeam {
            path,
            parameters: Parameters::default()
                .with("project_id", client.known_project())
                .with("after", after.as_ref())
                .with("limit", Some(PAGE))
                .with("since", since),
        };
        let mut body = client.call(SendBy::ANY, &call).await?.value;
        if let Some(Value::Array(records)) = body.remove("records") {
            rows.extend(records);
        }
        after = body.get("last").and_then(Value::as_str).map(str::to_owned);
        if body.get("more") != Some(&Value::Bool(true)) || after.is_none() {
            break;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::PodKey;
    use crate::fleet::decisions::Acknowledgement;

    fn row(second: i64, undone: Option<i64>) -> Acknowledgement {
        let at = |second| Timestamp::from_second(1_760_000_000 + second).unwrap();
        Acknowledgement {
            who: "ops".to_owned(),
            at: at(second),
            pod: PodKey::restored("id\0a"),
            finding: "dd23e1be204952fe".to_owned(),
            until: None,
            undone: undone.map(at),
        }
    }

    #[test]
    fn a_decision_goes_where_it_is_missing_and_an_undone_one_is_not_done_again() {
        let mut known = KnownDecisions::new("/v1/acks", vec![row(1, None), row(2, Some(9)), row(3, None)]);
        let arrived = known.arrived(vec![
            row(1, None),
            row(2, None),
            row(3, Some(8)),
            row(4, None),
            row(5, Some(8)),
        ]);
        assert_eq!(arrived, [row(3, Some(8)), row(4, None)]);
        assert_eq!(known.waiting, [row(2, Some(9))]);
        assert_eq!(known.arrived(vec![row(4, None), row(2, None)]), []);
        known.own(vec![row(6, None)]);
        known.own(vec![row(6, Some(7))]);
        assert_eq!(
            known.waiting,
            [row(2, Some(9)), row(6, Some(7))],
            "it replaces itself"
        );
    }
}
