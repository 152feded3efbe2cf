#!/bin/sh
# Installs what tests/scrapers.rs needs into the folder given: Prometheus' Python library from PyPI, and promtool and
# prometheus as Debian packages them (unpacked, not installed).
set -eu
mkdir -p "$1"
# The tests run at the same time, and each calls this.
exec 9>"$1/lock"
flock 9
[ -x "$1/bin/python" ] || python3 -m venv "$1"
"$1/bin/python" -c 'import prometheus_client' 2>/dev/null || "$1/bin/pip" install --quiet prometheus_client==0.26.0
if [ ! -x "$1/root/usr/bin/promtool" ]; then
    cd "$1"
    apt-get download prometheus >/dev/null
    dpkg -x prometheus_*.deb root
fi
