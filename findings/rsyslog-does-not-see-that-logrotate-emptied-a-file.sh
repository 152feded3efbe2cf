#!/usr/bin/env bash
# rsyslog 8.2302.0 and logrotate 3.21.0 (both Debian 12): imfile reads a file that is rotated with copytruncate.
#
# Expected: once the file is shorter than what was read of it, imfile begins at its start, as tail -F does. rsyslog and logrotate
# are the pair that every Debian has, and a program that appends with >> leaves copytruncate as the only way to rotate its file.
# Seen on 2026-11-30: imfile goes on at its old offset. What is appended after the rotation is lost without a word until the file
# is as long as it was before; then imfile goes on in the middle of a line. With reopenOnTruncate="on", which is off by default
# and called experimental, every line arrives.
# Why it matters: a shipper of JSON Lines works until the first rotation, and then loses about one rotation's worth of lines after
# each, and nothing fails. A sample for rsyslog needs that option.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq rsyslog=8.2302.0-1+deb12u1 logrotate=3.21.0-1 libestr0 libfastjson4 libpopt0 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
shopt -s nullglob
libraries=$(printf '%s:' "$folder"/root/usr/lib/*-linux-gnu "$folder"/root/lib/*-linux-gnu)
modules=$(printf '%s' root/usr/lib/*-linux-gnu/rsyslog)

# What arrives of lines 1 to 5, a rotation, and lines 6 to 13, with these parameters of imfile.
look() {
    local work=$folder/$1 daemon
    mkdir "$work"
    cat > "$work/conf" <<CONF
global(workDirectory="$work")
module(load="imfile")
template(name="line" type="string" string="%msg%\n")
input(type="imfile" File="$work/changes" Tag="hss" ruleset="out" $2)
ruleset(name="out") { action(type="omfile" file="$work/arrived" template="line") }
CONF
    printf '%s {\n    copytruncate\n    rotate 1\n    su %s %s\n}\n' "$work/changes" "$(id -un)" "$(id -gn)" > "$work/rotation"
    chmod 644 "$work/rotation"
    touch "$work/changes"
    LD_LIBRARY_PATH=$libraries root/usr/sbin/rsyslogd -M "$modules" -f "$work/conf" -n -i NONE 2> "$work/errors" &
    daemon=$!
    printf '{"id":"a change %d"}\n' 1 2 3 4 5 >> "$work/changes"
    for _ in {1..100}; do [ "$(grep -c . "$work/arrived" 2> /dev/null)" = 5 ] && break; sleep 0.1; done
    LD_LIBRARY_PATH=$libraries root/usr/sbin/logrotate -f -s "$work/state" "$work/rotation"
    sleep 1
    for id in 6 7 8 9 10 11 12 13; do
        printf '{"id":"change %d"}\n' $id >> "$work/changes"
        sleep 0.3
    done
    sleep 2
    kill $daemon
    wait $daemon || true
    echo "$1: $(sed 's/^{.* \([0-9]*\)"}$/\1/' "$work/arrived" | paste -sd ' '); lines on stderr: $(wc -l < "$work/errors")"
}
default=$(look default '')
reopened=$(look reopenOnTruncate 'reopenOnTruncate="on"')
printf '%s\n' "$default" "$reopened"
[[ $(wc -l < reopenOnTruncate/changes) == 8 && $(wc -l < reopenOnTruncate/changes.1) == 5 ]]
[[ $reopened == 'reopenOnTruncate: 1 2 3 4 5 6 7 8 9 10 11 12 13; lines on stderr: 0' ]]
[[ $default == 'default: 1 2 3 4 5 ange 11"} 12 13; lines on stderr: 0' ]]
