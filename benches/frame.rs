//! A frame after the selection moved, at 200x60: how long it takes to draw, and what goes to the terminal.
//!
//! The floor is ratatui's own comparison of two buffers of that size, which no program of its kind can do without. Floor and
//! subject take turns in one run, the best round of each counts, and their ratio is asserted, with [`SLACK`]; bytes and
//! writes are counted exactly.
//!
//! Another row has the slowest key of a filter that is typed over 10,000 changes, with the frame after it: it must not take longer
//! than a frame of a terminal with 60 a second.
//!
//! `cargo bench --bench frame`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may fail"
)]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

#[path = "frame/changes.rs"]
mod changes;
#[path = "../tests/support/stage.rs"]
#[expect(dead_code, reason = "a bench uses its own part")]
mod stage;

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{self, Write};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hss_top::terminal::Display;
use hss_top::ui::{Palette, Theme};
use hss_top::views::render;
use ratatui::layout::Size;
use stage::{draw, loaded_model, press};

/// The most time of a frame, as a multiple of the comparison.
const LIMIT: f64 = 3.5;
/// A ratio may exceed its limit by this factor before the bench fails: the machine is shared.
const SLACK: f64 = 1.3;
/// The most bytes of a frame: the marks, bars and counts of a full row, moved by one.
const BYTES: usize = 900;
const ROUNDS: usize = 2_000;
const SIZE: Size = Size::new(200, 60);
/// One frame.
const FRAME: Duration = Duration::from_millis(16);

/// Counts what would go to the terminal.
#[derive(Clone, Default)]
struct Counted(Rc<RefCell<(usize, usize)>>);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut counted = self.0.borrow_mut();
        counted.0 += 1;
        counted.1 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn best(of: &mut Duration, work: impl FnOnce()) {
    let began = Instant::now();
    work();
    *of = (*of).min(began.elapsed());
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut model = loaded_model(SIZE).await;
    let theme = Theme::new(Palette::Sixteen);
    let before = draw(&model, theme);
    press(&mut model, "j");
    let after = draw(&model, theme);
    let counted = Counted::default();
    let mut screen = Display::new(counted.clone());
    render::draw(&mut screen, &model, &theme).unwrap();
    let (mut floor, mut subject) = (Duration::MAX, Duration::MAX);
    let mut most = (0, 0);
    for round in 0..ROUNDS {
        best(&mut floor, || drop(black_box(before.diff(&after))));
        press(&mut model, if round % 2 == 0 { "j" } else { "k" });
        *counted.0.borrow_mut() = (0, 0);
        best(&mut subject, || {
            render::draw(&mut screen, &model, &theme).unwrap();
        });
        let (writes, bytes) = *counted.0.borrow();
        most = (most.0.max(writes), most.1.max(bytes));
    }
    let ratio = subject.as_secs_f64() / floor.as_secs_f64();
    let (writes, bytes) = most;
    println!("| a frame at 200x60 after a move | measured | limit |");
    println!("|---|---|---|");
    println!("| time, of a comparison of two buffers ({floor:?}) | {ratio:.1}× | {LIMIT}× |");
    println!("| bytes to the terminal, at most | {bytes} | {BYTES} |");
    println!("| writes | {writes} | 1 |");
    let (slowest, key, listed) = changes::slowest_key(SIZE, theme);
    println!(
        "| the slowest key (`{key}`) of a filter over {listed} changes of {} pods | {slowest:.1?} | {FRAME:?} |",
        changes::PODS
    );
    let is_fast = slowest <= FRAME.mul_f64(SLACK) && listed == changes::CHANGES;
    if is_fast && ratio <= LIMIT * SLACK && bytes <= BYTES && writes == 1 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
