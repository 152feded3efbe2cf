#!/usr/bin/env bash
# minicom 2.8 (Debian 12): a window title, a copy (OSC 52) and a question about the background (OSC 11) on a serial line.
#
# Expected: a terminal that has no title skips the string up to its end (BEL or ESC \), as tmux, GNU screen and dvtm do.
# A BEL that ends a string is no bell.
# Seen on 2026-11-30: only ESC ] is skipped. The text is printed where the cursor is, and the BEL rings. 2.10 and 2.11.1 (Debian 13 and
# sid) skip the string; not run here.
# Why it matters: a dashboard that puts its state into the title rings a false alarm at each change of it, and what it prints stays in
# the table until the row is drawn again; a copy prints its base64. Where TERM is vt100, vt102, vt220 (which agetty sets on serial
# lines), linux or ansi, there is no title (terminfo has no tsl): send none of these there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq minicom=2.8-2 2> /dev/null
dpkg-deb -x minicom_*.deb root
root/usr/bin/minicom --version | sed -n 1p || true # it ends with 1
cat > serial.py <<'PY'
# A serial line; its near end is shown by minicom, whose own terminal this program is.
import fcntl, os, pty, select, struct, termios, time, tty
far, near = pty.openpty()
tty.setraw(near)
pid, outer = pty.fork()
if pid == 0:
    os.environ |= {"HOME": os.getcwd(), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    os.execv("root/usr/bin/minicom", ["minicom", "-o", "-D", os.ttyname(near)])
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
def shown(seconds):
    seen, end = b"", time.time() + seconds
    while time.time() < end:
        if select.select([outer], [], [], 0.05)[0]:
            seen += os.read(outer, 65536)
    return seen
shown(2)
for name, sent in {
    "a title": b"\x1b]2;3 at risk\a",
    "a title with ESC \\": b"\x1b]2;3 at risk\x1b\\",
    "a copy": b"\x1b]52;c;YXBpLTA=\a",
    "a question": b"\x1b]11;?\a",
}.items():
    os.write(far, b"<" + sent + b">\r\n")
    print(f"{name}: {shown(1)!r}")
os.kill(pid, 9)
PY
python3 serial.py | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
a title: b'<2;3 at risk\x07>\r\n'
a title with ESC \: b'<2;3 at risk>\r\n'
a copy: b'<52;c;YXBpLTA=\x07>\r\n'
a question: b'<11;?\x07>\r\n'
TOLD
