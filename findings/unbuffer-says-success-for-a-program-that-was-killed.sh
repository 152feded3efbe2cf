#!/usr/bin/env bash
# unbuffer (expect 5.45.4, Debian 12), beside script 2.38.1: the exit code of a program that a signal ended.
#
# Expected: unbuffer, which gives a program a terminal so that it writes lines at once and in colour, ends as the program did: with its code,
# and not with 0 where it crashed or was killed, as sh and `script -e` do.
# Seen on 2026-12-01: exit codes are passed on. For a program that a signal ended (killed for want of memory, crashed, stopped by a
# time limit inside) unbuffer says 0, and writes nothing about it.
# Why it matters: in a job of CI, in cron, or in a check that wants colours, `unbuffer PROGRAM && next` goes on after a crash, and Nagios reads
# the 0 of a killed check as OK. A test with `exit 3` shows nothing. Cure: `script -qec PROGRAM /dev/null`, or the program's own
# switch for colours. A program that is asked by a monitor should write its verdict as a line that is missed when it is not there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq expect=5.45.4-2+b1 tcl-expect=5.45.4-2+b1 libtcl8.6=8.6.13+dfsg-2 bsdutils=1:2.38.1-5+deb12u3 2> /dev/null
for file in *.deb; do dpkg-deb -x "$file" root; done
libraries=$folder/root/usr/lib/x86_64-linux-gnu
# The package's own script; expect has built in what it asks tclsh to load from where the package would be installed.
sed 's/^package require Expect$//' root/usr/bin/unbuffer > unbuffer.tcl
unbuffer() { LD_LIBRARY_PATH=$libraries TCL_LIBRARY=$folder/root/usr/share/tcltk/tcl8.6 root/usr/bin/expect -- unbuffer.tcl "$@"; }
LD_LIBRARY_PATH=$libraries TCL_LIBRARY=$folder/root/usr/share/tcltk/tcl8.6 root/usr/bin/expect -v
code() { # the others are the command
    local code=0
    "$@" > /dev/null 2> errors < /dev/null || code=$?
    [ ! -s errors ] || grep -q 'Terminated\|Killed' errors || { cat errors; exit 1; }
    printf '%s' "$code"
}
for how in 'exit 3' 'kill -TERM $$' 'kill -KILL $$' 'kill -ABRT $$'; do
    printf '%-14s sh %s, script %s, unbuffer %s\n' "$how" "$(code sh -c "$how; :")" \
        "$(code root/usr/bin/script -qec "$how; :" /dev/null)" "$(code unbuffer sh -c "$how; :")"
done 2> /dev/null | tee seen
diff seen - <<'SEEN' || { echo "the behaviour changed"; exit 1; }
exit 3         sh 3, script 3, unbuffer 3
kill -TERM $$  sh 143, script 143, unbuffer 0
kill -KILL $$  sh 137, script 137, unbuffer 0
kill -ABRT $$  sh 134, script 134, unbuffer 0
SEEN
