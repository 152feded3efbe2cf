#!/usr/bin/env bash
# urxvt 9.30 (Debian 12) answers what colour 1 of its palette is, but never what its background is.
#
# Expected: a terminal that answers OSC 4;1;? answers OSC 10;? and OSC 11;? too; and COLORFGBG is "foreground;background".
# Seen on 2026-11-29: OSC 4;1;? is answered, OSC 10;? and OSC 11;? are not, whatever colours are set. COLORFGBG has a
# word in the middle, "0;default;15", and loses the background where that is no colour of the palette: "0;default" for
# a cream one. So the second field is never the background, and the last one is it only if it is a number.
# Why it matters: the usual order (ask with OSC 11, else COLORFGBG) ends here with "unknown" on a light background that
# was set by hand, so a dashboard needs a setting for it; and a parser that takes the second field reads "default".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
edges="--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances"
# shellcheck disable=SC2046,SC2086
apt-get download -qq rxvt-unicode=9.30-2+b4 $(apt-cache depends --recurse $edges xvfb rxvt-unicode python3 dash coreutils |
  grep '^\w' | grep -vx rxvt-unicode | sort -u) 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
mkdir -p root/tmp root/dev root/proc
cat > root/tmp/ask.py <<'PY'
import os, select, sys, time, tty
terminal = os.open("/dev/tty", os.O_RDWR)
tty.setraw(terminal)
time.sleep(0.3)
seen = []
for question in (b"\x1b]4;1;?\x07", b"\x1b]10;?\x07", b"\x1b]11;?\x07"):
    os.write(terminal, question + b"\x1b[c")
    got, end = b"", time.time() + 1
    while time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            got += os.read(terminal, 4096)
    seen.append(got.startswith(b"\x1b]"))
open(sys.argv[1], "w").write(f"{seen} {os.environ.get('COLORFGBG')}")
PY
cat > root/tmp/run.sh <<'SH'
Xvfb :78 -screen 0 800x600x24 >/dev/null 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S /tmp/.X11-unix/X78 ] && break; sleep 0.5; done
export DISPLAY=:78 HOME=/tmp
urxvt -bg white -e python3 /tmp/ask.py /tmp/white
urxvt -bg '#fdf6e3' -e python3 /tmp/ask.py /tmp/cream
kill $!
SH
unshare -m bash -c '
  mount --rbind /dev root/dev && mount -t proc proc root/proc &&
  mount -t tmpfs -o mode=1777 tmpfs root/dev/shm 2>/dev/null
  ln -sfn python3.11 root/usr/bin/python3
  timeout 60 chroot root /usr/bin/env -i PATH=/usr/bin:/bin TERM=xterm /bin/dash /tmp/run.sh; umount -l root/dev root/proc'
echo "answers to OSC 4, 10, 11, and COLORFGBG: on white: $(cat root/tmp/white) · on #fdf6e3: $(cat root/tmp/cream)"
[ "$(cat root/tmp/white)" = "[True, False, False] 0;default;15" ]
[ "$(cat root/tmp/cream)" = "[True, False, False] 0;default" ]
