//! hss-top: a terminal dashboard for the pods that Huawei Cloud Host Security Service (HSS) lists.
//!
//! This page is the map of the program.
//!
//! ```text
//!    terminal input       signals        1 s clock
//!          │                 │               │
//!          ▼                 ▼               ▼
//!  ┌─ event loop (app::event_loop, owns the Model) ───────────────────────────────────────┐
//!  │ Event ─► update(&mut Model, Event) ─► Vec<Effect> ─► sends that never wait ─► publish │
//!  └──┬──────────────────────┬──────────────────────▲──────────────────────────┬──────────┘
//!     │ watch: what is wanted│ watch: view wanted   │ mpsc(bounded): replies   │ watch: Frame; mpsc(bounded):
//!     ▼                      ▼                      │                          ▼ bells, titles, copies
//!  ┌─ collector ───────┐  ┌─ view worker ────┐      │                 ┌─ render task ───────┐
//!  │ a task a source:  │  │ app::view_worker │      │                 │ views::render: owns │
//!  │ the sweep, the    │  │ filter and sort, ├──────┤                 │ the terminal; the   │
//!  │ fleet being built;│  │ latest value wins │      │                 │ newest frame only   │
//!  │ budgets above all ├──┴──────────────────┴──────┘                 └─────────────────────┘
//!  └───────────────────┘
//! ```
//!
//! | module | what it owns |
//! |---|---|
//! | [`cli`] | commands and their help |
//! | [`config`] | the value of each key and its origin: flags, variables, profiles, the file; its sections and its schema |
//! | [`settings`] | from the configuration to what the dashboard runs with |
//! | [`dashboard`] | the tasks put together: channels, parents, the end |
//! | [`doctor`] | `hss-top doctor`: checks every step between this machine and the pods |
//! | [`exit_codes`] | how the program ends: codes, and why |
//! | [`serve`] | `hss-top serve`: one collector for many readers |
//! | [`simulate`] | `hss-top simulate` |
//! | [`hss`] | everything about HTTP: request values, answers, errors, the client |
//! | [`collector`] | the sources at work, without a screen: clients, call budgets, sweeps, retries, state word |
//! | [`alerts`] | what is worth telling a person, and when: rules, quiet hours, what was told; no I/O, no clock |
//! | [`fleet`] | the pods: columns, snapshots, filter language, orders, changes, risk; no I/O, no clock |
//! | [`metrics`] | the fleet in numbers, for scrapers |
//! | [`report`] | files of the pods shown: CSV, JSON; lists of pods for programs |
//! | [`sinks`] | alerts on their way: the task that sends, what waits, receipts |
//! | [`recording`] | answers of HSS in a file: what is taken out of them, and their replay |
//! | [`state`] | what is kept on disk between runs: last known pages, usage over time |
//! | [`app`] | event, model, focus, update, commands, effects, the loop |
//! | [`keys`] | the meaning of each key in each mode: one table, and the operator's own bindings |
//! | [`views`] | the screen: a module for each view and each overlay, header, footer |
//! | [`ui`] | widgets for the views: signs, colours, bars, trends, texts that fit |
//! | [`terminal`] | the guard: enter, leave, signals, suspend and resume, a lost terminal; input |
//! | [`http_server`] | HTTP for callers that cannot be trusted: their limits, the end |
//! | [`simulator`] | the imitation of HSS behind `--demo`, `simulate` and the tests |
//! | [`health`] | the program's own use of resources: the kernel's figures and their history |
//! | `fault_injection` | faults that a test injects; only with the cargo feature of that name |
//! | [`operator`] | the name of the person at the screen |
//! | [`files`] | files that the operator names, read with limits of size and time |
//! | [`clock`] | the one reader of the wall clock |
//! | [`env`](mod@env) | the environment as a function |
//! | [`log`] | the log: lines, and files of limited size |
//! | [`secrets`] | the secrets in use, and their redaction in everything that is shown and written |
//!
//! Imports run one way: `fleet` knows no HTTP, no clock and no screen; `hss` knows `fleet`; `collector` knows
//! both; `app` knows `collector`; `views` reads the model and draws it with `ui`; `dashboard` and `main` know
//! every module.

pub mod alerts;
pub mod app;
pub mod cli;
pub mod clock;
pub mod collector;
pub mod config;
pub mod dashboard;
pub mod doctor;
pub mod env;
pub mod exit_codes;
#[cfg(feature = "fault-injection")]
pub mod fault_injection;
pub mod files;
pub mod fleet;
pub mod health;
pub mod hss;
pub mod http_server;
pub mod keys;
pub mod log;
#[cfg(test)]
mod long_tests;
pub mod metrics;
pub mod operator;
pub mod recording;
pub mod report;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod simulate;
pub mod simulator;
pub mod sinks;
pub mod state;
pub mod terminal;
pub mod ui;
pub mod views;
