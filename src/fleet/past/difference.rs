//! Writes the difference from a line-up to the next one.
//!
//! ```text
//! format, length │ compressed: words │ places that went │ pods that came, column by column │ values that changed, column by
//!                │                                                                        │ column: places, values
//!                │ later columns: name, values of the pods that came, values that changed
//! ```
//!
//! Owns the format. Words are written once a body and named by number; the names of pods that came share their beginning with
//! the name before. What can be computed (usage in percent, the risk score) is not written.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::BadDifference;
use super::bytes::{ByteReader, put, put_size, put_text};
use super::lineup::{Lineup, Merge, merge};
use crate::fleet::create_time::CreateTime;
use crate::fleet::pod::CommonFields;
use crate::fleet::quantity::Quantity;
use crate::fleet::record_texts::RecordTexts;
use crate::fleet::store::chunk::{Chunk, Col, Twin};
use crate::fleet::store::dictionary::ABSENT;
use crate::fleet::store::encoding::{FIRST_TEXT, IS_UUID, PortableValue};
use crate::fleet::store::stored_columns::later;
use crate::fleet::text::RemoteText;
use crate::fleet::words::Status;
use crate::fleet::{Field, Fleet};

/// The columns that say where a pod belongs, which only pods that came have.
pub(super) const PLACE: [Col; 2] = [Col::Cluster, Col::Namespace];
/// The columns of the first format whose values may change. Later ones follow them under their names, see
/// [`stored_columns`](crate::fleet::store::stored_columns).
pub(super) const VALUES: [Col; 16] = [
    Col::Flags,
    Col::Id,
    Col::Node,
    Col::NodeIp,
    Col::ClusterId,
    Col::ClusterType,
    Col::Region,
    Col::Status,
    Col::Protection,
    Col::Detection,
    Col::PodIp,
    Col::Created,
    Col::Cpu,
    Col::Memory,
    Col::CpuLimit,
    Col::MemoryLimit,
];
/// The number of the format. It grows with every change of [`PLACE`], [`VALUES`] or the fields of a pod in a body: bodies of
/// another number are not read, and the past then begins with the first snapshot that is stored after the update. A later
/// column is no such change.
const FORMAT: u8 = 1;
/// The most bytes of a body before it is compressed: that of a million pods.
const MOST_PLAIN: usize = 128 << 20;
/// Bodies of more bytes than this are the pods of a large fleet as a whole. Most of their bytes are ids, which no level makes
/// smaller: the fastest one takes half the time, and 2 % more room.
const LARGE: usize = 1 << 20;
/// The number of an absent field, of an unreadable one, and of the first value.
pub(super) const FIELD_FORMS: [u128; 3] = [0, 1, 2];
/// The number of a pod in both lists, and what it grows by if the records differ, and if there is more to say of their other
/// texts.
pub(super) const TWIN: u8 = 1;
pub(super) const DIFFERS: u8 = 1;
pub(super) const HAS_TEXTS: u8 = 2;
/// In place of the milliseconds of a creation time, beyond all of them: a text follows.
pub(super) const CREATE_WORD: u128 = 1 << 64;

/// The difference from `before` to `after`, as bytes; without `before`, all of `after`.
///
/// # Errors
/// It would be too large.
pub fn difference(before: &Lineup, after: &Lineup) -> Result<Vec<u8>, BadDifference> {
    let merge = merge(before, after);
    let mut writer = BodyWriter::default();
    writer.places(merge.went.iter().copied());
    came(&mut writer, after, &merge);
    changed(&mut writer, before, after, &merge);
    later_columns(&mut writer, before, after, &merge);
    packed(&writer.plain())
}

/// A body, compressed.
pub(super) fn packed(plain: &[u8]) -> Result<Vec<u8>, BadDifference> {
    if plain.len() > MOST_PLAIN {
        return Err(BadDifference);
    }
    let mut body = vec![FORMAT];
    put_size(&mut body, plain.len());
    let level = if plain.len() > LARGE {
        Compression::fast()
    } else {
        Compression::default()
    };
    let mut encoder = DeflateEncoder::new(body, level);
    encoder.write_all(plain).map_err(|_| BadDifference)?;
    encoder.finish().map_err(|_| BadDifference)
}

/// A body before it was compressed.
pub(super) fn plain(body: &[u8]) -> Result<Vec<u8>, BadDifference> {
    let Some((&FORMAT, body)) = body.split_first() else {
        return Err(BadDifference);
    };
    let mut reader = ByteReader(body);
    let length: usize = reader.narrow()?;
    if length > MOST_PLAIN {
        return Err(BadDifference);
    }
    let mut plain = Vec::with_capacity(length);
    let most = length.saturating_add(1) as u64;
    let mut inflated = DeflateDecoder::new(reader.0).take(most);
    inflated.read_to_end(&mut plain).map_err(|_| BadDifference)?;
    if plain.len() == length {
        Ok(plain)
    } else {
        Err(BadDifference)
    }
}

#[derive(Debug, Default)]
pub(super) struct BodyWriter<'a> {
    words: Vec<&'a str>,
    numbers: HashMap<&'a str, u32>,
    out: Vec<u8>,
}

impl<'a> BodyWriter<'a> {
    /// What was written, behind its words.
    pub(super) fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(self.out.len());
        put_size(&mut plain, self.words.len());
        for word in &self.words {
            put_text(&mut plain, word);
        }
        plain.extend_from_slice(&self.out);
        plain
    }

    /// A list of places that never go back: how far each is from the one before.
    pub(super) fn places(&mut self, places: impl ExactSizeIterator<Item = u32>) {
        put_size(&mut self.out, places.len());
        let mut last = 0;
        for place in places {
            put(&mut self.out, u128::from(place.saturating_sub(last)));
            last = place;
        }
    }

    fn word(&mut self, word: &'a str) -> u32 {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(word).or_insert(next);
        if number == next {
            self.words.push(word);
        }
        number
    }

    fn value(&mut self, value: PortableValue<'a>) {
        let number = match value {
            PortableValue::Number(number) => u128::from(number) << 1,
            PortableValue::Word(word) => u128::from(self.word(word)) << 1 | 1,
        };
        put(&mut self.out, number);
    }

    fn field(&mut self, field: Field<&'a str>) {
        let [absent, unreadable, first] = FIELD_FORMS;
        let number = match field {
            Field::Absent => absent,
            Field::Unreadable => unreadable,
            Field::Value(text) => first + u128::from(self.word(text)),
        };
        put(&mut self.out, number);
    }

    fn id_of_uuid(&mut self, chunk: &Chunk, at: usize) {
        if chunk.code(Col::Id, at) == IS_UUID {
            self.out.extend_from_slice(&chunk.uuid(at).to_be_bytes());
        }
    }

    /// What a pod in both lists has besides its values.
    pub(super) fn twin(&mut self, twin: Option<&'a Twin>) {
        let Some(twin) = twin else {
            return self.out.push(0);
        };
        let is_silent = |at: u32| twin.silent >> at & 1 == 1;
        let texts = RecordTexts::default();
        let silent = (FIRST_TEXT..).zip(texts.iter()).filter(|(at, _)| is_silent(*at));
        let silent: Vec<&'static str> = silent.map(|(_, (field, _))| field.sent().name).collect();
        let differ = twin.differs.iter().flat_map(|common| common.texts.iter());
        let differ: Vec<_> = differ.filter(|(_, text)| !text.is_absent()).collect();
        let has_texts = !(silent.is_empty() && differ.is_empty());
        self.out
            .push(TWIN + u8::from(twin.differs.is_some()) * DIFFERS + u8::from(has_texts) * HAS_TEXTS);
        put(&mut self.out, u128::from(twin.silent & ((1 << FIRST_TEXT) - 1)));
        if let Some(common) = &twin.differs {
            self.common(common);
        }
        if has_texts {
            put_size(&mut self.out, silent.len());
            for name in silent {
                self.name(name);
            }
            put_size(&mut self.out, differ.len());
            for (field, text) in differ {
                self.name(field.sent().name);
                self.field(text.part(RemoteText::raw));
            }
        }
    }

    /// The name of a field that came later.
    fn name(&mut self, name: &'static str) {
        let word = self.word(name);
        put(&mut self.out, u128::from(word));
    }

    fn common(&mut self, common: &'a CommonFields) {
        let [absent, unreadable, first] = FIELD_FORMS;
        for text in [&common.name, &common.namespace, &common.cluster, &common.pod_ip] {
            self.field(text.part(RemoteText::raw));
        }
        self.field(common.status.part(Status::raw));
        let time = match common.create_time.part(CreateTime::sent) {
            Field::Absent => absent,
            Field::Unreadable => unreadable,
            Field::Value(CreateTime::Milliseconds(ms)) => first + u128::from(ms.cast_unsigned()),
            Field::Value(CreateTime::Word(_)) => first + CREATE_WORD,
        };
        put(&mut self.out, time);
        if let Field::Value(CreateTime::Word(word)) = common.create_time.part(CreateTime::sent) {
            self.field(Field::Value(word));
        }
        for quantity in [
            &common.cpu,
            &common.memory,
            &common.cpu_limit,
            &common.memory_limit,
        ] {
            self.field(quantity.part(Quantity::sent));
        }
    }
}

/// A row: its chunk and its place there.
type RowPlace<'a> = (&'a Chunk, usize);

fn twin_of(chunk: &Chunk, at: usize) -> Option<&Twin> {
    chunk.twins.get(&u16::try_from(at).ok()?)
}

/// Writes the pods that came.
fn came<'a>(writer: &mut BodyWriter<'a>, after: &'a Lineup, merge: &Merge) {
    writer.places(merge.came.iter().map(|(place, _)| *place));
    let words = after.fleet.words();
    let rows: Vec<(&Chunk, usize)> = {
        let rows = merge.came.iter();
        rows.filter_map(|(_, row)| after.chunk(*row)).collect()
    };
    for col in PLACE.into_iter().chain(VALUES) {
        for (chunk, at) in &rows {
            writer.value(words.portable(col, chunk.code(col, *at)));
        }
    }
    for (chunk, at) in &rows {
        writer.id_of_uuid(chunk, *at);
    }
    let mut before = "";
    for (chunk, at) in &rows {
        let name = chunk.name(*at);
        let shared = shared_start(before, name);
        put_size(&mut writer.out, shared);
        put_text(&mut writer.out, name.get(shared..).unwrap_or_default());
        before = name;
    }
    let twins = (0_u32..).zip(&rows);
    let twins: Vec<(u32, &Twin)> = twins
        .filter_map(|(number, (chunk, at))| Some((number, twin_of(chunk, *at)?)))
        .collect();
    writer.places(twins.iter().map(|(number, _)| *number));
    for (_, twin) in twins {
        writer.twin(Some(twin));
    }
}

/// The bytes that two names begin with, up to a whole character.
fn shared_start(before: &str, name: &str) -> usize {
    let same = before.bytes().zip(name.bytes()).take_while(|(a, b)| a == b);
    let mut shared = same.count();
    while !(name.is_char_boundary(shared) && before.is_char_boundary(shared)) {
        shared -= 1;
    }
    shared
}

/// A pod that stayed: its place before, its row then and now.
type StayedPod<'a> = (u32, RowPlace<'a>, RowPlace<'a>);

/// The pods that stayed and may have changed.
fn stayed<'a>(before: &'a Lineup, after: &'a Lineup, merge: &Merge) -> Vec<StayedPod<'a>> {
    // What shares its columns is the same.
    let pairs = merge.stayed.iter().filter_map(|(place, then, now)| {
        let (then, now) = (before.chunk(*then)?, after.chunk(*now)?);
        let is_shared = std::ptr::eq(then.0, now.0) && then.1 == now.1;
        (!is_shared).then_some((*place, then, now))
    });
    pairs.collect()
}

/// Writes what changed in a column. Returns whose value it is.
fn changed_in<'a, 'p>(
    writer: &mut BodyWriter<'a>,
    col: Col,
    (before, after): (&'a Lineup, &'a Lineup),
    pairs: &'p [StayedPod<'a>],
) -> Vec<&'p StayedPod<'a>> {
    let (words_then, words_now) = (before.fleet.words(), after.fleet.words());
    let changed = pairs.iter().filter(|(_, (then, at_then), (now, at_now))| {
        let (old, new) = (then.code(col, *at_then), now.code(col, *at_now));
        words_then.portable(col, old) != words_now.portable(col, new)
            || (col == Col::Id && then.uuid(*at_then) != now.uuid(*at_now))
    });
    let changed: Vec<_> = changed.collect();
    writer.places(changed.iter().map(|(place, ..)| *place));
    for (_, _, (chunk, at)) in &changed {
        writer.value(words_now.portable(col, chunk.code(col, *at)));
    }
    changed
}

/// Writes the columns that came after the first format, each under its name.
fn later_columns<'a>(writer: &mut BodyWriter<'a>, before: &'a Lineup, after: &'a Lineup, merge: &Merge) {
    let words = after.fleet.words();
    let has_any = |fleet: &Fleet, col| {
        fleet
            .chunks()
            .iter()
            .any(|chunk| chunk.column(col).most() != ABSENT)
    };
    let columns = later().filter(|(col, _)| has_any(&before.fleet, *col) || has_any(&after.fleet, *col));
    let columns: Vec<(Col, &str)> = columns.collect();
    if columns.is_empty() {
        return;
    }
    let pairs = stayed(before, after, merge);
    for (col, name) in columns {
        writer.name(name);
        for (_, row) in &merge.came {
            if let Some((chunk, at)) = after.chunk(*row) {
                writer.value(words.portable(col, chunk.code(col, at)));
            }
        }
        changed_in(writer, col, (before, after), &pairs);
    }
}

/// Writes what changed of the pods that stayed.
fn changed<'a>(writer: &mut BodyWriter<'a>, before: &'a Lineup, after: &'a Lineup, merge: &Merge) {
    let pairs = stayed(before, after, merge);
    for col in VALUES {
        let changed = changed_in(writer, col, (before, after), &pairs);
        if col == Col::Id {
            for (_, _, (chunk, at)) in changed {
                writer.id_of_uuid(chunk, *at);
            }
        }
    }
    let twins = pairs.iter().filter_map(|(place, then, now)| {
        let (then, now) = (twin_of(then.0, then.1), twin_of(now.0, now.1));
        (then != now).then_some((*place, now))
    });
    let twins: Vec<(u32, Option<&Twin>)> = twins.collect();
    writer.places(twins.iter().map(|(place, _)| *place));
    for (_, twin) in twins {
        writer.twin(twin);
    }
}
