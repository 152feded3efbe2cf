//! The journal of a team: changes, acknowledgements and mutes, as pages, and decisions that clients send.
//!
//! Owns the order in which decisions reach the logbook: one request at a time reads what is there, adds what
//! is new, and is answered once that is written. So a decision that is sent twice is there once. It knows no
//! file: [`crate::state::logbook`] is the one door to it, for the dashboards of this machine, for `mutes` and
//! for these requests. Must not: know HTTP.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use super::pods::ApiRefusal;
use crate::fleet::RemoteText;
use crate::fleet::changes::{ChangeId, Changes};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteTarget};
use crate::report::json;
use crate::state::logbook::MOST_DECISIONS;
use crate::state::shared_record::{SharedDecision, write_change};
use crate::state::{Logbook, LogbookEntry, LogbookNews};

/// The most records of a page, and the number where the request names none.
const PAGE_RECORDS: usize = 500;
/// The most decisions of a request.
const MOST_AT_ONCE: usize = 100;
/// How long a request waits for the disk.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageWish {
    /// The id of the last record of the page before.
    after: Option<String>,
    limit: usize,
    /// Only decisions of this time and later, in milliseconds.
    since: i64,
}

impl PageWish {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// Which parameter is out of its range.
    pub fn read(query: &str) -> Result<Self, ApiRefusal> {
        let get = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let after = get("after").filter(|id| !id.is_empty());
        if after.as_deref().is_some_and(|id| ChangeId::read(id).is_none()) {
            return Err(ApiRefusal::Invalid("after is an id: 16 hexadecimal digits"));
        }
        let limit = match get("limit") {
            None => PAGE_RECORDS,
            Some(text) => {
                let number = text
                    .parse()
                    .ok()
                    .filter(|number| (1..=PAGE_RECORDS).contains(number));
                number.ok_or(ApiRefusal::Invalid("limit must be an integer from 1 to 500"))?
            }
        };
        let since = match get("since") {
            None => 0,
            Some(text) => {
                let number = text.parse().ok().filter(|number| *number >= 0);
                number.ok_or(ApiRefusal::Invalid("since is a time in milliseconds since 1970"))?
            }
        };
        Ok(Self { after, limit, since })
    }

    /// The page of a list of ids, oldest first: its first record, its end, and whether the place was lost.
    fn window(&self, count: usize, place_of: impl Fn(&str) -> Option<usize>) -> JournalWindow {
        let place = self.after.as_deref().map(place_of);
        let is_lost = place == Some(None);
        let first = place.flatten().map_or(0, |place| place + 1);
        JournalWindow {
            first,
            end: first.saturating_add(self.limit).min(count),
            is_lost,
        }
    }
}

/// Which records are in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct JournalWindow {
    first: usize,
    end: usize,
    /// The record to go on after is not there, so these begin with the oldest.
    is_lost: bool,
}

/// A page as JSON: printable ASCII.
fn page(schema: &str, window: JournalWindow, count: usize, records: &[Value]) -> Vec<u8> {
    let last = records.last().and_then(|record| record.get("id")).cloned();
    let body = json!({
        "schema": schema,
        "total": count,
        "lost_place": window.is_lost,
        "more": window.end < count,
        "last": last,
        "records": records,
    });
    ascii(&body)
}

/// JSON in printable ASCII.
pub fn ascii(body: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    // A buffer in memory takes everything.
    let _ = json::value(body, &mut out);
    out
}

/// A page of changes.
pub fn changes_page(changes: &Changes, wish: &PageWish) -> Vec<u8> {
    let ids = || changes.recorded();
    let count = ids().len();
    let window = wish.window(count, |id| {
        let id = ChangeId::read(id)?;
        ids().position(|recorded| recorded.id == id)
    });
    let wanted = ids()
        .skip(window.first)
        .take(window.end.saturating_sub(window.first));
    let records: Vec<Value> = wanted.map(|recorded| write_change(recorded.change)).collect();
    page("hss-top.team-changes/1", window, count, &records)
}

/// A kind of decisions: how it is listed and entered.
pub trait JournalList: SharedDecision {
    /// The name and the version of its pages.
    const SCHEMA: &'static str;

    /// Those of a logbook.
    fn rows(book: &Logbook) -> &[Self];

    /// Who decided.
    fn who(&self) -> &str;

    /// What it is about, in words.
    fn about(&self) -> String;

    /// The entries that add `new` ones and undo others.
    fn entries(new: Vec<Self>, undone: Vec<Self>) -> Vec<LogbookEntry>;
}

impl JournalList for Acknowledgement {
    const SCHEMA: &'static str = "hss-top.team-acks/1";

    fn rows(book: &Logbook) -> &[Self] {
        &book.decisions.acknowledgements
    }

    fn who(&self) -> &str {
        &self.who
    }

    fn about(&self) -> String {
        let pod = RemoteText::name(self.pod.as_str());
        format!("finding {} of pod {}", self.finding, pod.shown())
    }

    fn entries(new: Vec<Self>, undone: Vec<Self>) -> Vec<LogbookEntry> {
        let added = (!new.is_empty()).then_some(LogbookEntry::Acknowledge(new));
        let undone = (!undone.is_empty()).then_some(LogbookEntry::Withdraw(undone));
        added.into_iter().chain(undone).collect()
    }
}

impl JournalList for Mute {
    const SCHEMA: &'static str = "hss-top.team-mutes/1";

    fn rows(book: &Logbook) -> &[Self] {
        &book.decisions.mutes
    }

    fn who(&self) -> &str {
        &self.who
    }

    fn about(&self) -> String {
        match &self.target {
            MuteTarget::Pod { name, namespace, .. } => format!("pod {namespace}/{name}"),
            MuteTarget::Namespace { namespace, cluster } => format!("namespace {namespace} of {cluster}"),
            MuteTarget::Filter(filter) => format!("filter {filter}"),
        }
    }

    fn entries(new: Vec<Self>, undone: Vec<Self>) -> Vec<LogbookEntry> {
        let added = new.into_iter().map(LogbookEntry::Mute);
        added
            .chain(undone.into_iter().map(LogbookEntry::Unmute))
            .collect()
    }
}

/// What a request changes: decisions to add, and decisions to undo. Several of one id count once.
fn changed<D: JournalList>(book: &Logbook, wanted: Vec<D>) -> (Vec<D>, Vec<D>) {
    let (mut new, mut undone): (Vec<D>, Vec<D>) = (Vec::new(), Vec::new());
    for row in wanted {
        let id = row.id();
        let is_it = |other: &&D| other.id() == id;
        match D::rows(book).iter().find(is_it).or(new.iter().find(is_it)) {
            None => new.push(row),
            Some(known) => {
                let is_undone = known.undone().is_some() || undone.iter().any(|other| is_it(&other));
                if row.undone().is_some() && !is_undone {
                    undone.push(row);
                }
            }
        }
    }
    (new, undone)
}

/// The decisions of a team.
#[derive(Debug)]
pub struct TeamJournal {
    entries: mpsc::Sender<LogbookEntry>,
    news: watch::Receiver<LogbookNews>,
    /// How many entries were sent. Whoever holds it is the only one who writes.
    sent: Mutex<u64>,
}

impl TeamJournal {
    /// A journal of the logbook whose task takes `entries` and tells `news`.
    pub fn new(entries: mpsc::Sender<LogbookEntry>, news: watch::Receiver<LogbookNews>) -> Self {
        Self {
            entries,
            news,
            sent: Mutex::new(0),
        }
    }

    fn book(&self) -> Result<Arc<Logbook>, ApiRefusal> {
        self.news.borrow().book.clone().ok_or(ApiRefusal::NoJournal)
    }

    /// A page of decisions, oldest first.
    ///
    /// # Errors
    /// The journal was not read yet.
    pub fn page<D: JournalList>(&self, wish: &PageWish) -> Result<Vec<u8>, ApiRefusal> {
        let book = self.book()?;
        let rows = D::rows(&book).iter();
        let is_wanted = |row: &&D| row.moved_at().as_millisecond() >= wish.since;
        let rows: Vec<&D> = rows.filter(is_wanted).collect();
        let window = wish.window(rows.len(), |id| rows.iter().position(|row| row.id() == id));
        let wanted = rows.get(window.first..window.end).unwrap_or_default();
        let records: Vec<Value> = wanted.iter().map(|row| row.write()).collect();
        Ok(page(D::SCHEMA, window, rows.len(), &records))
    }

    /// Adds the decisions in `body`, and undoes those of them that are undone. One that is there already
    /// stays as it is.
    ///
    /// # Errors
    /// What is wrong with one of them, so that none was taken; or they are not written yet, so that they may
    /// be sent again.
    pub async fn take<D: JournalList>(
        &self,
        body: &[u8],
        now: Timestamp,
        caller: IpAddr,
    ) -> Result<Vec<u8>, ApiRefusal> {
        let wanted = decisions_of(body, now)?;
        let mut sent = self.sent.lock().await;
        // At the start of the service the file may not have been read yet.
        let mut news = self.news.clone();
        let _ = timeout(WRITTEN_WITHIN, news.wait_for(|news| news.book.is_some())).await;
        let book = self.book()?;
        let (new, undone) = changed::<D>(&book, wanted);
        if D::rows(&book).len() + new.len() > MOST_DECISIONS {
            return Err(ApiRefusal::JournalFull);
        }
        let answer = json!({ "schema": D::SCHEMA, "added": new.len(), "undone": undone.len() });
        for (decision, is_undone) in new
            .iter()
            .map(|new| (new, false))
            .chain(undone.iter().map(|row| (row, true)))
        {
            let (who, about) = (decision.who(), decision.about());
            tracing::info!(
                %caller,
                kind = D::SCHEMA,
                who,
                about,
                is_undone,
                "a client decided for the team"
            );
        }
        for entry in D::entries(new, undone) {
            self.entries
                .send(entry)
                .await
                .map_err(|_| ApiRefusal::NoJournal)?;
            *sent += 1;
        }
        let written = news.wait_for(|news| news.written >= *sent);
        match timeout(WRITTEN_WITHIN, written).await {
            Ok(Ok(_)) => Ok(ascii(&answer)),
            // The task goes on trying; whoever sends the same again finds it there.
            _ => Err(ApiRefusal::NoJournal),
        }
    }
}

/// Where a body stops being JSON. The library's own sentence could repeat what the client sent.
fn not_json(error: &serde_json::Error) -> ApiRefusal {
    let (line, column) = (error.line(), error.column());
    ApiRefusal::Wrong(format!(
        "the body is not JSON from line {line}, column {column} on"
    ))
}

/// The decisions in the body of a request: `{"records":[…]}`.
fn decisions_of<D: SharedDecision>(body: &[u8], now: Timestamp) -> Result<Vec<D>, ApiRefusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    let records = body.get("records").and_then(Value::as_array);
    let records = records.ok_or(ApiRefusal::Invalid(
        "the body is an object with records, an array",
    ))?;
    if records.len() > MOST_AT_ONCE {
        return Err(ApiRefusal::Invalid("records has at most 100 decisions"));
    }
    let read = records.iter().map(|record| D::read(record, now));
    read.collect::<Result<_, _>>()
        .map_err(|fault| ApiRefusal::Invalid(fault.0))
}

#[cfg(test)]
mod tests;
