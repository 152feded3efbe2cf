//! The `hss-top` program.
fn main() {}
