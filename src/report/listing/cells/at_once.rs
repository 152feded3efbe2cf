//! A record of JSON in one go.
//!
//! It is written without a note of each place, by the means that also write the pages of `serve`: what neighbours have in common is
//! copied from the record before, words are copied from the store if all words of their column are plain, values that many pods have
//! are remembered, and what a pod has for itself is written from numbers that were read side by side. Whatever has another form than
//! most is left to the parent. Must not: write another byte than the parent.

use super::{CellCache, CellGroup, CellMaker, GroupKind, KnownCells, LastRecord, NEVER_SAME};
use crate::fleet::piece_room::PieceRoom;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_facts::{PlainWords, RowFacts, ValueKey};
use crate::report::listing::own::OwnWriter;

/// The room for a record that is written at once. A longer one is not.
const RECORD_ROOM: usize = 8 << 10;

impl CellCache {
    /// Appends the record of a row that differs from the one before in these columns of the store. Returns whether it did.
    #[inline]
    pub(super) fn put_at_once(
        &mut self,
        row: u32,
        last: Option<LastRecord>,
        differences: u32,
        facts: &RowFacts<'_>,
        out: &mut PieceWriter,
    ) -> bool {
        self.part.turn_to(&self.fleet, last.map(|last| last.row), row);
        let Some(own) = self.part.values(row, facts) else {
            return false;
        };
        out.make_room_for(RECORD_ROOM);
        let (before, _, after) = self.maker.form.frame();
        let differences = last.map_or(u32::MAX, |_| differences | NEVER_SAME);
        let (groups, known, maker, words) = (&mut self.groups, &mut self.known, &mut self.maker, &self.words);
        let part = &self.part;
        out.put_in_place(|room| {
            put_bytes(before, room)?;
            // Where the next group is in the record before, and the first group there that is to be copied.
            let mut from = last.map_or(0, |last| last.begin);
            let mut same = from;
            for group in groups {
                let len = group.len;
                if group.columns & differences != 0 {
                    if same < from {
                        room.put_again(same..from)?;
                    }
                    let begin = room.at();
                    match group.kind? {
                        GroupKind::Own => {
                            let writer = OwnWriter {
                                part,
                                own,
                                search: &maker.search,
                            };
                            for plan in &group.cells {
                                let cell = plan.own?;
                                room.put_first(plan.name_len + usize::from(cell.is_text()), &plan.name)?;
                                writer.put(cell, &mut maker.days, room)?;
                            }
                        }
                        GroupKind::Word(number) => match group.word(number, words, facts) {
                            Some((name, len, word)) => {
                                room.put_first(name.0, name.1)?;
                                room.put_first(len, word)?;
                                room.put_byte(b'"')?;
                            }
                            None => group.put_remembered(facts, maker, known, room)?,
                        },
                        GroupKind::Known => group.put_remembered(facts, maker, known, room)?,
                    }
                    group.len = room.at() - begin;
                    same = from + len;
                }
                from += len;
            }
            if same < from {
                room.put_again(same..from)?;
            }
            put_bytes(after, room)
        })
    }
}

/// Writes very few bytes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
fn put_bytes(bytes: &[u8], room: &mut PieceRoom<'_>) -> Option<()> {
    for byte in bytes {
        room.put_byte(*byte)?;
    }
    Some(())
}

/// A text and how much of it is meant.
type FirstOf<'a> = (usize, &'a [u8]);

#[expect(clippy::inline_always, reason = "see PieceRoom")]
impl CellGroup {
    /// The name of its only cell, and the word in it.
    #[inline(always)]
    fn word<'a>(
        &'a self,
        number: usize,
        words: &PlainWords,
        facts: &RowFacts<'a>,
    ) -> Option<(FirstOf<'a>, usize, &'a [u8])> {
        let (len, word) = words.word(number, facts)?;
        let plan = self.cells.first()?;
        Some(((plan.name_len + 1, &plan.name), len, word))
    }

    /// Writes the cells of a value that other rows may have too.
    #[inline(always)]
    fn put_remembered(
        &mut self,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        known: &mut KnownCells,
        room: &mut PieceRoom<'_>,
    ) -> Option<()> {
        let key = facts.key(self.key)?;
        match self.find(key) {
            Some(place) => {
                let from = known.bytes.get(place.begin as usize..)?;
                room.put_first(place.length as usize, from)
            }
            None => room.put_elsewhere(|memory, at| self.put_unknown(key, facts, maker, known, memory, at)),
        }
    }

    /// The same for a value whose cells are not remembered yet.
    #[cold]
    #[inline(never)]
    fn put_unknown(
        &mut self,
        key: ValueKey,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        known: &mut KnownCells,
        memory: &mut [u8],
        at: usize,
    ) -> Option<usize> {
        let mut cells = PieceWriter::default();
        self.put_known(key, facts, maker, known, &mut cells).ok()?;
        let mut room = PieceRoom::new(memory, at);
        room.put_first(cells.len(), cells.written())?;
        Some(room.at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::TextField;
    use crate::fleet::fixture::{PodFixture, node, serverless};
    use crate::fleet::{Field, Fleet, Pod, RemoteText};
    use crate::report::columns::{ExportRow, FileColumn};
    use crate::report::json;
    use crate::report::listing::ListForm;
    use crate::secrets::{self, HeldSearch};

    /// A pod as most are, with other values than its neighbours.
    fn usual(number: usize) -> PodFixture {
        let cpu = ["72m", "", "0.092", "1.5", "2", "122674338n"][number % 6];
        let memory = ["56Mi", "", "122674338", "1.5Gi"][number / 3 % 4];
        let limits = [("", ""), ("500m", "1Gi"), ("2", "512Mi")][number / 50 % 3];
        node(&format!("pod-{number}"))
            .within(&format!("c-{}", number / 90), &format!("ns-{}", number / 7 % 5))
            .id(&format!("e33f7315-92c1-4da0-85ea-{number:012x}"))
            .status(["Running", "Failed"][usize::from(number.is_multiple_of(11))])
            .usage(cpu, limits.0, memory, limits.1)
            .created_ms(1_700_000_000_123 + 7_654_321 * i64::try_from(number).unwrap())
    }

    fn placed(fixture: PodFixture, number: usize) -> Pod {
        let mut record = fixture.node_record();
        let address =
            |last: usize| Field::Value(RemoteText::name(&format!("10.1.{}.{}", number % 200, last)));
        record.common.pod_ip = address(2);
        record.common.texts.set(TextField::Node, address(3));
        record.common.texts.set(TextField::NodeIp, address(3));
        Pod::on_node(record)
    }

    /// What is written of the pods, and how many of them at once. Each record is compared with one that is written value by value.
    fn written(pods: impl Iterator<Item = Pod>) -> (usize, String) {
        // Other tests have secrets, and a glance at a text may see one where there is none.
        written_with(HeldSearch::default(), pods)
    }

    fn written_with(search: HeldSearch, pods: impl Iterator<Item = Pod>) -> (usize, String) {
        let fleet: Fleet = pods.collect();
        let columns = FileColumn::of_present_pods();
        let mut cells = CellCache::new(ListForm::Jsonl, &columns);
        cells.turn_to(&fleet);
        cells.maker.search = search;
        let (mut at_once, mut last) = (0, None);
        let mut out = PieceWriter::default();
        for row in fleet.rows() {
            let facts = fleet.facts(row).unwrap();
            let begin = out.len();
            let differences = last.map_or(u32::MAX, |last: LastRecord| {
                cells.differences.between(&fleet, last.row, row)
            });
            if cells.put_at_once(row, last, differences, &facts, &mut out) {
                at_once += 1;
                last = Some(LastRecord {
                    row,
                    begin: begin + 1,
                });
            } else {
                last = None;
                cells.begin();
                cells.put(row, &facts, &mut out).unwrap();
                cells.begin();
            }
            let row = ExportRow {
                pod: fleet.pod(row).unwrap(),
                gone_since: None,
            };
            let mut expected = Vec::new();
            json::record(&columns, &row, &mut expected).unwrap();
            expected.push(b'\n');
            let written = String::from_utf8(out.written()[begin..].to_vec()).unwrap();
            assert_eq!(written, String::from_utf8(expected).unwrap());
        }
        (at_once, String::from_utf8(out.written().to_vec()).unwrap())
    }

    #[test]
    fn pods_in_the_usual_form_are_written_at_once() {
        let pods = (0..400).map(|number| placed(usual(number), number));
        assert_eq!(written(pods).0, 400);
        // What HSS does not report, and pods of the other list, are usual too.
        let pods = (0..200).map(|number| match number % 3 {
            0 => serverless(&format!("pod-{number}"))
                .security("opened", "risk")
                .id("")
                .build(),
            _ => placed(usual(number), number),
        });
        assert!(written(pods).0 > 100);
    }

    #[test]
    fn a_pod_in_another_form_is_written_as_it_would_be_otherwise() {
        for name in [
            "a \"quote\"",
            "a=b",
            "a b",
            "\u{751f}",
            &"long-".repeat(100),
            "a\\b",
            "x:y",
        ] {
            let pods = (0..300).map(|number| {
                let pod = usual(number);
                let pod = if number == 150 {
                    node(name).usage("+1", "1e3", "x", "-5")
                } else {
                    pod
                };
                placed(pod, number)
            });
            let (at_once, _) = written(pods);
            assert!((100..300).contains(&at_once), "{name}: {at_once}");
        }
        for namespace in ["a \"quote\"", "\u{751f}", "", "=1"] {
            let pods = (0..300).map(|number| {
                let pod = usual(number).within("c", if number % 50 < 5 { namespace } else { "ns" });
                placed(pod, number)
            });
            assert_eq!(written(pods).0, 300, "{namespace}");
        }
        for created in [
            0,
            -1,
            1_388_534_399_999,
            1_388_534_400_000,
            4_102_444_799_999,
            4_102_444_800_000,
            i64::MAX,
        ] {
            let pods = (0..9).map(|number| {
                placed(
                    usual(number).created_ms(created + i64::from(created == 0)),
                    number,
                )
            });
            written(pods);
        }
    }

    #[test]
    fn a_secret_is_not_written_at_once_wherever_it_is() {
        let (in_name, in_word, in_id) = (
            "once-Name_Secret+7",
            "once-Word_Secret+7",
            "0e11aa55-77c1-4da0-85ea-00000000beef",
        );
        for secret in [in_name, in_word, in_id] {
            secrets::protect(secret);
        }
        let pods = (0..300).map(|number| {
            let pod = usual(number);
            let pod = match number {
                100 => node(&format!("a-{in_name}")),
                200 => pod.within("c", in_word),
                250 => pod.id(in_id),
                _ => pod,
            };
            placed(pod, number)
        });
        let (at_once, text) = written_with(HeldSearch::now(), pods);
        assert!(at_once < 300, "{at_once}");
        for secret in [in_name, in_word, in_id] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
