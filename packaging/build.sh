#!/usr/bin/env bash
# Builds the program of a package, and prints where it is. The commit stands in `hss-top --version`, and the list of crates is in the
# program where cargo-auditable is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
BUILD_COMMIT=$(git log -1 --format='%h %cs' 2>/dev/null || true)
export BUILD_COMMIT
if cargo auditable --version >/dev/null 2>&1; then
    cargo auditable build --profile dist --locked --bin hss-top >&2
else
    cargo build --profile dist --locked --bin hss-top >&2
fi
# CARGO_TARGET_DIR or a configuration of cargo may name another folder than target.
target=$(cargo metadata --format-version 1 --no-deps --locked --offline \
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
echo "$target/dist/hss-top"
