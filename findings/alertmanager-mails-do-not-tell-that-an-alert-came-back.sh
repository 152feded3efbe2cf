#!/usr/bin/env bash
# prometheus-alertmanager 0.25.0 (Debian 12): two alerts of one group, of which one ends and comes back, by mail and by webhook.
#
# Expected: send_resolved, which is false for mail (and Slack) unless set, only decides whether an end is told. That the alert fires
# again is news for every receiver, and comes with the next group_interval.
# Seen on 2026-11-30: the webhook gets it (web and pay; pay is over; web and pay again). The mail is sent once, and not again: as long as
# another alert of the group fires, Alertmanager does not take out of its log of what was told what has ended, so the alert counts as
# told until repeat_interval (4 h unless set) is over. Once the whole group has ended, the next alert is mailed.
# Why it matters: the usual group_by: [alertname] with one alert that stays open for days turns off the mails about the others that
# come and go. Set send_resolved: true, or put into group_by what tells the alerts apart.
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
import datetime, http.server, json, socket, socketserver, subprocess, threading, time, urllib.request

told = {"mail": [], "webhook": []}

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        alerts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"]
        told["webhook"].append(" ".join(sorted(alert["labels"]["namespace"] for alert in alerts if alert["status"] == "firing")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass

class MailServer(socketserver.StreamRequestHandler):
    """Takes every mail and keeps its subject."""
    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (line := self.rfile.readline()) != b".\r\n":
                    if line.startswith(b"Subject: "):
                        told["mail"].append(line[9:].decode().strip())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")

def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_address[1]}"

hook = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver))
mail = {"to": "ops@here.example", "from": "am@here.example", "hello": "here.example", "require_tls": False,
        "smarthost": serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer)),
        "headers": {"Subject": "{{ range .Alerts.Firing }}{{ .Labels.namespace }} {{ end }}"}}
both = {"name": "both", "webhook_configs": [{"url": f"http://{hook}/"}], "email_configs": [mail]}
route = {"receiver": "both", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "1s", "repeat_interval": "4h"}
json.dump({"route": route, "receivers": [both]}, open("am.yml", "w"))
with socket.create_server(("127.0.0.1", 0)) as listener:
    place = f"127.0.0.1:{listener.getsockname()[1]}"
manager = subprocess.Popen(
    ["root/usr/bin/prometheus-alertmanager", "--config.file=am.yml", "--storage.path=data", "--cluster.listen-address=",
     f"--web.listen-address={place}"], stderr=open("log", "w"))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

def post(begins, ends, *namespaces):
    times = [datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat() for at in (begins, ends)]
    body = [{"labels": {"alertname": "PodRisk", "namespace": namespace}, "startsAt": times[0], "endsAt": times[1]}
            for namespace in namespaces]
    opener.open(urllib.request.Request(f"http://{place}/api/v2/alerts", json.dumps(body).encode(),
                                       {"Content-Type": "application/json"}))
    time.sleep(4)
    print({way: list(texts) for way, texts in told.items()})

try:
    for _ in range(100):
        try:
            opener.open(f"http://{place}/-/ready")
            break
        except OSError:
            time.sleep(0.1)
    first = time.time()
    post(first, first + 240, "pay", "web")
    post(first, time.time(), "pay")
    second = time.time()
    post(second, second + 240, "pay")
    while_other = {way: list(texts) for way, texts in told.items()}
    post(first, time.time(), "pay", "web")
    third = time.time()
    post(third, third + 240, "pay")
finally:
    manager.terminate()
    manager.wait()
assert while_other == {"mail": ["pay web"], "webhook": ["pay web", "web", "pay web"]}, "the behaviour changed"
assert told == {"mail": ["pay web", "pay"], "webhook": ["pay web", "web", "pay web", "", "pay"]}, "the behaviour changed"
PY
