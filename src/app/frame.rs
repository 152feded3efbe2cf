//! The event loop's output for the render task.

use std::sync::Arc;

use super::Model;

/// The picture to draw. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The state of the program; `None` before the first event.
    pub model: Option<Arc<Model>>,
    /// Grows with each request to redraw everything.
    pub redraws: u64,
}
