#!/usr/bin/env bash
# ttyplay of ttyrec 1.0.8 (Debian 12), and asciinema 2.4.0 (PyPI): the recording of a program that asks for the background colour.
#
# Expected: a replay shows what was shown, as fast as it was. A question of the recorded program (OSC 11) may reach the terminal once
# more, but the answer belongs to nobody and is thrown away.
# Seen on 2026-11-30: ttyplay takes each letter of the answer for a key. On a white background, rgb:ffff/ffff/ffff, the f doubles
# the speed twelve times: 8 seconds are over in an instant. On a dark grey, rgb:2828/2828/2828, every letter skips one wait: the
# next twenty frames are gone. On black, rgb:0000/0000/0000, 0 is the pause: the replay stands until somebody presses 1 (not tried
# here). Where the terminal says nothing it takes its 8 seconds. asciinema throws the answer away, and skips one wait for it.
# Why it matters: dashboards ask for the background, so their recordings play at another speed on each colleague's terminal, and seem
# to be broken on a black one. Whoever records one should choose a theme for which the dashboard asks nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq ttyrec=1.0.8-5.1 2> /dev/null
dpkg-deb -x ttyrec_*.deb root
python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install asciinema==2.4.0
export HOME=$folder
python3 - <<'PY'
# The same recording for both players: a question, and forty lines, a fifth of a second apart.
import json, os, pty, select, struct, time

frames = [(0.1, b"\x1b]11;?\a")] + [(0.1 + 0.2 * (n + 1), b"line %d\r\n" % n) for n in range(40)]
with open("ttyrec", "wb") as file:
    for at, text in frames:
        file.write(struct.pack("<III", int(at), int(at % 1 * 1e6), len(text)) + text)
with open("cast", "w") as file:
    print(json.dumps({"version": 2, "width": 80, "height": 24}), file=file)
    for at, text in frames:
        print(json.dumps([at, "o", text.decode()]), file=file)

def played(command, channel):
    """How long the replay takes in a terminal whose background has this value in each channel."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    start, seen = time.time(), b""
    while time.time() - start < 30 and select.select([terminal], [], [], 5)[0]:
        try:
            told = os.read(terminal, 4096)
        except OSError:
            break
        seen += told
        if channel and b"\x1b]11;?" in told:
            os.write(terminal, f"\x1b]11;rgb:{channel}/{channel}/{channel}\x1b\\".encode())
    took = time.time() - start
    os.waitpid(pid, 0)
    assert b"line 39" in seen, "the behaviour changed: the replay is not complete"
    return took

times = {}
for name, command in (("ttyplay", ["root/usr/bin/ttyplay", "ttyrec"]), ("asciinema", ["venv/bin/asciinema", "play", "cast"])):
    for channel in (None, "2828", "ffff"):
        times[name, channel] = played(command, channel)
        print(f"{name}, background {channel or 'not told'}: {times[name, channel]:.1f} s")
assert all(7.5 < times[which] < 9.5 for which in times if which[0] == "asciinema"), "the behaviour changed"
assert times["ttyplay", "ffff"] < 1 < 2 < times["ttyplay", "2828"] < 5 < 7.5 < times["ttyplay", None] < 9.5, "the behaviour changed"
PY
