//! The widgets that every view draws with: signs, colours, bars, trends, charts, texts that fit.
//!
//! They know what a pod is, but not the model or the origin of pods. [`views`](crate::views) draws complete
//! views.

pub mod amount;
pub mod change_line;
pub mod change_words;
pub mod chart;
pub mod colours;
pub mod format;
pub mod moment;
pub mod signs;
pub mod slot;
pub mod theme;
pub mod themes;
pub mod thin_bar;
pub mod trend;

pub use signs::SignSet;
pub use theme::{Palette, Role, Theme};
pub use themes::Themes;
