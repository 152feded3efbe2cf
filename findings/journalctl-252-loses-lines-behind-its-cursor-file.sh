#!/usr/bin/env bash
# systemd 252.39 (Debian 12) and 257.13 (Debian 13): journalctl --cursor-file as a reader that goes on where it stopped.
#
# Expected: it shows each line once. The manual says that the cursor of the last line is written at the end, and that the next call
# starts after it; nothing there excepts -f.
# Seen on 2026-12-01: 257 does so. 252 loses lines in two ways, with status 0 and without a word. (1) With -f, SIGTERM (a stop of its
# unit) ends it before it has written the file. Without one, the next start shows the last ten lines: of twelve that came meanwhile,
# two are lost; with an old file, all since then come again. (2) Once the line of the cursor has left the journal, it skips the first
# line that is left.
# Why it matters: a shipper made of journalctl loses what came during a restart, and of a unit that seldom says anything the first line
# after a quiet month, which is the one that counts. Read without -f from a timer, and keep the journal longer than the unit is quiet;
# or follow with a reader that keeps cursors of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
units=$folder/units
mkdir "$units"
cat > "$units/guess.target" <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service steps.service
UNIT
cat > "$units/steps.service" <<'UNIT'
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
ExecStart=/bin/steps
UNIT
cat > "$units/talk@.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
SyslogIdentifier=talk
ExecStart=/bin/sh -c 'echo %i; sleep 0.2'
UNIT
cat > "$units/ships.service" <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'exec journalctl -t talk -o cat -f --cursor-file=/tmp/ships >> /out/followed'
UNIT
cat > "$folder/steps" <<'STEPS'
#!/bin/sh
say() {
    for line in "$@"; do systemctl start "talk@$line.service"; done
    journalctl --sync
    sleep 1
}
read_on() { journalctl -t talk -o cat --cursor-file=/tmp/read; }
say 1
systemctl start ships
sleep 1
say 2 3
systemctl stop ships
[ -e /tmp/ships ] && echo written > /out/file
say 4 5 6 7 8 9 10 11 12 13 14 15
systemctl start ships
sleep 1
say 16
systemctl stop ships
read_on > /dev/null
say 17
read_on > /out/first
journalctl --rotate
sleep 2
journalctl --vacuum-time=1s
say 18 19
read_on > /out/after
touch /out/done
STEPS
for version in 252 257; do
    "$(dirname "$0")/systemd-root.sh" $version "$folder/$version"
    install -m 755 "$folder/steps" "$folder/$version/root/usr/bin"
    out=$folder/out-$version
    mkdir "$out"
    "$folder/$version/boot" "$units" "$out" 40
    followed=$(paste -sd ' ' "$out/followed") first=$(paste -sd ' ' "$out/first") after=$(paste -sd ' ' "$out/after")
    echo "systemd $version: followed over a stop: $followed · its file: $(cat "$out/file" 2> /dev/null || echo none)"
    echo "read: $first · once line 17 has left the journal, and 18 and 19 came: $after"
    [[ -e $out/done && $first == 17 ]]
    case $version in
        252) [[ $followed == '1 2 3 6 7 8 9 10 11 12 13 14 15 16' && ! -e $out/file && $after == 19 ]] ;;
        257) [[ $followed == '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16' && -e $out/file && $after == '18 19' ]] ;;
    esac
done
