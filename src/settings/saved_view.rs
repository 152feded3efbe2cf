//! A view that the operator saved under a name: a filter, an order and columns.

use crate::fleet::fields::ColumnList;
use crate::fleet::sort::Sort;

/// What `[views.NAME]` of the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The filter, as typed; it is valid.
    pub filter: String,
    /// The order.
    pub sort: Sort,
    /// Whether only problems are shown.
    pub problems: bool,
    /// The columns; without any, those of the start.
    pub columns: Option<ColumnList>,
}
