#!/usr/bin/env bash
# tmux 3.3a (Debian 12) and 3.8 (Debian sid): a program in a popup (display-popup -E) and the same program in a pane.
#
# Expected: a popup is a pane above the others. The bell rings in the terminal, OSC 52 reaches the clipboard (set-clipboard on), what
# is wrapped passes (allow-passthrough on), and a question about the background (OSC 11) is answered where panes get an answer.
# Seen on 2026-11-30: both drop the bell of a popup, and do not answer OSC 11 there, though tmux knows the background from its own
# style; nor does 3.8 answer the question about dark and light (CSI ? 996 n). 3.3a drops OSC 52 and what is wrapped, too; in 3.8 they
# pass. Keys and DA1 are as usual. Of the environment only TMUX_PANE tells them apart: a popup has TMUX without it.
# Why it matters: a dashboard that a key opens in a popup rings for nobody, and has the colours of an unknown background. If TMUX is
# set and TMUX_PANE is not, it can say so; its manual should send those who want to hear it to a window.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
folder=$(mktemp -d)
trap 'for version in 3.3a 3.8; do "./tmux-$version" -S "$folder/s-$version" kill-server 2> /dev/null || true; done; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX TMUX_PANE
apt-get download -qq tmux=3.3a-3 2> /dev/null
dpkg-deb -x tmux_*.deb old
ln -s old/usr/bin/tmux tmux-3.3a
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
libraries=$folder/root/usr/lib/x86_64-linux-gnu
echo "exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries $folder/root/usr/bin/tmux \"\$@\"" | sed '1i #!/bin/sh' > tmux-3.8
chmod 755 tmux-3.8
printf 'set -g %s\n' 'set-clipboard on' 'allow-passthrough on' 'window-style bg=#ffffff' 'popup-style bg=#ffffff' > conf
cat > program.py <<'PY'
# What a dashboard sends; the answers go into a file.
import os, select, sys, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
def asked(question):
    os.write(terminal, question)
    end = time.time() + 0.7
    while time.time() < end and not select.select([terminal], [], [], 0.05)[0]:
        pass
    return os.read(terminal, 4096) if time.time() < end else b""
for told in b"\a", b"\x1b]52;c;aGVsbG8=\a", b"\x1bPtmux;\x1b\x1b]777;notify;a;b\a\x1b\\":
    asked(told)
answers = {name: bool(asked(question)) for name, question in
           (("DA1", b"\x1b[c"), ("OSC 11", b"\x1b]11;?\a"), ("996", b"\x1b[?996n"))}
open(sys.argv[1] + ".part", "w").write(repr(answers | {name: name in os.environ for name in ("TMUX", "TMUX_PANE")}))
os.rename(sys.argv[1] + ".part", sys.argv[1])
PY
cat > outer.py <<'PY'
# A terminal with one client of tmux, which opens the program in a pane or in a popup.
import ast, fcntl, os, pty, select, struct, subprocess, sys, termios, time
version, where = sys.argv[1:]
tmux, out = [f"./tmux-{version}", "-S", f"{os.getcwd()}/s-{version}"], f"{os.getcwd()}/{version}-{where}"
os.environ |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
pid, outer = pty.fork()
if pid == 0:
    os.execv(tmux[0], tmux + ["-f", "conf", "new-session", "sleep 60"])
fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
def shown(seconds, until=None):
    seen, end = b"", time.time() + seconds
    while time.time() < end and not (until and os.path.exists(until)):
        if select.select([outer], [], [], 0.05)[0]:
            seen += os.read(outer, 65536)
    return seen
shown(2)
program = f"python3 {os.getcwd()}/program.py {out}"
client = subprocess.check_output(tmux + ["list-clients", "-F", "#{client_name}"], text=True).strip()
subprocess.Popen(tmux + (["display-popup", "-E", "-c", client, program] if where == "popup" else ["new-window", program]))
seen = shown(15, out) + shown(0.5)
clipboard, wrapped = b"\x1b]52;" in seen, b"\x1b]777;notify;a;b" in seen
told = {"bell": seen.count(b"\a") - clipboard - wrapped > 0, "clipboard": clipboard, "wrapped": wrapped} | ast.literal_eval(open(out).read())
print(version, where, " ".join(f"{name}: {'yes' if value else 'no'}," for name, value in told.items()).rstrip(","))
subprocess.run(tmux + ["kill-server"])
PY
for version in 3.3a 3.8; do for where in pane popup; do python3 outer.py $version $where; done; done | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
3.3a pane bell: yes, clipboard: yes, wrapped: yes, DA1: yes, OSC 11: yes, 996: no, TMUX: yes, TMUX_PANE: yes
3.3a popup bell: no, clipboard: no, wrapped: no, DA1: yes, OSC 11: no, 996: no, TMUX: yes, TMUX_PANE: no
3.8 pane bell: yes, clipboard: yes, wrapped: yes, DA1: yes, OSC 11: yes, 996: yes, TMUX: yes, TMUX_PANE: yes
3.8 popup bell: no, clipboard: yes, wrapped: yes, DA1: yes, OSC 11: no, 996: no, TMUX: yes, TMUX_PANE: no
TOLD
