//! What happens to a terminal while the dashboard is on it, fault by fault, with the program in a real
//! pseudo-terminal.
//!
//! | case | fault |
//! |---|---|
//! | T1 | a panic in a task |
//! | T2 | a panic in a thread while a frame is drawn, or in the drawing |
//! | T3 | SIGTERM, SIGINT, SIGQUIT, SIGHUP from outside: idle, while a call waits, while frames are drawn |
//! | T4 | the terminal closes |
//! | T5 | the terminal closes with SIGHUP ignored, or was never the controlling one; only the output closes |
//! | T7 | Ctrl-Z, SIGTSTP or SIGSTOP, another size meanwhile, and `fg` |
//! | T8 | the terminal takes no bytes for a while, or stops its output |
//! | T10 | sizes change a hundred times a second while a filter is typed |
//! | T11 | there is no terminal, or none that could show a dashboard |
//! | T13 | junk is typed: random bytes, half sequences, pastes without end, mouse reports from nowhere |
//! | T16 | tmux ends, or attaches at another size |
//! | T17 | a key arrives while the program ends, on a terminal that reads late |
//! | T18 | every other signal that ends a program, an abort, a stack overflow, a mapped file cut short |
//! | T19 | the terminal has no alternate screen |
//! | T20 | sizes beyond any screen |
//! | T21 | the terminal reads slowly, or nothing for a while, while copies are asked for |
//! | T22 | ten thousand sizes, one after the other |
//! | T23 | the terminal answers about its colours late, in pieces, never or nonsense; its scheme changes |
//! | M1 | none: what the mouse does, and that it is the terminal's where it is not wanted |
//! | P10 | none: how long a key takes to the screen |
//!
//! A case is a function of the program under test. It answers what it measured, or why the program fails it: hss-top
//! must pass, and where the fault is one that the quick starts of the libraries do not care for, the naive twin
//! (`tests/naive_twin/twin.rs`) must fail.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests tell what they measured"
)]

#[path = "../support/mod.rs"]
mod support;

mod colours;
mod ends;
mod fatal;
mod gone;
mod junk;
mod kept;
mod keys;
mod lag;
mod mouse;
mod no_terminal;
mod once;
mod panics;
mod plain_screen;
mod sizes;
mod stall;
mod subject;
mod suspend;
mod time_machine;
mod tmux;
