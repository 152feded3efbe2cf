//! The render task: owns the terminal on a thread that may block.
//!
//! Draws the newest frame: the first change at once, then at most [`FRAMES_A_SECOND`], and nothing while nothing
//! changed. How a frame gets to the terminal is [`Display`]'s.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::model::Model;
use crate::terminal::Display;
use crate::ui::{self, Theme};

/// Frames that a terminal gets in a second at most.
const FRAMES_A_SECOND: u32 = 100;

/// What is to be drawn. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The state of the program; `None` before the first event.
    pub model: Option<Arc<Model>>,
    /// Grows with each wish to draw everything anew.
    pub redraws: u64,
}

/// Draws until the event loop is gone. To be run on a thread of its own.
pub fn run<W: Write>(
    mut display: Display<W>,
    mut frames: watch::Receiver<Frame>,
    theme: &Theme,
    handle: &Handle,
) -> io::Result<()> {
    let pause = Duration::from_secs(1) / FRAMES_A_SECOND;
    let mut redraws = 0;
    while handle.block_on(frames.changed()).is_ok() {
        let frame = frames.borrow_and_update().clone();
        let Some(model) = frame.model else { continue };
        let drawn_at = Instant::now();
        if frame.redraws != redraws {
            redraws = frame.redraws;
            display.forget();
        }
        draw(&mut display, &model, theme)?;
        handle.block_on(sleep_until(drawn_at + pause));
    }
    Ok(())
}

/// Draws one frame and the window's title, of the size that the model was laid out for.
pub fn draw<W: Write>(display: &mut Display<W>, model: &Model, theme: &Theme) -> io::Result<()> {
    if model.size.width == 0 || model.size.height == 0 {
        return Ok(());
    }
    display.set_title(&ui::title::of(model));
    display.draw(model.size, |buffer| {
        ui::draw(model, theme, buffer);
        #[cfg(debug_assertions)]
        crate::rehearsal::in_draw();
    })
}
