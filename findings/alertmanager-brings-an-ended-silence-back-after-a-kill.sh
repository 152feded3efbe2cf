#!/usr/bin/env bash
# prometheus-alertmanager 0.25.0 (Debian 12): silences that amtool has confirmed, and a process that is killed (no memory, no power).
#
# Expected: once amtool has printed the id of a silence, or has ended one without an error, that is on the disk.
# Seen on 2026-11-30: changes are only written each 15 minutes (--data.maintenance-interval) and at a clean stop. After a kill a silence
# that was added is gone, although its id was printed. A silence that was ended is active again, for as long as it was once meant to
# last: an alert that it matches is shown as suppressed and sent to nobody. What was told is forgotten too: it is told again. The log
# has no line about any of it.
# Why it matters: who ends a silence after a maintenance believes that alerts flow. After a kill, look at the silences; on a machine
# that is short of memory use a shorter interval. A clean restart right after a change of silences writes them.
set -euo pipefail
folder=$(mktemp -d)
templates=/usr/share/prometheus/alertmanager
made=
trap 'rm -rf "$folder" $made' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus-alertmanager=0.25.0-1+b4 2> /dev/null
dpkg-deb -x prometheus-alertmanager_*.deb root
# Debian's build reads its own templates from a place of the system: it gets that place for as long as this runs.
if [[ ! -e $templates ]]; then
    mkdir -p "$(dirname $templates)"
    cp -r "root$templates" "$templates"
    made=$templates
fi
root/usr/bin/prometheus-alertmanager --version 2>&1 | head -n 1
python3 - <<'PY'
import datetime, http.server, json, socket, subprocess, threading, time, urllib.request

told = []

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told.extend(alert["labels"]["alertname"] for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
hook = {"name": "hook", "webhook_configs": [{"url": f"http://127.0.0.1:{receiver.server_port}/"}]}
route = {"receiver": "hook", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "1s"}
json.dump({"route": route, "receivers": [hook]}, open("am.yml", "w"))
with socket.create_server(("127.0.0.1", 0)) as listener:
    place = f"127.0.0.1:{listener.getsockname()[1]}"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
manager = None

def start():
    global manager
    manager = subprocess.Popen(
        ["root/usr/bin/prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
         f"--web.listen-address={place}"], stderr=open("log", "a"))
    for _ in range(100):
        try:
            return opener.open(f"http://{place}/-/ready")
        except OSError:
            time.sleep(0.1)

def end(how):
    how()
    manager.wait()

def amtool(*words):
    return subprocess.run(["root/usr/bin/amtool", f"--alertmanager.url=http://{place}", *words], check=True,
                          capture_output=True, text=True).stdout.strip()

def silence(name):
    return amtool("silence", "add", f"alertname={name}", "--duration=8h", "--author=ops", "--comment=maintenance")

def post(*names):
    now = datetime.datetime.now(datetime.timezone.utc)
    times = {"startsAt": now.isoformat(), "endsAt": (now + datetime.timedelta(minutes=4)).isoformat()}
    body = [{"labels": {"alertname": name}} | times for name in names]
    opener.open(urllib.request.Request(f"http://{place}/api/v2/alerts", json.dumps(body).encode(),
                                       {"Content-Type": "application/json"}))
    time.sleep(4)

try:
    start()
    ended = silence("ended")
    end(manager.terminate)
    start()
    print("added:", silence("added"))
    amtool("silence", "expire", ended)
    before = amtool("silence", "query", "-q").split()
    post("told")
    end(manager.kill)
    start()
    after = amtool("silence", "query", "-q").split()
    post("told", "ended", "added")
    states = {alert["labels"]["alertname"]: alert["status"]["state"] for alert in json.loads(amtool("alert", "query", "-s", "-a", "-o", "json"))}
finally:
    manager.terminate()
    manager.wait()
print("ended:", ended)
print("silences before the kill:", before)
print("silences after it:", after)
print("messages:", told)
print("alerts:", states)
assert len(before) == 1 and ended not in before and after == [ended], "the behaviour changed"
assert sorted(told) == ["added", "told", "told"] and states["ended"] == "suppressed", "the behaviour changed"
PY
! grep -E 'level=(warn|error)' log
