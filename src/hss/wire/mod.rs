//! From the bytes of an answer to the entries of its lists.
//!
//! Owns the names and types of the answer's fields (API page; SDK models; every field is optional). Decoding is
//! lenient field by field: one that is null, missing or of a wrong type costs that field and never the row or the
//! page. An entry's texts are pointed at, and made safe ([`crate::fleet::RemoteText`]) where one is read. Must not: know HTTP.

mod field;
#[cfg(test)]
mod mutated;
mod quick;
mod record;

use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::fleet::Field;
use crate::fleet::raw::{Filler, List, RawPods};
use crate::hss::request::{LIMIT, OFFSET};
use field::{Key, Lenient};
use record::{Names, Row};

/// The most pods that a `total_num` is believed to count. Offsets end ([`OFFSET`]), but a list may be longer: how much of it
/// cannot be asked for is worth knowing.
const BELIEVABLE_TOTAL: i64 = 100_000_000;
/// The most pods that can be asked for. No room is made for more, however many a page says there are.
const MOST_FETCHED: usize = *OFFSET.end() as usize + *LIMIT.end() as usize;

/// One answer.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `total_num`: how many records the whole list has, where that is a believable number.
    pub total: Option<u64>,
    /// `last_update_time`: when HSS last synchronised. In the page's example but not in its table, so it may be
    /// missing.
    pub snapshot_at: Option<Timestamp>,
    /// The entries of both lists, as they came.
    pub pods: RawPods,
    /// Whether one of the two lists was there, if only empty.
    pub has_list: bool,
}

impl Page {
    /// Whether it says nothing of any pod: neither a list nor a total. Such a page proves nothing gone.
    pub fn is_silent(&self) -> bool {
        !self.has_list && self.total.is_none()
    }
}

/// Reads an answer, which the page keeps. Fails only if the bytes are not one JSON object.
pub fn read_page(body: impl Into<Vec<u8>>) -> Result<Page, serde_json::Error> {
    let mut wire = WirePage::default();
    let text = String::from_utf8(body.into())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    let mut pods = RawPods::of(text).fill(|text, filler| {
        if quick::read(text, &mut wire, filler).is_some() {
            return Ok(());
        }
        filler.begin_anew();
        wire = WirePage::default();
        read_any(text, &mut wire, filler)
    })?;
    let created = |ms: i64| {
        Timestamp::from_millisecond(ms)
            .ok()
            .filter(|at| at.as_millisecond() > 0)
    };
    let total = wire
        .total
        .value()
        .filter(|total| (0..=BELIEVABLE_TOTAL).contains(*total))
        .and_then(|total| u64::try_from(*total).ok());
    let expected = total.and_then(|total| usize::try_from(total).ok());
    pods.expect(expected.unwrap_or(0).min(MOST_FETCHED));
    Ok(Page {
        total,
        snapshot_at: wire.snapshot_ms.value().copied().and_then(created),
        pods,
        has_list: wire.has_list,
    })
}

/// Reads whatever JSON allows.
fn read_any(text: &str, page: &mut WirePage, filler: &mut Filler<'_>) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    PageSeed { page, filler }.deserialize(&mut deserializer)?;
    deserializer.end()
}

#[derive(Debug, Default, PartialEq)]
struct WirePage {
    total: Field<i64>,
    snapshot_ms: Field<i64>,
    has_list: bool,
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
        while let Some(key) = map.next_key::<Key>()? {
            let list = match key.name() {
                "total_num" => {
                    self.page.total = map.next_value::<Lenient>()?.0;
                    continue;
                }
                "last_update_time" => {
                    self.page.snapshot_ms = map.next_value::<Lenient>()?.0;
                    continue;
                }
                "data_list" => List::Node,
                "pod_info_list" => List::Serverless,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let filler = &mut *self.filler;
            self.page.has_list |= map.next_value_seed(ListSeed { list, filler })?;
        }
        Ok(())
    }
}

/// A list of entries; answers whether it is a list. An entry that is no object is no pod.
struct ListSeed<'f, 'a> {
    list: List,
    filler: &'f mut Filler<'a>,
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let Self { list, filler } = self;
        let names = &mut Names::of(list);
        loop {
            let (names, filler) = (&mut *names, &mut *filler);
            if seq.next_element_seed(Row { list, names, filler })?.is_none() {
                return Ok(true);
            }
        }
    }

    field::anything_else_is!(false);
    field::any_object_is!(false);
}

#[cfg(test)]
mod tests;
