#!/usr/bin/env bash
# script, su -P and runuser -P (util-linux 2.38.1, Debian 12), beside Python's pty.spawn: the window of a full-screen program is closed.
#
# Expected: script and su end with their window, as any program that does not ask for more; that closes the terminal that they made, and
# the program in it gets SIGHUP, as with pty.spawn.
# Seen on 2026-12-01: all three take no notice. They block SIGHUP (it stays pending for ever), read on what the program draws, and go on when
# writing it fails with EIO. The program is told nothing: its own terminal works. It gets a Ctrl-D as if that were a key, once, and runs
# until it ends by itself. A shell hides this, because it takes the Ctrl-D for its end.
# Why it matters: a dashboard is left by closing the window or losing the connection more often than by its key. In `script -c` (a recorded
# session) or `su -P` (advised against input that is pushed into the terminal) each time one is left over, seen by nobody, which asks its
# server on and eats the quota of those that are looked at. `pgrep -a script`, `pgrep -a su` show them; SIGTERM to them ends both.
# sudo and `runuser -u` pass the end on. A program cannot notice it, unless it asks its terminal something and gets no answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/told/*.runs 2> /dev/null) 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
[ "$(id -u)" = 0 ] || { echo "run it as root: su asks for no password then"; exit 1; }
apt-get download -qq util-linux=2.38.1-5+deb12u3 bsdutils=1:2.38.1-5+deb12u3 2> /dev/null
for file in *.deb; do dpkg-deb -x "$file" root; done
PATH=$folder/root/usr/bin:$folder/root/bin:$folder/root/sbin:$PATH
script --version
su --version
cat > dashboard.py <<'PY'
# Notes what it is told in five seconds after its window was closed, and draws.
import os, select, signal, sys, time, tty
name, told = sys.argv[1], []
def note(what):
    if what not in told:
        told.append(what)
signal.signal(signal.SIGHUP, lambda *_: note("SIGHUP"))
tty.setraw(0)
# What stands between us and the window.
open(name + ".outer", "w").write(f"{os.getppid()}\n")
os.rename(name + ".outer", name + ".runs")
end, drawn = time.time() + 5, 0
while time.time() < end:
    try:
        drawn += os.write(1, b"\x1b[Hclock") > 0
        if select.select([0], [], [], 0.1)[0]:
            read = os.read(0, 100)
            note(f"keys {read!r}" if read else "the end of its terminal")
            if not read:
                break
    except OSError as error:
        note("the end of its terminal")
        break
open(name + ".new", "w").write(", ".join(told) + f" ({'runs on' if time.time() >= end else 'ends'})")
os.rename(name + ".new", name + ".told")
PY
cat > outer.py <<'PY'
# A terminal with an interactive shell; it is closed.
import os, pty, sys, threading, time
name, command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
def read():
    while os.read(terminal, 4096):
        pass
threading.Thread(target=read, daemon=True).start()
os.write(terminal, command.encode() + b"\n")
end = time.time() + 10
while not os.path.exists(name + ".runs") and time.time() < end:
    time.sleep(0.1)
time.sleep(1)
os._exit(0)
PY
mkdir told
chmod 777 told
tried() { # the name, and the command
    python3 outer.py "told/$1" "$2"
    for _ in $(seq 100); do [ ! -e "told/$1.told" ] || break; sleep 0.1; done
    echo "$1: $(cat "told/$1.told")"
}
{
    tried pty.spawn "python3 -c 'import pty; pty.spawn([\"/usr/bin/python3\", \"dashboard.py\", \"told/pty.spawn\"])'"
    tried script "script -qc '/usr/bin/python3 dashboard.py told/script' /dev/null"
    tried su "su -P -s /bin/bash nobody -c '/usr/bin/python3 dashboard.py told/su'"
    tried runuser "runuser -P -u nobody -- /usr/bin/python3 dashboard.py told/runuser"
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour changed"; exit 1; }
pty.spawn: SIGHUP, the end of its terminal (ends)
script: keys b'\x04' (runs on)
su: keys b'\x04' (runs on)
runuser: keys b'\x04' (runs on)
SEEN
