//! What the event loop publishes for the render task.

use std::sync::Arc;

use super::Model;

/// What is to be drawn. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The state of the program; `None` before the first event.
    pub model: Option<Arc<Model>>,
    /// Grows with each request to draw everything anew.
    pub redraws: u64,
}
