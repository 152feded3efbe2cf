//! Records of pods from pieces that many of them have in common.
//!
//! Nearly all of a page is the same in many pages: names of fields, clusters, nodes, words. Their bytes are made once for a list
//! and then copied, and what each pod has for itself is written straight from the store. The texts are searched for secrets once
//! for each part of the list; a row of a part that has one is not written here. Owns that a record has the same bytes as
//! [`record::put`] writes. Must not: know pages.

mod field;
mod writer;

use std::sync::OnceLock;

use super::record;
use crate::fleet::Fleet;
use crate::fleet::fields::Lists;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_texts::{BatchRoom, RowBatch, TextsState};
use crate::secrets;
use field::RecordFields;
use writer::RecordWriter;

/// The pieces of the records of a list.
#[derive(Debug)]
pub struct RecordPieces {
    /// Of the secrets that were searched for.
    version: u64,
    fields: RecordFields,
    in_common: TextsState,
    parts: Vec<OnceLock<TextsState>>,
}

impl RecordPieces {
    /// The pieces of the records of a fleet.
    pub fn of(fleet: &Fleet) -> Self {
        let version = secrets::version();
        let in_common = fleet.texts_in_common();
        Self {
            version,
            fields: RecordFields::of(fleet, in_common),
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
        if rows.is_empty() {
            return;
        }
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
            let mut records = RecordWriter::new(out, &self.fields, list, states);
            for (place, row) in now.iter().enumerate() {
                let texts = batch.as_ref().and_then(|batch| batch.row(place, *row));
                if texts.is_some_and(|texts| records.put(texts)) {
                    continue;
                }
                let mut record = Vec::new();
                if let Some(pod) = fleet.pod(*row) {
                    record::put(&mut record, list, pod);
                }
                records.put_other(&record);
            }
        }
        if out.len() > begin {
            out.truncate(out.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::TextField;
    use crate::fleet::fixture::{node, pods};
    use crate::fleet::{Pod, RemoteText};
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
    fn what_neighbours_have_in_common_is_that_of_each() {
        // Each field changes at another pace, and comes back to texts of another length.
        let text = |number: usize, pace: usize| "abcdefg".repeat(1 + number / pace % 3);
        let many = (0..300).map(|number| {
            let built = node(&format!("pod-{number}")).within(&text(number, 41), &text(number, 5));
            let mut record = built.usage("1", &text(number, 3), "2Mi", "3Gi").node_record();
            let node_name = RemoteText::name(&text(number, 1)).into();
            record.common.texts.set(TextField::Node, node_name);
            Pod::on_node(record)
        });
        let fleet: Fleet = many.collect();
        let [from_pieces, from_pods] = both(&fleet).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(from_pieces, from_pods);
        assert_eq!(from_pieces.matches("\"node_name\"").count(), 300);
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
