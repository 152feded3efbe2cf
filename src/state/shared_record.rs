//! Decisions and changes as a collector and its screens exchange them: objects of JSON.
//!
//! ```text
//! {"id":"8d0c…","who":"ops","at":1760000000123,"pod":"id\u0000a","finding":"dd23e1be204952fe","until":null,"undone":null}
//! ```
//!
//! Owns the members, their limits and the ids. Nothing that comes from a network is trusted: a text becomes
//! safe to show here, and one that is too long, a filter that cannot be read or a time without sense is
//! refused. An id follows from who decided what and when, so the same decision has the same id in every
//! program, and sending it twice changes nothing. Times are milliseconds since 1970, as in the API of HSS.
//! Must not: know HTTP or a file.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use ring::digest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::journal;
use crate::fleet::changes::{Change, ChangeId};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteEnd, MuteTarget};
use crate::fleet::query::Query;
use crate::fleet::text::{MESSAGE_CHARS, NAME_CHARS};
use crate::fleet::{PodKey, RemoteText};

/// How far ahead of our clock another machine's may be.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// The longest key of a pod, in bytes: four names and what separates them.
const KEY_BYTES: usize = 4200;

/// What is wrong with a record, as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedRecordFault(pub &'static str);

impl fmt::Display for SharedRecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for SharedRecordFault {}

/// A decision that can be told apart from others, and be undone.
pub trait SharedDecision: Clone + Sized {
    /// Its id: 16 hexadecimal digits.
    fn id(&self) -> String;

    /// When it was decided.
    fn at(&self) -> Timestamp;

    /// When it was undone, if it was.
    fn undone(&self) -> Option<Timestamp>;

    /// When it was decided or undone, whichever was last.
    fn moved_at(&self) -> Timestamp {
        self.undone().map_or(self.at(), |undone| undone.max(self.at()))
    }

    /// Its object.
    fn write(&self) -> Value;

    /// Reads an object that another machine sent at `now`.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(object: &Value, now: Timestamp) -> Result<Self, SharedRecordFault>;
}

#[derive(Deserialize)]
struct WrittenAcknowledgement {
    who: String,
    at: i64,
    pod: String,
    finding: String,
    until: Option<i64>,
    undone: Option<i64>,
}

impl SharedDecision for Acknowledgement {
    fn id(&self) -> String {
        hash(&[
            &self.who,
            &ms(self.at).to_string(),
            self.pod.as_str(),
            &self.finding,
        ])
    }

    fn at(&self) -> Timestamp {
        self.at
    }

    fn undone(&self) -> Option<Timestamp> {
        self.undone
    }

    fn write(&self) -> Value {
        json!({
            "id": self.id(),
            "who": self.who,
            "at": ms(self.at),
            "pod": self.pod.as_str(),
            "finding": self.finding,
            "until": self.until.map(ms),
            "undone": self.undone.map(ms),
        })
    }

    fn read(object: &Value, now: Timestamp) -> Result<Self, SharedRecordFault> {
        let read = WrittenAcknowledgement::deserialize(object).map_err(|_| {
            SharedRecordFault("an acknowledgement has who, at, pod, finding, until and undone")
        })?;
        let at = begun(read.at, now)?;
        Ok(Self {
            who: word(&read.who, "who has 1 to 256 characters")?,
            at,
            pod: key(&read.pod)?,
            finding: word(&read.finding, "finding has 1 to 256 characters")?,
            until: later(read.until, at, "until is later than at")?,
            undone: undone(read.undone, at)?,
        })
    }
}

#[derive(Deserialize)]
struct WrittenMute {
    who: String,
    at: i64,
    target: WrittenTarget,
    ends: String,
    until: Option<i64>,
    undone: Option<i64>,
}

#[derive(Deserialize)]
struct WrittenTarget {
    pod: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    cluster: Option<String>,
    filter: Option<String>,
}

impl SharedDecision for Mute {
    fn id(&self) -> String {
        let at = ms(self.at).to_string();
        match &self.target {
            MuteTarget::Pod { key, .. } => hash(&[&self.who, &at, "pod", key.as_str()]),
            MuteTarget::Namespace { namespace, cluster } => {
                hash(&[&self.who, &at, "namespace", namespace.raw(), cluster.raw()])
            }
            MuteTarget::Filter(filter) => hash(&[&self.who, &at, "filter", filter]),
        }
    }

    fn at(&self) -> Timestamp {
        self.at
    }

    fn undone(&self) -> Option<Timestamp> {
        self.undone
    }

    fn write(&self) -> Value {
        let target = match &self.target {
            MuteTarget::Pod {
                key,
                name,
                namespace,
                cluster,
            } => json!({
                "pod": key.as_str(), "name": name.raw(), "namespace": namespace.raw(), "cluster": cluster.raw(),
            }),
            MuteTarget::Namespace { namespace, cluster } => {
                json!({ "namespace": namespace.raw(), "cluster": cluster.raw() })
            }
            MuteTarget::Filter(filter) => json!({ "filter": filter }),
        };
        let (ends, until) = match self.end {
            MuteEnd::Changed => ("changed", None),
            MuteEnd::At(until) => ("time", Some(until)),
            MuteEnd::Never => ("never", None),
        };
        json!({
            "id": self.id(),
            "who": self.who,
            "at": ms(self.at),
            "target": target,
            "ends": ends,
            "until": until.map(ms),
            "undone": self.undone.map(ms),
        })
    }

    fn read(object: &Value, now: Timestamp) -> Result<Self, SharedRecordFault> {
        let read = WrittenMute::deserialize(object)
            .map_err(|_| SharedRecordFault("a mute has who, at, target, ends, until and undone"))?;
        let at = begun(read.at, now)?;
        let until = later(read.until, at, "until is later than at")?;
        let end = match (read.ends.as_str(), until) {
            ("changed", None) => MuteEnd::Changed,
            ("time", Some(until)) => MuteEnd::At(until),
            ("never", None) => MuteEnd::Never,
            _ => return Err(SharedRecordFault("ends is changed, never, or time with until")),
        };
        Ok(Self {
            who: word(&read.who, "who has 1 to 256 characters")?,
            at,
            target: target(read.target)?,
            end,
            undone: undone(read.undone, at)?,
        })
    }
}

fn target(read: WrittenTarget) -> Result<MuteTarget, SharedRecordFault> {
    match (read.pod, read.name, read.namespace, read.cluster, read.filter) {
        (Some(pod), Some(name), Some(namespace), Some(cluster), None) => Ok(MuteTarget::Pod {
            key: key(&pod)?,
            name: name_of(&name)?,
            namespace: name_of(&namespace)?,
            cluster: name_of(&cluster)?,
        }),
        (None, None, Some(namespace), Some(cluster), None) => Ok(MuteTarget::Namespace {
            namespace: name_of(&namespace)?,
            cluster: name_of(&cluster)?,
        }),
        (None, None, None, None, Some(filter)) => {
            let is_short = filter.chars().count() <= MESSAGE_CHARS;
            let is_safe = is_short && RemoteText::message(&filter).shown() == filter;
            let is_query = is_safe && Query::parse(&filter).is_ok_and(|query| !query.is_empty());
            is_query
                .then_some(MuteTarget::Filter(filter))
                .ok_or(SharedRecordFault(
                    "filter must be a filter of hss-top of at most 4096 printable characters, such as ns:load-test or cpu>=90; \
                     hss-top fields lists its names",
                ))
        }
        _ => Err(SharedRecordFault(
            "target has pod, name, namespace and cluster; or namespace and cluster; or filter",
        )),
    }
}

/// A change as an object, with its id.
pub fn write_change(change: &Change) -> Value {
    // Our own line of JSON.
    let mut object: Value = serde_json::from_str(&journal::write(change)).unwrap_or_default();
    object["id"] = ChangeId::of(change).to_string().into();
    object
}

/// Reads a change that a collector sent; `None` if the object is not one.
pub fn read_change(object: &Value) -> Option<Change> {
    let line = object.to_string();
    let change = journal::read(&line)?;
    let is_keyed = (1..=KEY_BYTES).contains(&change.pod.as_str().len());
    let id = object.get("id")?.as_str()?;
    (is_keyed && ChangeId::read(id) == Some(ChangeId::of(&change))).then_some(change)
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn time(at: i64) -> Result<Timestamp, SharedRecordFault> {
    let read = Timestamp::from_millisecond(at).ok().filter(|_| at > 0);
    read.ok_or(SharedRecordFault("a time is in milliseconds since 1970"))
}

/// When something was decided: not in the future, as far as two clocks agree.
fn begun(at: i64, now: Timestamp) -> Result<Timestamp, SharedRecordFault> {
    let at = time(at)?;
    if at.duration_since(now) > AHEAD {
        return Err(SharedRecordFault(
            "at is more than a day ahead of this machine's clock",
        ));
    }
    Ok(at)
}

fn later(
    until: Option<i64>,
    at: Timestamp,
    why: &'static str,
) -> Result<Option<Timestamp>, SharedRecordFault> {
    let until = until.map(time).transpose()?;
    if until.is_some_and(|until| until <= at) {
        return Err(SharedRecordFault(why));
    }
    Ok(until)
}

fn undone(undone: Option<i64>, at: Timestamp) -> Result<Option<Timestamp>, SharedRecordFault> {
    let undone = undone.map(time).transpose()?;
    if undone.is_some_and(|undone| undone < at) {
        return Err(SharedRecordFault("undone is not before at"));
    }
    Ok(undone)
}

/// A word of another machine, safe to show.
fn word(text: &str, why: &'static str) -> Result<String, SharedRecordFault> {
    if !(1..=NAME_CHARS).contains(&text.chars().count()) {
        return Err(SharedRecordFault(why));
    }
    let safe = RemoteText::name(text).shown().chars().take(NAME_CHARS).collect();
    Ok(safe)
}

fn name_of(text: &str) -> Result<RemoteText, SharedRecordFault> {
    if text.chars().count() > NAME_CHARS {
        return Err(SharedRecordFault("a name has at most 256 characters"));
    }
    Ok(RemoteText::name(text))
}

fn key(text: &str) -> Result<PodKey, SharedRecordFault> {
    if !(1..=KEY_BYTES).contains(&text.len()) {
        return Err(SharedRecordFault(
            "pod is the key of a pod, as the changes have it",
        ));
    }
    Ok(PodKey::restored(text))
}

/// The id of what these texts are, each with its length so that different lists never have the same bytes.
fn hash(parts: &[&str]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hash.finish();
    let first = hash.as_ref().first_chunk().copied().map_or(0, u64::from_be_bytes);
    format!("{first:016x}")
}

#[cfg(test)]
mod tests;
