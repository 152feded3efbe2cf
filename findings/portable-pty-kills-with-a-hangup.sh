#!/usr/bin/env bash
# portable-pty 0.9.0 (crates.io): what kill() of a child sends.
#
# Expected: "Terminate the child process", and as its Child is a std::process::Child: SIGKILL, which a program cannot handle.
# The killer from clone_killer() does the same from another thread.
# Seen on 2026-11-30: kill() sends SIGHUP, waits up to a fifth of a second, and only then sends SIGKILL. A program that handles
# the hangup ends in order, with an exit code of its own. The cloned killer sends SIGHUP only: it answers Ok, and a program that
# ignores hangups runs on.
# Why it matters: a test that pulls the plug on a dashboard with kill(), to see that no state is lost and the terminal can be
# mended, proves an orderly end; and a time limit that uses the cloned killer does not hold. Send SIGKILL to process_id().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
portable-pty = "=0.9.0"
TOML
cat > src/main.rs <<'RUST'
use std::{io::Read, thread::sleep, time::{Duration, Instant}};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

/// A shell in a terminal of its own that does this at a hangup, when it is ready.
fn start(at_hangup: &str) -> (Box<dyn Child + Send + Sync>, Box<dyn Read + Send>) {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", &format!("trap '{at_hangup}' HUP; echo ready; while :; do sleep 0.05; done")]);
    command.cwd("/");
    let child = pair.slave.spawn_command(command).unwrap();
    let mut screen = pair.master.try_clone_reader().unwrap();
    let mut seen = [0; 64];
    let length = screen.read(&mut seen).unwrap();
    assert!(seen[..length].starts_with(b"ready"));
    std::mem::forget(pair.master); // closing it would be a hangup, too
    (child, screen)
}

fn main() {
    let (mut child, _screen) = start("exit 7");
    child.kill().unwrap();
    let end = child.wait().unwrap();
    println!("kill() of a program that handles SIGHUP: {end:?}");
    assert_eq!((end.exit_code(), end.signal()), (7, None));

    let (mut child, _screen) = start("");
    let answer = child.clone_killer().kill();
    sleep(Duration::from_secs(1));
    let ended = child.try_wait().unwrap();
    println!("cloned killer, a program that ignores SIGHUP: {answer:?}, ended after a second: {}", ended.is_some());
    assert!(answer.is_ok() && ended.is_none());

    let start = Instant::now();
    child.kill().unwrap();
    let end = child.wait().unwrap();
    println!("kill() of the same: {end:?} after {} ms", start.elapsed().as_millis());
    assert!(end.signal() == Some("Killed") && start.elapsed() > Duration::from_millis(150));
}
RUST
cargo run --quiet
