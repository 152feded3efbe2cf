#!/usr/bin/env bash
# su and runuser (util-linux 2.38.1, Debian 12) with -c: a full-screen program of another account in a window that changes its size.
#
# Expected: `su monitor -c dashboard` runs it on this terminal as `sudo -u monitor dashboard` and `runuser -u monitor dashboard` do: a new size
# of the window is told (SIGWINCH), and so is its end (SIGHUP).
# Seen on 2026-12-01: neither is, if the account is not root. su and runuser with -c make a session of its own without a controlling
# terminal, and the kernel sends both signals only to the foreground of the session that has the terminal. Standard input and output are the
# terminal as ever, keys arrive, the size that the terminal tells is the new one: it only has to be asked. `su root -c` keeps the session.
# The manual has half a sentence about it, under another option (--session-command), and none about the account or the size.
# Why it matters: this is a usual way to a service's account, and all who try it as root see nothing. A dashboard stays at the size of its
# start: in a larger window it fills a corner, and in a smaller one its rows break. ratatui, curses and vim hear of a new size from SIGWINCH
# only. And a program that only writes a file runs on when the window is closed. Cure at the shell: sudo or `runuser -u` (`su -P` tells the
# size, but not the end). Cure in the program: ask the terminal for its size now and then, and see whether it is hung up (poll).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
[ "$(id -u)" = 0 ] || { echo "run it as root: su asks for no password then"; exit 1; }
apt-get download -qq util-linux=2.38.1-5+deb12u3 2> /dev/null
dpkg-deb -x util-linux_*.deb root
PATH=$folder/root/bin:$folder/root/sbin:$PATH
su --version
cat > dashboard.sh <<'DASHBOARD'
#!/bin/bash
# Notes the signals about its terminal; ends when the terminal is gone, or when it is told of that.
trap 'told="$told WINCH"' WINCH
trap 'told="$told HUP"' HUP
told= before=$(stty size)
touch "$1.runs"
while size=$(stty size 2> /dev/null); do
    [ "$size" = "$before" ] || now="$size"
    sleep 0.1
done
# A signal that comes with the end has arrived by now.
sleep 0.5
echo "size $before, then $now; signals:${told:- none}" > "$1.new"
mv "$1.new" "$1.told"
DASHBOARD
cat > outer.py <<'PY'
# A terminal with an interactive shell: it becomes larger, and is closed.
import fcntl, os, pty, struct, sys, termios, threading, time
name, command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
def size(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
def read():
    while os.read(terminal, 4096):
        pass
threading.Thread(target=read, daemon=True).start()
size(24, 80)
os.write(terminal, command.encode() + b"\n")
end = time.time() + 10
while not os.path.exists(name + ".runs") and time.time() < end:
    time.sleep(0.1)
time.sleep(0.5)
size(30, 100)
time.sleep(1)
os._exit(0)
PY
mkdir told
chmod 777 told
number=0
tried() { # the command in front of the program, and the program
    number=$((number + 1))
    printf '%-30s ' "$1"
    python3 outer.py "told/$number" "$1 ${2:-\"bash dashboard.sh told/$number\"}"
    for _ in $(seq 100); do [ ! -e "told/$number.told" ] || break; sleep 0.1; done
    cat "told/$number.told"
}
{
    tried 'runuser -u nobody --' 'bash dashboard.sh told/1'
    tried 'su -s /bin/bash root -c'
    tried 'su -s /bin/bash nobody -c'
    tried 'runuser -s /bin/bash nobody -c'
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour changed"; exit 1; }
runuser -u nobody --           size 24 80, then 30 100; signals: WINCH HUP
su -s /bin/bash root -c        size 24 80, then 30 100; signals: WINCH HUP
su -s /bin/bash nobody -c      size 24 80, then 30 100; signals: none
runuser -s /bin/bash nobody -c size 24 80, then 30 100; signals: none
SEEN
