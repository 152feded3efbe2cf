//! Where the store keeps each field of texts.
//!
//! Owns the one list from fields to columns that searching, sorting and completion share. Must not: read a column.

use super::chunk::Col;
use crate::fleet::fields::{FieldKind, PodField, PodText};

/// Where a text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextPlace {
    /// Among the names of a chunk.
    Name,
    /// In [`Col::Id`] and beside it: nearly every pod has its own.
    Id,
    /// In [`Col::PodIp`]: nearly every pod has its own.
    PodIp,
    /// In a column of words, which many pods have in common.
    Word(Col),
    /// In [`Col::Flags`], as the lists that a pod is in.
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

/// The column of words that pods are ordered by, if it is such a column.
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
