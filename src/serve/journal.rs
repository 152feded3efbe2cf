//! The journal of a team: changes, acknowledgements and mutes, as pages, and decisions that clients send.
//!
//! Owns the order in which decisions reach the logbook: one request at a time reads what is there, adds what
//! is new, and is answered once that is written. So a decision that is sent twice is there once. It knows no
//! file: [`crate::state::logbook`] is the one door to it, for the dashboards of this machine, for `mutes` and
//! for these requests. Must not: know HTTP.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use super::pods::ApiRefusal;
use crate::fleet::changes::{ChangeId, Changes};
use crate::fleet::decisions::{Acknowledgement, Mute};
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

    /// The entries that add `new` ones and undo others.
    fn entries(new: Vec<Self>, undone: Vec<Self>) -> Vec<LogbookEntry>;
}

impl JournalList for Acknowledgement {
    const SCHEMA: &'static str = "hss-top.team-acks/1";

    fn rows(book: &Logbook) -> &[Self] {
        &book.decisions.acknowledgements
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
    pub async fn take<D: JournalList>(&self, body: &[u8], now: Timestamp) -> Result<Vec<u8>, ApiRefusal> {
        let wanted = decisions_of(body, now)?;
        let mut sent = self.sent.lock().await;
        let book = self.book()?;
        let (new, undone) = changed::<D>(&book, wanted);
        if D::rows(&book).len() + new.len() > MOST_DECISIONS {
            return Err(ApiRefusal::JournalFull);
        }
        let answer = json!({ "schema": D::SCHEMA, "added": new.len(), "undone": undone.len() });
        for entry in D::entries(new, undone) {
            self.entries
                .send(entry)
                .await
                .map_err(|_| ApiRefusal::NoJournal)?;
            *sent += 1;
        }
        let mut news = self.news.clone();
        let written = news.wait_for(|news| news.written >= *sent);
        match timeout(WRITTEN_WITHIN, written).await {
            Ok(Ok(_)) => Ok(ascii(&answer)),
            // The task goes on trying; whoever sends the same again finds it there.
            _ => Err(ApiRefusal::NoJournal),
        }
    }
}

/// The decisions in the body of a request: `{"records":[…]}`.
fn decisions_of<D: SharedDecision>(body: &[u8], now: Timestamp) -> Result<Vec<D>, ApiRefusal> {
    let body: Value = serde_json::from_slice(body).map_err(|_| ApiRefusal::NotJson)?;
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
mod tests {
    use super::*;
    use crate::fleet::PodKey;
    use crate::fleet::decisions::{MuteEnd, MuteTarget};
    use crate::state::logbook;
    use tokio::task::JoinSet;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + second).unwrap()
    }

    fn ack(second: i64) -> Acknowledgement {
        Acknowledgement {
            who: "ops".to_owned(),
            at: at(second),
            pod: PodKey::restored("id\0a"),
            finding: "dd23e1be204952fe".to_owned(),
            until: None,
            undone: None,
        }
    }

    fn body(rows: &[impl SharedDecision]) -> Vec<u8> {
        let records: Vec<Value> = rows.iter().map(SharedDecision::write).collect();
        json!({ "records": records }).to_string().into_bytes()
    }

    async fn journal(tasks: &mut JoinSet<()>) -> TeamJournal {
        let (entries, to_write) = mpsc::channel(4);
        let (news_in, mut news) = mpsc::channel(1);
        let (told, mut latest) = watch::channel(LogbookNews::default());
        tasks.spawn(logbook::run(None, to_write, news_in));
        tasks.spawn(async move {
            while let Some(newer) = news.recv().await {
                told.send_replace(newer);
            }
        });
        latest.wait_for(|news| news.book.is_some()).await.unwrap();
        TeamJournal::new(entries, latest)
    }

    fn listed<D: JournalList>(journal: &TeamJournal, query: &str) -> Value {
        let wish = PageWish::read(query).unwrap();
        serde_json::from_slice(&journal.page::<D>(&wish).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_decision_that_is_sent_twice_is_there_once_and_what_is_undone_stays_undone() {
        let mut tasks = JoinSet::new();
        let journal = journal(&mut tasks).await;
        let send = async |rows: &[Acknowledgement]| {
            let answer = journal.take::<Acknowledgement>(&body(rows), at(9)).await.unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            (
                answer["added"].as_u64().unwrap(),
                answer["undone"].as_u64().unwrap(),
            )
        };
        let undone = Acknowledgement {
            undone: Some(at(5)),
            ..ack(1)
        };
        assert_eq!(send(&[ack(1), ack(2), ack(1)]).await, (2, 0));
        assert_eq!(send(&[ack(1)]).await, (0, 0));
        assert_eq!(send(&[undone.clone(), undone.clone()]).await, (0, 1));
        assert_eq!(send(&[ack(1), undone]).await, (0, 0));
        let page = listed::<Acknowledgement>(&journal, "");
        assert_eq!((&page["total"], &page["more"]), (&2.into(), &false.into()));
        assert_eq!(page["records"][0]["undone"], at(5).as_millisecond());
        assert_eq!(page["records"][1]["undone"], Value::Null);
        let mute = Mute {
            who: "ops".to_owned(),
            at: at(1),
            target: MuteTarget::Filter("ns:x".to_owned()),
            end: MuteEnd::Never,
            undone: None,
        };
        journal.take::<Mute>(&body(&[mute]), at(9)).await.unwrap();
        assert_eq!(listed::<Mute>(&journal, "")["total"], 1);
    }

    #[tokio::test]
    async fn pages_follow_each_other_by_the_last_id() {
        let mut tasks = JoinSet::new();
        let journal = journal(&mut tasks).await;
        let rows: Vec<_> = (1..=5).map(ack).collect();
        journal
            .take::<Acknowledgement>(&body(&rows), at(9))
            .await
            .unwrap();
        let mut seen = Vec::new();
        let mut query = "limit=2".to_owned();
        loop {
            let page = listed::<Acknowledgement>(&journal, &query);
            seen.extend(
                page["records"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["at"].clone()),
            );
            if page["more"] == false {
                break;
            }
            query = format!("limit=2&after={}", page["last"].as_str().unwrap());
        }
        assert_eq!(seen.len(), 5);
        let lost = listed::<Acknowledgement>(&journal, "after=0000000000000000");
        assert_eq!((&lost["lost_place"], &lost["total"]), (&true.into(), &5.into()));
        let since = listed::<Acknowledgement>(&journal, &format!("since={}", at(4).as_millisecond()));
        assert_eq!(since["total"], 2);
        for query in [
            "since=-1",
            "since=x",
            "limit=0",
            "limit=501",
            "limit=x",
            "after=1",
            "after=zzzzzzzzzzzzzzzz",
        ] {
            assert!(PageWish::read(query).is_err(), "{query}");
        }
    }

    #[tokio::test]
    async fn one_wrong_decision_and_none_is_taken() {
        let mut tasks = JoinSet::new();
        let journal = journal(&mut tasks).await;
        let wrong = Acknowledgement {
            who: String::new(),
            ..ack(2)
        };
        for body in [
            body(&[ack(1), wrong]),
            b"".to_vec(),
            b"[]".to_vec(),
            b"{\"records\":1}".to_vec(),
            body(&vec![ack(1); MOST_AT_ONCE + 1]),
        ] {
            assert!(journal.take::<Acknowledgement>(&body, at(9)).await.is_err());
        }
        assert_eq!(listed::<Acknowledgement>(&journal, "")["total"], 0);
    }
}
