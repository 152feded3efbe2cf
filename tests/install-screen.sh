#!/bin/sh
# Unpacks Debian's GNU screen with its library into the folder given, for tests/alerts.rs. Nothing is installed on the system.
set -eu
[ -e "$1/ready" ] && exit 0
mkdir -p "$1/lib"
cd "$1"
apt-get download -o APT::Sandbox::User=root screen libutempter0 >/dev/null
for package in *.deb; do dpkg-deb -x "$package" .; done
cp -L usr/lib/*/libutempter.so.0 lib
touch ready
