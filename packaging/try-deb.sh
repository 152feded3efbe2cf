#!/usr/bin/env bash
# Installs a .deb of hss-top in a clean root, runs it there, removes it, and looks at what is left. Needs dpkg and root (for dpkg).
#
#   cargo build --release --locked && packaging/generate.sh target/release/hss-top target/share
#   cargo deb --no-build && packaging/try-deb.sh target/debian/hss-top_*.deb
set -euo pipefail
deb=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
dpkg --root="$root" --force-depends --force-script-chrootless --install "$deb" > /dev/null
for file in usr/bin/hss-top usr/share/man/man1/hss-top.1.gz usr/share/bash-completion/completions/hss-top \
    usr/share/doc/hss-top/copyright; do
    [ -e "$root/$file" ] || { echo "$file is missing" >&2; exit 1; }
done
"$root/usr/bin/hss-top" --version
"$root/usr/bin/hss-top" list --demo --limit 1 --output name > /dev/null
dpkg --root="$root" --force-script-chrootless --purge hss-top > /dev/null
left=$(find "$root" -type f ! -path "$root/var/*" | sort)
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
echo "installed, ran, and left nothing"
