#!/usr/bin/env bash
# script (util-linux 2.38.1, Debian 12), beside Python 3.11's pty.spawn: a full-screen program without anybody at the keys.
#
# Expected: `script -qec PROGRAM /dev/null < /dev/null`, which gives a program a terminal in a build, a cron job or a service, passes
# nothing on, as pty.spawn: there is no input. At the end of piped keys (printf 'jj' | script …) comes no more key; its manual says that
# the session may hang then, because it "misses EOF".
# Seen on 2026-11-30: script presses Ctrl-D for the end of its input. A shell reads it as the end. A program that reads single keys gets
# the byte 4, and if it changed the terminal's mode a moment later, a 0 instead: Ctrl-Space. The program is not told that the input ended.
# Why it matters: Ctrl-D is half a screen down in a dashboard, in vim and in less, so a test of what `jj` selects sees another row, and
# the end of a prompt elsewhere; whether it is 4 or 0 is a race. Keep the input open (`{ printf jj; sleep 5; } |`) and stop the program
# by a signal or a key of its own. The window has 0 by 0 cells, as in pty.spawn.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq bsdutils=1:2.38.1-5+deb12u3 2> /dev/null
dpkg-deb -x bsdutils_*.deb root
root/usr/bin/script --version
cat > keys.py <<'PY'
# Reads single keys for two seconds, after this many seconds.
import fcntl, os, select, struct, sys, termios, time, tty
time.sleep(float(sys.argv[1]))
mode = termios.tcgetattr(0)
tty.setraw(0, termios.TCSANOW)
size = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))[:2]
read, end = b"", time.time() + 2
while time.time() < end:
    if select.select([0], [], [], 0.1)[0]:
        read += os.read(0, 100)
termios.tcsetattr(0, termios.TCSANOW, mode)
print(f"{size[0]} by {size[1]} cells, keys {read!r}", file=open("told", "w"))
PY
tried() { # what is piped; the others are the command
    local keys=$1
    shift
    rm -f told
    printf "$keys" | { sleep 0.5; cat; } | "$@" > /dev/null 2>&1
    cat told
}
late='stty raw; exec python3 keys.py 0' early='exec python3 keys.py 1'
{
    for keys in '' jj; do
        echo "script, raw before the input ends, '$keys' piped: $(tried "$keys" root/usr/bin/script -qec "$late" /dev/null)"
        echo "script, raw after the input ended, '$keys' piped: $(tried "$keys" root/usr/bin/script -qec "$early" /dev/null)"
        echo "pty.spawn, '$keys' piped: $(tried "$keys" python3 -c 'import pty, sys; pty.spawn(["sh", "-c", sys.argv[1]])' "$late")"
    done
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour changed"; exit 1; }
script, raw before the input ends, '' piped: 0 by 0 cells, keys b'\x04'
script, raw after the input ended, '' piped: 0 by 0 cells, keys b'\x00'
pty.spawn, '' piped: 0 by 0 cells, keys b''
script, raw before the input ends, 'jj' piped: 0 by 0 cells, keys b'jj\x04'
script, raw after the input ended, 'jj' piped: 0 by 0 cells, keys b'jj\x00'
pty.spawn, 'jj' piped: 0 by 0 cells, keys b'jj'
SEEN
