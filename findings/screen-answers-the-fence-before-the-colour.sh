#!/usr/bin/env bash
# GNU screen 4.9.0 (Debian 12): the fence overtakes the question about the background colour.
#
# Expected: a program that asks for the background colour (OSC 11) and sends DA1 (CSI c) behind it as a fence gets the
# colour before the fence's answer, or no colour at all where the multiplexer does not know it.
# Seen on 2026-11-29: screen answers DA1 itself, at once, and passes OSC 11 through to the outer terminal. So the
# answers come in the wrong order: first `CSI ? 1;2 c`, then, a round trip later, `OSC 11 ; rgb:…`. (OSC 10 and OSC 4
# are not passed on.)
# Why it matters: a dashboard that chooses dark or light by this question stops waiting at the fence, falls back to a
# guess, and then reads the late colour as typed keys (Alt-], digits, letters). In screen (STY set) either do not ask,
# or take late colour answers out of the input for as long as the program runs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq screen=4.9.0-4 libutempter0=1.2.1-3 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
cat > ask.py <<'PY'
import os, select, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
time.sleep(0.5)
os.write(terminal, b"\x1b]11;?\x07\x1b[c")
seen, end = b"", time.time() + 2
while time.time() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        seen += os.read(terminal, 4096)
open("answers", "wb").write(seen)
PY
LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) SCREENDIR="$folder/sockets" TERM=xterm python3 - <<'PY'
import os, pty, select, time
os.mkdir("sockets", 0o700)
child, outer = pty.fork()
if child == 0:
    os.execv("root/usr/bin/screen", ["screen", "-U", "-c", "/dev/null", "python3", "ask.py"])
end = time.time() + 8
while time.time() < end and not os.path.exists("answers"):
    if select.select([outer], [], [], 0.1)[0]:
        try:
            written = os.read(outer, 4096)
        except OSError:
            break
        if b"\x1b]11;?" in written:  # the outer terminal answers as xterm does
            os.write(outer, b"\x1b]11;rgb:ffff/ffff/ffff\x07")
time.sleep(0.3)
answers = open("answers", "rb").read()
print("answers to OSC 11 and DA1, in this order:", answers)
assert answers == b"\x1b[?1;2c\x1b]11;rgb:ffff/ffff/ffff\x07", "the behaviour changed"
PY
