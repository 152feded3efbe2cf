#!/usr/bin/env bash
# dvtm 0.15 (Debian 12): its answer to the question where the cursor is (CSI 6 n), beside that of tmux 3.3a.
#
# Expected: the first row and the first column are 1, as in every request that moves the cursor and in the answers of xterm and tmux.
# Seen on 2026-11-30: dvtm answers `CSI 0 ; 0 R` for the upper left corner and `CSI 4 ; 6 R` after `CSI 5 ; 7 H`: both numbers are
# too small by one. After `CSI 999 ; 999 H` it says 23 ; 79 in a window of 24 by 80. It does not answer DA1 at all.
# Why it matters: who learns the size of the terminal in this way, as where ioctl does not work, draws a row and a column too few,
# and who puts the cursor back where the answer said moves it up and to the left each time. The difference of two answers is right, so
# a test of how wide a sign is may be trusted. A zero in an answer tells that it is such a terminal.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX
apt-get download -qq dvtm=0.15+40.g311a8c0-1 tmux=3.3a-3 2> /dev/null
for name in dvtm tmux; do dpkg-deb -x ${name}_*.deb $name; done
cat > ask.py <<'PY'
import fcntl, os, select, struct, sys, termios, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
rows, columns = struct.unpack("HHHH", fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8)))[:2]
told = [f"window {rows};{columns}"]
for name, question in (("1;1", b"\x1b[H\x1b[6n"), ("5;7", b"\x1b[5;7H\x1b[6n"), ("999;999", b"\x1b[999;999H\x1b[6n"), ("DA1", b"\x1b[c")):
    os.write(terminal, question)
    seen, end = b"", time.time() + 0.7
    while time.time() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            seen += os.read(terminal, 100)
    told.append(f"{name} {seen.decode().replace(chr(27), 'ESC ') or 'no answer'}")
with open(sys.argv[1] + ".part", "w") as file:
    print(" · ".join(told), file=file)
os.rename(sys.argv[1] + ".part", sys.argv[1])
PY
cat > outer.py <<'PY'
# A terminal of 24 by 80 that answers nothing.
import fcntl, os, pty, select, struct, sys, termios, time
pid, outer = pty.fork()
if pid == 0:
    time.sleep(0.3) # until the size is set
    os.environ |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
end = time.time() + 15
while time.time() < end and not os.path.exists(sys.argv[1]):
    if select.select([outer], [], [], 0.1)[0]:
        os.read(outer, 65536)
os.kill(pid, 9)
PY
python3 outer.py dvtm.told dvtm/usr/bin/dvtm "python3 $folder/ask.py $folder/dvtm.told"
python3 outer.py tmux.told tmux/usr/bin/tmux -S "$folder/t" -f /dev/null new-session "python3 $folder/ask.py $folder/tmux.told"
for name in dvtm tmux; do echo "$name: $(< $name.told)"; done
[ "$(< dvtm.told)" = 'window 24;80 · 1;1 ESC [0;0R · 5;7 ESC [4;6R · 999;999 ESC [23;79R · DA1 no answer' ]
[[ $(< tmux.told) == 'window 23;80 · 1;1 ESC [1;1R · 5;7 ESC [5;7R · 999;999 ESC [23;80R · DA1 ESC [?1;2c' ]]
