#!/usr/bin/env bash
# Lets real terminals show what hss-top writes while keys are pressed: xterm on an X server without a screen, tmux, and GNU
# screen in an xterm. A frame only has the difference to the one before, with moves of the cursor and erased rows; after many
# of them each terminal must show the same text as after one full redraw (Ctrl-l). The lines with clocks are not compared.
#
#     apt-get install xvfb xterm tmux screen
#     tests/try-frames.sh [PROGRAM]           # default: target/debug/hss-top
#
# Seen with Debian 12: the same text in xterm 379, tmux 3.3a and GNU screen 4.9.0.
set -euo pipefail
program=$(realpath "${1:-target/debug/hss-top}")
for needed in Xvfb xterm tmux screen python3; do
    command -v "$needed" >/dev/null || { echo "$needed is missing: apt-get install xvfb xterm tmux screen"; exit 1; }
done
folder=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    TMUX_TMPDIR="$folder" tmux -L try kill-server 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
mkdir -m 700 sockets
export LC_ALL=C.UTF-8 SCREENDIR="$folder/sockets" TMUX_TMPDIR="$folder" XDG_STATE_HOME="$folder" TERM=xterm-256color
unset TMUX STY COLORFGBG COLORTERM NO_COLOR

# Two records of one run: until the last key, and with the full redraw behind it.
python3 - "$program" <<'PY'
import fcntl, os, pty, select, struct, sys, termios, time
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--demo", "--no-mouse"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
written = b""

def read(seconds, until=None):
    global written
    end = time.time() + seconds
    while time.time() < end and not (until and until in written):
        if select.select([terminal], [], [], 0.1)[0]:
            written += os.read(terminal, 1 << 16)

read(60, b"FRESH")
read(2)
for key in ["j"] * 8 + list("kkjjjGkkkgjj2jjjk1jj3jjjj1jjsj") + ["\x1b", "j", "?", "\x1b", "j", "o", "j", "\x1b"] + list("jjGgjj"):
    os.write(terminal, key.encode())
    # Esc alone, and not the beginning of another key.
    read(1.5 if key == "\x1b" else 0.5)
# On a machine with other work the last frame comes late.
read(4)
assert b"FRESH" in written, "no pods"
open("changes", "wb").write(written)
os.write(terminal, b"\x0c")
read(2)
open("redrawn", "wb").write(written)
os.kill(child, 15)
PY

Xvfb -displayfd 3 -screen 0 2000x1400x24 3>display 2>xvfb.log &
server=$!
for _ in $(seq 100); do [ -s display ] && break; sleep 0.1; done
DISPLAY=:$(cat display)
export DISPLAY
for record in changes redrawn; do
    printf 'stty raw -echo; cat %s; sleep 1; printf "\\033[i"; sleep 1\n' "$record" >in-xterm.sh
    xterm -u8 -geometry 200x60 -xrm 'XTerm*printAttributes: 0' -xrm "XTerm*printerCommand: cat >$folder/xterm-$record" -e sh in-xterm.sh 2>/dev/null
    printf 'screen -U -c /dev/null -S try sh -c "stty raw -echo; cat %s; sleep 1; screen -S try -X hardcopy %s; sleep 1"\n' \
        "$record" "$folder/screen-$record" >in-screen.sh
    xterm -u8 -tn xterm-256color -geometry 200x60 -e sh in-screen.sh 2>/dev/null
    tmux -L try -f /dev/null new-session -d -x 200 -y 60 "stty raw; cat $record; sleep 30"
    tmux -L try set status off
    sleep 2
    tmux -L try capture-pane -p >"tmux-$record"
    tmux -L try kill-server
    sleep 1
done
python3 - <<'PY'
import re
for name in ["xterm", "tmux", "screen"]:
    shown = []
    for record in ["changes", "redrawn"]:
        # A copy of GNU screen has one byte of each sign.
        text = open(f"{name}-{record}", encoding="latin1" if name == "screen" else "utf-8").read()
        text = re.sub(r"\x1b\[[0-9;]*m|\x1b[()#].|[\x0e\x0f\x0c\r]", "", text)
        # Meanwhile an age may be one minute more.
        text = re.sub(r" *[0-9]+[smhdy][0-9smhdy]*(?![^\s·)])", " AGE", text)
        shown.append([line.rstrip() for line in text.split("\n")][3:59])
    assert len(shown[0]) == 56 and any("cci-" in line for line in shown[0]), f"{name} shows no pods"
    others = [line for line, (one, other) in enumerate(zip(*shown), 4) if one != other]
    assert not others, f"{name}: lines {others} differ, as in {[shown[at][others[0] - 4] for at in (0, 1)]}"
    print(f"{name:7} 56 lines are the same")
PY
