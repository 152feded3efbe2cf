#!/usr/bin/env bash
# Lets real terminals answer the question about their background: xterm on an X server without a screen, alone, and with tmux
# and GNU screen inside. hss-top must choose the colours for a light or a dark background where it gets an answer, and stay
# with the terminal's sixteen colours where it gets none.
#
#     apt-get install xvfb xterm tmux screen
#     tests/try-terminals.sh [PROGRAM]        # default: target/debug/hss-top
#
# Seen with Debian 12: xterm 379 and GNU screen 4.9.0 pass the answer on; tmux 3.3a gives none (see findings/).
set -euo pipefail
program=$(realpath "${1:-target/debug/hss-top}")
for needed in Xvfb xterm tmux screen script python3; do
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
        command="script -q -f -c '$program --demo --no-state' $record"
        case $inside in
            alone) line=$command ;;
            tmux) line="tmux -L try -f /dev/null new-session \"$command\"" ;;
            screen) line="screen -U -c /dev/null sh -c \"$command\"" ;;
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
import re, sys
record, inside, background = sys.argv[1:]
written = open(record, "rb").read()
assert b"FRESH" in written, f"{inside} on {background}: no pods"
greys = [int(it) for it in re.findall(rb"38;5;(2[34]\d|25[0-5])", written)]
if not greys:
    chosen = "the terminal's sixteen colours"
elif sum(greys) / len(greys) < 245:
    chosen = "colours for a light background"
else:
    chosen = "colours for a dark background"
print(f"{inside:7}{background:7}{chosen}")
wanted = {"white": "light", "black": "dark"}[background] if inside != "tmux" else "sixteen"
assert wanted in chosen, "unexpected"
PY
    done
done
