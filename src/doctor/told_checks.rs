//! The checks that were made so far, each printed at once.

use super::Check;

/// What was found so far.
pub(super) struct ToldChecks<'a> {
    made: Vec<Check>,
    tell: &'a mut dyn FnMut(&Check),
}

impl<'a> ToldChecks<'a> {
    /// Nothing yet; `tell` is called with each check.
    pub(super) fn new(tell: &'a mut dyn FnMut(&Check)) -> Self {
        Self {
            made: Vec::new(),
            tell,
        }
    }

    pub(super) fn push(&mut self, check: Check) {
        (self.tell)(&check);
        self.made.push(check);
    }

    pub(super) fn extend(&mut self, checks: impl IntoIterator<Item = Check>) {
        for check in checks {
            self.push(check);
        }
    }

    /// All of them, in the order in which they were made.
    pub(super) fn all(self) -> Vec<Check> {
        self.made
    }
}
