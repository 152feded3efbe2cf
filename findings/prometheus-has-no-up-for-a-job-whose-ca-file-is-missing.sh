#!/usr/bin/env bash
# prometheus 2.42.0 (Debian 12) starts while the ca_file of one job, and the credentials_file of another, are not there yet.
#
# Expected: both jobs are down, with up 0 and the reason on the page of targets, and scraped once the files are there.
# Seen on 2026-12-01: that holds for credentials_file. The job with the ca_file does not exist: no up, no target, not even after the
# file has come; only a reload brings it. Prometheus is ready, and says that its configuration was loaded well; a reload that adds such
# a job answers 200. One line in its log and prometheus_target_scrape_pools_failed_total tell of it.
# Why it matters: `up == 0`, the alert that everybody has for this, cannot fire, and neither can those about the metrics of the job: all
# is quiet, and nothing is watched. A volume that is mounted late is enough. Alert on absent(up{job="NAME"}) too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
root/usr/bin/prometheus --version 2>&1 | head -n 1
echo a-token > credential
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out authority -days 9 -subj /CN=authority 2> /dev/null
python3 - <<'PY'
import http.server, json, os, socket, subprocess, threading, time, urllib.error, urllib.parse, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"a_value 1\n")
    def log_message(self, *_):
        pass

target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
threading.Thread(target=target.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as listener:
    address = f"127.0.0.1:{listener.getsockname()[1]}"
files = {"authority": {"tls_config": {"ca_file": os.path.abspath("ca")}},
         "credential": {"authorization": {"credentials_file": os.path.abspath("token")}},
         "added": {"tls_config": {"ca_file": os.path.abspath("another")}},
         "plain": {}}

def configure(*jobs):
    place = [{"targets": [f"127.0.0.1:{target.server_port}"]}]
    jobs = [{"job_name": job, "static_configs": place} | files[job] for job in jobs]
    config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "scrape_configs": jobs, "rule_files": ["rules.yml"]}
    json.dump(config, open("config.yml", "w"))

def ask(path, method="GET"):
    with opener.open(urllib.request.Request(f"http://{address}{path}", method=method), timeout=5) as answer:
        return answer.status, answer.read()

def query(text):
    return json.loads(ask("/api/v1/query?" + urllib.parse.urlencode({"query": text}))[1])["data"]["result"]

def look(when):
    time.sleep(6)
    up = {one["metric"]["job"]: one["value"][1] for one in query("up")}
    told = sorted(one["metric"]["alertname"] + " " + one["metric"]["job"] for one in query('ALERTS{alertstate="firing"}'))
    listed = sorted(one["labels"]["job"] for one in json.loads(ask("/api/v1/targets")[1])["data"]["activeTargets"])
    print(f"{when}: up {up}; alerts {told}; targets {listed}")
    return up, told, listed

rules = [{"alert": "Down", "expr": "up == 0"}, {"alert": "Absent", "expr": 'absent(up{job="authority"})'}]
json.dump({"groups": [{"name": "a", "rules": rules}]}, open("rules.yml", "w"))
configure("plain", "authority", "credential")
flags = ["--config.file=config.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}", "--web.enable-lifecycle"]
prometheus = subprocess.Popen(["root/usr/bin/prometheus", *flags], stderr=open("log", "w"))
try:
    for _ in range(60):
        time.sleep(0.3)
        try:
            ready = ask("/-/ready")[0]
            break
        except (OSError, urllib.error.HTTPError):
            pass
    missing = look("missing")
    for source, name in (("authority", "ca"), ("credential", "token")):
        os.rename(source, name)
    there = look("there")
    reloaded = ask("/-/reload", "POST")[0]
    after = look("after a reload")
    configure("plain", "authority", "credential", "added")
    again = ask("/-/reload", "POST")[0]
    added = look(f"after a reload ({again}) that adds one")
    page = ask("/metrics")[1].decode().splitlines()
finally:
    prometheus.kill()
    prometheus.wait()
own = {name: [float(line.split()[1]) for line in page if line.startswith(name + " ")] for name in
       ("prometheus_config_last_reload_successful", "prometheus_target_scrape_pools_failed_total")}
lines = sum("error creating new scrape pool" in line for line in open("log"))
print(f"ready {ready}; lines in the log: {lines}; {own}")
three = {"plain": "1", "authority": "1", "credential": "1"}
assert missing == ({"plain": "1", "credential": "0"}, ["Absent authority", "Down credential"], ["credential", "plain"])
assert there == ({"plain": "1", "credential": "1"}, ["Absent authority"], ["credential", "plain"])
assert after == added == (three, [], ["authority", "credential", "plain"])
assert (ready, reloaded, again) == (200, 200, 200) and list(own.values()) == [[1], [2]] and lines == 2
PY
