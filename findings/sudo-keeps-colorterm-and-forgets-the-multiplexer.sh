#!/usr/bin/env bash
# sudo 1.9.13p3 in GNU screen 4.9.0 (Debian 12): what a program learns about its terminal if another user runs it.
#
# Expected: sudo clears the environment except TERM, and so every variable about the terminal is either kept or gone, together.
# Seen on 2026-11-30: TERM and COLORTERM pass, as locale does; STY, TMUX, NO_COLOR and VTE_VERSION do not. COLORTERM=truecolor comes from
# the terminal in which screen was started, and says what that one can; that screen is in between, which reads 38;2;R;G;B as single
# attributes, only STY says. A red of 220,50,47 is then dim, on white. And who set NO_COLOR gets colours after all.
# Why it matters: `sudo -u monitor dashboard` is the usual way to a service's account. The usual test (24-bit colours if COLORTERM says so, not
# if STY is set) is wrong exactly there: a number of the colour that is a code of an attribute decides how the text looks, and red is no longer
# red. TERM is the only one left to ask: if it begins with "screen" and TMUX is not set, 38;5 is right. What is sent past screen (a
# wrapped bell, a clipboard) gets no wrapper there either. ssh of Debian 13 sends COLORTERM to the other machine, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
edges="--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances"
# shellcheck disable=SC2046,SC2086
apt-get download -qq sudo=1.9.13p3-1+deb12u4 screen=4.9.0-4 $(apt-cache depends --recurse $edges sudo screen python3 dash coreutils libpam-modules ncurses-base |
  grep '^\w' | grep -vxE 'sudo|screen' | sort -u) 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
mkdir -p root/tmp root/dev root/proc root/root root/run/screen
chmod 1777 root/tmp
chmod 777 root/run/screen
# What the packages would set up when they are installed.
ln -sfn dash root/bin/sh
ln -sfn python3.11 root/usr/bin/python3
printf '%s\n' root:x:0:0::/root:/bin/sh monitor:x:500:500::/tmp:/bin/sh > root/etc/passwd
printf '%s\n' root:x:0: monitor:x:500: tty:x:5: utmp:x:43: > root/etc/group
printf '%s required pam_permit.so\n' auth account session > root/etc/pam.d/sudo
printf '127.0.0.1 %s\n' "$(hostname)" > root/etc/hosts
cat > root/tmp/program <<'SH'
#!/bin/sh
# Notes what it is told about its terminal, and writes an X in red, of 24 bits.
for name in TERM COLORTERM STY TMUX NO_COLOR VTE_VERSION LC_ALL; do
    eval "[ -z \"\${$name+set}\" ]" || printf '%s ' "$name"
done > "/tmp/$1.part"
printf 'S\033[38;2;220;50;47mX\033[mE'
sleep 1
mv "/tmp/$1.part" "/tmp/$1"
SH
chmod 755 root/tmp/program
cat > root/tmp/outer.py <<'PY'
import fcntl, os, pty, re, select, struct, sys, termios, time
for name, command in ("plain", []), ("sudo", ["sudo", "-u", "monitor"]):
    pid, outer = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "VTE_VERSION": "7006", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TMUX": "/tmp/t,1,0"}
        os.execv("/usr/bin/screen", ["screen", "-U", "-c", "/dev/null"] + command + ["/tmp/program", name])
    fcntl.ioctl(outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen, end = b"", time.time() + 15
    while time.time() < end and not os.path.exists("/tmp/" + name):
        if select.select([outer], [], [], 0.1)[0]:
            try:
                seen += os.read(outer, 65536)
            except OSError:
                sys.exit(f"the behaviour changed: {name} ended early: {seen[-300:]}")
    style = re.search(rb"S(.*?)X", seen[seen.rindex(b"\x1b[2J"):]).group(1).decode().replace("\x1b", "ESC ")
    print(f"{name}: told of {open('/tmp/' + name).read().strip()}; the style in the outer terminal: {style}")
PY
unshare -m bash -c '
  mount --rbind /dev root/dev && mount -t proc proc root/proc &&
  timeout 60 chroot root /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=xterm /usr/bin/python3 /tmp/outer.py > told; umount -l root/dev root/proc'
cat told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
plain: told of TERM COLORTERM STY TMUX NO_COLOR VTE_VERSION LC_ALL; the style in the outer terminal: ESC [2mESC [47m
sudo: told of TERM COLORTERM LC_ALL; the style in the outer terminal: ESC [2mESC [47m
TOLD
