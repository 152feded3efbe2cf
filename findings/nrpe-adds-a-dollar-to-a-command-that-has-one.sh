#!/usr/bin/env bash
# NRPE 4.1.0 (Debian 12): a command in nrpe.cfg that has a dollar sign, such as the end of a regular expression.
#
# Expected: the shell gets the line of the file; $ARG1$ is the only thing that NRPE replaces, and only if arguments are allowed.
# Seen on 2026-11-30: after an odd number of $ the line gets one more at its very end, behind whatever stands there. With
# --fail-on '/^web$/' --warn-on ns:pay the plug-in looks for the namespace "ns:pay$", and with -c 10 for a threshold of "10$". Two $
# stay two, $$ becomes one. Neither the daemon, nor its log, nor check_nrpe says anything.
# Why it matters: the value that is changed is not the one with the $, so a check of something that cannot exist stays green. Every $
# in nrpe.cfg is to be written as $$. A check is safer if it refuses values that cannot exist.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq nagios-nrpe-server=4.1.0-1+b1 nagios-nrpe-plugin=4.1.0-1+b1 libwrap0=7.6.q-32 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
cat > plugin <<'SH2'
#!/bin/sh
printf '[%s]' "$@"
SH2
chmod 755 plugin
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# NRPE refuses to run as root.
user=$(id -un) group=$(id -gn)
if [ "$(id -u)" = 0 ]; then user=nobody group=nogroup; fi
commands=(
    "--fail-on '/^web$/' --warn-on ns:pay"
    "--regex '^web$' -w 5 -c 10"
    "--fail-on '/^web$/ or /^api$/' --warn-on ns:pay"
    "--fail-on '/^web\$\$/' --warn-on ns:pay"
)
{
    printf '%s\n' server_address=127.0.0.1 "server_port=$port" allowed_hosts=127.0.0.1 "nrpe_user=$user" "nrpe_group=$group" \
        "pid_file=$folder/pid" "log_file=$folder/log" dont_blame_nrpe=0
    for at in 0 1 2 3; do echo "command[at$at]=$folder/plugin ${commands[at]}"; done
} > nrpe.cfg
touch log
chmod 666 log
LD_LIBRARY_PATH=$(dirname root/usr/lib/*/libwrap.so.0) root/usr/sbin/nrpe -n -c nrpe.cfg -f > out 2>&1 &
ask() { root/usr/lib/nagios/plugins/check_nrpe -n -H 127.0.0.1 -p "$port" "$@"; }
for _ in {1..100}; do ask > version 2> /dev/null && break; sleep 0.1; done
cat version
for at in 0 1 2 3; do
    seen[at]=$(ask -c at$at)
    echo "nrpe.cfg: ${commands[at]}"
    echo "plug-in:  ${seen[at]}"
done
[ "${seen[0]}" = '[--fail-on][/^web$/][--warn-on][ns:pay$]' ]
[ "${seen[1]}" = '[--regex][^web$][-w][5][-c][10$]' ]
[ "${seen[2]}" = '[--fail-on][/^web$/ or /^api$/][--warn-on][ns:pay]' ]
[ "${seen[3]}" = '[--fail-on][/^web$/][--warn-on][ns:pay]' ]
! grep -iE 'error|warn' log
