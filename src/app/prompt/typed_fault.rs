//! What is wrong or missing in a filter while it is typed.
//!
//! Owns whether Enter was pressed in spite of the fault: then the line adds that the filter was not applied. The words come
//! from the error.

use crate::fleet::query::{Draft, ParseError};

/// Why a part of what is typed has no effect yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedFault {
    /// What is wrong or missing, and where in the filter as it is meant.
    pub error: ParseError,
    /// Whether typing on may end the term.
    pub is_unfinished: bool,
    /// The filter that acts meanwhile: the terms that are finished.
    pub kept: String,
    /// Whether Enter was pressed: nothing was applied.
    pub is_refused: bool,
}

impl TypedFault {
    /// The fault of a draft, if it has one.
    pub fn of<Q>(draft: &Draft<Q>) -> Option<Self> {
        let fault = draft.fault.as_ref()?;
        Some(Self {
            error: fault.error.clone(),
            is_unfinished: fault.is_unfinished,
            kept: draft.kept.trim().to_owned(),
            is_refused: false,
        })
    }

    /// Before the sentence of the error: whether the filter was applied.
    pub const fn verdict(&self) -> &'static str {
        match (self.is_refused, self.is_unfinished) {
            (true, _) => "not applied: ",
            (false, true) => "unfinished: ",
            (false, false) => "",
        }
    }

    /// Behind it, where there is room: what is shown meanwhile. `all` is said where no term is finished.
    pub fn meanwhile<'a>(&self, all: &'a str) -> &'a str {
        if self.kept.is_empty() {
            all
        } else {
            "; the rest of the filter applies"
        }
    }
}
