#!/usr/bin/env bash
# apprise 2.3.0 (PyPI): a message to several addresses of which one is mistyped or no longer known to it.
#
# Expected: an exit code that is not 0: 4 is for a message that one address took and another did not, and comes if one of them does
# not answer.
# Seen on 2026-12-01: what apprise cannot read as an address is dropped with a line on stderr, and the exit code is 0 as long as
# another address takes the message. The same holds for a line of its configuration, as text or YAML, and for a configuration file
# that is missing. Only if no address is left is it 1.
# Why it matters: with a pager and a chat in one call, a key that is one character short takes the pager away, and the caller, a cron
# job or a program that hands its alerts to apprise, sees a success each time. Give each address that must be told a call of its own,
# or treat a line on stderr as a failure.
set -euo pipefail
folder=$(mktemp -d)
trap '{ kill $(jobs -p); wait; } 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder NO_PROXY='*' no_proxy='*'
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check apprise==2.3.0
env/bin/apprise --version | head -n 1
cat > chat.py <<'PY'
import http.server

class Chat(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open("got", "a") as got:
            print(self.path, file=got)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Chat)
with open("port.part", "w") as port:
    port.write(str(server.server_port))
__import__("os").rename("port.part", "port")
server.serve_forever()
PY
python3 chat.py &
for _ in {1..100}; do [ -e port ] && break; sleep 0.1; done
chat=json://127.0.0.1:$(< port)
pager='pagerduty://short'
printf '%s\n' "$chat/lines" "$pager" > lines.conf
printf 'urls:\n  - %s\n  - %s\n' "$chat/yaml" "$pager" > list.yaml
printf '%s\n' "$chat/there" > there.conf
call() { # NAME ARGUMENTS
    local name=$1 code=0
    shift
    env/bin/apprise --title alert --body 'a pod is at risk' "$@" > "$name.log" 2>&1 || code=$?
    echo "$name: exit code $code, lines about it: $(grep -c . "$name.log" || true)"
    eval "$name=$code"
}
call silent "$chat/silent" json://127.0.0.1:1/
call mistyped "$chat/mistyped" "$pager"
call unknown "$chat/unknown" pager://key
call lines --config lines.conf
call yaml --config list.yaml
call missing --config there.conf --config missing.conf
call alone "$pager"
echo "arrived: $(paste -sd ' ' got)"
[[ "$silent $mistyped $unknown $lines $yaml $missing $alone" == '4 0 0 0 0 0 1' ]]
[ "$(paste -sd ' ' got)" = '/silent /mistyped /unknown /lines /yaml /there' ]
for name in mistyped unknown lines yaml missing; do grep -q ERROR $name.log; done
