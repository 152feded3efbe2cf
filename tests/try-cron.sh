#!/usr/bin/env bash
# Lets a real crond start the commands that the manual has for cron, each minute, and looks at what they leave. crond is that of
# Debian's busybox, which takes its tables from any folder; it wants root. Opt-in, because it downloads a package and waits for
# a minute: tests/try-cron.sh [HSS_TOP]     # default target/debug/hss-top
set -euo pipefail
cd "$(dirname "$0")/.."
hss_top=$(realpath "${1:-target/debug/hss-top}")
work=$(mktemp -d)
packages="${TMPDIR:-/tmp}/hss-top-busybox-$(id -u)"
busybox=$(find "$packages" -path '*/bin/busybox' 2>/dev/null || true)
if [ -z "$busybox" ]; then
    mkdir -p "$packages"
    (cd "$packages" && apt-get download -o APT::Sandbox::User=root busybox-static && dpkg-deb -x busybox-static_*.deb .) > /dev/null
    busybox=$(find "$packages" -path '*/bin/busybox')
fi
HSS_TOP_TOKEN=cron-token "$hss_top" simulate --pods 300 > "$work/address" &
simulator=$!
trap 'kill $simulator ${cron:-} 2>/dev/null; rm -rf "$work"' EXIT
until [ -s "$work/address" ]; do :; done
read -r _ _ url < "$work/address"
# The profile that these lines name, and the program in cron's PATH.
mkdir -p "$work/.config/hss-top" "$work/tables" "$work/runtime"
chmod 700 "$work/runtime"
(umask 077 && printf cron-token > "$work/token")
printf '[profiles.prod]\nendpoint = "%s"\nproject_id = "p"\ntoken_file = "%s"\n' "$url" "$work/token" \
    > "$work/.config/hss-top/config.toml"
ln -s "$hss_top" "$work/hss-top"
# The manual's lines, but each minute, and with their files in this folder.
sed -n 's/^[0-9*\/]\+ [0-9*]\+ [0-9*]\+ [0-9*]\+ [0-9*]\+ \+\(.*hss-top.*\)$/\1/p' docs/commands.md | while read -r command; do
    echo "* * * * * HOME=$work; PATH=$work:/usr/bin:/bin; XDG_RUNTIME_DIR=$work/runtime; export HOME PATH XDG_RUNTIME_DIR; $command"
done > "$work/tables/root"
[ "$(wc -l < "$work/tables/root")" = 2 ]
"$busybox" crond -f -l 8 -L "$work/log" -c "$work/tables" &
cron=$!
for _ in $(seq 100); do
    if [ -s "$work/pods.csv" ] && [ -s "$work/hss.txt" ]; then break; fi
    sleep 1
done
grep -h 'cmd' "$work/log" | sed "s|$work|HOME|g" | cut -c1-150 || true
echo "pods.csv: $(wc -l < "$work/pods.csv") lines"
echo "hss.txt:  $(cat "$work/hss.txt")"
[ "$(wc -l < "$work/pods.csv")" = 341 ]
grep -q '^FINDINGS: [0-9]* of 340 pods match detect:risk' "$work/hss.txt"
