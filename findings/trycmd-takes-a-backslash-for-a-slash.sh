#!/usr/bin/env bash
# trycmd 0.15.9 with snapbox 0.6.21 (crates.io): examples in a manual whose program prints a backslash.
#
# Expected: "newlines and path separators will be normalized before comparing": both sides, so that a manual written on Linux passes on
# Windows. What is no path, such as a crontab's `\%` or JSON's `\"`, is what it is; at worst / and \ count as the same.
# Seen on 2026-11-30: only what the program printed is changed, each \ to /. The right manual always fails, the wrong one passes, and
# TRYCMD=overwrite writes the wrong one, in which the JSON is none any more.
# Why it matters: `\%` is what a crontab needs, and a line of JSON with a quote in it is what a reader tries: the test that should keep
# the manual right makes it wrong, also after each later overwrite. Texts with a backslash need a comparison of their own.
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
trycmd = "=0.15.9"
snapbox = "=0.6.21"
TOML
cat > src/main.rs <<'RUST'
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("crontab") => println!(r"* * * * * check 'mem\%>=90'"),
        Some("record") => println!(r#"{{"text":"said \"no\""}}"#),
        _ => {
            let program = std::env::current_exe().unwrap();
            let cases = trycmd::TestCases::new();
            cases.register_bin("probe", program).case("manual.md");
        }
    }
}
RUST
manual() { # the lines that are printed
    printf '```console\n$ probe crontab\n%s\n\n```\n\n```console\n$ probe record\n%s\n\n```\n' "$1" "$2"
}
tried() { cargo run --quiet > log 2>&1 && echo passes || echo fails; }
manual "* * * * * check 'mem\\%>=90'" '{"text":"said \"no\""}' > manual.md
{
    cp manual.md right.md
    echo "the right manual: $(tried)"
    manual "* * * * * check 'mem/%>=90'" '{"text":"said /"no/""}' > manual.md
    echo "the wrong manual: $(tried)"
    cp right.md manual.md
    TRYCMD=overwrite tried > /dev/null
    echo 'the right manual after TRYCMD=overwrite:'
    grep -E 'mem|text' manual.md
} | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; tail -20 log; exit 1; }
the right manual: fails
the wrong manual: passes
the right manual after TRYCMD=overwrite:
* * * * * check 'mem/%>=90'
{"text":"said /"no/""}
TOLD
