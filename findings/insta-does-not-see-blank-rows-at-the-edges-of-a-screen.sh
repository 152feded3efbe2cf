#!/usr/bin/env bash
# insta 1.49.0 (crates.io): which changes of a screen or a page a snapshot in a file does not see.
#
# Expected: assert_snapshot! compares the text with the file, and any other text fails.
# Seen on 2026-11-30: blank rows at the top and at the bottom are not compared, however many they are, nor spaces behind the last
# word, the last line end, and CR LF against LF. Blank rows between others, and spaces at the end of any other row, are compared.
# INSTA_REQUIRE_FULL_MATCH=1 sees the blank rows at the top, and still none of the rest.
# Why it matters: a dashboard whose picture slips down by a row below an empty first one, loses its last rows, or a /metrics page that
# has an empty line behind "# EOF", for which Prometheus drops the whole page, passes. Frame what is compared: put a mark at the
# end of each row, or compare the number of rows and the last bytes too.
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
insta = { version = "=1.49.0", default-features = false }
TOML
cat > src/lib.rs <<'RUST'
/// The text of the environment is compared with what was written first.
#[test]
fn screen() {
    insta::assert_snapshot!("screen", std::env::var("SCREEN").unwrap());
}
RUST
unset CI INSTA_UPDATE INSTA_FORCE_PASS INSTA_REQUIRE_FULL_MATCH INSTA_WORKSPACE_ROOT
written=$'title\n  pods\nkeys\n\n'
SCREEN=$written INSTA_UPDATE=always cargo test --quiet > /dev/null 2>&1
try() { # what, the screen, what is expected of the test
    local told=fails
    SCREEN=$2 INSTA_UPDATE=no cargo test --quiet > /dev/null 2>&1 && told=passes
    echo "$1: $told"
    [[ $told == "$3" ]]
}
try 'the same' "$written" passes
try 'two blank rows more at the top' $'\n\n'"$written" passes
try 'no blank rows at the bottom, and no last line end' $'title\n  pods\nkeys' passes
try 'ten blank rows more at the bottom' "$written"$'\n\n\n\n\n\n\n\n\n\n' passes
try 'spaces behind the last word' $'title\n  pods\nkeys   \n\n' passes
try 'CR LF' $'title\r\n  pods\r\nkeys\r\n\r\n' passes
try 'spaces at the end of the first row' $'title  \n  pods\nkeys\n\n' fails
try 'a blank row in the middle' $'title\n\n  pods\nkeys\n\n' fails
try 'another word' $'title\n  pods\nhelp\n\n' fails
export INSTA_REQUIRE_FULL_MATCH=1
try 'in full, the same' "$written" passes
try 'in full, blank rows at the top' $'\n\n'"$written" fails
try 'in full, no blank rows at the bottom' $'title\n  pods\nkeys' passes
try 'in full, CR LF' $'title\r\n  pods\r\nkeys\r\n\r\n' passes
