//! From numbers to a pod.
//!
//! Owns restoring a pod exactly as it was encoded. Must not: add a word.

use std::sync::Arc;

use super::both_lists::{silence, within};
use super::{
    DICTIONARIES, Dictionaries, IS_UUID, ODD, ODD_DATE, ODD_IP, QUANTITY_TAG_BITS, address, amount,
    created_ms, dictionary_of, parts, uuid, valued,
};
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::Lists;
use crate::fleet::pod::{CommonFields, NodeRecord, ServerlessRecord};
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::record_texts::RecordTexts;
use crate::fleet::store::chunk::{Chunk, Col, flag};
use crate::fleet::store::dictionary::{ABSENT, Dictionary, FIRST, UNREADABLE};
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod, PodKey, RemoteText};

/// The words of a fleet. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Interner(pub(super) [Arc<Dictionary>; DICTIONARIES]);

impl Default for Interner {
    fn default() -> Self {
        Dictionaries::default().book()
    }
}

/// A UUID in its usual form: lower-case digits with hyphens.
pub fn uuid_text(value: u128) -> String {
    let digits = format!("{value:032x}");
    let part = |range| digits.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

impl Interner {
    /// The words of a column.
    pub fn of(&self, col: Col) -> &Dictionary {
        self.shared(col)
    }

    /// The words of a column, shared: as long as the dictionary is the same, each code has the same word.
    pub fn shared(&self, col: Col) -> &Arc<Dictionary> {
        &self.0[dictionary_of(col)]
    }

    /// The texts of fields that have no short form.
    pub fn odd(&self) -> &Dictionary {
        &self.0[ODD]
    }

    /// Each dictionary's words in one text, one after the other.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|words| words.texts().text)
    }

    /// The number of words.
    pub fn count(&self) -> usize {
        self.0.iter().map(|words| words.len()).sum()
    }

    fn text(&self, col: Col, code: u64) -> Field<RemoteText> {
        valued(self.of(col).get(code), RemoteText::name)
    }

    /// The amount that a code of a column of quantities stands for.
    pub fn amount(&self, code: u64, measure: Measure) -> Field<u64> {
        match amount(self.odd(), code, measure) {
            Field::Value(Some(amount)) => Field::Value(amount),
            Field::Absent => Field::Absent,
            Field::Value(None) | Field::Unreadable => Field::Unreadable,
        }
    }

    /// The quantity that a code of a column of quantities stands for.
    pub fn quantity(&self, code: u64, measure: Measure) -> Field<Quantity> {
        match (code, parts(code)) {
            (ABSENT, _) => Field::Absent,
            (UNREADABLE, _) => Field::Unreadable,
            (_, Some(parts)) => Quantity {
                text: RemoteText::name(&parts.text()),
                amount: parts.amount(measure),
            }
            .into(),
            (_, None) => valued(self.odd().get(code >> QUANTITY_TAG_BITS), |text| {
                Quantity::read(text, measure)
            }),
        }
    }

    /// The text that a code of [`Col::PodIp`] stands for.
    pub fn pod_ip(&self, code: u64) -> Field<String> {
        match address(code) {
            Some(address) => Field::Value(address.to_string()),
            None => valued(
                self.odd().get(code.checked_sub(ODD_IP).unwrap_or(code)),
                str::to_owned,
            ),
        }
    }

    /// The numbers of an id; `None` if no row can have it.
    pub fn id_code(&self, id: &str) -> Option<(u64, u128)> {
        if let Some(bits) = uuid(id) {
            return Some((IS_UUID, bits));
        }
        let word = (FIRST..).zip(self.odd().iter()).find(|(_, word)| *word == id);
        word.map(|(code, _)| (IS_UUID + code, 0))
    }

    /// The id of a row.
    pub fn id(&self, chunk: &Chunk, at: usize) -> Field<String> {
        match chunk.code(Col::Id, at) {
            IS_UUID => Field::Value(uuid_text(chunk.uuid(at))),
            code => valued(
                self.odd().get(code.checked_sub(IS_UUID).unwrap_or(code)),
                str::to_owned,
            ),
        }
    }

    /// The creation time that a code stands for, as the API sent it.
    pub fn created(&self, code: u64) -> Field<CreateTime> {
        match created_ms(code) {
            Some(ms) => Field::Value(ms.into()),
            None => valued(
                self.odd().get(code.checked_sub(ODD_DATE).unwrap_or(code)),
                |text| CreateTime::read(text).safe(),
            ),
        }
    }

    /// The raw name of a row.
    pub fn name<'a>(&self, chunk: &'a Chunk, at: usize) -> Field<&'a str> {
        if chunk.has(at, flag::NAME_ABSENT) {
            Field::Absent
        } else if chunk.has(at, flag::NAME_UNREADABLE) {
            Field::Unreadable
        } else {
            Field::Value(chunk.name(at))
        }
    }

    /// The complete pod of a row.
    pub fn pod(&self, chunk: &Chunk, at: usize) -> Pod {
        let codes = chunk.codes(at);
        let code = |col: Col| codes[col as usize];
        let text = |col| self.text(col, code(col));
        let answers = CommonFields {
            name: valued(self.name(chunk, at), RemoteText::name),
            namespace: text(Col::Namespace),
            cluster: text(Col::Cluster),
            pod_ip: valued(self.pod_ip(code(Col::PodIp)), |ip| RemoteText::name(&ip)),
            status: valued(self.of(Col::Status).get(code(Col::Status)), Status::read),
            create_time: self.created(code(Col::Created)),
            cpu: self.quantity(code(Col::Cpu), Measure::Cpu),
            memory: self.quantity(code(Col::Memory), Measure::Memory),
            cpu_limit: self.quantity(code(Col::CpuLimit), Measure::Cpu),
            memory_limit: self.quantity(code(Col::MemoryLimit), Measure::Memory),
            texts: RecordTexts::of(|field| text(field.col())),
        };
        // Nearly every pod is in one list only: the fields of the others need no copy.
        let (of_node, of_serverless) = match (chunk.has(at, flag::NODE), chunk.has(at, flag::SERVERLESS)) {
            (true, true) => (
                Some(within(answers.clone(), Lists::Node)),
                Some(within(answers, Lists::Serverless)),
            ),
            (true, false) => (Some(answers), None),
            (false, true) => (None, Some(answers)),
            (false, false) => (None, None),
        };
        let node = of_node.map(|common| NodeRecord {
            common,
            id: valued(self.id(chunk, at), |id| RemoteText::name(&id)),
        });
        let serverless = of_serverless.map(|common| ServerlessRecord {
            common,
            protection: valued(
                self.of(Col::Protection).get(code(Col::Protection)),
                Protection::read,
            ),
            detection: valued(self.of(Col::Detection).get(code(Col::Detection)), Detection::read),
        });
        let twin = u16::try_from(at).ok().and_then(|at| chunk.twins.get(&at));
        let (node, serverless) = match (node, serverless, twin) {
            (Some(mut node), Some(mut serverless), Some(twin)) => {
                silence(&mut node.common, twin.silent);
                if let Some(differs) = &twin.differs {
                    serverless.common = CommonFields::clone(differs);
                }
                (Some(node), Some(serverless))
            }
            (node, serverless, _) => (node, serverless),
        };
        let key = match (&node, &serverless) {
            (Some(node), _) => PodKey::of_node(node),
            (None, Some(serverless)) => PodKey::from_name(&serverless.common),
            (None, None) => PodKey::from_name(&CommonFields::default()),
        };
        Pod {
            key,
            node,
            serverless,
        }
    }
}
