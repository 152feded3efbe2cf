#!/usr/bin/env bash
# rsyslog 8.2302.0 (Debian 12): imfile, omfwd, a disk-assisted queue and endless retries, while the receiver is away for a while.
#
# Expected: with queue.filename and action.resumeRetryCount="-1" a line waits in memory, then on the disk, until the receiver is
# back, and arrives; what limits it is the disk.
# Seen on 2026-11-30: 3,000 lines are appended at once while nobody listens, and 20 s later somebody does. In six runs 568 to 2,856
# lines arrived. What rsyslog had put on the disk stays there, for minutes and while newer lines arrive, until rsyslog is started
# again. In five of the runs 16 lines were lost: the queue holds 1,000 lines in memory unless queue.size says otherwise, and
# once they are full a line waits for two seconds (queue.timeoutEnqueue) and is dropped, although there is room on the disk. The log
# says that it cannot connect, and nothing about either; discarded.full of impstats counts the dropped lines. With
# queue.size="100000" all 3,000 arrive.
# Why it matters: the configuration that looks safe keeps or loses lines whenever a burst meets an outage of half a minute. A sample
# for rsyslog needs a queue.size above the largest burst.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq rsyslog=8.2302.0-1+deb12u1 libestr0 libfastjson4 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
libraries=$(printf '%s' "$folder"/root/usr/lib/*-linux-gnu)
cat > receive.py <<'PY'
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener, open(sys.argv[2], "ab", buffering=0) as out:
    while True:
        stream, _ = listener.accept()
        while data := stream.recv(65536):
            out.write(data)
PY

# What arrives, with these parameters of the action, before and after a restart, and what impstats counted.
look() {
    local work=$folder/$1 port daemon receiver arrived again dropped
    mkdir "$work"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat > "$work/conf" <<CONF
global(workDirectory="$work")
module(load="imfile")
module(load="impstats" interval="2" log.file="$work/counts" log.syslog="off")
template(name="line" type="string" string="%msg%\n")
input(type="imfile" File="$work/changes" Tag="hss" ruleset="out" addMetadata="off")
ruleset(name="out") {
    action(type="omfwd" target="127.0.0.1" port="$port" protocol="tcp" template="line" action.resumeRetryCount="-1"
           queue.type="LinkedList" queue.filename="waiting" queue.saveOnShutdown="on" $2)
}
CONF
    touch "$work/changes"
    start() {
        LD_LIBRARY_PATH=$libraries root/usr/sbin/rsyslogd -M "$libraries/rsyslog" -f "$work/conf" -n -i NONE 2>> "$work/errors" &
        daemon=$!
    }
    start
    sleep 1
    python3 -c 'for i in range(3000): print(f"{{\"id\":{i},\"text\":\"{0:0110}\"}}")' >> "$work/changes"
    sleep 20
    python3 receive.py "$port" "$work/arrived" &
    receiver=$!
    sleep 50
    arrived=$(sort -u "$work/arrived" | wc -l)
    dropped=$(grep -ho 'omfwd queue: .*' "$work/counts" | tail -1 | grep -o 'discarded.full=[0-9]*')
    kill $daemon
    wait $daemon || true
    start
    sleep 15
    again=$(sort -u "$work/arrived" | wc -l)
    kill $daemon $receiver
    wait $daemon $receiver 2> /dev/null || true
    echo "$arrived $again ${dropped#*=} $(grep -vc 'cannot connect' "$work/errors" || true)"
}
for case in default: large:'queue.size="100000"'; do
    read -r arrived again dropped others < <(look "${case%%:*}" "${case#*:}")
    echo "${case%%:*}: of 3000 lines $arrived arrived, $again after a restart; dropped $dropped; other lines of the log $others"
    right=$((arrived == 3000 && again == 3000 && dropped == 0))
    [ "${case%%:*}" = large ] || right=$((arrived < again && again <= 3000 && others == 0))
    [ $right = 1 ] || { echo "the behaviour changed"; exit 1; }
done
