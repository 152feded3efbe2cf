#!/usr/bin/env bash
# terminado 0.18.1 (PyPI), the terminals of Jupyter: a browser that comes back to a running full-screen program.
#
# Expected: as with tmux: what is on the screen is drawn again, once. A bell that rang is over. Or else the program is told (SIGWINCH)
# to draw again.
# Seen on 2026-11-30: terminado sends the last 1,000 things that it read, as they were, and signals nothing if the window has the same
# size. (1) If the program has written less than that, everything happens again: old bells ring, old copies (OSC 52) go over what the
# clipboard has by now, the terminal is asked for its background again. (2) If it has written more, the beginning is gone: no
# alternate screen, no mouse, the cursor visible, and of the picture only what changed since. Here that is the clock, in an empty window.
# Why it matters: a dashboard that writes what changed, once a second, has passed the thousand after 17 minutes. Who then reloads the
# page sees a table with holes under a clock that runs: it looks alive, and rows that did not change, such as those of old alerts, are not
# there. Cure in the window: another size, or the key that draws all again. Cure in the program: draw all again every few minutes.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install terminado==0.18.1 ptyprocess==0.7.0 tornado==6.6.1 websocket-client==1.9.2 pyte==0.8.2 wcwidth==0.9.4
cat > dashboard.py <<'PY'
# Draws everything at the start and at a new size, and from then on the clock, as often as it is told to.
import os, signal, sys, time, tty
tty.setraw(0)
all_again = [True]
signal.signal(signal.SIGWINCH, lambda *_: all_again.append(True))
os.write(1, b"\x1b[?1049h\x1b[?25l\x1b[?1002h\x1b[?1006h\x1b]11;?\a\x1b]52;c;b2xk\a\a")
while os.getppid() != 1:
    if all_again:
        all_again.clear()
        os.write(1, b"\x1b[2J" + b"".join(b"\x1b[%dHpod %d: broken" % (row, row) for row in range(2, 20)))
    os.write(1, b"\x1b[Hclock %.1f " % time.time())
    time.sleep(float(sys.argv[1]))
PY
cat > serve.py <<'PY'
import asyncio, sys, terminado, tornado.web
async def main():
    terminals = terminado.SingleTermManager(shell_command=[sys.executable, "dashboard.py", sys.argv[1]])
    application = tornado.web.Application([("/terminal", terminado.TermSocket, {"term_manager": terminals})])
    server = application.listen(0, "127.0.0.1")
    print(next(iter(server._sockets.values())).getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
PY
cat > browser.py <<'PY'
# Looks for two seconds, goes away, comes back with a window of the same size.
import json, pyte, sys, time, websocket
port, away = int(sys.argv[1]), float(sys.argv[2])
def look():
    socket = websocket.create_connection(f"ws://127.0.0.1:{port}/terminal", origin=f"http://127.0.0.1:{port}")
    socket.settimeout(0.3)
    socket.send(json.dumps(["set_size", 24, 80, 600, 800]))
    seen, end = "", time.time() + 2
    while time.time() < end:
        try:
            kind, *values = json.loads(socket.recv())
        except websocket.WebSocketTimeoutException:
            continue
        seen += values[0] if kind == "stdout" else ""
    socket.close()
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(seen)
    rows = sum("broken" in row for row in screen.display)
    told = {"clock": screen.display[0].startswith("clock"), "rows": rows, "bells": seen.count("\a") - seen.count("\x1b]52;") - seen.count("\x1b]11;?"),
            "copies": seen.count("\x1b]52;"), "questions": seen.count("\x1b]11;?"), "mouse": "\x1b[?1006h" in seen}
    return " ".join(f"{name}: {value}," for name, value in told.items()).rstrip(",")
print("at first:", look())
time.sleep(away)
print("again:", look())
PY
tried() { # seconds between two clocks, seconds away
    venv/bin/python serve.py "$1" > port &
    server=$!
    for _ in $(seq 50); do [ ! -s port ] || break; sleep 0.1; done
    venv/bin/python browser.py "$(< port)" "$2"
    kill "$server"
    wait "$server" 2> /dev/null || true
    : > port
}
{ echo 'few writes'; tried 0.5 1; echo 'more than a thousand'; tried 0.004 8; } | tee told
whole='clock: True, rows: 18, bells: 1, copies: 1, questions: 1, mouse: True'
diff told - <<TOLD || { echo "the behaviour changed"; exit 1; }
few writes
at first: $whole
again: $whole
more than a thousand
at first: $whole
again: clock: True, rows: 0, bells: 0, copies: 0, questions: 0, mouse: False
TOLD
