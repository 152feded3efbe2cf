#!/usr/bin/env bash
# GNU screen 4.9.0 (Debian 12): its own paste (C-a ], `paste`) into a program that asked for bracketed paste, beside tmux 3.3a.
#
# Expected: screen passes the request (CSI ? 2004 h) on to its terminal, and pastes of the terminal arrive in brackets. So does what
# screen pastes from its own buffer, as in tmux (C-b ], which is `paste-buffer -p`).
# Seen on 2026-11-30: screen's own paste has no brackets: the text arrives as if it were typed, all in one read (5.0.2 of
# Debian sid does the same; not run here). tmux brackets its paste.
# Why it matters: who copies a pod's name in screen's copy mode and pastes it into a dashboard that trusts the brackets presses a key
# per letter: q ends it, others mark, mute or acknowledge. A program can only guess: a dozen letters in one read were not typed.
set -euo pipefail
folder=$(mktemp -d)
trap 'SCREENDIR="$folder/sockets" root/usr/bin/screen -S pasted -X quit > /dev/null 2>&1 || true
    root/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX STY
apt-get download -qq screen=4.9.0-4 libutempter0=1.2.1-3 tmux=3.3a-3 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
cat > read.py <<'PY'
# A program that asks for bracketed paste, and notes each read.
import os, select, sys, tty
tty.setraw(0)
os.write(1, b"\x1b[?2004h")
open(sys.argv[1] + ".ready", "w").close()
with open(sys.argv[1], "w", buffering=1) as file:
    while select.select([0], [], [], 20)[0]:
        print(repr(os.read(0, 4096)), file=file)
PY
cat > outer.py <<'PY'
# A terminal; pastes a text of its own when the program is ready, and then presses the keys with which the multiplexer pastes.
import fcntl, os, pty, select, struct, subprocess, sys, termios, time
name, fill, keys = sys.argv[1], sys.argv[3].split(" "), sys.argv[4].encode().decode("unicode_escape").encode()
pid, outer = pty.fork()
if pid == 0:
    os.environ |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    command = sys.argv[2].split(" ")
    os.execv(command[0], command)
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen = b""
def look(seconds, until=lambda: False):
    global seen
    end = time.time() + seconds
    while time.time() < end and not until():
        if select.select([outer], [], [], 0.05)[0]:
            seen += os.read(outer, 65536)
look(15, lambda: os.path.exists(name + ".ready"))
look(1)
assert b"\x1b[?2004h" in seen, "the behaviour changed: the request is not passed on"
os.write(outer, b"\x1b[200~of the terminal\x1b[201~")
look(1)
subprocess.run(fill, check=True)
look(0.5)
os.write(outer, keys)
look(1)
os.kill(pid, 15)
PY
export SCREENDIR=$folder/sockets LD_LIBRARY_PATH
mkdir -m 700 sockets
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu)
screen=root/usr/bin/screen tmux="root/usr/bin/tmux -S t"
python3 outer.py in-screen "$screen -U -c /dev/null -S pasted python3 read.py in-screen" "$screen -S pasted -X register . of-screen" '\x01]'
python3 outer.py in-tmux "$tmux -f /dev/null new-session python3 read.py in-tmux" "$tmux set-buffer of-tmux" '\x02]'
for name in screen tmux; do echo "$name: $(paste -sd ' ' in-$name)"; done
[ "$(paste -sd ' ' in-screen)" = "b'\\x1b[200~of the terminal\\x1b[201~' b'of-screen'" ] || { echo "the behaviour changed: screen"; exit 1; }
[ "$(paste -sd ' ' in-tmux)" = "b'\\x1b[200~of the terminal\\x1b[201~' b'\\x1b[200~of-tmux\\x1b[201~'" ] || { echo "the behaviour changed: tmux"; exit 1; }
