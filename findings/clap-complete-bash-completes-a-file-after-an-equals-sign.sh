#!/usr/bin/env bash
# clap_complete 4.6.12 (crates.io) and bash 5.2: Tab behind `--output=` and behind the first letters of a value.
#
# Expected: `--output=c` and Tab completes a value as `--output c` does.
# Seen on 2026-11-30: behind `--output=` the values are listed. With one letter more they are gone: bash makes three words of
# `--output=c`, so the word before the cursor is `=`, and the script knows no case for it. By `-o default` bash then falls back on
# files: with a file coverage.txt in the folder, Tab makes it `--output=coverage.txt`, and the line looks complete.
# Why it matters: the values seem to work, as the list comes, and then a file of the current folder stands where `csv` was meant. Who
# generates this script can put `[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}` behind its line `prev="$3"`; tried below.
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
use clap::{Arg, Command};

fn main() {
    let output = Arg::new("output").long("output").value_parser(["json", "jsonl", "csv"]);
    let mut program = Command::new("dash").subcommand(Command::new("list").arg(output));
    clap_complete::generate(clap_complete::Shell::Bash, &mut program, "dash", &mut std::io::stdout());
}
RUST
cargo build --quiet
mkdir work
target/debug/probe > as-it-is.bash
sed 's/^    prev="\$3"$/&\n    [[ $prev == = ]] \&\& prev=${COMP_WORDS[COMP_CWORD-2]}/' as-it-is.bash > mended.bash
touch work/coverage.txt
cat > type.py <<'PY'
# What a real bash makes of a line and Tab.
import os, pty, re, select, sys, time
script, line = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.chdir("work")
    os.environ |= {"PS1": "$ ", "TERM": "dumb", "INPUTRC": "/dev/null"}
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
def shown(seconds):
    seen, end = b"", time.time() + seconds
    while time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    return seen.decode()
os.write(terminal, f". ../{script}.bash; bind 'set enable-bracketed-paste off'; PS1='> '\n".encode())
shown(2)
os.write(terminal, line.encode() + b"\t")
seen = shown(1).replace("\a", "")
if seen == line:
    os.write(terminal, b"\t") # the second one lists
    seen += shown(1).replace("\a", "")
os.write(terminal, b"\x03exit\n")
listed = " ".join(sorted(set(re.findall(r"\b(json|jsonl|csv)\b", seen)))) if "\n" in seen else ""
print(f"lists {listed}" if listed else seen.split(">")[-1].split("\r")[0].strip())
PY
for script in as-it-is mended; do
    for line in 'dash list --output c' 'dash list --output=' 'dash list --output=c'; do
        echo "$script, $line: $(python3 type.py $script "$line")"
    done
done | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
as-it-is, dash list --output c: dash list --output csv
as-it-is, dash list --output=: lists csv json jsonl
as-it-is, dash list --output=c: dash list --output=coverage.txt
mended, dash list --output c: dash list --output csv
mended, dash list --output=: lists csv json jsonl
mended, dash list --output=c: dash list --output=csv
TOLD
