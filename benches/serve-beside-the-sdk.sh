#!/usr/bin/env bash
# Pages a second from hss-top serve, read over 8 connections, beside what Huawei's own Python SDK alone reads from a server of
# prepared pages, in one run. Installs the SDK from PyPI into a folder of its own under the temporary folder.
#
#   benches/serve-beside-the-sdk.sh
set -euo pipefail
cd "$(dirname "$0")/.."
sdk="${TMPDIR:-/tmp}/hss-top-sdk-$(id -u)"
tests/install-sdk.sh "$sdk"
SDK_PYTHON="$sdk/bin/python" exec cargo bench --locked --bench serve -- sdk
