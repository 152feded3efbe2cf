#!/usr/bin/env bash
# cron 3.0pl1-162 and busybox 1.35.0 (Debian 12): one line of a crontab with 'mem%>=90', and with 'mem\%>=90'.
#
# Expected: a crontab that works on a server works in a small container, whose crond comes from busybox; quotes protect a percent sign.
# Seen on 2026-11-30: cron ends the command at the percent sign, quotes or not, and gives the rest to it as standard input: the
# shell misses a quote, and nothing runs. With a backslash before it the filter arrives as mem%>=90. crond of busybox is the
# other way round: it passes the bare one on, and the backslash with the other one. Neither way works with both. A line
# FILTER=mem%>=90 in the crontab, and "$FILTER" in the command, works with cron; with busybox the variable is empty.
# Why it matters: where columns are named cpu% and mem%, a check that is copied from a terminal into a crontab does not run at
# all, or after a move looks for another column or for nothing. Examples for cron should keep the filter in a file: a script, a
# configuration, a saved view.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root, for a crontab of its own"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq cron=3.0pl1-162 busybox-static=1:1.35.0-4+deb12u1+b1 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
cat > show <<'SHOW'
#!/bin/sh
printf '%s\n' "$3" > "${0%/*}/seen.$1"
SHOW
chmod 755 show
cat > table <<TABLE
FILTER=mem%>=90
* * * * * $folder/show bare --warn-on 'mem%>=90'
* * * * * $folder/show escaped --warn-on 'mem\\%>=90'
* * * * * $folder/show variable --warn-on "\$FILTER"
TABLE
cat > inside <<'INSIDE'
# Only this crontab is seen: the machine's own are out of sight.
set -euo pipefail
mount -t tmpfs none /var/spool
mount -t tmpfs none /run
mkdir -p /var/spool/cron/crontabs
for own in /etc/cron.d /etc/crontab; do
    if [ -d $own ]; then mount -t tmpfs none $own; elif [ -e $own ]; then mount --bind /dev/null $own; fi
done
install -m 600 table /var/spool/cron/crontabs/root
if [ "$1" = cron ]; then
    exec root/usr/sbin/cron -f > log 2>&1
else
    exec root/bin/busybox crond -f -c /var/spool/cron/crontabs > log 2>&1
fi
INSIDE
for program in cron busybox; do
    rm -f seen.*
    unshare --mount --pid --fork --kill-child --mount-proc --net timeout 70 bash inside $program || true
    for line in bare escaped variable; do
        told=$(cat seen.$line 2> /dev/null || echo 'not run')
        echo "$program, $line: $told"
        case $program-$line in
            cron-bare) [ "$told" = 'not run' ] ;;
            busybox-variable) [ -z "$told" ] ;;
            busybox-escaped) [ "$told" = 'mem\%>=90' ] ;;
            *) [ "$told" = 'mem%>=90' ] ;;
        esac
    done
done
