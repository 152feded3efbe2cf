#!/usr/bin/env bash
# GNU screen 4.9.0 and tmux 3.3a (Debian 12): screen's hardcopy keeps one byte of each character, control bytes too.
#
# Expected: `screen -X hardcopy FILE` of a window in UTF-8 writes what `tmux capture-pane -p` prints: the same text,
# in UTF-8.
# Seen on 2026-11-29: every character is cut to its lowest byte. `●` (U+25CF) becomes CF, `─` (U+2500) a NUL, `│`
# (U+2502) the control byte 02, `é` the Latin-1 byte E9; a wide character takes two bytes, of which that of `名`
# (U+540D) is a carriage return. tmux writes UTF-8.
# Why it matters: a script that watches a dashboard through hardcopy reads a binary file with line breaks inside rows.
# Offer a plain-text command for that, or signs in ASCII; do not recommend hardcopy.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq tmux=3.3a-3 screen=4.9.0-4 2> /dev/null
for name in tmux screen; do dpkg-deb -x ${name}_*.deb $name; done
printf '#!/bin/sh\nprintf "● é 名 ─│\\n"\nsleep 5\n' > draw.sh
chmod 755 draw.sh
mkdir -m 700 sockets
export SCREENDIR=$folder/sockets TERM=xterm-256color LC_ALL=C.UTF-8
screen/usr/bin/screen -U -c /dev/null -dmS draw "$folder/draw.sh"
tmux/usr/bin/tmux -S "$folder/t" -f /dev/null new-session -d "$folder/draw.sh"
sleep 1
screen/usr/bin/screen -S draw -X hardcopy "$folder/hardcopy"
for _ in {1..50}; do [[ -s hardcopy ]] || sleep 0.1; done
from_screen=$(head -c 11 hardcopy | od -An -tx1 | tr -d '\n')
from_tmux=$(tmux/usr/bin/tmux -S "$folder/t" capture-pane -p | head -1)
screen/usr/bin/screen -S draw -X quit
echo "tmux: $from_tmux"
echo "screen:$from_screen"
[[ $from_tmux == '● é 名 ─│' && $from_screen == ' cf 20 e9 20 0d ff 20 00 02 0a'* ]]
