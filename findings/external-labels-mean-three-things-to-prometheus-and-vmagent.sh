#!/usr/bin/env bash
# Prometheus 2.42.0, vmagent and victoria-metrics 1.79.5 (all Debian 12): the label of the server, where a series has that label too.
#
# Expected: external_labels of Prometheus, external_labels in the same file read by vmagent, and vmagent's -remoteWrite.label mean
# one thing: they are added to what lacks the label.
# Seen on 2026-11-30: two series that differ in cluster, and the server's own label is cluster="mine". Prometheus sends both as they
# are. vmagent with external_labels sends both with cluster="mine" and the old label as exported_cluster, so what is grouped by cluster
# is one sum. vmagent with -remoteWrite.label sends both with cluster="mine" and nothing else: the two are one series, and the value
# of one of them is lost. Nothing is logged. vmagent -dryRun is content.
# Why it matters: cluster is the usual name of a server's label and a usual label of an exporter that reads several clusters. A move
# from Prometheus to vmagent changes or loses the counts of clusters without an error. The server's label needs another name.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq victoria-metrics=1.79.5+ds1-2+b5 prometheus=2.42.0+ds-5+deb12u1 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
python3 - <<'PY'
import http.server, json, socket, subprocess, threading, time, urllib.parse, urllib.request

page = b'hss_pods{cluster="pay"} 2\nhss_pods{cluster="web"} 5\nhss_namespaces 3\n'

class Pods(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *_):
        pass

pods = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pods)
threading.Thread(target=pods.serve_forever, daemon=True).start()
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
began = []

def free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"

def start(log, program, *flags):
    began.append(subprocess.Popen([f"root/usr/bin/{program}", *flags], stderr=open(log, "w")))

def store(name):
    address = free()
    start(f"{name}.store.log", "victoria-metrics", f"-storageDataPath={name}.store", f"-httpListenAddr={address}",
          "-search.latencyOffset=1s")
    return address

def configuration(name, labels, **more):
    scrape = {"job_name": "hss", "static_configs": [{"targets": [f"127.0.0.1:{pods.server_port}"]}]}
    with open(name, "w") as file:
        json.dump({"global": {"scrape_interval": "1s"} | labels, "scrape_configs": [scrape]} | more, file)
    return name

def series(address):
    query = urllib.parse.urlencode({"query": '{__name__=~"hss_.*"}'})
    found = json.load(direct.open(f"http://{address}/api/v1/query?{query}"))["data"]["result"]
    return {" ".join(metric["metric"].get(label, "-") for label in ("__name__", "cluster", "exported_cluster")): metric["value"][1]
            for metric in found}

mine = {"external_labels": {"cluster": "mine"}}
stores = {name: store(name) for name in ("prometheus", "file", "flag")}
try:
    time.sleep(2)
    write = {name: f"http://{address}/api/v1/write" for name, address in stores.items()}
    file = configuration("prometheus.yml", mine, remote_write=[{"url": write["prometheus"]}])
    start("prometheus.log", "prometheus", f"--config.file={file}", "--storage.tsdb.path=p", f"--web.listen-address={free()}")
    for name, labels, flags in (("file", mine, []), ("flag", {}, ["-remoteWrite.label=cluster=mine"])):
        flags += [f"-promscrape.config={configuration(f'{name}.yml', labels)}", f"-remoteWrite.url={write[name]}"]
        subprocess.run(["root/usr/bin/vmagent", *flags, "-dryRun"], check=True, stderr=subprocess.DEVNULL)
        start(f"{name}.log", "vmagent", *flags, f"-remoteWrite.tmpDataPath={name}.wait", f"-httpListenAddr={free()}")
    time.sleep(15)
    seen = {name: series(address) for name, address in stores.items()}
finally:
    for program in reversed(began):
        program.terminate()
        program.wait()
for name, found in seen.items():
    print(f"{name}:", *(f"{labels} = {value};" for labels, value in sorted(found.items())))
loud = [line for name in ("file", "flag") for line in open(f"{name}.log") if "\tinfo\t" not in line]
print("lines of vmagent's logs above info:", len(loud))
lone = {"hss_namespaces mine -": "3"}
assert seen["prometheus"] == lone | {"hss_pods pay -": "2", "hss_pods web -": "5"}, "the behaviour changed"
assert seen["file"] == lone | {"hss_pods mine pay": "2", "hss_pods mine web": "5"}, "the behaviour changed"
assert seen["flag"] in (lone | {"hss_pods mine -": "2"}, lone | {"hss_pods mine -": "5"}) and not loud, "the behaviour changed"
PY
