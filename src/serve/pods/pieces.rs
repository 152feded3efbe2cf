//! Records of pods from pieces that many of them have in common.
//!
//! Nearly all of a page is the same in many pages: names of fields, clusters, nodes, words. Their bytes are made once for a list
//! and then copied, and what each pod has for itself is written straight from the store. The texts are searched for secrets once
//! for each part of the list; a row of a part that has one is not written here. Owns that a record has the same bytes as
//! [`record::put`] writes. Must not: know pages.

use std::sync::OnceLock;

use super::record::{self, put_text};
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::piece_writer::{PieceWriter, WINDOW, put_address, put_number, put_uuid};
use crate::fleet::row_texts::{
    BatchRoom, BatchRow, COMMON_FIELDS, OWN_FIELDS, RowBatch, SentText, TextsState, WordsInCommon,
};
use crate::fleet::{Field, Fleet};
use crate::secrets;

/// The most words of a field whose pieces are made. More would take memory that few pages need.
const MOST_WORDS: usize = 1 << 15;

/// The pieces of the records of a list.
#[derive(Debug)]
pub struct RecordPieces {
    /// Of the secrets that were searched for.
    version: u64,
    /// Of what each pod has for itself.
    own: Vec<FieldPieces>,
    /// Of what neighbours have in common.
    common: Vec<FieldPieces>,
    /// `,"create_time":`
    created: QuotedName,
    in_common: TextsState,
    parts: Vec<OnceLock<TextsState>>,
}

/// The end of the record before, which is what its pod may have in common with the next one.
#[derive(Debug, Default)]
struct CommonEnd {
    /// Whether there is such a record.
    is_there: bool,
    /// Where it ends.
    end: usize,
    /// How many bytes before that each field begins.
    before_end: [usize; COMMON_FIELDS.len()],
}

/// The pieces of a field.
#[derive(Debug)]
struct FieldPieces {
    field: TextField,
    lists: Lists,
    /// `,"pod_name":"`
    quoted: QuotedName,
    /// `,"pod_name":null`
    null: Vec<u8>,
    /// `,"pod_name":` with each text behind it, by code.
    words: Option<WordPieces>,
}

#[derive(Debug)]
struct WordPieces {
    /// All pieces, and [`WINDOW`] bytes more, so that each can be copied with what is behind it.
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl WordPieces {
    fn of(name: &[u8], words: &WordsInCommon<'_>) -> Self {
        let mut pieces = Self {
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        for word in &words.words {
            match word {
                Field::Absent => {}
                Field::Unreadable => pieces.bytes.extend(name.iter().chain(b"null")),
                Field::Value(word) => {
                    pieces.bytes.extend_from_slice(name);
                    put_text(&mut pieces.bytes, word);
                }
            }
            pieces
                .ends
                .push(u32::try_from(pieces.bytes.len()).unwrap_or(u32::MAX));
        }
        pieces.bytes.extend([0; WINDOW]);
        pieces
    }

    #[inline]
    fn put(&self, out: &mut PieceWriter, code: usize) {
        let before = code.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.ends.get(code).map_or(start, |end| *end as usize);
        out.put_first(end - start, self.bytes.get(start..).unwrap_or_default());
    }
}

impl RecordPieces {
    /// The pieces of the records of a fleet.
    pub fn of(fleet: &Fleet) -> Self {
        let version = secrets::version();
        let in_common = fleet.texts_in_common();
        let pieces = |field: &TextField| {
            let sent = field.sent();
            let name = begin(sent.name);
            let words = fleet.words_in_common(*field);
            let words =
                words.filter(|words| in_common != TextsState::Secret && words.words.len() <= MOST_WORDS);
            FieldPieces {
                field: *field,
                lists: sent.lists,
                words: words.map(|words| WordPieces::of(&name, &words)),
                null: [&name[..], b"null"].concat(),
                quoted: QuotedName::of(&name, b"\""),
            }
        };
        let created = begin(PodField::Age.sent().map_or("", |sent| sent.name));
        Self {
            version,
            own: OWN_FIELDS.iter().map(pieces).collect(),
            common: COMMON_FIELDS.iter().map(pieces).collect(),
            created: QuotedName::of(&created, b""),
            in_common,
            parts: (0..fleet.parts()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether its texts were searched for all secrets that are known now.
    pub fn are_current(&self) -> bool {
        self.version == secrets::version()
    }

    /// Writes the records of these rows in one list, with a comma between two of them.
    pub fn put_all(&self, out: &mut PieceWriter, list: Lists, fleet: &Fleet, rows: &[u32]) {
        let (begin, mut rest) = (out.len(), rows);
        let mut room = BatchRoom::default();
        while let Some(first) = rest.first() {
            let part = Fleet::part_of(*first);
            let state = self.parts.get(part).map_or(TextsState::Secret, |state| {
                *state.get_or_init(|| fleet.texts_of_rows(part))
            });
            let states = [state, self.in_common];
            let is_clean = !states.contains(&TextsState::Secret);
            let batch = if is_clean {
                RowBatch::of(fleet, rest, &mut room)
            } else {
                None
            };
            let (now, later) = rest.split_at(batch.as_ref().map_or(1, RowBatch::len));
            rest = later;
            let mut before = CommonEnd::default();
            for (place, row) in now.iter().enumerate() {
                if let Some(texts) = batch.as_ref().and_then(|batch| batch.row(place, *row)) {
                    // A text that a few rows have is among those that rows have in common.
                    self.put_texts(out, list, texts, states == [TextsState::Plain; 2], &mut before);
                } else {
                    before.is_there = false;
                    let Some(pod) = fleet.pod(*row) else { continue };
                    let mut record = Vec::new();
                    record::put(&mut record, list, pod);
                    out.put(&record);
                }
                out.put_byte(b',');
            }
        }
        if out.len() > begin {
            out.truncate(out.len() - 1);
        }
    }

    #[inline]
    fn put_texts(
        &self,
        out: &mut PieceWriter,
        list: Lists,
        row: BatchRow<'_>,
        is_plain: bool,
        before: &mut CommonEnd,
    ) {
        let begin = out.len();
        for (place, pieces) in self.own.iter().enumerate() {
            if !pieces.is_in(list) {
                continue;
            }
            if pieces.field == TextField::Name
                && is_plain
                && let Some((len, text)) = row.name_and_more()
            {
                pieces.quoted.put(out);
                out.put_first(len, text);
                out.put_byte(b'"');
            } else {
                pieces.put_own(out, row.own(place), is_plain);
            }
        }
        self.put_created(out, row);
        self.put_common(out, list, row, is_plain, before);
        // Each field begins with a comma.
        out.put_at(begin, b'{');
        out.put_byte(b'}');
    }

    #[inline]
    fn put_created(&self, out: &mut PieceWriter, row: BatchRow<'_>) {
        if let Some(ms) = row.created_ms() {
            self.created.put(out);
            out.put_with(|room| put_number(room, ms, 0, b""));
            return;
        }
        match row.texts().created() {
            Field::Absent => {}
            Field::Unreadable => {
                self.created.put(out);
                out.put(b"null");
            }
            Field::Value(CreateTime::Milliseconds(ms)) => {
                self.created.put(out);
                out.put(ms.to_string().as_bytes());
            }
            Field::Value(CreateTime::Word(word)) => {
                let mut text = Vec::new();
                put_text(&mut text, word.raw());
                self.created.put(out);
                out.put(&text);
            }
        }
    }

    /// Writes what the pod may have in common with the one before: as much of it as is the same is copied.
    #[inline]
    fn put_common(
        &self,
        out: &mut PieceWriter,
        list: Lists,
        row: BatchRow<'_>,
        is_plain: bool,
        before: &mut CommonEnd,
    ) {
        let new = if before.is_there {
            row.same_from()
        } else {
            COMMON_FIELDS.len()
        };
        for ((field, pieces), begin) in self
            .common
            .iter()
            .enumerate()
            .zip(&mut before.before_end)
            .take(new)
        {
            *begin = out.len();
            let code = row.common(field);
            if !pieces.is_in(list) {
                continue;
            }
            match (&pieces.words, pieces.field) {
                (Some(words), _) => words.put(out, usize::try_from(code).unwrap_or(usize::MAX)),
                (None, TextField::CpuLimit | TextField::MemoryLimit) => {
                    pieces.put_own(out, row.quantity(code), is_plain);
                }
                (None, field) => pieces.put_own(out, row.texts().text(field), is_plain),
            }
        }
        // From here on it is the same as in the record before.
        let same = before.before_end.get(new).copied().unwrap_or(0);
        out.put_again(before.end.saturating_sub(same)..before.end);
        before.end = out.len();
        before.is_there = true;
        for begin in before.before_end.iter_mut().take(new) {
            *begin = before.end - *begin;
        }
    }
}

impl FieldPieces {
    #[inline]
    fn is_in(&self, list: Lists) -> bool {
        self.lists == Lists::Both || self.lists == list
    }

    #[inline]
    fn put_own(&self, out: &mut PieceWriter, text: Field<SentText<'_>>, is_plain: bool) {
        match text {
            Field::Absent => {}
            Field::Unreadable => out.put(&self.null),
            Field::Value(text) => {
                self.quoted.put(out);
                put_sent(out, text, is_plain);
            }
        }
    }
}

/// `,"name":`
fn begin(name: &str) -> Vec<u8> {
    let mut out = vec![b','];
    put_text(&mut out, name);
    out.push(b':');
    out
}

/// A name fits into a window with a comma, three quotation marks and a colon.
const _: () = {
    let mut at = 0;
    while at < TextField::ALL.len() {
        assert!(TextField::ALL[at].sent().name.len() + 5 <= WINDOW);
        at += 1;
    }
};

/// `,"name":"`, with room behind it.
#[derive(Debug)]
struct QuotedName {
    text: [u8; WINDOW],
    len: usize,
}

impl QuotedName {
    /// The names of the API's fields are shorter than a window, see below.
    fn of(name: &[u8], behind: &[u8]) -> Self {
        let mut text = [0; WINDOW];
        let quoted = name.iter().chain(behind);
        let len = text.iter_mut().zip(quoted).map(|(to, from)| *to = *from).count();
        Self { text, len }
    }

    #[inline]
    fn put(&self, out: &mut PieceWriter) {
        out.put_first(self.len, &self.text);
    }
}

/// Writes a text and the quotation mark behind it.
#[inline]
fn put_sent(out: &mut PieceWriter, text: SentText<'_>, is_plain: bool) {
    match text {
        SentText::Text(text) if !is_plain => {
            let mut quoted = Vec::new();
            put_text(&mut quoted, text);
            out.put(quoted.get(1..).unwrap_or_default());
        }
        SentText::Text(text) => {
            out.put(text.as_bytes());
            out.put(b"\"");
        }
        SentText::Uuid(uuid) => out.put_with(|room| quoted(room, |room| put_uuid(room, uuid))),
        SentText::Address(bits) => out.put_with(|room| quoted(room, |room| put_address(room, bits))),
        SentText::Quantity(digits, fraction, letters) => {
            out.put_with(|room| {
                quoted(room, |room| {
                    put_number(room, digits, fraction.into(), letters.as_bytes())
                })
            });
        }
    }
}

/// Adds the quotation mark behind a text.
#[inline]
fn quoted(room: &mut [u8; WINDOW], fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> usize {
    let len = fill(room);
    if let Some(behind) = room.get_mut(len) {
        *behind = b'"';
    }
    len + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use proptest::prelude::*;

    fn both(fleet: &Fleet) -> [Vec<u8>; 2] {
        let pieces = RecordPieces::of(fleet);
        let (mut from_pieces, mut from_pods) = (PieceWriter::default(), Vec::new());
        let listed = fleet.listed(&crate::fleet::Scope::default());
        for (list, rows) in [
            (Lists::Node, &listed.nodes),
            (Lists::Serverless, &listed.serverless),
        ] {
            let rows = rows.window(0, usize::MAX);
            pieces.put_all(&mut from_pieces, list, fleet, &rows);
            for (at, row) in rows.iter().enumerate() {
                if at > 0 {
                    from_pods.push(b',');
                }
                record::put(&mut from_pods, list, fleet.pod(*row).unwrap());
            }
        }
        [from_pieces.written().to_vec(), from_pods]
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(128, 2_500))]

        #[test]
        fn a_record_from_pieces_has_the_bytes_of_one_from_its_pod(pods in proptest::collection::vec(pods(), 1..12)) {
            let fleet: Fleet = pods.into_iter().collect();
            let [from_pieces, from_pods] = both(&fleet);
            prop_assert_eq!(String::from_utf8(from_pieces), String::from_utf8(from_pods));
        }
    }

    #[test]
    fn a_secret_that_is_learnt_later_is_in_no_record() {
        let secret = "pieces-Late_Secret+7";
        let fleet: Fleet = [
            node(&format!("a-{secret}"))
                .usage("1.5", "2", "0.25Gi", "1e3")
                .build(),
            node("b").within("c", "n").build(),
        ]
        .into_iter()
        .collect();
        let before = RecordPieces::of(&fleet);
        assert!(before.are_current());
        secrets::protect(secret);
        assert!(!before.are_current());
        let [from_pieces, from_pods] = both(&fleet).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(from_pieces, from_pods);
        assert!(!from_pieces.contains("Late_Secret"), "{from_pieces}");
    }
}
