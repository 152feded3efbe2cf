//! The view of the program's own use: a picture without a cursor.

use super::ViewUpdate;

/// What [`ViewKind::Health`](crate::keys::ViewKind::Health) does.
pub(super) struct HealthUpdate;

impl ViewUpdate for HealthUpdate {}
