//! Where the store holds each text field.
//!
//! Owns the places that searching, sorting and completion share. Which column of words holds a field is said once, by
//! [`encoding`](super::encoding). Must not: read a column.

use std::slice;

use super::chunk::Col;
use super::encoding::column_of;
use crate::fleet::fields::{FieldKind, PodField, PodText, TextField};

/// The storage of a text field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPlace {
    /// The names of a chunk.
    Name,
    /// [`Col::Id`] and the UUIDs of the chunk: nearly every pod has an id of its own.
    Id,
    /// [`Col::PodIp`]: nearly every pod has an address of its own.
    PodIp,
    /// A column of words, which many pods have in common.
    Word(Col),
    /// [`Col::Flags`]: the lists that a pod is in.
    Lists,
}

/// The place of each field that HSS sends, by its place in [`TextField::ALL`]. What is in no column of words has a place of its
/// own below.
const PLACES: [TextPlace; TextField::ALL.len()] = {
    let mut places = [TextPlace::Name; TextField::ALL.len()];
    let mut at = 0;
    while at < places.len() {
        if let Some(col) = column_of(TextField::ALL[at]) {
            places[at] = TextPlace::Word(col);
        }
        at += 1;
    }
    places[TextField::Id as usize] = TextPlace::Id;
    places[TextField::PodIp as usize] = TextPlace::PodIp;
    places
};

/// The places of a field: one, or for [`PodText::Ip`] two.
pub const fn places(text: PodText) -> &'static [TextPlace] {
    match (text, text.as_sent()) {
        (_, Some(sent)) => slice::from_ref(&PLACES[sent as usize]),
        (PodText::Ip, _) => &[TextPlace::PodIp, TextPlace::Word(Col::NodeIp)],
        (_, None) => &[TextPlace::Lists],
    }
}

/// The column of words that pods are sorted by, if the field is in such a column.
pub fn sorted_words(field: PodField) -> Option<Col> {
    match field.sorted_by().kind() {
        FieldKind::Text(text) => words_of(text),
        FieldKind::Number(_) => None,
    }
}

/// The column of words of a field, if it has one.
pub fn words_of(text: PodText) -> Option<Col> {
    places(text).iter().find_map(|place| match place {
        TextPlace::Word(col) => Some(*col),
        TextPlace::Name | TextPlace::Id | TextPlace::PodIp | TextPlace::Lists => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_is_sent_has_a_place_of_its_own() {
        let sent = PodText::ALL.iter().filter(|text| text.as_sent().is_some());
        let mut taken = Vec::new();
        for text in sent {
            let [place] = places(*text) else {
                panic!("{text:?}")
            };
            assert!(!taken.contains(place), "{text:?}");
            assert_eq!(*place == TextPlace::Name, *text == PodText::Name, "{text:?}");
            taken.push(*place);
        }
        assert_eq!(places(PodText::Kind), [TextPlace::Lists]);
    }
}
