//! The render task: owns the terminal on a thread that may block.
//!
//! Draws the newest frame: the first change at once, then at most [`FRAMES_A_SECOND`], and nothing without a
//! change. [`Display`] writes a frame to the terminal. Output that must happen once ([`OnceOutput`]) has its
//! own channel, is not part of a frame, and is written in the order of sending; while the shell has the
//! terminal, it waits. Nothing else writes to the terminal.
//!
//! A working event loop sends a frame each second. If none arrives, the last one is redrawn with this task's
//! clock and marked as stale, because a stuck event loop cannot say so itself.
//!
//! Every few minutes one frame is the whole picture with its modes, and the title again, for a terminal that was replaced without
//! a word to us ([`refresh`]). Its background is not requested again: a title or a picture that nobody sees does no harm, but the
//! answer may arrive while somebody types.

mod refresh;

use std::io::{self, Write};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::app::{Frame, Model, title};
use crate::clock::Clock;
use crate::terminal::{Display, OnceOutput, TerminalTraits};
use crate::ui::Theme;
use refresh::RefreshTimes;

/// The most frames per second.
const FRAMES_A_SECOND: u32 = 100;

/// How long each wait for a frame lasts.
const LOOK: Duration = Duration::from_secs(1);
/// After this many waits without a frame, the event loop counts as stuck.
const STUCK_AFTER: u32 = 5;

/// Whether frames still arrive. Waits are counted instead of time, because this task may have been stopped as
/// well.
#[derive(Debug, Default)]
struct Pulse {
    looks: u32,
}

impl Pulse {
    /// A frame came.
    fn beats(&mut self) {
        self.looks = 0;
    }

    /// None arrived during a wait. Returns how long the event loop has been stuck, if it is.
    fn misses(&mut self) -> Option<Duration> {
        self.looks = self.looks.saturating_add(1);
        (self.looks >= STUCK_AFTER).then(|| LOOK * self.looks)
    }
}

/// Why the task wakes.
enum Wake {
    /// A frame came.
    Frame,
    /// Once-only output arrived.
    Output(OnceOutput),
    /// Nothing arrived during a wait.
    Silence,
    /// The event loop has ended, and all its output was received.
    End,
}

/// The render task: the terminal, and the output for it.
#[derive(Debug)]
pub struct Renderer<W> {
    display: Display<W>,
    terminal: TerminalTraits,
    outputs: mpsc::Receiver<OnceOutput>,
    /// Received from the channel, but not yet accepted by the terminal.
    pending: Option<OnceOutput>,
    /// The window's title from the event loop.
    title: String,
    /// The window's present title; empty if it is uncertain.
    shown_title: String,
    /// When the whole picture is written again.
    refresh: RefreshTimes,
}

impl<W: Write> Renderer<W> {
    /// A task for this terminal.
    pub fn new(display: Display<W>, terminal: TerminalTraits, outputs: mpsc::Receiver<OnceOutput>) -> Self {
        Self {
            display,
            terminal,
            outputs,
            pending: None,
            title: String::new(),
            shown_title: String::new(),
            refresh: RefreshTimes::from(Instant::now()),
        }
    }

    /// Draws and writes until the event loop ends. It needs its own thread.
    pub fn run(
        mut self,
        mut frames: watch::Receiver<Frame>,
        handle: &Handle,
        clock: &Clock,
    ) -> io::Result<()> {
        let pause = Duration::from_secs(1) / FRAMES_A_SECOND;
        let mut redraws = 0;
        let mut pulse = Pulse::default();
        loop {
            match self.wait(&mut frames, handle) {
                Wake::Frame => pulse.beats(),
                Wake::Output(output) => {
                    self.take(output)?;
                    continue;
                }
                Wake::Silence => {
                    let last = frames.borrow().model.clone();
                    if let (Some(stuck), Some(last)) = (pulse.misses(), last) {
                        let model = last.stuck_for(stuck, clock.now());
                        self.show_title(&title::of(&model))?;
                        draw(&mut self.display, &model, model.themes.theme())?;
                    }
                    continue;
                }
                Wake::End => return Ok(()),
            }
            let frame = frames.borrow_and_update().clone();
            let Some(model) = frame.model else { continue };
            let drawn_at = Instant::now();
            if frame.redraws != redraws {
                redraws = frame.redraws;
                self.display.forget();
                self.shown_title.clear();
                self.refresh.restart(drawn_at);
            } else if self.refresh.is_due(drawn_at) {
                self.display.refresh();
                self.shown_title.clear();
            }
            self.write_outputs()?;
            let begins = Instant::now();
            draw(&mut self.display, &model, model.themes.theme())?;
            self.refresh.drawn(begins, Instant::now());
            handle.block_on(async { sleep_until(drawn_at + pause).await });
        }
    }

    /// Waits for the next thing to do. Once-only output goes before frames; while one such output waits for
    /// the terminal, the others wait in the channel.
    fn wait(&mut self, frames: &mut watch::Receiver<Frame>, handle: &Handle) -> Wake {
        let is_free = self.pending.is_none();
        let outputs = &mut self.outputs;
        handle.block_on(async {
            let next = async {
                tokio::select! {
                    biased;
                    Some(output) = outputs.recv(), if is_free => Wake::Output(output),
                    changed = frames.changed() => changed.map_or(Wake::End, |()| Wake::Frame),
                }
            };
            timeout(LOOK, next).await.unwrap_or(Wake::Silence)
        })
    }

    fn take(&mut self, output: OnceOutput) -> io::Result<()> {
        match output {
            OnceOutput::Title(title) => self.title = title,
            output => self.pending = Some(output),
        }
        self.write_outputs()
    }

    /// Writes the waiting output. While the shell has the terminal, everything waits.
    fn write_outputs(&mut self) -> io::Result<()> {
        if let Some(output) = self.pending.take()
            && !self.display.write_once(&output.bytes(self.terminal))?
        {
            self.pending = Some(output);
            return Ok(());
        }
        let title = std::mem::take(&mut self.title);
        let result = self.show_title(&title);
        self.title = title;
        result
    }

    /// Sets the window's title, if it differs.
    fn show_title(&mut self, title: &str) -> io::Result<()> {
        if self.shown_title != title {
            let bytes = OnceOutput::Title(title.to_owned()).bytes(self.terminal);
            if self.display.write_once(&bytes)? {
                title.clone_into(&mut self.shown_title);
            }
        }
        Ok(())
    }
}

/// Draws one frame, in the size of the model's layout.
pub fn draw<W: Write>(display: &mut Display<W>, model: &Model, theme: &Theme) -> io::Result<()> {
    let size = model.screen_size();
    if size.width == 0 || size.height == 0 {
        return Ok(());
    }
    display.draw(size, |buffer| {
        super::draw(model, theme, buffer);
        #[cfg(feature = "fault-injection")]
        crate::fault_injection::in_draw();
    })
}

#[cfg(test)]
mod tests;
