#!/usr/bin/env bash
# tmux 3.8 (Debian sid): it reports that the terminal became light while it still answers with the dark background.
#
# Expected: a program that asks for the background (OSC 11) after the report of mode 2031 (`CSI ? 997 ; 2 n`) gets the
# new one, as in kitty, foot and VTE.
# Seen on 2026-11-30, with a dark and a light terminal attached to one session: the dark one becomes light. tmux passes
# its report on at once, asks it for its background, and gives the old one to the program until it has answered. No
# second report follows. With one terminal it usually waits for the answer first, but not after two reports of the same
# scheme, which kitty and VTE send, because they report each change of the palette.
# Why it matters: a dashboard that asks at once, as one should, keeps its colours for a dark background on a white one.
# It must ask again while the background contradicts the report. Seen with kitty 0.48.2 and GNOME
# Terminal 3.60.0 (VTE 0.84.1) around tmux.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'tmux kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
while read -r sum address; do
    file=${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb -x "$file" root
done <<'PACKAGES'
d251ea642c3795e8723ac2b9eeebe511467ca04590ba70f3d555a7616787d7e3 g/gcc-16/libgcc-s1_16.2.0-4_amd64.deb
cef6654bba1daece0bc0dbe0e3f69fa5a26eb6ba139f3536e6f4806bd787f3e7 g/gcc-16/libstdc%2b%2b6_16.2.0-4_amd64.deb
5c71715c51103beb4fbba9fe9f8dff604af6610dfa71c70bff342f54a7860803 g/glibc/libc6_2.43-7_amd64.deb
115b797f5a25d70cbe81373c9f1cce78536ed2a8a6d9dd5a061682a2340a25df j/jemalloc/libjemalloc2_5.3.1-2_amd64.deb
544ca760ced0fba6c4c24f8078726031a04e8b7d9890f576ea9cd724cdbb8ee1 libe/libevent/libevent-core-2.1-7t64_2.1.13-stable-1_amd64.deb
14682d1f6e35df22df0fe1eb2c09418aff0e29e2ea5a7bc0aa1bcd37192ba5a7 n/ncurses/libtinfo6_6.6%2b20260608-2_amd64.deb
7fc74653ff64a71e97e0d6d7c0cbb195a62ec0d3a13a7263dd37369494dfcc42 s/systemd/libsystemd0_262.1-1_amd64.deb
eeff5d6e33c3b45229ae15bcc96a3884edf4e1225ec9891866dbb883edc4a687 t/tmux/tmux_3.8-1_amd64.deb
PACKAGES
tmux() {
    local libraries="$folder/root/usr/lib/x86_64-linux-gnu"
    TMUX_TMPDIR="$folder" LC_ALL=C.UTF-8 TERM=xterm-256color "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$folder/root/usr/bin/tmux" -L finding -f /dev/null "$@"
}
unset TMUX
tmux -V | grep -qx 'tmux 3.8' || { echo "this is about tmux 3.8"; exit 1; }
cat > ask.py <<'PY'
# In tmux: asks for the background at each report, and once a second.
import os, select, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
log = open("answers", "w", buffering=1)
os.write(terminal, b"\x1b[?2031h")
due = 0
while True:
    if time.time() > due:
        os.write(terminal, b"\x1b]11;?\x07")
        due = time.time() + 1
    if select.select([terminal], [], [], 0.05)[0]:
        seen = os.read(terminal, 4096)
        print(repr(seen), file=log)
        if b"[?997;" in seen:
            os.write(terminal, b"\x1b]11;?\x07")
PY
cat > outer.py <<'PY'
# Two terminals with mode 2031 that answer after a quarter of a second, as over a slow line.
import os, pty, select, subprocess, time

class Terminal:
    def __init__(self, colour, *arguments):
        self.colour, self.due = colour, []
        child, self.fd = pty.fork()
        if child == 0:
            os.execvp("bash", ["bash", "-c", 'tmux "$@"', "tmux", *arguments])

    def live(self):
        now = time.time()
        for entry in [it for it in self.due if it[0] < now]:
            self.due.remove(entry)
            os.write(self.fd, entry[1])
        if not select.select([self.fd], [], [], 0.01)[0]:
            return
        written = os.read(self.fd, 65536)
        if b"\x1b[c" in written or b"\x1b[0c" in written:
            os.write(self.fd, b"\x1b[?62;52;c")
        for _ in range(written.count(b"\x1b]11;?")):
            self.due.append((now + 0.25, b"\x1b]11;rgb:" + self.colour + b"\x1b\\"))

    def becomes(self, colour):
        self.colour = colour
        os.write(self.fd, b"\x1b[?997;1n" if colour == DARK else b"\x1b[?997;2n")

def pass_time(seconds, *terminals):
    end = time.time() + seconds
    while time.time() < end:
        for terminal in terminals:
            terminal.live()

def answers():
    return [eval(line) for line in open("answers")]

DARK, LIGHT, YELLOW = b"0000/0000/0000", b"ffff/ffff/ffff", b"fdfd/f6f6/e3e3"

def check(what, before, report, old, new):
    seen = answers()[before:]
    print(what, *seen)
    seen = b"".join(seen)
    assert seen.count(b"[?997;") == 1, "the behaviour changed: not one report"
    colours = [it[:18] for it in seen[seen.index(report):].split(b"]11;")[1:]]
    assert colours[0] == b"rgb:" + old, "the behaviour changed: the first answer after the report is the new background"
    assert colours[-1] == b"rgb:" + new, "the behaviour changed: the new background is not told"

first = Terminal(DARK, "new-session", "python3 ask.py")
pass_time(3, first)
second = Terminal(LIGHT, "attach")
pass_time(3, first, second)
before = len(answers())
first.becomes(LIGHT)
pass_time(3, first, second)
check("two terminals, the dark one becomes light:", before, b"\x1b[?997;2n", DARK, LIGHT)
subprocess.run(["bash", "-c", "tmux kill-server"], check=True)
pass_time(1)
os.remove("answers")

only = Terminal(DARK, "new-session", "python3 ask.py")
pass_time(3, only)
only.becomes(LIGHT)
pass_time(2, only)
only.becomes(YELLOW)
pass_time(2, only)
before = len(answers())
only.becomes(DARK)
pass_time(3, only)
check("one terminal, light, light yellow, dark:", before, b"\x1b[?997;1n", YELLOW, DARK)
PY
export folder
export -f tmux
python3 outer.py
