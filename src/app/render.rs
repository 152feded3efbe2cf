//! The render task: owns the terminal on a thread that may block.
//!
//! Draws the newest frame: the first change at once, then at most [`FRAMES_A_SECOND`], and nothing while nothing
//! changed. A frame is one write, wrapped in a synchronized update so that it never shows half.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::model::Model;
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
    mut terminal: Terminal<CrosstermBackend<W>>,
    mut frames: watch::Receiver<Frame>,
    theme: &Theme,
    handle: &Handle,
) -> io::Result<()> {
    let pause = Duration::from_secs(1) / FRAMES_A_SECOND;
    // With the first frame the terminal is told its size, which it must not look up by itself.
    let mut redraws = u64::MAX;
    while handle.block_on(frames.changed()).is_ok() {
        let frame = frames.borrow_and_update().clone();
        let Some(model) = frame.model else { continue };
        let drawn_at = Instant::now();
        if frame.redraws != redraws {
            redraws = frame.redraws;
            // Unlike `clear` this asks the terminal nothing.
            terminal.resize(Rect::new(0, 0, model.size.width, model.size.height))?;
        }
        draw(&mut terminal, &model, theme)?;
        handle.block_on(sleep_until(drawn_at + pause));
    }
    Ok(())
}

/// Draws one frame as one write.
pub fn draw<W: Write>(
    terminal: &mut Terminal<CrosstermBackend<W>>,
    model: &Model,
    theme: &Theme,
) -> io::Result<()> {
    if model.size.width == 0 || model.size.height == 0 {
        return Ok(());
    }
    queue!(terminal.backend_mut(), BeginSynchronizedUpdate)?;
    terminal.draw(|frame| {
        ui::draw(model, theme, frame);
        #[cfg(debug_assertions)]
        crate::rehearsal::in_draw();
    })?;
    queue!(terminal.backend_mut(), EndSynchronizedUpdate)?;
    Write::flush(terminal.backend_mut())
}
