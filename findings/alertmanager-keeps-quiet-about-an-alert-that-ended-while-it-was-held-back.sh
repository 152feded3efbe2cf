#!/usr/bin/env bash
# prometheus-alertmanager 0.25.0 (Debian 12): an alert that ends while it is silenced or inhibited, and comes back afterwards.
#
# Expected: a silence holds messages back. After it, the receiver is told that the alert is over, and an alert that begins later is new.
# Seen on 2026-11-30: the receiver never hears of the end, also after the silence. When the alert fires again, nothing is sent: the log
# of notifications still has it as told and firing, so it waits for repeat_interval (4 h unless set) of the message before the silence,
# although amtool shows it as active. It is the same if another alert inhibited it when it ended, without anybody's doing. An alert
# that was not held back sends three messages in the same time: firing, resolved, firing. So does a silenced one whose sender repeats
# the end until the silence is over.
# Why it matters: a silence for a maintenance hides the next real alert of the same labels, and the page that was sent stays open.
# Prometheus repeats an end for 15 minutes only; a sender of its own may go on for as long as silences usually last. Set
# repeat_interval to what may pass unnoticed, and look at the list of alerts when a silence ends.
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

told = {"plain": [], "silenced": [], "inhibited": [], "repeated": [], "cause": []}

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for alert in json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]:
            told[alert["labels"]["alertname"]].append(alert["status"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as listener:
    place = f"127.0.0.1:{listener.getsockname()[1]}"
hook = {"name": "hook", "webhook_configs": [{"url": f"http://127.0.0.1:{receiver.server_port}/"}]}
route = {"receiver": "hook", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "1s", "repeat_interval": "4h"}
inhibition = {"source_matchers": ["alertname=cause"], "target_matchers": ["alertname=inhibited"]}
json.dump({"route": route, "receivers": [hook], "inhibit_rules": [inhibition]}, open("am.yml", "w"))
manager = subprocess.Popen(
    ["root/usr/bin/prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
     f"--web.listen-address={place}"], stderr=open("log", "w"))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

def post(names, begins, ends):
    times = [datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat() for at in (begins, ends)]
    body = [{"labels": {"alertname": name}, "startsAt": times[0], "endsAt": times[1]} for name in names]
    opener.open(urllib.request.Request(f"http://{place}/api/v2/alerts", json.dumps(body).encode(),
                                       {"Content-Type": "application/json"}))

def amtool(*words):
    return subprocess.run(["root/usr/bin/amtool", f"--alertmanager.url=http://{place}", *words], check=True,
                          capture_output=True, text=True).stdout

try:
    for _ in range(100):
        try:
            opener.open(f"http://{place}/-/ready")
            break
        except OSError:
            time.sleep(0.1)
    names = ["plain", "silenced", "inhibited", "repeated"]
    first = time.time()
    post(names, first, first + 240)
    time.sleep(4)
    for name in ("silenced", "repeated"):
        amtool("silence", "add", f"alertname={name}", "--duration=10s", "--author=ops", "--comment=maintenance")
    post(["cause"], time.time(), time.time() + 240)
    time.sleep(1)
    end = time.time()
    for turn in range(16):
        post(names if turn < 4 else ["repeated"], first, end)
        if turn == 8:
            post(["cause"], first, time.time())
        time.sleep(1)
    print("when the silence and the cause are over:", {name: list(states) for name, states in told.items()})
    second = time.time()
    post(names, second, second + 240)
    time.sleep(6)
    active = sorted((alert["labels"]["alertname"], alert["status"]["state"]) for alert in json.loads(amtool("alert", "query", "-o", "json")))
finally:
    manager.terminate()
    manager.wait()
print("once they fire again:", told)
print("amtool says:", *active)
whole = ["firing", "resolved", "firing"]
seen = {"plain": whole, "silenced": ["firing"], "inhibited": ["firing"], "repeated": whole, "cause": ["firing", "resolved"]}
assert told == seen and active == [(name, "active") for name in sorted(names)], "the behaviour changed"
PY
