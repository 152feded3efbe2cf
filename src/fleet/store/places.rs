//! Where the store holds each text field.
//!
//! Owns the only list of the columns of fields, which searching, sorting and completion share. Must not: read
//! a column.

use super::chunk::Col;
use crate::fleet::fields::{FieldKind, PodField, PodText};

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

/// The places of a field: one, or for [`PodText::Ip`] two.
pub const fn places(text: PodText) -> &'static [TextPlace] {
    use TextPlace::{Id, Lists, Name, PodIp, Word};
    match text {
        PodText::Name => &[Name],
        PodText::Namespace => &[Word(Col::Namespace)],
        PodText::Cluster => &[Word(Col::Cluster)],
        PodText::ClusterId => &[Word(Col::ClusterId)],
        PodText::ClusterType => &[Word(Col::ClusterType)],
        PodText::Region => &[Word(Col::Region)],
        PodText::Node => &[Word(Col::Node)],
        PodText::NodeIp => &[Word(Col::NodeIp)],
        PodText::PodIp => &[PodIp],
        PodText::Ip => &[PodIp, Word(Col::NodeIp)],
        PodText::Id => &[Id],
        PodText::Status => &[Word(Col::Status)],
        PodText::Protection => &[Word(Col::Protection)],
        PodText::Detection => &[Word(Col::Detection)],
        PodText::Kind => &[Lists],
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
