//! From a pod to numbers and back.
//!
//! Owns what the number in each column means, and that nothing is lost on the way: a pod that is encoded and decoded
//! is the same pod, to the letter. What has no short form is kept as a word. Must not: know where a row stands.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::chunk::{COLS, Chunk, Col, Row, Twin, flag};
use super::lexicon::{ABSENT, FIRST, Lexicon, UNREADABLE, Words};
use crate::fleet::pod::{CommonFields, NodeRecord, ServerlessRecord};
use crate::fleet::quantity::{Measure, Parts, Quantity};
use crate::fleet::raw::{List, RawPod, RawPods, TextField};
use crate::fleet::usage::Usage;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod, PodKey, RemoteText, risk};

/// The columns whose numbers are words of a lexicon of their own.
pub const WORD_COLS: [Col; 10] = [
    Col::Namespace,
    Col::Cluster,
    Col::Node,
    Col::NodeIp,
    Col::ClusterId,
    Col::ClusterType,
    Col::Region,
    Col::Status,
    Col::Protection,
    Col::Detection,
];
/// The fields that they are of.
const WORD_FIELDS: [TextField; 10] = [
    TextField::Namespace,
    TextField::Cluster,
    TextField::Node,
    TextField::NodeIp,
    TextField::ClusterId,
    TextField::ClusterType,
    TextField::Region,
    TextField::Status,
    TextField::Protection,
    TextField::Detection,
];
/// One lexicon for each of them, and one for what has no short form.
const LEXICONS: usize = WORD_COLS.len() + 1;
const ODD: usize = LEXICONS - 1;

/// In [`Col::Id`]: the id is a UUID.
pub const IS_UUID: u64 = FIRST;
/// In [`Col::PodIp`], from here on: the odd word of this code.
const ODD_IP: u64 = 1 << 32;
/// In [`Col::Created`], from here on: the odd word of this code.
const ODD_DATE: u64 = 1 << 62;
/// In a column of quantities: bits of the number that say how to read the others.
const QUANTITY_TAG_BITS: u32 = 8;
const ODD_QUANTITY: u64 = 2;
const FIRST_PARTS: u64 = 3;
/// In a column of usages, from here on: percent.
pub const FIRST_PERCENT: u64 = 3;

/// The words of a fleet. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WordBook([Arc<Words>; LEXICONS]);

/// The words of a fleet that still grows.
#[derive(Debug, Clone)]
pub struct Lexicons([Lexicon; LEXICONS]);

impl Default for Lexicons {
    fn default() -> Self {
        let mut all = Self(std::array::from_fn(|_| Lexicon::default()));
        // The known words come first, so that their codes are known too.
        *all.of(Col::Status) = Lexicon::of(Status::KNOWN);
        *all.of(Col::Protection) = Lexicon::of(Protection::KNOWN);
        *all.of(Col::Detection) = Lexicon::of(Detection::KNOWN);
        all
    }
}

impl Default for WordBook {
    fn default() -> Self {
        Lexicons::default().book()
    }
}

fn place(col: Col) -> usize {
    WORD_COLS.iter().position(|known| *known == col).unwrap_or(ODD)
}

/// A UUID in its one usual spelling.
fn uuid(text: &str) -> Option<u128> {
    let well_formed = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
    if !well_formed {
        return None;
    }
    let digits = text.bytes().filter(|byte| *byte != b'-');
    let value = digits.fold(0, |sum, byte| {
        let digit = if byte <= b'9' {
            byte - b'0'
        } else {
            byte - b'a' + 10
        };
        sum << 4 | u128::from(digit)
    });
    Some(value)
}

fn uuid_text(value: u128) -> String {
    let digits = format!("{value:032x}");
    let part = |range| digits.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

impl Lexicons {
    fn of(&mut self, col: Col) -> &mut Lexicon {
        &mut self.0[place(col)]
    }

    fn odd(&mut self, text: &str) -> u64 {
        self.0[ODD].code(text)
    }

    /// The words as they are now.
    pub fn book(&self) -> WordBook {
        WordBook(std::array::from_fn(|at| Arc::clone(self.0[at].words())))
    }

    /// The bytes that they take.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Lexicon::bytes).sum()
    }

    fn quantity(&mut self, field: Field<&str>) -> u64 {
        coded(field, |text| match Parts::of(text) {
            Some(Parts {
                mantissa,
                fraction,
                suffix,
            }) => {
                mantissa << QUANTITY_TAG_BITS | (FIRST_PARTS + u64::from(fraction) * 16 + u64::from(suffix))
            }
            None => self.odd(text) << QUANTITY_TAG_BITS | ODD_QUANTITY,
        })
    }

    /// What a pod answers, as numbers; without those that follow from others, see [`complete`].
    pub fn encode<'a>(&mut self, pod: &'a Pod) -> Row<'a> {
        let raw = |field: &'a Field<RemoteText>| borrowed(field, RemoteText::raw);
        let quantity = |field: &'a Field<Quantity>| borrowed(field, |it: &Quantity| it.text.raw());
        let node = if pod.node.is_some() { flag::NODE } else { 0 };
        let serverless = if pod.serverless.is_some() {
            flag::SERVERLESS
        } else {
            0
        };
        self.encode_texts(node | serverless, *pod.create_time(), |field| match field {
            TextField::Name => raw(pod.name()),
            TextField::Namespace => raw(pod.namespace()),
            TextField::Cluster => raw(pod.cluster()),
            TextField::PodIp => raw(pod.pod_ip()),
            TextField::Status => borrowed(pod.status(), Status::raw),
            TextField::Cpu => quantity(pod.cpu()),
            TextField::Memory => quantity(pod.memory()),
            TextField::CpuLimit => quantity(pod.cpu_limit()),
            TextField::MemoryLimit => quantity(pod.memory_limit()),
            TextField::Id => raw(pod.id()),
            TextField::Node => raw(pod.node_name()),
            TextField::NodeIp => raw(pod.node_ip()),
            TextField::ClusterId => raw(pod.cluster_id()),
            TextField::ClusterType => raw(pod.cluster_type()),
            TextField::Region => raw(pod.region()),
            TextField::Protection => borrowed(pod.protection(), Protection::raw),
            TextField::Detection => borrowed(pod.detection(), Detection::raw),
        })
    }

    /// The same of an entry as it came.
    pub fn encode_raw<'a>(&mut self, pods: &'a RawPods, pod: &RawPod) -> Row<'a> {
        let list = match pod.list {
            List::Node => flag::NODE,
            List::Serverless => flag::SERVERLESS,
        };
        self.encode_texts(list, pod.create_time, |field| pods.text(pod, field))
    }

    fn encode_texts<'a>(
        &mut self,
        lists: u64,
        created: Field<i64>,
        text: impl Fn(TextField) -> Field<&'a str>,
    ) -> Row<'a> {
        let mut codes = [0; COLS];
        let mut set = |col: Col, code: u64| codes[col as usize] = code;
        let (name, name_flag) = match text(TextField::Name) {
            Field::Value(name) => (name, 0),
            Field::Absent => ("", flag::NAME_ABSENT),
            Field::Unreadable => ("", flag::NAME_UNREADABLE),
        };
        set(Col::Flags, lists | name_flag);
        for ((col, field), lexicon) in WORD_COLS.into_iter().zip(WORD_FIELDS).zip(&mut self.0) {
            set(col, coded(text(field), |text| lexicon.code(text)));
        }
        let pod_ip = coded(text(TextField::PodIp), |ip| match ip.parse::<Ipv4Addr>() {
            // The parser takes an address in its one usual spelling only.
            Ok(address) if u64::from(address.to_bits()) >= FIRST => u64::from(address.to_bits()),
            _ => ODD_IP + self.odd(ip),
        });
        set(Col::PodIp, pod_ip);
        let mut id_bits = 0;
        let id = coded(text(TextField::Id), |id| match uuid(id) {
            Some(bits) => {
                id_bits = bits;
                IS_UUID
            }
            None => IS_UUID + self.odd(id),
        });
        set(Col::Id, id);
        let created = coded(created, |ms| {
            let short = u64::try_from(ms).ok().map(|ms| ms.saturating_add(FIRST));
            short
                .filter(|code| *code < ODD_DATE)
                .unwrap_or_else(|| ODD_DATE + self.odd(&ms.to_string()))
        });
        set(Col::Created, created);
        for (col, field) in [
            (Col::Cpu, TextField::Cpu),
            (Col::Memory, TextField::Memory),
            (Col::CpuLimit, TextField::CpuLimit),
            (Col::MemoryLimit, TextField::MemoryLimit),
        ] {
            set(col, self.quantity(text(field)));
        }
        Row {
            name,
            codes,
            uuid: id_bits,
        }
    }
}

fn borrowed<'a, T>(field: &'a Field<T>, of: impl FnOnce(&'a T) -> &'a str) -> Field<&'a str> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(value) => Field::Value(of(value)),
    }
}

fn coded<T>(field: Field<T>, of: impl FnOnce(T) -> u64) -> u64 {
    match field {
        Field::Absent => ABSENT,
        Field::Unreadable => UNREADABLE,
        Field::Value(value) => of(value),
    }
}

/// Adds the numbers that follow from the others.
pub fn complete(row: &mut Row<'_>, pod: &Pod) {
    let usage = |usage| match usage {
        Usage::NotReported => 0,
        Usage::NoLimit => 1,
        Usage::Unreadable => 2,
        Usage::Percent(percent) => FIRST_PERCENT + u64::from(percent),
    };
    row.codes[Col::CpuUsage as usize] = usage(pod.cpu_usage());
    row.codes[Col::MemoryUsage as usize] = usage(pod.memory_usage());
    row.codes[Col::Risk as usize] = risk::score(pod).into();
}

/// The usage that a number of [`Col::CpuUsage`] or [`Col::MemoryUsage`] means.
pub fn usage(code: u64) -> Usage {
    match code {
        0 => Usage::NotReported,
        1 => Usage::NoLimit,
        2 => Usage::Unreadable,
        percent => Usage::Percent(u32::try_from(percent - FIRST_PERCENT).unwrap_or(u32::MAX)),
    }
}

/// The address that a number of [`Col::PodIp`] is, if it is one.
pub fn address(code: u64) -> Option<Ipv4Addr> {
    let bits = u32::try_from(code).ok().filter(|_| code >= FIRST)?;
    Some(Ipv4Addr::from_bits(bits))
}

/// The parts of a quantity that a number means, if it has any.
pub(in crate::fleet) fn parts(code: u64) -> Option<Parts> {
    let tag = (code & ((1 << QUANTITY_TAG_BITS) - 1)).checked_sub(FIRST_PARTS)?;
    Some(Parts {
        mantissa: code >> QUANTITY_TAG_BITS,
        fraction: u8::try_from(tag / 16).ok()?,
        suffix: u8::try_from(tag % 16).ok()?,
    })
}

/// The creation time that a number means, in milliseconds, if it has a short form.
pub fn created_ms(code: u64) -> Option<i64> {
    let ms = code.checked_sub(FIRST).filter(|_| code < ODD_DATE)?;
    i64::try_from(ms).ok()
}

impl WordBook {
    /// The words of a column.
    pub fn of(&self, col: Col) -> &Words {
        self.shared(col)
    }

    /// The words of a column, to be kept: as long as these are the same, so is every code's word.
    pub fn shared(&self, col: Col) -> &Arc<Words> {
        &self.0[place(col)]
    }

    /// The words that have no short form.
    pub fn odd(&self) -> &Words {
        &self.0[ODD]
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.0.iter().map(|words| words.len()).sum()
    }

    fn text(&self, col: Col, code: u64) -> Field<RemoteText> {
        valued(self.of(col).get(code), RemoteText::name)
    }

    /// The amount that a number of a column of quantities means.
    pub fn amount(&self, code: u64, measure: Measure) -> Field<u64> {
        match (code, parts(code)) {
            (ABSENT, _) => Field::Absent,
            (UNREADABLE, _) => Field::Unreadable,
            (_, Some(parts)) => parts.amount(measure).map_or(Field::Unreadable, Field::Value),
            (_, None) => match self.quantity(code, measure) {
                Field::Value(Quantity {
                    amount: Some(amount), ..
                }) => Field::Value(amount),
                Field::Absent => Field::Absent,
                _ => Field::Unreadable,
            },
        }
    }

    fn quantity(&self, code: u64, measure: Measure) -> Field<Quantity> {
        match (code, parts(code)) {
            (ABSENT, _) => Field::Absent,
            (UNREADABLE, _) => Field::Unreadable,
            (_, Some(parts)) => Quantity::read(&parts.text(), measure).into(),
            (_, None) => valued(self.odd().get(code >> QUANTITY_TAG_BITS), |text| {
                Quantity::read(text, measure)
            }),
        }
    }

    /// The text of a number of [`Col::PodIp`].
    pub fn pod_ip(&self, code: u64) -> Field<String> {
        match address(code) {
            Some(address) => Field::Value(address.to_string()),
            None => valued(
                self.odd().get(code.checked_sub(ODD_IP).unwrap_or(code)),
                str::to_owned,
            ),
        }
    }

    /// The numbers of an id, if some row may have it.
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

    /// The creation time that a number means, as it came.
    pub fn created(&self, code: u64) -> Field<i64> {
        match created_ms(code) {
            Some(ms) => Field::Value(ms),
            None => match self.odd().get(code.checked_sub(ODD_DATE).unwrap_or(code)) {
                Field::Value(ms) => ms.parse().map_or(Field::Unreadable, Field::Value),
                Field::Absent => Field::Absent,
                Field::Unreadable => Field::Unreadable,
            },
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

    /// The pod of a row, whole.
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
        };
        let node = chunk.has(at, flag::NODE).then(|| NodeRecord {
            common: answers.clone(),
            id: valued(self.id(chunk, at), |id| RemoteText::name(&id)),
            node: text(Col::Node),
            node_ip: text(Col::NodeIp),
            cluster_id: text(Col::ClusterId),
            cluster_type: text(Col::ClusterType),
            region: text(Col::Region),
        });
        let serverless = chunk.has(at, flag::SERVERLESS).then(|| ServerlessRecord {
            common: answers,
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

fn valued<T, U>(field: Field<T>, of: impl FnOnce(T) -> U) -> Field<U> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(value) => Field::Value(of(value)),
    }
}

/// What a pod that is in both lists has beyond its columns.
pub fn twin(pod: &Pod) -> Option<Twin> {
    let (node, serverless) = (&pod.node.as_ref()?.common, &pod.serverless.as_ref()?.common);
    let absent = [
        node.name.is_absent(),
        node.namespace.is_absent(),
        node.cluster.is_absent(),
        node.pod_ip.is_absent(),
        node.status.is_absent(),
        node.create_time.is_absent(),
        node.cpu.is_absent(),
        node.memory.is_absent(),
        node.cpu_limit.is_absent(),
        node.memory_limit.is_absent(),
    ];
    let answers = CommonFields {
        name: pod.name().clone(),
        namespace: pod.namespace().clone(),
        cluster: pod.cluster().clone(),
        pod_ip: pod.pod_ip().clone(),
        status: pod.status().clone(),
        create_time: *pod.create_time(),
        cpu: pod.cpu().clone(),
        memory: pod.memory().clone(),
        cpu_limit: pod.cpu_limit().clone(),
        memory_limit: pod.memory_limit().clone(),
    };
    let bits = absent.iter().enumerate();
    Some(Twin {
        silent: bits.fold(0, |bits, (at, absent)| bits | u16::from(*absent) << at),
        differs: (answers != *serverless).then(|| Box::new(serverless.clone())),
    })
}

/// Takes out the fields that a node record left out.
fn silence(common: &mut CommonFields, silent: u16) {
    let is_silent = |at: u16| silent >> at & 1 == 1;
    macro_rules! take_out {
        ($($at:literal $field:ident)+) => {
            $(if is_silent($at) { common.$field = Field::Absent; })+
        };
    }
    take_out!(0 name 1 namespace 2 cluster 3 pod_ip 4 status 5 create_time 6 cpu 7 memory 8 cpu_limit 9 memory_limit);
}
