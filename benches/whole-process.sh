#!/usr/bin/env bash
# The whole program in a pseudo-terminal: first frame, keys, memory, idle cost, restart. Prints a table; fails where a ratio
# or a bound is missed by more than the slack that the driver names. Takes some minutes. HSS_TOP_BEFORE=PATH names an older
# build, beside which the restart is measured. PARTS=restart,keys measures these parts only.
#
#   benches/whole-process.sh [PODS]     # default 2000000
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --profile dist --locked --bin hss-top --example minimal
exec python3 benches/whole_process.py "${1:-2000000}"
