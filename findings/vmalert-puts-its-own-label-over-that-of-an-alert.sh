#!/usr/bin/env bash
# vmalert 1.79.5 beside Prometheus 2.42.0 (both Debian 12): an external label whose name a rule's result has too.
#
# Expected: -external.label is to vmalert what external_labels are to Prometheus, which adds them to what lacks that label: an
# alert about the cluster "pay" keeps cluster="pay" if the label of the server itself is cluster="monitoring".
# Seen on 2026-11-30: with the same rule, page and label Prometheus sends cluster="pay", and cluster="web" once that is at risk too.
# vmalert sends the first one as cluster="monitoring". Once the second cluster is at risk, both have the same labels, the rule fails
# ("result contains metrics with the same labelset after applying rule labels"), and vmalert sends nothing any more, the first
# alert included: Alertmanager then tells that it is resolved. The log has the error; promtool and vmalert -dryRun see nothing wrong.
# Why it matters: many people call the external label of a server cluster, and it is a label of every exporter that reads several
# clusters. Moved to vmalert, such rules go silent when things get worse. The label of the server needs a name that no series has.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq victoria-metrics=1.79.5+ds1-2+b5 prometheus=2.42.0+ds-5+deb12u1 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
cat > rules.yml <<'YML'
groups:
  - name: pods
    rules:
      - alert: PodRisk
        expr: sum by (cluster) (hss_pods_at_risk) > 0
        annotations:
          summary: "{{ $value }} pods are at risk in {{ $labels.cluster }}"
YML
root/usr/bin/promtool check rules rules.yml > /dev/null
root/usr/bin/vmalert -dryRun -rule=rules.yml -external.label=cluster=monitoring 2> dry.log
grep -q error dry.log && { echo "the behaviour changed: -dryRun sees it"; exit 1; }
python3 - <<'PY'
import http.server, json, socket, subprocess, threading, time

page = b'hss_pods_at_risk{cluster="pay"} 2\nhss_pods_at_risk{cluster="web"} 0\n'
told = {"prometheus": set(), "vmalert": set()}

class Pods(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *_):
        pass

class Receiver(Pods):
    def do_POST(self):
        alerts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in alerts:
            told[self.server.sender].add((alert["labels"]["cluster"], alert["annotations"]["summary"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

def serve(handler, sender=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.sender = sender
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"

def free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"

scrapes = {"global": {"scrape_interval": "1s"},
           "scrape_configs": [{"job_name": "hss", "static_configs": [{"targets": [serve(Pods)]}]}]}
json.dump(scrapes, open("victoria.yml", "w"))
scrapes["global"] |= {"evaluation_interval": "1s", "external_labels": {"cluster": "monitoring"}}
scrapes |= {"rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [serve(Receiver, "prometheus")]}]}]}}
json.dump(scrapes, open("prometheus.yml", "w"))
store, began = free(), []

def start(program, *flags):
    began.append(subprocess.Popen([f"root/usr/bin/{program}", *flags], stderr=open(f"{program}.log", "w")))

try:
    start("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=p", f"--web.listen-address={free()}",
          "--rules.alert.resend-delay=1s")
    start("victoria-metrics", "-promscrape.config=victoria.yml", "-storageDataPath=v", f"-httpListenAddr={store}",
          "-search.latencyOffset=1s", "-search.disableCache")
    time.sleep(3)
    start("vmalert", "-rule=rules.yml", f"-datasource.url=http://{store}", f"-notifier.url=http://{serve(Receiver, 'vmalert')}",
          f"-httpListenAddr={free()}", "-evaluationInterval=1s", "-external.label=cluster=monitoring")
    time.sleep(10)
    one = {sender: sorted(alerts) for sender, alerts in told.items()}
    page = page.replace(b" 0", b" 5")
    time.sleep(5)
    for alerts in told.values():
        alerts.clear()
    time.sleep(10)
    both = {sender: sorted(alerts) for sender, alerts in told.items()}
finally:
    for program in began:
        program.terminate()
        program.wait()
for sender in told:
    print(f"{sender}: with one cluster at risk {one[sender]}, with two {both[sender]}")
errors = {line.split("\t", 3)[3].strip() for line in open("vmalert.log") if "\terror\t" in line}
print("vmalert's log:", *errors)
pay, web = "2 pods are at risk in pay", "5 pods are at risk in web"
assert one == {"prometheus": [("pay", pay)], "vmalert": [("monitoring", pay)]}, "the behaviour changed"
assert both == {"prometheus": [("pay", pay), ("web", web)], "vmalert": []}, "the behaviour changed"
PY
