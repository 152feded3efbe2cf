#!/usr/bin/env bash
# portable-pty 0.9.0 (crates.io): the folder in which a program starts, without cwd() and with a cwd() that does not exist.
#
# Expected: as with std::process::Command, a program starts in the folder of its parent unless cwd() says otherwise, and a cwd()
# that does not exist is an error when the program is started.
# Seen on 2026-11-30: without cwd() it starts in HOME. With one that does not exist it starts in HOME too, without an error. The
# same program in std::process::Command starts where its parent is, and fails with the missing folder.
# Why it matters: tests of terminal programs use this crate. A program under test that writes into its current folder (an export, a
# log, a socket) writes into the home of whoever runs the tests, and finds the files there; a folder that was removed or misspelt
# is not noticed. Give each program a folder of its own, and check that it exists.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src home other
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
portable-pty = "=0.9.0"
TOML
cat > src/main.rs <<'RUST'
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::Read;
use std::process::Command;

/// Where `pwd` is in a terminal of portable-pty.
fn in_a_terminal(folder: Option<&str>) -> String {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new("pwd");
    if let Some(folder) = folder {
        command.cwd(folder);
    }
    let mut child = match pair.slave.spawn_command(command) {
        Ok(child) => child,
        Err(_) => return "error".to_owned(),
    };
    drop(pair.slave);
    let mut told = Vec::new();
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut told); // ends with an error when the child has ended
    child.wait().unwrap();
    String::from_utf8(told).unwrap().trim().to_owned()
}

/// Where `pwd` is as a plain process.
fn plain(folder: Option<&str>) -> String {
    let mut command = Command::new("pwd");
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.output().map_or("error".to_owned(), |done| String::from_utf8(done.stdout).unwrap().trim().to_owned())
}

fn main() {
    for (name, folder) in [("none", None), ("other", Some("../other")), ("missing", Some("../missing"))] {
        println!("{name}: portable-pty {}, std {}", in_a_terminal(folder), plain(folder));
    }
}
RUST
cargo build --quiet
mkdir here
told=$(cd here && HOME=$folder/home ../target/debug/probe | sed "s|$folder/||g; s|here/\.\./||g")
echo "$told"
[ "$told" = "none: portable-pty home, std here
other: portable-pty other, std other
missing: portable-pty home, std error" ]
