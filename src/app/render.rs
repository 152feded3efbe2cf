//! The render task: owns the terminal on a thread that may block.
//!
//! Draws the newest frame: the first change at once, then at most [`FRAMES_A_SECOND`], and nothing while nothing
//! changed. How a frame gets to the terminal is [`Display`]'s.
//!
//! A living event loop sends a frame each second. Where none comes the last one is drawn on, by the clock of this side and
//! with the word that it is stale: an event loop that is stuck cannot say so itself.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::model::Model;
use crate::clock::Clock;
use crate::terminal::Display;
use crate::ui::{self, Theme};

/// Frames that a terminal gets in a second at most.
const FRAMES_A_SECOND: u32 = 100;

/// How long each look for a frame lasts.
const LOOK: Duration = Duration::from_secs(1);
/// So many looks without a frame, and the event loop is stuck.
const STUCK_AFTER: u32 = 5;

/// Whether frames still come. Looks are counted rather than time, since this side may have been stopped as well.
#[derive(Debug, Default)]
struct Pulse {
    looks: u32,
}

impl Pulse {
    /// A frame came.
    fn beats(&mut self) {
        self.looks = 0;
    }

    /// None came during a look. Returns for how long the event loop has been stuck, if it is.
    fn misses(&mut self) -> Option<Duration> {
        self.looks = self.looks.saturating_add(1);
        (self.looks >= STUCK_AFTER).then(|| LOOK * self.looks)
    }
}

/// What is to be drawn. Latest wins.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The state of the program; `None` before the first event.
    pub model: Option<Arc<Model>>,
    /// Grows with each request to draw everything anew.
    pub redraws: u64,
}

/// Draws until the event loop is gone. To be run on a thread of its own.
pub fn run<W: Write>(
    mut display: Display<W>,
    mut frames: watch::Receiver<Frame>,
    theme: &Theme,
    handle: &Handle,
    clock: &Clock,
) -> io::Result<()> {
    let pause = Duration::from_secs(1) / FRAMES_A_SECOND;
    let mut redraws = 0;
    let mut pulse = Pulse::default();
    loop {
        match handle.block_on(async { timeout(LOOK, frames.changed()).await }) {
            Ok(Ok(())) => pulse.beats(),
            Ok(Err(_)) => break,
            Err(_) => {
                let last = frames.borrow().model.clone();
                if let (Some(stuck), Some(last)) = (pulse.misses(), last) {
                    draw(&mut display, &last.stuck_for(stuck, clock.now()), theme)?;
                }
                continue;
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_loop_that_sends_no_frame_for_five_looks_is_stuck_until_the_next_one() {
        let mut pulse = Pulse::default();
        for _ in 0..2 {
            let looks: Vec<Option<u64>> = (0..6)
                .map(|_| pulse.misses().map(|stuck| stuck.as_secs()))
                .collect();
            assert_eq!(looks, [None, None, None, None, Some(5), Some(6)]);
            pulse.beats();
        }
    }
}
