#!/usr/bin/env bash
# mosh 1.4.0 (Debian 12), the newest release: the cursor to the start of the next line (CSI E), beside tmux 3.3a.
#
# Expected: what xterm, VTE, kitty, tmux, GNU screen, dvtm and the Linux console do with every move of ECMA-48, mosh does too: a
# program that draws with TERM=xterm-256color looks the same through it.
# Seen on 2026-11-30: mosh drops CSI E (and CSI F, to the line before) without a trace. After "ab CSI E x" the x stands behind ab, and
# not below the a. ESC E, ESC D, CSI B, CSI G, CSI d and CSI H are known, as are the erasures K and 1 K.
# Why it matters: terminfo has no name for CSI E, so programs that use curses never send it, and nothing looks wrong. A program that
# writes its own shortest moves draws each such row on top of the one before, only for those who came by mosh, and only until the next
# full redraw. ESC E does the same, is a byte shorter, and is known to all of them (as long as it is not sent in the last line, where
# it scrolls).
set -euo pipefail
folder=$(mktemp -d)
trap 'for name in plain mosh; do tmux/usr/bin/tmux -S "$folder/$name.socket" kill-server 2> /dev/null || true; done
    [ ! -s "$folder/server.pid" ] || kill "$(< "$folder/server.pid")" 2> /dev/null || true
    rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX
export LC_ALL=C.UTF-8
apt-get download -qq mosh=1.4.0-1+b1 libprotobuf32=3.21.12-3+deb12u1 tmux=3.3a-3 2> /dev/null
for file in mosh_*.deb libprotobuf32_*.deb; do dpkg-deb -x "$file" mosh; done
dpkg-deb -x tmux_*.deb tmux
export LD_LIBRARY_PATH=$folder/mosh/usr/lib/x86_64-linux-gnu
mosh/usr/bin/mosh-server --version 2>&1 | grep -q 'mosh 1.4.0' || { echo "this is about mosh 1.4.0"; exit 1; }
cat > moves.sh <<'MOVES'
#!/bin/bash
# Each in three rows of its own; `x` shows where the cursor was. Nothing is in the last line.
stty raw -echo
printf '\e[2J\e[1;4Hab\e[Ex\e[4;4Hcd\eEx\e[7;4Hef\e[Bx\e[10;4Hgh\e[11Hx\e[13;4Hij\e[14dx\e[16;4Hkl\e[2Gx\e[20;4Hmn\e[Fx'
sleep 1
touch "$1"
sleep 30
MOVES
cat > through-mosh.sh <<'THROUGH'
#!/bin/bash
# A server on the loopback (which begins in the home folder), and a client that takes the place of this shell. The server is gone with its program.
told=$(mosh/usr/bin/mosh-server new -i 127.0.0.1 -c 256 -- bash -c "cd '$PWD'; sleep 1; echo \$PPID > server.pid; exec bash moves.sh mosh.done" 2>&1 | tr -d '\r')
read -r port key <<< "$(sed -n 's/^MOSH CONNECT //p' <<< "$told")"
MOSH_KEY=$key exec mosh/usr/bin/mosh-client 127.0.0.1 "$port"
THROUGH
show() { # the name, and the command
    tmux/usr/bin/tmux -S "$folder/$1.socket" -f /dev/null new-session -d -x 40 -y 24 "$2"
    for _ in $(seq 100); do [ ! -e "$1.done" ] || break; sleep 0.1; done
    sleep 0.5
    tmux/usr/bin/tmux -S "$folder/$1.socket" capture-pane -p | head -21 > "$1.seen"
    tmux/usr/bin/tmux -S "$folder/$1.socket" kill-server
}
show plain 'bash moves.sh plain.done'
show mosh 'bash through-mosh.sh'
paste -d '|' <(sed 's/$/            /; s/\(.\{12\}\).*/\1/' plain.seen) mosh.seen | sed '1i tmux        |mosh'
row() { sed -n "$2p" "$1.seen" | sed 's/ *$//'; }
for name in plain mosh; do # what both do alike
    [ "$(row $name 5)" = x ] && [ "$(row $name 8)" = '     x' ] && [ "$(row $name 11)" = x ] && [ "$(row $name 14)" = '     x' ] ||
        { echo "the behaviour changed: another move"; exit 1; }
done
[ "$(row plain 1)" = '   ab' ] && [ "$(row plain 2)" = x ] && [ "$(row plain 19)" = x ] || { echo "the behaviour changed: tmux"; exit 1; }
[ "$(row mosh 1)" = '   abx' ] && [ -z "$(row mosh 2)" ] && [ "$(row mosh 20)" = '   mnx' ] || { echo "the behaviour changed: mosh"; exit 1; }
