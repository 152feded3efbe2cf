#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): a service that switches the rate limit of its log off, and prints a burst.
#
# Expected: LogRateLimitIntervalSec=0 in a unit, or LogRateLimitBurst=0, keeps all of its lines, as a 0 for either value in
# journald.conf switches the limit off.
# Seen on 2026-12-01, with both: of 120,000 lines the journal has as few as without that line, three or four times 10,000, by the free
# room of its disk. systemd does not pass a 0 on to journald, which then takes its own limit (10,000 in 30 s, before that factor).
# Nothing warns. LogRateLimitIntervalSec=1s with LogRateLimitBurst=1000000 is passed on, and keeps all lines.
# Why it matters: the usual line against lost lines does nothing, and a test with a short burst does not show it. A service whose
# stream of records is its log loses the middle of its largest bursts. Give such a unit a large limit instead of none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units=$folder/units
mkdir "$units"
cat > "$units/guess.target" <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service
Wants=default.service interval0.service burst0.service large.service reads.service
UNIT
service() { # NAME LINES
    printf '[Unit]\nDefaultDependencies=no\nAfter=systemd-journald.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/burst\n%b\n' \
        "$2" > "$units/$1.service"
}
service default ''
service interval0 'LogRateLimitIntervalSec=0'
service burst0 'LogRateLimitBurst=0'
service large 'LogRateLimitIntervalSec=1s\nLogRateLimitBurst=1000000'
cat > "$units/reads.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=default.service interval0.service burst0.service large.service
[Service]
ExecStart=/bin/count
UNIT
cat > "$folder/burst" <<'BURST'
#!/bin/sh
# The last line waits, so that systemd still knows the unit when journald reads it.
i=0
while [ $i -lt 120000 ]; do i=$((i + 1)); echo "{\"id\":$i}"; done
sleep 2
BURST
cat > "$folder/count" <<'COUNT'
#!/bin/sh
sleep 2
journalctl --sync
for name in default interval0 burst0 large; do
    echo "$name $(journalctl -u $name -o cat | busybox grep -c '^{"id"')"
done > /out/part
busybox mv /out/part /out/counts
COUNT
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    install -m 755 "$folder/burst" "$folder/count" "$folder/$version/root/usr/bin"
    mkdir "$folder/out-$version"
    "$folder/$version/boot" "$units" "$folder/out-$version" 40
    echo "systemd $version: lines kept of 120000: $(paste -sd ' ' "$folder/out-$version/counts")"
    unset default interval0 burst0 large
    while read -r name lines; do declare "$name=$lines"; done < "$folder/out-$version/counts"
    [ "$large" = 120000 ]
    for lines in $default $interval0 $burst0; do [ "$lines" -ge 10000 ] && [ "$lines" -lt 110000 ]; done
done
