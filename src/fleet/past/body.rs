//! Reads what [`mod@super::difference`] wrote.
//!
//! Owns the decision that a body makes no sense: a number that is no place, a word that is not there, an end that comes too
//! early. Nothing that is read is trusted to be what was written.

use super::BadDifference;
use super::bytes::ByteReader;
use super::difference::{CREATE_WORD, DIFFERS, FIELD_FORMS, HAS_TEXTS, PLACE, TWIN, VALUES};
use crate::fleet::Field;
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::TextField;
use crate::fleet::pod::CommonFields;
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::record_texts::RecordTexts;
use crate::fleet::store::chunk::{Codes, Col, Twin};
use crate::fleet::store::encoding::{Dictionaries, FIRST_TEXT, IS_UUID, NOTHING, PortableValue};
use crate::fleet::text::RemoteText;
use crate::fleet::words::Status;

/// A pod that comes, as its name's end in the text of all names and what its columns hold.
pub(super) struct ArrivedPod {
    pub name_end: usize,
    pub codes: Codes,
    pub uuid: u128,
}

/// The pods that came.
pub(super) struct Arrivals {
    /// Their names, one after the other.
    pub names: String,
    pub pods: Vec<ArrivedPod>,
}

/// A body that is read from its beginning to its end.
pub(super) struct BodyReader<'a> {
    words: Vec<&'a str>,
    bytes: ByteReader<'a>,
}

impl<'a> BodyReader<'a> {
    pub(super) fn new(plain: &'a [u8]) -> Result<Self, BadDifference> {
        let mut bytes = ByteReader(plain);
        let count = bytes.count()?;
        let words = (0..count).map(|_| bytes.text()).collect::<Result<_, _>>()?;
        Ok(Self { words, bytes })
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.bytes.0.is_empty()
    }

    /// A list of places that never go back.
    pub(super) fn list(&mut self) -> Result<Vec<u32>, BadDifference> {
        let count = self.bytes.count()?;
        let mut last = 0_u32;
        let mut place = || {
            let step: u32 = self.bytes.narrow()?;
            last = last.checked_add(step).ok_or(BadDifference)?;
            Ok(last)
        };
        (0..count).map(|_| place()).collect()
    }

    /// A list of places in a line-up of this size, each once.
    pub(super) fn places(&mut self, among: usize) -> Result<Vec<u32>, BadDifference> {
        let places = self.list()?;
        let is_valid =
            places.is_sorted_by(|a, b| a < b) && places.last().is_none_or(|last| (*last as usize) < among);
        if is_valid { Ok(places) } else { Err(BadDifference) }
    }

    fn word(&self, number: u128) -> Result<&'a str, BadDifference> {
        let word = usize::try_from(number).ok().and_then(|at| self.words.get(at));
        word.copied().ok_or(BadDifference)
    }

    pub(super) fn value(&mut self) -> Result<PortableValue<'a>, BadDifference> {
        let number = self.bytes.number()?;
        if number & 1 == 1 {
            return Ok(PortableValue::Word(self.word(number >> 1)?));
        }
        let number = u64::try_from(number >> 1).map_err(|_| BadDifference)?;
        Ok(PortableValue::Number(number))
    }

    fn field(&mut self) -> Result<Field<&'a str>, BadDifference> {
        let [absent, unreadable, first] = FIELD_FORMS;
        Ok(match self.bytes.number()? {
            number if number == absent => Field::Absent,
            number if number == unreadable => Field::Unreadable,
            number => Field::Value(self.word(number - first)?),
        })
    }

    pub(super) fn uuid(&mut self) -> Result<u128, BadDifference> {
        let bytes = self.bytes.take(16)?;
        let bytes = bytes.try_into().map_err(|_| BadDifference)?;
        Ok(u128::from_be_bytes(bytes))
    }

    pub(super) fn arrivals(
        &mut self,
        dictionaries: &mut Dictionaries,
        count: usize,
    ) -> Result<Arrivals, BadDifference> {
        let nothing = || ArrivedPod {
            name_end: 0,
            codes: NOTHING,
            uuid: 0,
        };
        let mut pods: Vec<ArrivedPod> = std::iter::repeat_with(nothing).take(count).collect();
        for col in PLACE.into_iter().chain(VALUES) {
            for pod in &mut pods {
                pod.codes[col as usize] = dictionaries.code_of(col, self.value()?);
            }
        }
        for pod in &mut pods {
            if pod.codes[Col::Id as usize] == IS_UUID {
                pod.uuid = self.uuid()?;
            }
        }
        let (mut names, mut before) = (String::new(), 0_usize);
        for pod in &mut pods {
            let shared: usize = self.bytes.narrow()?;
            let end = before.checked_add(shared).ok_or(BadDifference)?;
            let start = names.get(before..end).ok_or(BadDifference)?.to_owned();
            before = names.len();
            names.push_str(&start);
            names.push_str(self.bytes.text()?);
            pod.name_end = names.len();
        }
        Ok(Arrivals { names, pods })
    }

    pub(super) fn twin(&mut self) -> Result<Option<Twin>, BadDifference> {
        let form: u8 = self.bytes.narrow()?;
        if form == 0 {
            return Ok(None);
        }
        let form = form - TWIN;
        let mut silent: u32 = self.bytes.narrow()?;
        let mut differs = match form & DIFFERS {
            0 => None,
            _ => Some(Box::new(self.common()?)),
        };
        if form & HAS_TEXTS != 0 {
            for _ in 0..self.bytes.count()? {
                let name = self.name()?;
                let texts = RecordTexts::default();
                let known = (FIRST_TEXT..).zip(texts.iter());
                let place = known.filter(|(_, (field, _))| field.sent().name == name);
                silent |= place.fold(0, |bits, (at, _)| bits | 1 << at);
            }
            for _ in 0..self.bytes.count()? {
                let (name, text) = (self.name()?, of_text(self.field()?, RemoteText::name));
                let field = TextField::ALL.iter().find(|field| field.sent().name == name);
                if let (Some(field), Some(common)) = (field, &mut differs) {
                    common.texts.set(*field, text);
                }
            }
        }
        Ok(Some(Twin { silent, differs }))
    }

    /// The name of a field.
    pub(super) fn name(&mut self) -> Result<&'a str, BadDifference> {
        let word = self.bytes.number()?;
        self.word(word)
    }

    /// What is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes.0
    }

    fn common(&mut self) -> Result<CommonFields, BadDifference> {
        let mut text = || Ok(of_text(self.field()?, RemoteText::name));
        let (name, namespace, cluster, pod_ip) = (text()?, text()?, text()?, text()?);
        let status = of_text(self.field()?, Status::read);
        let [absent, unreadable, first] = FIELD_FORMS;
        let create_time = match self.bytes.number()? {
            number if number == absent => Field::Absent,
            number if number == unreadable => Field::Unreadable,
            number if number == first + CREATE_WORD => {
                of_text(self.field()?, |word| CreateTime::read(word).safe())
            }
            number => {
                let ms = u64::try_from(number - first).map_err(|_| BadDifference)?;
                Field::Value(ms.cast_signed().into())
            }
        };
        let mut quantity = |measure| Ok(of_text(self.field()?, |text| Quantity::read(text, measure)));
        Ok(CommonFields {
            name,
            namespace,
            cluster,
            pod_ip,
            status,
            create_time,
            cpu: quantity(Measure::Cpu)?,
            memory: quantity(Measure::Memory)?,
            cpu_limit: quantity(Measure::Cpu)?,
            memory_limit: quantity(Measure::Memory)?,
            texts: RecordTexts::default(),
        })
    }
}

fn of_text<T>(field: Field<&str>, of: impl FnOnce(&str) -> T) -> Field<T> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(text) => Field::Value(of(text)),
    }
}
