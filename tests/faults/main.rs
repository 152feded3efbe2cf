//! What may go wrong around the program, fault by fault, with the binary in a pseudo-terminal: HTTP, the network, the
//! machine, and weeks of all of it.
//!
//! One binary, because these cases mostly wait: they wait beside one another.

#![expect(clippy::unwrap_used, reason = "tests")]

mod http;
mod long_run;
mod machine;
#[path = "../support/mod.rs"]
mod support;
mod way;
