//! The texts of a record that nothing is computed from: nodes, regions, and whatever else HSS sends.
//!
//! Owns which fields they are: every text of the table of fields without a member of its own in a record, so a field
//! more needs none. Must not: know the wire format.

use super::field::Field;
use super::fields::orders::is_one_of;
use super::fields::{Lists, PodText, TextField};
use super::text::RemoteText;

/// The texts that are members of a record, because they say which pod it is or have a type of their own.
const MEMBERS: [TextField; 8] = [
    TextField::Name,
    TextField::Namespace,
    TextField::Cluster,
    TextField::PodIp,
    TextField::Id,
    TextField::Status,
    TextField::Protection,
    TextField::Detection,
];

const fn is_other(field: TextField) -> bool {
    !field.is_quantity() && !is_one_of(field, &MEMBERS)
}

/// How many others there are.
const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < TextField::ALL.len() {
        count += is_other(TextField::ALL[at]) as usize;
        at += 1;
    }
    count
};

/// The others, in the order of the table.
const OTHERS: [(PodText, TextField); COUNT] = {
    let mut others = [(PodText::Name, TextField::Name); COUNT];
    let (mut count, mut at) = (0, 0);
    while at < PodText::ALL.len() {
        if let Some(field) = PodText::ALL[at].as_sent()
            && is_other(field)
        {
            others[count] = (PodText::ALL[at], field);
            count += 1;
        }
        at += 1;
    }
    others
};

/// The place of each field among the others, by its place in [`TextField::ALL`]; [`COUNT`] for those that are not.
const PLACES: [usize; TextField::ALL.len()] = {
    let mut places = [COUNT; TextField::ALL.len()];
    let mut at = 0;
    while at < COUNT {
        places[OTHERS[at].1 as usize] = at;
        at += 1;
    }
    places
};

/// The other texts of a record. A text that its list does not have is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordTexts([Field<RemoteText>; COUNT]);

impl RecordTexts {
    /// Reads each text.
    pub fn of(text: impl Fn(TextField) -> Field<RemoteText>) -> Self {
        Self(OTHERS.map(|(_, field)| text(field)))
    }

    /// Whether it has this field.
    #[inline]
    pub const fn has(field: TextField) -> bool {
        PLACES[field as usize] < COUNT
    }

    /// The text of a field; absent for one that it does not have.
    #[inline]
    pub fn get(&self, field: TextField) -> &Field<RemoteText> {
        self.0.get(PLACES[field as usize]).unwrap_or(&Field::Absent)
    }

    /// Sets the text of a field that it has.
    pub fn set(&mut self, field: TextField, text: Field<RemoteText>) {
        if let Some(place) = self.0.get_mut(PLACES[field as usize]) {
            *place = text;
        }
    }

    /// Each field with its text.
    pub fn iter(&self) -> impl Iterator<Item = (TextField, &Field<RemoteText>)> {
        let fields = OTHERS.iter().map(|(_, field)| *field);
        fields.zip(&self.0)
    }

    /// Each field with its text, which may be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (PodText, &mut Field<RemoteText>)> {
        let fields = OTHERS.iter().map(|(text, _)| *text);
        fields.zip(&mut self.0)
    }

    /// Only the texts that the entries of this list have.
    #[must_use]
    pub fn within(mut self, list: Lists) -> Self {
        for (field, text) in OTHERS.iter().map(|(_, field)| field).zip(&mut self.0) {
            let lists = field.sent().lists;
            if lists != Lists::Both && lists != list {
                *text = Field::Absent;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_a_member_or_one_of_the_others() {
        for field in TextField::ALL {
            let places = [
                MEMBERS.contains(field),
                RecordTexts::has(*field),
                field.is_quantity(),
            ];
            assert_eq!(places.iter().filter(|is_it| **is_it).count(), 1, "{field:?}");
            let mut texts = RecordTexts::default();
            let text = Field::Value(RemoteText::name("x"));
            texts.set(*field, text.clone());
            assert_eq!(texts.get(*field) == &text, RecordTexts::has(*field), "{field:?}");
            let lists = field.sent().lists;
            for list in [Lists::Node, Lists::Serverless] {
                let stays = lists == Lists::Both || lists == list;
                assert_eq!(
                    texts.clone().within(list) == texts,
                    stays || !RecordTexts::has(*field)
                );
            }
        }
    }
}
