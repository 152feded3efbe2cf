#!/bin/sh
# Unpacks Debian's Alertmanager into the folder given, for tests/alertmanager.rs. Nothing is installed on the system. It reads
# its templates from a fixed path, so it runs with that folder as its root, which needs its libraries there.
set -eu
mkdir -p "$1"
exec 9>"$1/lock"
flock 9
program=usr/bin/prometheus-alertmanager
[ -e "$1/ready" ] && exit 0
cd "$1"
apt-get download -o APT::Sandbox::User=root prometheus-alertmanager >/dev/null
dpkg-deb -x prometheus-alertmanager_*.deb .
# `name => /path (0x…)`, and the loader as `/path (0x…)`.
for library in $(ldd $program | grep -o '/[^ ]*'); do
    mkdir -p ".$(dirname "$library")"
    cp -L "$library" ".$library"
done
mkdir -p tmp
touch ready
