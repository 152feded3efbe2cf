#!/usr/bin/env bash
# prometheus 2.42.0 and victoria-metrics 1.79.5 (both Debian 12) as receivers of remote write from two Prometheus that have a target in
# common.
#
# Expected: the two disturb each other in the series of that target, whose samples arrive out of order. What only one of them scrapes
# arrives whole.
# Seen on 2026-11-30: one sender loses everything, also the series that only it has: 0 of 20 samples in 20 s. The receiver takes a
# request back as a whole at its first late sample and answers 400; the sender logs a "non-recoverable error" and does not repeat. The
# other sender loses nothing. VictoriaMetrics, which got the same requests, has every sample, and so does Prometheus if the senders
# have a label of their own (external_labels).
# Why it matters: a second collector for safety, or a move from one to another with both running, can blank all series of one of them,
# while those in common look whole. Give each sender a label, and alert on prometheus_remote_storage_samples_failed_total.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 victoria-metrics=1.79.5+ds1-2+b5 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
root/usr/bin/prometheus --version 2>&1 | head -n 1
python3 - <<'PY'
import glob, http.server, json, socket, subprocess, threading, time, urllib.parse, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        page = f"{self.path[1:]} 1\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *_):
        pass

target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
threading.Thread(target=target.serve_forever, daemon=True).start()
place = f"127.0.0.1:{target.server_port}"

def free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"

began = []

def start(program, *flags):
    log = open(f"{len(began)}.log", "w")
    began.append(subprocess.Popen([f"root/usr/bin/{program}", *flags], stdout=log, stderr=log))

def prometheus(name, config, *flags):
    json.dump(config, open(f"{name}.yml", "w"))
    address = free()
    start("prometheus", f"--config.file={name}.yml", f"--web.listen-address={address}", *flags)
    return address

def sender(name, labels, *receivers):
    jobs = [{"job_name": job, "metrics_path": f"/{job}", "static_configs": [{"targets": [place]}]} for job in ("shared", f"own_{name}")]
    config = {"global": {"scrape_interval": "1s", "external_labels": labels}, "scrape_configs": jobs,
              "remote_write": [{"url": f"http://{receiver}/api/v1/write"} for receiver in receivers]}
    prometheus(f"sender{len(began)}", config, "--enable-feature=agent", f"--storage.agent.path=agent{len(began)}")

def received(address):
    """How many samples of each target arrived in the last 20 s."""
    query = 'sum by (job) (count_over_time({__name__=~"own_a|own_b|shared"}[20s]))'
    url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    return {one["metric"]["job"]: int(one["value"][1]) for one in json.load(opener.open(url))["data"]["result"]}

try:
    receivers = {}
    for name in ("same", "apart"):
        receivers[name] = prometheus(name, {"global": {}}, f"--storage.tsdb.path={name}", "--web.enable-remote-write-receiver")
    receivers["victoria"] = free()
    start("victoria-metrics", "-storageDataPath=v", f"-httpListenAddr={receivers['victoria']}", "-search.latencyOffset=1s",
          "-search.disableCache")
    time.sleep(4)
    for name in ("a", "b"):
        sender(name, {}, receivers["same"], receivers["victoria"])
        sender(name, {"replica": name}, receivers["apart"])
        time.sleep(1.4)
    time.sleep(35)
    counts = {name: received(address) for name, address in receivers.items()}
finally:
    for program in reversed(began):
        program.kill()
        program.wait()
for name, count in counts.items():
    print(f"{name}: {count}")
print("a sender's log:", next(line.split("msg=")[1].strip() for log in glob.glob("*.log") for line in open(log) if "non-recoverable" in line))
lost, kept = sorted(counts["same"].get(f"own_{name}", 0) for name in ("a", "b"))
assert lost < 10 and kept > 13, "the behaviour changed"
for name in ("apart", "victoria"):
    assert len(counts[name]) == 3 and min(counts[name].values()) > 13, "the behaviour changed"
PY
