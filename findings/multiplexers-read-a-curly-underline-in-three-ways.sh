#!/usr/bin/env bash
# dvtm 0.15, GNU screen 4.9.0 and mosh 1.4.0 (Debian 12), beside tmux 3.3a: curly and coloured underlines, dim and struck-out text.
#
# Expected: who does not know a curly underline (4:3) shows a plain one or none, and who does not know its colour (58:5:9) leaves that out.
# Everything else in the same sequence counts, and dim (2) is known to all.
# Seen on 2026-11-30: dvtm skips the colon: 4:3 is 43, a yellow background. screen takes it for a semicolon: 4:3 is underlined and italic, which
# it shows reversed; the colour 58:5:9 *blinks*. mosh drops the whole sequence, so that bold beside a curly underline, or the underline
# before its colour, is gone too. It also drops dim and struck-out. (dvtm and screen drop struck-out.)
# Why it matters: a dashboard that marks a warning with a curly line looks broken in two of them, and in mosh the mark is not there. What must be
# seen goes into a sequence of its own, without a colon. Who shows what is old or gone as dim only shows it in mosh as if it were alive.
set -euo pipefail
folder=$(mktemp -d)
trap 'for name in tmux dvtm screen mosh; do root/usr/bin/tmux -S "$folder/$name.socket" kill-server 2> /dev/null || true; done
    SCREENDIR="$folder/sockets" root/usr/bin/screen -S styles -X quit > /dev/null 2>&1 || true
    [ ! -s server.pid ] || kill "$(< server.pid)" 2> /dev/null || true
    rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
unset TMUX STY
apt-get download -qq dvtm=0.15+40.g311a8c0-1 screen=4.9.0-4 libutempter0=1.2.1-3 mosh=1.4.0-1+b1 libprotobuf32=3.21.12-3+deb12u1 tmux=3.3a-3 2> /dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LC_ALL=C.UTF-8 SCREENDIR=$folder/sockets LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu
mkdir -m 700 sockets
cat > program.sh <<'SH'
#!/bin/bash
# Five styles, each in a line of its own.
echo $PPID > "$2"
sleep 2
printf '\e[2J\e[H'
for style in '1;4:3' '4:3' '4;58:5:9' 2 9; do printf '\e[%smX\e[m\r\n' "$style"; done
sleep 1
touch "$1"
sleep 20
SH
cat > through-mosh.sh <<'SH'
#!/bin/bash
told=$(root/usr/bin/mosh-server new -i 127.0.0.1 -c 256 -- bash "$PWD/program.sh" "$PWD/mosh.done" "$PWD/server.pid" 2>&1 | tr -d '\r')
read -r port key <<< "$(sed -n 's/^MOSH CONNECT //p' <<< "$told")"
MOSH_KEY=$key exec root/usr/bin/mosh-client 127.0.0.1 "$port"
SH
show() { # the name, and the command
    root/usr/bin/tmux -S "$folder/$1.socket" -f /dev/null new-session -d -x 80 -y 24 "$2"
    for _ in $(seq 100); do [ ! -e "$1.done" ] || break; sleep 0.1; done
    sleep 0.5
    printf '%s:' "$1"
    # The styles before each X, without those that end one.
    root/usr/bin/tmux -S "$folder/$1.socket" capture-pane -pe | head -5 |
        python3 -c 'import re, sys
print(" ·".join(" " + (" ".join(style for style in re.findall(r"\[(?:0;)?([\d:;]+)m", line[:line.index("X")]) if style not in ("0", "39", "49")) or "plain") for line in sys.stdin))'
    root/usr/bin/tmux -S "$folder/$1.socket" kill-server
}
echo 'sent: 1;4:3 · 4:3 · 4;58:5:9 · 2 · 9'
{
    show tmux 'bash program.sh tmux.done tmux.pid'
    show dvtm "root/usr/bin/dvtm 'bash $folder/program.sh $folder/dvtm.done $folder/dvtm.pid'"
    show screen 'root/usr/bin/screen -U -c /dev/null -S styles bash program.sh screen.done screen.pid'
    show mosh 'bash through-mosh.sh'
} | tee told
diff told - <<'TOLD' || { echo "the behaviour changed"; exit 1; }
tmux: 1;4:3 · 4:3 · 4 58;5;9 · 2 · 9
dvtm: 1 43 · 43 · 4 · 2 · plain
screen: 1;4;7 · 4;7 · 4;5 · 2 · plain
mosh: plain · plain · plain · plain · plain
TOLD
