#!/usr/bin/env bash
# mosh 1.4.0 (Debian 12): a text that is copied (OSC 52) twice.
#
# Expected: a copy is an event. Each one reaches the terminal, as bells do, and as it is in ssh and tmux: the last text that was copied is
# on the clipboard.
# Seen on 2026-11-30: mosh treats the clipboard as a part of the picture. It sends the difference of two pictures, so the same text again
# is no difference, and is not sent. A copy of another text in between is sent, and then the first one is, too. Of three bells all three arrive.
# Why it matters: copy a pod's name in the dashboard, copy something else in a browser, copy the same name again: the dashboard says "sent",
# and what is pasted is the browser's text. On a command line that may be the wrong pod, or a whole paragraph. No variable tells a
# program that it runs in mosh, so its manual has to say it: copy something else first.
set -euo pipefail
folder=$(mktemp -d)
trap '[ ! -s "$folder/server.pid" ] || kill "$(< "$folder/server.pid")" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq mosh=1.4.0-1+b1 libprotobuf32=3.21.12-3+deb12u1 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LC_ALL=C.UTF-8 TERM=xterm-256color LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu
root/usr/bin/mosh-server --version 2>&1 | grep -q 'mosh 1.4.0' || { echo "this is about mosh 1.4.0"; exit 1; }
cat > program.py <<'PY'
import base64, os, sys, time
open(sys.argv[1], "w").write(str(os.getppid()))
time.sleep(2)
for text in b"pod-a", b"pod-a", b"pod-b", b"pod-a":
    os.write(1, b"\x1b]52;c;" + base64.b64encode(text) + b"\acopied " + text + b"\r\n")
    time.sleep(1)
for _ in range(3):
    os.write(1, b"\arang\r\n")
    time.sleep(1)
PY
cat > terminal.py <<'PY'
# The terminal of a client of mosh, on the loopback: notes what arrives.
import base64, fcntl, os, pty, re, select, struct, subprocess, sys, termios, time
folder = os.getcwd()
told = subprocess.run(["root/usr/bin/mosh-server", "new", "-i", "127.0.0.1", "--", sys.executable, f"{folder}/program.py", f"{folder}/server.pid"],
                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
port, key = re.search(r"MOSH CONNECT (\d+) (\S+)", told).groups()
size, (pid, outer) = struct.pack("HHHH", 24, 80, 0, 0), pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.environ["MOSH_KEY"] = key
    os.execv("root/usr/bin/mosh-client", ["mosh-client", "127.0.0.1", port])
seen, end = b"", time.time() + 20
while time.time() < end:
    if select.select([outer], [], [], 0.1)[0]:
        try:
            seen += os.read(outer, 65536)
        except OSError:
            break
os.waitpid(pid, 0)
copies = [base64.b64decode(text).decode() for text in re.findall(rb"\x1b\]52;c;([^\a]*)\a", seen)]
print("shown:", " · ".join(text.decode() for text in re.findall(rb"copied pod-.|rang", seen)))
print("arrived: copies", copies, "and", len(re.findall(rb"\a", re.sub(rb"\x1b\][^\a]*\a", b"", seen))), "bells")
PY
python3 terminal.py | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
shown: copied pod-a · copied pod-a · copied pod-b · copied pod-a · rang · rang · rang
arrived: copies ['pod-a', 'pod-b', 'pod-a'] and 3 bells
TOLD
