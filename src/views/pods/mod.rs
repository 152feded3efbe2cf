//! The view of the pods: the table, and the detail of the pod under the cursor.

pub mod cells;
pub mod columns;
pub mod detail;
pub mod table;
