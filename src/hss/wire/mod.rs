//! Decodes an answer into the entries of its lists.
//!
//! Owns the names and types of the answer's fields (API page; SDK models; every field is optional). Decoding
//! is lenient field by field: a null, missing or mistyped value costs its field and never the row or the
//! page, and a value that no parser would accept is repaired first ([`super::json`]). Absent does not mean
//! empty: a page says what it lacks ([`Page::lacks`]). An entry refers to its texts by position; a text is
//! made safe ([`crate::fleet::RemoteText`]) when it is read. Must not: know HTTP.

mod fast_path;
mod field;
#[cfg(test)]
mod lenient;
#[cfg(test)]
mod mutated;
mod record;
mod stored;

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fleet::raw::{Filler, List, RawPods, UnreadPage};
use crate::fleet::{Field, RemoteText};
use crate::hss::json;
use crate::hss::request::{LIMIT, OFFSET};
use crate::secrets;
use field::{FieldName, Lenient};
use record::{EntrySeed, FieldOrder};
pub use stored::stored;

/// The largest credible `total_num`. Offsets have a limit ([`OFFSET`]), but a list may be longer: it is worth
/// knowing how much of it cannot be requested.
const BELIEVABLE_TOTAL: i64 = 100_000_000;
/// The range of credible snapshot dates in milliseconds since 1970: from 2015, before there were any, to
/// 2100.
const SNAPSHOT_MS: Range<i64> = 1_420_070_400_000..4_102_444_800_000;
/// The names of an error code next to the lists.
const ERROR_CODES: [&str; 2] = ["error_code", "errorCode"];
/// The most pods that can be requested. No memory is reserved for more, whatever total a page states.
const MOST_FETCHED: usize = *OFFSET.end() as usize + *LIMIT.end() as usize;

/// One answer.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `total_num`: how many records the complete list has, if credible.
    pub total: Option<u64>,
    /// `last_update_time`: when HSS last synchronised. In the page's example but not in its table, so it may
    /// be missing.
    pub snapshot_at: Option<Timestamp>,
    /// `last_update_time` as received, if it is not a credible date: a text, a negative number, or seconds.
    pub odd_snapshot: Option<RemoteText>,
    /// `total_num` as received, if it is not a credible number.
    pub odd_total: Option<RemoteText>,
    /// The entries of both lists, as received.
    pub pods: RawPods,
    /// Whether one of the two lists was present, even if empty.
    pub has_list: bool,
    /// The list whose value is not a list.
    odd_list: Option<List>,
    /// How many entries are not objects.
    odd_entries: usize,
    /// Whether there is an error code next to the lists, which may still mean success.
    pub has_code: bool,
}

impl Page {
    /// Whether it says nothing about pods: it has neither a list nor a total. Such a page does not prove that
    /// a pod is gone.
    pub fn is_silent(&self) -> bool {
        !self.has_list && self.total.is_none()
    }

    /// What it lacks to be a valid page. A page that lacks something proves neither that pods are gone nor
    /// that there are no pods.
    pub fn lacks(&self) -> Option<&'static str> {
        match self.odd_list {
            Some(List::Node) => Some("data_list is not a list"),
            Some(List::Serverless) => Some("pod_info_list is not a list"),
            None if self.is_silent() => Some("neither total_num nor a list"),
            None if self.odd_entries > 0 && self.pods.is_empty() => Some("a list without objects"),
            None => None,
        }
    }

    /// Why this page, as the first of a list, does not prove that the list is empty. `None` if it has pods or
    /// proves it. The end of a list without a total may look the same.
    pub fn unproven(&self) -> Option<&'static str> {
        match self.total {
            _ if !self.pods.is_empty() => None,
            None => Some("an empty list without a readable total_num"),
            Some(0) if !self.has_list => Some("total_num is 0, but there is no list"),
            Some(_) => None,
        }
    }
}

/// Decodes an answer; the page holds its text. Fails only if the bytes are not one JSON object.
pub fn read_page(body: impl Into<Vec<u8>>) -> Result<Page, serde_json::Error> {
    let mut wire = WirePage::default();
    // Nothing that is decoded, shown or stored may hold one of our secrets, whoever put it there.
    let text = secrets::redact_page(json::text(body.into()));
    let in_one_go = RawPods::of(text).try_fill(|text, filler| fast_path::read(text, &mut wire, filler));
    let mut pods = match in_one_go {
        Ok(pods) => pods,
        Err(UnreadPage(text)) => {
            let text = json::mended(&text).unwrap_or(text);
            wire = WirePage::default();
            RawPods::of(text).fill(|text, filler| read_any(text, &mut wire, filler))?
        }
    };
    let snapshot_ms = wire.snapshot_ms.value().copied();
    let snapshot_at = snapshot_ms.filter(|ms| SNAPSHOT_MS.contains(ms));
    let snapshot_at = snapshot_at.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let total = wire
        .total
        .value()
        .filter(|total| (0..=BELIEVABLE_TOTAL).contains(*total))
        .and_then(|total| u64::try_from(*total).ok());
    let expected = total.and_then(|total| usize::try_from(total).ok());
    pods.expect(expected.unwrap_or(0).min(MOST_FETCHED));
    Ok(Page {
        total,
        snapshot_at,
        // HSS may have no date yet and write a zero.
        odd_snapshot: (snapshot_at.is_none() && snapshot_ms != Some(0))
            .then(|| as_it_came(wire.snapshot_ms, wire.raw_snapshot))
            .flatten(),
        odd_total: total
            .is_none()
            .then(|| as_it_came(wire.total, wire.raw_total))
            .flatten(),
        pods,
        has_list: wire.has_list,
        odd_list: wire.odd_list,
        odd_entries: wire.odd_entries,
        has_code: wire.has_code,
    })
}

/// A number as received: the value if it could be read, or else its text.
fn as_it_came(number: Field<i64>, raw: Option<String>) -> Option<RemoteText> {
    let number = number.value().map(i64::to_string);
    number.or(raw).map(|text| RemoteText::name(&text))
}

/// Reads any valid JSON.
fn read_any(text: &str, page: &mut WirePage, filler: &mut Filler<'_>) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    PageSeed { page, filler }.deserialize(&mut deserializer)?;
    deserializer.end()
}

#[derive(Debug, Default, PartialEq)]
struct WirePage {
    total: Field<i64>,
    raw_total: Option<String>,
    snapshot_ms: Field<i64>,
    raw_snapshot: Option<String>,
    has_list: bool,
    odd_list: Option<List>,
    odd_entries: usize,
    has_code: bool,
}

struct PageSeed<'f, 'a> {
    page: &'f mut WirePage,
    filler: &'f mut Filler<'a>,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PageSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with data_list and pod_info_list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<FieldName>()? {
            let list = match key.name() {
                "total_num" => {
                    let Lenient { number, raw } = map.next_value()?;
                    (self.page.total, self.page.raw_total) = (number, raw);
                    continue;
                }
                "last_update_time" => {
                    let Lenient { number, raw } = map.next_value()?;
                    (self.page.snapshot_ms, self.page.raw_snapshot) = (number, raw);
                    continue;
                }
                "data_list" => List::Node,
                "pod_info_list" => List::Serverless,
                name => {
                    self.page.has_code |= ERROR_CODES.contains(&name);
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let filler = &mut *self.filler;
            match map.next_value_seed(ListSeed { list, filler })? {
                ListKind::Null => {}
                ListKind::Other => self.page.odd_list = Some(list),
                ListKind::List { odd_entries } => {
                    self.page.has_list = true;
                    self.page.odd_entries += odd_entries;
                }
            }
        }
        Ok(())
    }
}

/// Reads a list of entries. An entry that is not an object is not a pod.
struct ListSeed<'f, 'a> {
    list: List,
    filler: &'f mut Filler<'a>,
}

/// The value in place of a list.
enum ListKind {
    List { odd_entries: usize },
    Null,
    Other,
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_, '_> {
    type Value = ListKind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ListKind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ListKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ListKind, A::Error> {
        let Self { list, filler } = self;
        let (names, mut odd_entries) = (&mut FieldOrder::of(list), 0);
        loop {
            let (names, filler) = (&mut *names, &mut *filler);
            match seq.next_element_seed(EntrySeed { list, names, filler })? {
                None => return Ok(ListKind::List { odd_entries }),
                Some(is_pod) => odd_entries += usize::from(!is_pod),
            }
        }
    }

    fn visit_unit<E>(self) -> Result<ListKind, E> {
        Ok(ListKind::Null)
    }

    field::any_other_scalar_is!(ListKind::Other);
    field::any_object_is!(ListKind::Other);
}

#[cfg(test)]
mod tests;
