#!/usr/bin/env bash
# clap_complete 4.6.12 (crates.io): the bash script of a program with a hyphen in its name.
#
# Expected: the name of a program makes no difference. After `NAME run --` and Tab, bash offers the flags of `run`.
# Seen on 2026-11-29: for a program `tool` bash offers `--of-run` and `--help`. For `my-tool` it offers nothing there, though
# `my-tool --` works. The words before the cursor set the state to `my__tool__subcmd__run`, and the only case for that command
# is labelled `my__subcmd__tool__subcmd__run`: the hyphen of the name is written in two ways.
# Why it matters: a program with a hyphen in its name has to give both the same form before it prints the script, or its
# users get no completion for any command.
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
clap = "=4.6.9"
clap_complete = "=4.6.12"
TOML
cat > src/main.rs <<'RUST'
use clap::{Arg, ArgAction, Command};

/// The bash script of a program of this name, with a flag of its own and the commands `run` and `other`.
fn main() {
    let name: &'static str = std::env::args().nth(1).unwrap().leak();
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let mut program = Command::new(name)
        .arg(flag("of-the-program"))
        .subcommand(Command::new("run").arg(flag("of-run")))
        .subcommand(Command::new("other").arg(flag("of-other")));
    clap_complete::generate(clap_complete::Shell::Bash, &mut program, name, &mut std::io::stdout());
}
RUST
cargo build --quiet
# What bash offers for the last of these words: the function of the script fills COMPREPLY, as at Tab.
offered() {
    target/debug/probe "$1" > "$1.bash"
    bash --norc -c '
        . "./$1.bash"
        function=$(complete -p "$1" | sed "s/.*-F \([^ ]*\).*/\1/")
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "$function" "$1" "${@: -1}" "${@: -2:1}"
        echo "${COMPREPLY[*]}"' bash "$@"
}
for name in tool my-tool; do
    echo "$name --: $(offered "$name" --)"
    echo "$name run --: $(offered "$name" run --)"
    echo "  the state after run: $(sed -n 's/^ *cmd="\(.*__run\)"$/\1/p' "$name.bash" | grep -v __help__)"
    echo "  the case of run:     $(sed -n 's/^ *\([a-z_]*__run\))$/\1/p' "$name.bash" | grep -v __help__)"
done
[ "$(offered tool run --)" = "--of-run --help" ]
[ "$(offered my-tool --)" = "--of-the-program --help" ]
[ -z "$(offered my-tool run --)" ]
