#!/usr/bin/env bash
# tmux 3.3a (Debian 12): a question about the background colour is only answered if tmux itself sets the background.
#
# Expected: tmux passes OSC 11 on to the outer terminal, or answers with what that terminal says, as GNU screen does.
# Seen on 2026-11-30: tmux drops the question, in a pane with the default style, even while the outer terminal would answer.
# With `set -g window-style bg=#ffffff` it answers `rgb:ffff/ffff/ffff` itself, whatever the outer terminal's colour is. It
# ignores mode 2031 (dark or light changed).
# Why it matters: a dashboard in tmux cannot learn whether the terminal is dark or light. It must not wait for an answer, its
# first colours must be readable on both, and `--theme` or a window-style is the way to a light theme.
set -euo pipefail
folder=$(mktemp -d)
trap 'TMUX_TMPDIR="$folder" tmux -L finding kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
tmux -V | grep -qx 'tmux 3.3a' || { echo "this is about tmux 3.3a, here is $(tmux -V)"; exit 1; }
cat > ask.py <<'PY'
import os, select, sys, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
time.sleep(0.5)
os.write(terminal, b"\x1b[?2031h\x1b]11;?\x07\x1b[c")
seen, end = b"", time.time() + 2
while time.time() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        seen += os.read(terminal, 4096)
open("answers.new", "wb").write(seen)
os.rename("answers.new", sys.argv[1])
PY
printf '' > plain.conf
printf 'set -g window-style bg=#ffffff\n' > styled.conf
export TMUX_TMPDIR="$folder" TERM=xterm-256color
unset TMUX
python3 - <<'PY'
import os, pty, select, time
def answers(conf):
    child, outer = pty.fork()
    if child == 0:
        os.execvp("tmux", ["tmux", "-L", "finding", "-f", conf, "new-session", "python3 ask.py answers-" + conf])
    end, name = time.time() + 10, "answers-" + conf
    while time.time() < end and not os.path.exists(name):
        if select.select([outer], [], [], 0.1)[0]:
            try:
                written = os.read(outer, 4096)
            except OSError:
                break
            if b"\x1b]11;?" in written:  # the outer terminal answers as xterm does
                os.write(outer, b"\x1b]11;rgb:0000/0000/0000\x07")
    os.system("tmux -L finding kill-server 2>/dev/null")
    return open(name, "rb").read()
plain, styled = answers("plain.conf"), answers("styled.conf")
print("default style:", plain)
print("window-style bg=#ffffff:", styled)
assert b"]11;" not in plain and b"[?1;2c" in plain, "the behaviour changed"
assert b"]11;rgb:ffff/ffff/ffff" in styled, "the behaviour changed"
assert b"997" not in plain + styled, "the behaviour changed"
PY
