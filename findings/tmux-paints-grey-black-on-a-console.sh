#!/usr/bin/env bash
# tmux 3.3a (Debian 12): colours of 24 bits and of the 256 in a client on a terminal of eight colours (TERM=linux, and plain TERM=xterm).
#
# Expected: each colour becomes the nearest of those that the terminal has: greys become white, or at least no text gets the colour of the
# background.
# Seen on 2026-11-30: tmux looks for the nearest of *sixteen* and then drops what makes it bright. A grey such as 110,118,129, nearest to bright
# black, becomes black: on a black background the text is gone. (SGR 90, bright black itself, becomes black and bold, which a console
# shows as grey.) A light yellow, 230,180,80, becomes red, as an error is. tmux 3.8 of Debian
# sid does the same (not run here). With `tmux -T RGB` all colours go out as they are: the
# kernel's console is said to read them (not tried here), though terminfo gives it eight.
# Why it matters: in tmux a program sees TERM=screen or tmux-256color and has no means to know which clients will attach. A wall that was started
# in tmux from a desktop shows its muted texts there, and an empty place on the console in the rack. On a console attach with -T RGB,
# or give the program a theme of the sixteen.
set -euo pipefail
folder=$(mktemp -d)
trap 'for name in linux xterm rgb; do tmux/usr/bin/tmux -S "$folder/$name.socket" kill-server 2> /dev/null || true; done; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX COLORTERM
apt-get download -qq tmux=3.3a-3 2> /dev/null
dpkg-deb -x tmux_*.deb tmux
cat > program.sh <<'SH'
#!/bin/bash
sleep 1 # until the client is there
printf '\e[2J\e[H'
for text in '38;2;110;118;129mQ' '38;5;241mV' 90mW '38;2;200;200;200mY' '38;2;230;180;80mZ'; do printf '\e[%s\e[m ' "$text"; done
sleep 1
touch "$1"
sleep 20
SH
cat > outer.py <<'PY'
import fcntl, os, pty, re, select, struct, sys, termios, time
name, term, *flags = sys.argv[1:]
pid, outer = pty.fork()
if pid == 0:
    os.environ |= {"TERM": term, "LC_ALL": "C.UTF-8"}
    os.execv("tmux/usr/bin/tmux", ["tmux", "-S", f"{os.getcwd()}/{name}.socket", "-f", "/dev/null"] + flags + ["new-session", f"bash program.sh {name}.done"])
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen, end = b"", time.time() + 15
while time.time() < end and not os.path.exists(name + ".done"):
    if select.select([outer], [], [], 0.1)[0]:
        seen += os.read(outer, 65536)
seen = re.sub(rb"\x1b\[[0-9;?]*[A-Za-ln-z]|\x1b\(B|\x0f", b"", seen)
styles = [re.search(rf"((?:\x1b\[[0-9;]*m)+){letter}", seen.decode()).group(1) for letter in "QVWYZ"] # what is right before each
print(f"{name}:", " · ".join(";".join(re.findall(r"\[([0-9;]+)m", style)) for style in styles))
os.kill(pid, 15)
PY
echo 'sent: 38;2;110;118;129 · 38;5;241 · 90 · 38;2;200;200;200 · 38;2;230;180;80'
{ python3 outer.py linux linux; python3 outer.py xterm xterm; python3 outer.py rgb linux -T RGB; } | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
linux: 30 · 30 · 30;1 · 37 · 31
xterm: 30 · 30 · 30;1 · 37 · 31
rgb: 38;2;110;118;129 · 38;5;241 · 90 · 38;2;200;200;200 · 38;2;230;180;80
TOLD
