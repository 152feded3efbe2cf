//! The output that reaches a slow terminal, with vt100 as the oracle.

use std::sync::{Arc, Condvar, Mutex};

use ratatui::layout::Size;

use super::*;
use crate::app::fixture::empty_model;
use crate::app::outbox::{self, Outbox};

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

/// Whether the terminal accepts bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// It does.
    Open,
    /// Writers wait.
    Closed,
    /// The shell has it: nothing is accepted.
    Away,
}

#[derive(Debug)]
struct Shared {
    gate: Gate,
    bytes: Vec<u8>,
    /// How often somebody waited, or was sent away.
    held: usize,
}

/// A terminal that takes three bytes at a time, when it takes any.
#[derive(Debug, Clone)]
struct SlowTerminal(Arc<(Mutex<Shared>, Condvar)>);

impl SlowTerminal {
    fn new(gate: Gate) -> Self {
        let shared = Shared {
            gate,
            bytes: Vec::new(),
            held: 0,
        };
        Self(Arc::new((Mutex::new(shared), Condvar::new())))
    }

    fn set(&self, gate: Gate) {
        self.0.0.lock().unwrap().gate = gate;
        self.0.1.notify_all();
    }

    /// Waits until these bytes have been written.
    fn awaits(&self, bytes: &str) {
        let wanted = bytes.as_bytes();
        let lacks = |shared: &mut Shared| !shared.bytes.windows(wanted.len()).any(|it| it == wanted);
        let shared = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(shared, lacks).unwrap());
    }

    /// Waits until the renderer has run into the gate.
    fn awaits_writer(&self) {
        let shared = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(shared, |shared| shared.held == 0).unwrap());
    }
}

impl Write for SlowTerminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut shared = self.0.0.lock().unwrap();
        if shared.gate != Gate::Open {
            shared.held += 1;
            self.0.1.notify_all();
        }
        shared = self
            .0
            .1
            .wait_while(shared, |shared| shared.gate == Gate::Closed)
            .unwrap();
        if shared.gate == Gate::Away {
            return Ok(0);
        }
        let count = bytes.len().min(3);
        shared.bytes.extend_from_slice(&bytes[..count]);
        self.0.1.notify_all();
        Ok(count)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.write(rest)? {
                0 => return Ok(()),
                count => rest = &rest[count..],
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The effect of all bytes on a terminal: bells, titles and copies, in order.
#[derive(Default)]
struct Heard(Vec<OnceOutput>);

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push(OnceOutput::Bell);
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.0
            .push(OnceOutput::Title(String::from_utf8_lossy(title).into_owned()));
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
        self.0.push(OnceOutput::Copy(String::from_utf8(text).unwrap()));
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, parameters: &[&[u8]]) {
        let text = parameters.last().copied().unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        self.0.push(OnceOutput::Notification { id: 0, text });
    }
}

/// A running renderer.
struct Stage {
    terminal: SlowTerminal,
    outbox: Outbox,
    frames: watch::Sender<Frame>,
    thread: std::thread::JoinHandle<io::Result<()>>,
    runtime: tokio::runtime::Runtime,
    model: Model,
}

impl Stage {
    fn new(gate: Gate) -> Self {
        Self::refreshing(gate, RefreshTimes::from(Instant::now()))
    }

    /// One with these times of refreshes.
    fn refreshing(gate: Gate, times: RefreshTimes) -> Self {
        let kitty = TerminalTraits::of(&|name| (name == "TERM").then(|| "xterm-kitty".to_owned()));
        let (outbox, outputs) = outbox::channel(kitty);
        let (frames, frames_out) = watch::channel(Frame::default());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap();
        let terminal = SlowTerminal::new(gate);
        let display = Display::new(terminal.clone());
        let handle = runtime.handle().clone();
        let clock = Clock::from_fn(|| jiff::Timestamp::UNIX_EPOCH);
        let mut renderer = Renderer::new(display, kitty, outputs);
        renderer.refresh = times;
        let thread = std::thread::spawn(move || renderer.run(frames_out, &handle, &clock));
        let model = empty_model(Size::new(80, 24), jiff::Timestamp::UNIX_EPOCH);
        Self {
            terminal,
            outbox,
            frames,
            thread,
            runtime,
            model,
        }
    }

    fn frame(&mut self, redraws: u64) {
        self.model.beat += 1;
        let model = Some(Arc::new(self.model.clone()));
        self.frames.send(Frame { model, redraws }).unwrap();
    }

    fn send(&mut self, output: &OnceOutput) {
        self.outbox.send(output.clone()).unwrap();
    }

    /// Ends it; returns what the terminal received, and the number of frames.
    fn end(self) -> (Vec<OnceOutput>, usize) {
        drop((self.outbox, self.frames));
        self.thread.join().unwrap().unwrap();
        drop(self.runtime);
        let bytes = self.terminal.0.0.lock().unwrap().bytes.clone();
        let mut parser = vt100::Parser::new_with_callbacks(
            24.try_into().unwrap(),
            80.try_into().unwrap(),
            0,
            Heard::default(),
        );
        parser.process(&bytes);
        let frames = bytes.windows(8).filter(|it| it == b"\x1b[?2026h").count();
        (std::mem::take(&mut parser.callbacks_mut().0), frames)
    }
}

/// Bells, copies and notifications in turns.
fn script(length: usize) -> Vec<OnceOutput> {
    (0..length)
        .map(|at| match at % 3 {
            0 => OnceOutput::Bell,
            1 => OnceOutput::Copy(format!("pod-{at}")),
            _ => OnceOutput::Notification {
                id: 0,
                text: format!("hss-top: finding {at}"),
            },
        })
        .collect()
}

/// What is heard of a script: a notification rings before it is shown.
fn heard_of(script: &[OnceOutput]) -> Vec<OnceOutput> {
    let bell =
        |output: &OnceOutput| matches!(output, OnceOutput::Notification { .. }).then_some(OnceOutput::Bell);
    let outputs = script.iter().map(|output| [bell(output), Some(output.clone())]);
    outputs.flatten().flatten().collect()
}

/// The same as it is sent: the terminal puts the name before a notification's text.
fn sent(output: &OnceOutput) -> OnceOutput {
    match output {
        OnceOutput::Notification { id, text } => OnceOutput::Notification {
            id: *id,
            text: text.strip_prefix("hss-top: ").unwrap_or(text).to_owned(),
        },
        output => output.clone(),
    }
}

#[test]
fn a_slow_terminal_gets_each_output_once_and_in_order_however_many_frames_are_skipped() {
    let mut stage = Stage::new(Gate::Closed);
    stage.frame(0);
    stage.terminal.awaits_writer();
    let script = script(30);
    for output in &script {
        stage.frame(0);
        stage.send(&sent(output));
        stage.frame(0);
    }
    stage.terminal.set(Gate::Open);
    let (heard, frames) = stage.end();
    assert_eq!(heard, heard_of(&script));
    assert!(frames <= 3, "{frames} of 61 frames");
}

#[test]
fn what_comes_while_the_terminal_is_the_shells_waits_until_it_is_ours_again() {
    let mut stage = Stage::new(Gate::Away);
    stage.outbox.title("hss-top: FRESH".into());
    let script = script(20);
    for output in &script {
        stage.send(&sent(output));
    }
    stage.frame(0);
    stage.terminal.awaits_writer();
    stage.terminal.set(Gate::Open);
    // As after `fg`: everything is redrawn.
    stage.frame(1);
    let (mut heard, _) = stage.end();
    heard.retain(|output| !matches!(output, OnceOutput::Title(_)));
    assert_eq!(heard, heard_of(&script));
}

#[test]
fn a_refresh_writes_the_picture_its_modes_and_the_title_again() {
    const REFRESH: &str = "\x1b[?2026h\x1b[?47h\x1b[?25l\x1b[?2004h";
    let mut stage = Stage::refreshing(Gate::Open, RefreshTimes::always(Instant::now()));
    stage.outbox.title("hss-top: FRESH".into());
    let terminal = stage.terminal.clone();
    let written = || String::from_utf8_lossy(&terminal.0.0.lock().unwrap().bytes).into_owned();
    stage.frame(0);
    terminal.awaits("\x1b[?2026l");
    stage.frame(0);
    terminal.awaits(REFRESH);
    let (heard, _) = stage.end();
    let refreshes = written().matches(REFRESH).count();
    assert!(refreshes > 0);
    // The first frame is the whole picture anyway, and needs no refresh.
    assert_eq!(written().matches("\x1b[2J").count(), 1);
    let titles = heard
        .iter()
        .filter(|output| matches!(output, OnceOutput::Title(_)));
    assert!((refreshes..=refreshes + 2).contains(&titles.count()), "{heard:?}");
}

#[test]
fn the_title_is_written_when_it_changes_and_again_when_the_screen_is_drawn_anew() {
    let mut stage = Stage::new(Gate::Open);
    let title = |text: &str| OnceOutput::Title(text.to_owned());
    for text in ["a", "a", "b"] {
        stage.outbox.title(text.to_owned());
    }
    stage.frame(0);
    stage.frame(1);
    let (heard, _) = stage.end();
    // The redraw may come before the titles or after them.
    assert_eq!(heard.first(), Some(&title("a")));
    assert_eq!(heard.last(), Some(&title("b")));
    assert!((2..=3).contains(&heard.len()), "{heard:?}");
}
