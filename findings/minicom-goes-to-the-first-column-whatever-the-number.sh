#!/usr/bin/env bash
# minicom 2.8 (Debian 12), the terminal at the other end of many serial lines, beside tmux 3.3a: `CSI n G`, the move to a column.
#
# Expected: minicom is a VT102 that also knows the moves of later terminals; `CSI 40 G` goes to column 40, or it is dropped.
# Seen on 2026-11-30: it is taken, without its number: the cursor goes to column 1, and what follows is written over the beginning of the
# row. So is CSI n ` (HPA). `CSI row ; column H`, and C and D, are right. 2.10 and 2.11.1 (Debian 13 and sid) do the same; not run here.
# Why it matters: the move is two bytes shorter than H, so programs that draw what changed use it, and crossterm has it as MoveToColumn.
# A dashboard on the console server shows the wrong pod's numbers under the cluster's name, and looks right over ssh. The descriptions of
# vt102 and vt220, which agetty sets on serial lines, do not have the move (hpa), those of xterm and linux do: a program without
# terminfo should use H only.
set -euo pipefail
folder=$(mktemp -d)
trap 'root/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX STY
apt-get download -qq minicom=2.8-2 tmux=3.3a-3 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
root/usr/bin/minicom --version | sed -n 1p || true # it ends with 1
cat > serial.py <<'PY'
# A serial line of which the far end writes; its near end is shown by minicom in tmux, or by tmux alone.
import os, pty, subprocess, sys, time, tty
where, sent = sys.argv[1], sys.argv[2].encode().decode("unicode_escape").encode()
tmux = ["root/usr/bin/tmux", "-S", f"{os.getcwd()}/t", "-f", "/dev/null"]
far, near = pty.openpty()
tty.setraw(near)
line = os.ttyname(near)
program = f"exec root/usr/bin/minicom -o -D {line}" if where == "minicom" else f"cat {line}"
os.environ |= {"HOME": os.getcwd(), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
subprocess.run(tmux + ["new-session", "-d", "-x", "60", "-y", "10", program], check=True)
time.sleep(2)
os.write(far, b"\x1b[2J\x1b[H" + sent)
time.sleep(1)
shown = subprocess.check_output(tmux + ["capture-pane", "-p"], text=True)
subprocess.run(tmux + ["kill-server"])
time.sleep(0.5)
print(f"{where}: {shown.splitlines()[0].rstrip()!r}")
PY
for sent in 'api-0\x1b[20G97%' 'api-0\x1b[20`97%' 'api-0\x1b[1;20H97%' 'api-0\x1b[14C97%'; do
    echo "$sent"
    for where in minicom tmux; do python3 serial.py $where "$sent"; done
done | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
api-0\x1b[20G97%
minicom: '97%-0'
tmux: 'api-0              97%'
api-0\x1b[20`97%
minicom: '97%-0'
tmux: 'api-0              97%'
api-0\x1b[1;20H97%
minicom: 'api-0              97%'
tmux: 'api-0              97%'
api-0\x1b[14C97%
minicom: 'api-0              97%'
tmux: 'api-0              97%'
TOLD
