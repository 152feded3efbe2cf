#!/usr/bin/env bash
# Sends what `hss-top watch --output jsonl` writes through the shippers and into the databases of assets/shippers that registries
# have: rsyslog from Debian, which tails the file and forwards it,
# also after logrotate and an outage of its receiver, and the engine of ClickHouse from PyPI (chdb), with the table
# of clickhouse.sql. Vector, Fluent Bit, Loki and VictoriaLogs are in none of crates.io, PyPI, npm and Debian 12; their samples are
# only read as YAML and as sections. Opt-in, because it downloads packages: tests/try-shippers.sh [HSS_TOP]   # target/debug/hss-top
set -euo pipefail
cd "$(dirname "$0")/.."
hss_top=$(realpath "${1:-target/debug/hss-top}")
tools="${TMPDIR:-/tmp}/hss-top-shippers-$(id -u)"
mkdir -p "$tools"
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/python" -c 'import chdb, yaml' 2>/dev/null || "$tools/bin/pip" install --quiet chdb==4.4.0 pyyaml
if [ ! -x "$tools/root/usr/sbin/rsyslogd" ] || [ ! -x "$tools/root/usr/sbin/logrotate" ]; then
    (cd "$tools" && apt-get download -o APT::Sandbox::User=root rsyslog libestr0 libfastjson4 logrotate libpopt0 > /dev/null &&
        for package in *.deb; do dpkg-deb -x "$package" root; done)
fi
work=$(mktemp -d)
export XDG_STATE_HOME="$work/state" XDG_RUNTIME_DIR="$work" HSS_TOP_TOKEN=t HSS_TOP_METADATA_ENDPOINT=off
"$hss_top" simulate --pods 1000 --snapshot-every 1s > "$work/address" &
children=($!)
trap 'kill "${children[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s "$work/address" ]; do sleep 0.1; done
read -r _ _ url < "$work/address"

# A receiver of lines, and rsyslog with the shipped configuration, but with these paths and this port.
"$tools/bin/python" - "$work" > "$work/port" <<'PYTHON' &
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
with open(f"{sys.argv[1]}/received.jsonl", "wb") as out:
    while True:
        stream, _ = listener.accept()
        while data := stream.recv(65536):
            out.write(data)
            out.flush()
PYTHON
children+=($!)
until [ -s "$work/port" ]; do sleep 0.1; done
mkdir "$work/rsyslog"
touch "$work/changes.jsonl"
{
    echo "global(workDirectory=\"$work/rsyslog\")"
    sed -e "s#/var/lib/hss-top/changes.jsonl#$work/changes.jsonl#" -e "s/port=\"6514\"/port=\"$(cat "$work/port")\"/" \
        assets/shippers/rsyslog.conf
} > "$work/rsyslog.conf"
libraries=$(echo "$tools"/root/usr/lib/*-linux-gnu)
rsyslogd=(env LD_LIBRARY_PATH="$libraries" "$tools/root/usr/sbin/rsyslogd" -M "$libraries/rsyslog" -f "$work/rsyslog.conf")
"${rsyslogd[@]}" -N1 2> "$work/checked" || { cat "$work/checked" >&2; exit 1; }
"${rsyslogd[@]}" -n -i NONE &
children+=($!)
timeout --preserve-status 15 "$hss_top" watch --endpoint "$url" --project-id p --interval 1s --calls-per-minute 600 \
    --output jsonl --quiet >> "$work/changes.jsonl" || true
[ "$(wc -l < "$work/changes.jsonl")" -gt 20 ] || { echo "watch told too little" >&2; exit 1; }
for _ in $(seq 100); do
    cmp -s "$work/changes.jsonl" "$work/received.jsonl" && break
    sleep 0.2
done
cmp "$work/changes.jsonl" "$work/received.jsonl"
LD_LIBRARY_PATH="$libraries" "$tools/root/usr/sbin/rsyslogd" -v | sed -n '1s/ (.*//p'
echo "  forwarded $(wc -l < "$work/received.jsonl") lines, byte for byte"

# The manual's logrotate empties the file, and the lines after it arrive too.
arrived() { # waits until the file of the first argument has each line of the others, up to a minute and a half
    for _ in $(seq 450); do
        missing=$(comm -23 <(sort -u "${@:2}") <(sort -u "$1") | wc -l)
        [ "$missing" != 0 ] || return 0
        sleep 0.2
    done
    echo "$missing of $(sort -u "${@:2}" | wc -l) lines did not arrive" >&2
    return 1
}
# A distribution may have dates in the names of rotated files.
echo dateext > "$work/rotation"
sed -n '/^\/var\/lib\/hss-top\/changes.jsonl {/,/^}/p' docs/commands.md |
    sed "s#/var/lib/hss-top/changes.jsonl {#$work/changes.jsonl {\n    su $(id -un) $(id -gn)#" >> "$work/rotation"
grep -q copytruncate "$work/rotation"
chmod 644 "$work/rotation"
chmod 755 "$work"
LD_LIBRARY_PATH="$libraries:$(echo "$tools"/root/lib/*-linux-gnu)" "$tools/root/usr/sbin/logrotate" -f -s "$work/rotated" "$work/rotation"
[ ! -s "$work/changes.jsonl" ]
# The manual's command finds the last id in the older file.
last=$(cd "$work" && tail -q -n1 changes.jsonl.1 changes.jsonl 2> /dev/null | tail -n1 | sed 's/.*"id":"\([^"]*\)".*/\1/')
[ -n "$last" ]
sleep 1
timeout --preserve-status 10 "$hss_top" watch --endpoint "$url" --project-id p --interval 1s --calls-per-minute 600 \
    --output jsonl --quiet --after "$last" >> "$work/changes.jsonl" || true
[ "$(wc -l < "$work/changes.jsonl")" -gt 5 ] || { echo "watch told too little after the rotation" >&2; exit 1; }
arrived "$work/received.jsonl" "$work/changes.jsonl.1" "$work/changes.jsonl"
doubles=$(cat "$work/changes.jsonl.1" "$work/changes.jsonl" | sort | uniq -d | wc -l)
[ "$doubles" = 0 ] || { echo "$doubles lines in both files" >&2; exit 1; }
echo "  rotated: $(wc -l < "$work/changes.jsonl") lines after it arrived too, none is in both files"

# An outage of the receiver while many lines come, with and without a restart of rsyslog: all of them arrive.
cat > "$work/receive.py" <<'PYTHON'
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener, open(sys.argv[2], "ab", buffering=0) as out:
    while True:
        stream, _ = listener.accept()
        while data := stream.recv(65536):
            out.write(data)
PYTHON
outage() { # name, number of lines, whether rsyslog is started again meanwhile
    local place=$work/$1 port daemon receiver
    mkdir -p "$place/rsyslog"
    touch "$place/changes.jsonl" "$place/received.jsonl"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    sed -e "s#$work/changes.jsonl#$place/changes.jsonl#; s#$work/rsyslog\"#$place/rsyslog\"#; s/port=\"[0-9]*\"/port=\"$port\"/" \
        "$work/rsyslog.conf" > "$place/rsyslog.conf"
    begin() {
        "${rsyslogd[@]::${#rsyslogd[@]}-1}" "$place/rsyslog.conf" -n -i NONE 2>> "$place/errors" &
        daemon=$!
        children+=("$daemon")
    }
    begin
    sleep 1
    python3 -c "for i in range($2): print(f'{{\"id\":\"{i:016x}\",\"text\":\"{0:0110}\"}}')" >> "$place/changes.jsonl"
    sleep 12
    if [ "$3" = restart ]; then
        kill "$daemon"
        wait "$daemon" || true
        begin
        sleep 3
    fi
    python3 "$work/receive.py" "$port" "$place/received.jsonl" &
    receiver=$!
    children+=("$receiver")
    arrived "$place/received.jsonl" "$place/changes.jsonl"
    echo "  outage, $1: all $2 lines arrived, $(($(wc -l < "$place/received.jsonl") - $2)) of them twice"
    kill "$daemon" "$receiver"
    wait "$daemon" "$receiver" 2> /dev/null || true
}
outage burst 3000 ''
outage restarted 20000 restart

"$tools/bin/python" - "$work" <<'PYTHON'
import json, re, sys
import chdb, yaml
from chdb import session

work = sys.argv[1]
lines = [json.loads(line) for line in open(f"{work}/received.jsonl")]
database = session.Session()
database.query("CREATE DATABASE IF NOT EXISTS t")
table = open("assets/shippers/clickhouse.sql").read()
columns = re.findall(r"^    `?(\w+)`? ", table, re.M)
assert columns and set(columns) == set(lines[0]), (columns, list(lines[0]))
database.query(re.sub("hss_changes", "t.hss_changes", table))
structure = re.search(r"\n\((.*?)\n\)\nENGINE", table, re.S).group(1).replace("\n", " ").replace("'", "\\'")
source = f"file('{work}/received.jsonl', JSONEachRow, '{structure}')"
names = ", ".join(f"`{name}`" for name in columns)
for _ in range(2):
    database.query(f"INSERT INTO t.hss_changes SELECT {names} FROM {source} SETTINGS date_time_input_format = 'best_effort'")
found = database.query("SELECT count(), countIf(seen_at > '2020-01-01'), sum(worse_by) FROM t.hss_changes FINAL", "JSONCompact")
count, dated, worse = json.loads(str(found))["data"][0]
ids = {line["id"]: line["worse_by"] for line in lines}
assert int(count) == int(dated) == len(ids), (count, dated, len(ids))
assert int(worse) == sum(by for by in ids.values() if by is not None), worse
print(f"ClickHouse's engine {str(chdb.query('SELECT version()')).strip().strip(chr(34))}", f"(chdb {chdb.__version__})")
print(f"  holds {count} changes, each once although they were sent twice")

members = set(columns)
vector = yaml.safe_load(open("assets/shippers/vector.yaml"))
for name, sink in vector["sinks"].items():
    assert all(part in {**vector["sources"], **vector["transforms"]} for part in sink["inputs"]), name
    used = re.findall(r"_(?:time|msg|stream)_?fields?=([\w,]+)", str(sink)) + re.findall(r"\{\{ (\w+) \}\}", str(sink))
    assert members >= {field for fields in used for field in fields.split(",")}, (name, used)
bit = open("assets/shippers/fluent-bit.conf").read()
used = re.findall(r"_(?:time|msg|stream)_?fields?=([\w,]+)", bit) + re.findall(r"\$(\w+)", bit)
assert members >= {field for fields in used for field in fields.split(",")}, used
print("vector.yaml and fluent-bit.conf: only read here; their members are those of a line")
PYTHON
