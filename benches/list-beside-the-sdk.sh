#!/usr/bin/env bash
# hss-top list beside Huawei's own Python SDK, on the same server in the same run: CPU, peak memory and wall time of reading
# every pod once, without a throttle. Prints a table; fails where a ratio misses its goal. Installs the SDK from PyPI into a
# folder of its own under the temporary folder, and asks nobody else. HSS_TOP_BEFORE=PATH names an older build, which is measured
# in turns with this one.
#
#   benches/list-beside-the-sdk.sh [PODS] [HSS_TOP]     # default 100000, target/dist/hss-top
set -euo pipefail
cd "$(dirname "$0")/.."
sdk="${TMPDIR:-/tmp}/hss-top-sdk-$(id -u)"
tests/install-sdk.sh "$sdk"
if [ $# -lt 2 ]; then
    cargo build --profile dist --locked --bin hss-top
fi
exec python3 benches/list_beside_the_sdk.py "${1:-100000}" "${2:-target/dist/hss-top}" "$sdk/bin/python" \
    ${HSS_TOP_BEFORE:+"$HSS_TOP_BEFORE"}
