//! A list of names.
//!
//! Owns the line of a pod in it. Must not: know where it is written.

use std::fmt::Write as _;

use crate::fleet::fields::{PodText, PodValues as _};
use crate::fleet::row_facts::RowFacts;
use crate::fleet::{Field, RemoteText};

/// The line of a pod in a list of names. Namespace and name are arguments of other programs, so characters
/// that are not valid in the name of a Kubernetes object are percent-encoded, and so is a hyphen at the
/// beginning.
pub(super) fn line(facts: &RowFacts<'_>) -> String {
    let part = |text: Field<RemoteText>| {
        let raw = text.value().map_or("", RemoteText::raw);
        let mut part = String::with_capacity(raw.len());
        for byte in raw.bytes() {
            let is_plain = byte.is_ascii_alphanumeric() || (matches!(byte, b'-' | b'.') && !part.is_empty());
            if is_plain {
                part.push(char::from(byte));
            } else {
                // Writing to a text cannot fail.
                let _ = write!(part, "%{byte:02X}");
            }
        }
        part
    };
    let [namespace, name] = [PodText::Namespace, PodText::Name].map(|text| part(facts.text_sent(text)));
    format!("{namespace}/{name}\n")
}
