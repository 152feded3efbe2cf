#!/usr/bin/env bash
# Makes dist/hss-top_VERSION_ARCHITECTURE.deb, as Cargo.toml describes it. Needs cargo-deb:
#
#   cargo install --locked cargo-deb
#   packaging/deb.sh                # builds
#   packaging/deb.sh PROGRAM        # takes a program that is built
#
# packaging/try-deb.sh installs and removes it in a clean root.
set -euo pipefail
program=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
program=${program:-$(packaging/build.sh)}
# cargo-deb takes what is named below target/release from wherever cargo builds, and everything else from here.
packaging/generate.sh "$program" target/share
install -D -m 755 "$program" target/share/bin/hss-top
mkdir -p dist
cargo deb --no-build --no-strip --output dist/
