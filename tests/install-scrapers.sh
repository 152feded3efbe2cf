#!/bin/sh
# Installs what tests/scrapers.rs needs into the folder given: Prometheus' Python library from PyPI; promtool, prometheus and
# victoria-metrics as Debian packages them (unpacked, not installed).
set -eu
mkdir -p "$1"
# The tests run at the same time, and each calls this.
exec 9>"$1/lock"
flock 9
[ -x "$1/bin/python" ] || python3 -m venv "$1"
"$1/bin/python" -c 'import prometheus_client' 2>/dev/null || "$1/bin/pip" install --quiet prometheus_client==0.26.0
cd "$1"
for package in prometheus victoria-metrics; do
    [ ! -x "root/usr/bin/$package" ] || continue
    apt-get download "$package" >/dev/null
    dpkg -x "$package"_*.deb root
done
