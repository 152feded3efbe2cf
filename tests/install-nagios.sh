#!/bin/sh
# Unpacks Debian's Nagios into the folder given, for tests/nagios.rs. Nothing is installed on the system.
set -eu
[ -x "$1/usr/sbin/nagios4" ] && exit 0
mkdir -p "$1/packages"
cd "$1/packages"
apt-get download -o APT::Sandbox::User=root nagios4-core
for package in *.deb; do dpkg-deb -x "$package" "$1"; done
