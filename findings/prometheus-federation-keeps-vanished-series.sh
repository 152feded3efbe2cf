#!/usr/bin/env bash
# Prometheus 2.42.0 (Debian 12): a series that vanished lives on behind /federate.
#
# Expected: a namespace that a target stops exposing is gone from the scraping Prometheus at the next scrape, so a
# second Prometheus that federates from the first one loses it one scrape later.
# Seen on 2026-11-30: the first one drops it at once. The second one keeps it for its whole lookback time (5 minutes
# unless set; 20 s here): /federate sends explicit time stamps, and a series with time stamps gets no staleness marker
# when it vanishes. Sums over the upper server are wrong for that long: `sum(hss_pods)` said 7 instead of 3.
# Why it matters: whoever exposes counts per namespace and recommends federation must not promise that a namespace
# that is gone is gone at the next scrape.
set -euo pipefail
version=2.42.0+ds-5+deb12u1
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq "prometheus=$version" 2>/dev/null
dpkg-deb -x prometheus_*.deb root
python3 - <<'PY'
import http.server, json, subprocess, threading, time, urllib.parse, urllib.request

page = b'hss_pods{namespace="a"} 3\nhss_pods{namespace="b"} 4\n'

class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *_):
        pass

target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
threading.Thread(target=target.serve_forever, daemon=True).start()

def free_port():
    with http.server.HTTPServer(("127.0.0.1", 0), Target) as server:
        return server.server_port

def prometheus(name, job):
    port = free_port()
    with open(f"{name}.yml", "w") as file:
        json.dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}, file)
    program = ["root/usr/bin/prometheus", f"--config.file={name}.yml", f"--storage.tsdb.path={name}",
               f"--web.listen-address=127.0.0.1:{port}", "--query.lookback-delta=20s"]
    return port, subprocess.Popen(program, stderr=subprocess.DEVNULL)

def total(port):
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": "sum(hss_pods)"})
    result = json.load(urllib.request.urlopen(url))["data"]["result"]
    return float(result[0]["value"][1]) if result else None

lower, one = prometheus("lower", {"job_name": "hss", "static_configs": [{"targets": [f"127.0.0.1:{target.server_port}"]}]})
upper, two = prometheus("upper", {"job_name": "federate", "honor_labels": True, "metrics_path": "/federate",
                                  "params": {"match[]": ["hss_pods"]},
                                  "static_configs": [{"targets": [f"127.0.0.1:{lower}"]}]})
try:
    time.sleep(8)
    before = total(lower), total(upper)
    page = b'hss_pods{namespace="a"} 3\n'
    time.sleep(6)
    soon = total(lower), total(upper)
    time.sleep(25)
    late = total(lower), total(upper)
finally:
    one.terminate()
    two.terminate()
print("sum(hss_pods) below and above: with both namespaces", before, "· 6 s after one vanished", soon, "· 31 s after", late)
assert before == (7, 7) and soon == (3, 7) and late == (3, 3), "the behaviour changed"
PY
