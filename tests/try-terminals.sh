#!/usr/bin/env bash
# Lets real terminals answer the question about their background: xterm on an X server without a screen, alone, and with tmux
# and GNU screen inside. hss-top must choose the colours for a light or a dark background where it gets an answer, and stay
# with the terminal's sixteen colours where it gets none. Then kitty, foot, VTE and Neovim's terminal, as far as they are
# installed, switch between dark and light while it runs in them (terminal_schemes.py).
#
#     apt-get install xvfb xterm tmux screen
#     tests/try-terminals.sh [PROGRAM]        # default: target/debug/hss-top
#
# The terminals of Debian 12 report no switch. With newer ones, as root:
#
#     packages=xvfb,xterm,tmux,screen,procps,python3,kitty,foot,cage,neovim,fonts-dejavu-core,libgl1-mesa-dri
#     packages+=,python3-gi,gir1.2-gtk-3.0,gir1.2-vte-2.91
#     mmdebstrap --include="$packages" sid ROOT http://deb.debian.org/debian
#     cp target/debug/hss-top tests/try-terminals.sh tests/terminal_schemes.py ROOT/root
#     mount --bind /dev ROOT/dev && mount --bind /dev/pts ROOT/dev/pts && mount -t proc proc ROOT/proc
#     chroot ROOT /root/try-terminals.sh /root/hss-top
#
# Seen with Debian 12: xterm 379 and GNU screen 4.9.0 pass the answer on; tmux 3.3a gives none (see findings/). With Debian sid
# of November 2026: xterm 412, GNU screen 5.0.2 and tmux 3.8 pass it on; kitty 0.48.2, foot 1.28.0, VTE 0.84.1 and Neovim
# 0.12.4 report each switch, and tmux 3.8 passes that on.
set -euo pipefail
program=$(realpath "${1:-target/debug/hss-top}")
schemes=$(realpath "$(dirname "$0")/terminal_schemes.py")
for needed in Xvfb xterm tmux screen python3; do
    command -v "$needed" >/dev/null || { echo "$needed is missing: apt-get install xvfb xterm tmux screen"; exit 1; }
done
folder=$(mktemp -d)
children=()
finish() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    TMUX_TMPDIR="$folder" tmux -L try kill-server 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
cd "$folder"
mkdir -m 700 sockets
# Screen 5 shows 256 colours, but its own terminal type says 8. Without its terminal it must end, not go on.
printf 'term screen-256color\nautodetach off\n' >screenrc
export LC_ALL=C.UTF-8 SCREENDIR="$folder/sockets" TMUX_TMPDIR="$folder"
unset TMUX STY COLORFGBG COLORTERM NO_COLOR
Xvfb -displayfd 3 -screen 0 1400x900x24 3>display 2>xvfb.log &
children+=($!)
for _ in $(seq 100); do [ -s display ] && break; sleep 0.1; done
DISPLAY=:$(cat display)
export DISPLAY

for inside in alone tmux screen; do
    for background in white black; do
        [ "$background" = white ] && text=black || text=white
        record="$folder/$inside-$background"
        # Not script(1): it goes on when its terminal is gone, and the program in it too.
        command="python3 $schemes --record $record $program --demo --no-state"
        case $inside in
            alone) line=$command ;;
            tmux) line="tmux -L try -f /dev/null new-session \"$command\"" ;;
            screen) line="screen -U -c $folder/screenrc sh -c \"$command\"" ;;
        esac
        echo "$line" >start.sh
        xterm -tn xterm-256color -bg "$background" -fg "$text" -geometry 120x40 -e sh start.sh 2>/dev/null &
        child=$!
        for _ in $(seq 300); do grep -qs FRESH "$record" && break; sleep 0.2; done
        sleep 1
        kill "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
        tmux -L try kill-server 2>/dev/null || true
        python3 - "$record" "$inside" "$background" <<'PY'
import json, os, re, sys
record, inside, background = sys.argv[1:]
pieces = [data for _, kind, data in map(json.loads, open(record)) if kind == "program"]
written = "".join(pieces).encode("latin-1")
assert b"FRESH" in written, f"{inside} on {background}: no pods"
# tmux 3.8 sets COLORTERM, so colours may be written either way.
drawn = [10 * int(it) - 2312 for it in re.findall(rb"38;5;(2[34]\d|25[0-5])", written)]
drawn += [sum(map(int, it)) / 3 for it in re.findall(rb"38;2;(\d+);(\d+);(\d+)", written)]
if not drawn:
    chosen = "the terminal's sixteen colours"
elif sum(drawn) / len(drawn) < 128:
    chosen = "colours for a light background"
else:
    chosen = "colours for a dark background"
print(f"{inside:7}{background:7}{chosen}")
is_silent = inside == "tmux" and os.popen("tmux -V").read().startswith("tmux 3.3")
wanted = "sixteen" if is_silent else {"white": "light", "black": "dark"}[background]
assert wanted in chosen, "unexpected"
PY
    done
done

python3 "$schemes" "$program" "$folder"
