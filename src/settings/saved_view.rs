//! A view that the operator saved under a name: what is shown of the fleet, and in which order.

use crate::fleet::fields::ColumnList;
use crate::fleet::sort::Sort;

/// What `[views.NAME]` of the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The filter, as it would be typed; a valid one.
    pub filter: String,
    /// The order.
    pub sort: Sort,
    /// Whether only problems are shown.
    pub problems: bool,
    /// The columns; those of the start where it names none.
    pub columns: Option<ColumnList>,
}
