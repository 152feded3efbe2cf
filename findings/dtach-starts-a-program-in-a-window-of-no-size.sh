#!/usr/bin/env bash
# dtach 0.9, tmux 3.3a, GNU screen 4.9.0 (Debian 12): only dtach starts a detached program in a window of 0 by 0.
#
# Expected: a program that is started without anybody attached finds a terminal of 80 by 24, as in tmux and screen.
# Seen on 2026-11-29: under `dtach -n` the terminal has 0 rows and 0 columns until somebody attaches; tmux and screen
# give 24 by 80.
# Why it matters: a dashboard that is started at boot with `dtach -n` must neither take 0 by 0 for an error nor divide
# by it, and has to draw at the first SIGWINCH.
set -euo pipefail
folder=$(mktemp -d)
trap 'tmux/usr/bin/tmux -S "$folder/t" kill-server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq dtach=0.9-5+b1 tmux=3.3a-3 screen=4.9.0-4 2> /dev/null
for name in dtach tmux screen; do dpkg-deb -x ${name}_*.deb $name; done
cat > size.sh <<'SH'
#!/bin/sh
sleep 1
stty size > "$1.part"
mv "$1.part" "$1"
SH
chmod 755 size.sh
mkdir -m 700 sockets
export SCREENDIR=$folder/sockets TERM=xterm-256color
dtach/usr/bin/dtach -n "$folder/d" "$folder/size.sh" "$folder/dtach.size"
tmux/usr/bin/tmux -S "$folder/t" -f /dev/null new-session -d "$folder/size.sh $folder/tmux.size"
screen/usr/bin/screen -c /dev/null -dmS size "$folder/size.sh" "$folder/screen.size"
for name in dtach tmux screen; do
    for _ in {1..100}; do [[ -e $name.size ]] || sleep 0.1; done
    echo "$name: $(< $name.size)"
done
[[ $(< dtach.size) == '0 0' && $(< tmux.size) == '24 80' && $(< screen.size) == '24 80' ]]
