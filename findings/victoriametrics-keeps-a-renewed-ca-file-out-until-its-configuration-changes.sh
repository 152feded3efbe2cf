#!/usr/bin/env bash
# prometheus 2.42.0 and victoria-metrics 1.79.5 (both Debian 12) scrape one target over TLS; the authority behind ca_file is renewed.
#
# Expected: both read ca_file again, by themselves or at a reload, as both do with credentials_file, whose new token they send within
# seconds.
# Seen on 2026-12-01: Prometheus follows by itself. VictoriaMetrics keeps the old authority: "x509: certificate signed by unknown
# authority" at each scrape. SIGHUP changes nothing, and /-/reload answers 204; its log says "nothing changed", because only the
# configuration is compared, and not the file that it names. Any change of the job in the configuration, with a SIGHUP, cures it.
# Why it matters: a target that is renewed by the book, new authority first and certificate then, goes dark when the next connection
# is made, which may be long after, and the reload that everybody tries does not help. Restart VictoriaMetrics after each change of a ca_file,
# or put both authorities into the file long before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 victoria-metrics=1.79.5+ds1-2+b5 2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
root/usr/bin/prometheus --version 2>&1 | head -n 1
echo "victoria-metrics, version $(dpkg-deb -f victoria-metrics_*.deb Version)"
for which in old new; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out $which.ca -days 10 -subj "/CN=the $which authority" 2> /dev/null
    openssl req -newkey rsa:2048 -nodes -keyout $which.key -out request -subj /CN=target 2> /dev/null
    openssl x509 -req -in request -CA $which.ca -CAkey ca.key -CAcreateserial -out $which.pem -days 9 \
        -extfile <(echo 'subjectAltName=IP:127.0.0.1') 2> /dev/null
done
python3 - <<'PY'
import http.server, json, os, shutil, signal, socket, ssl, subprocess, threading, time, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
token = "first"
contexts = {}
for which in ("old", "new"):
    contexts[which] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexts[which].load_cert_chain(f"{which}.pem", f"{which}.key")
served = "old"

class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["Authorization"] == f"Bearer {token}" else 401)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"a_value 1\n")
    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        connection, caller = self.socket.accept()
        connection.settimeout(10)
        return contexts[served].wrap_socket(connection, server_side=True, do_handshake_on_connect=False), caller
    def handle_error(self, *_):
        pass

target = Server(("127.0.0.1", 0), Target)
threading.Thread(target=target.serve_forever, daemon=True).start()

def replace(name, source=None, text=None):
    if source:
        shutil.copy(source, name + ".part")
    else:
        with open(name + ".part", "w") as file:
            file.write(text)
    os.rename(name + ".part", name)

def configure(timeout):
    job = {"job_name": "target", "scheme": "https", "scrape_timeout": timeout,
           "authorization": {"credentials_file": os.path.abspath("token")}, "tls_config": {"ca_file": os.path.abspath("ca")},
           "static_configs": [{"targets": [f"127.0.0.1:{target.server_port}"]}]}
    replace("config.yml", text=json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}))

def free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"

def health():
    found = {}
    for name, address in addresses.items():
        with opener.open(f"http://{address}/api/v1/targets", timeout=5) as answer:
            one = json.load(answer)["data"]["activeTargets"][0]
        found[name] = one["health"] + (" (unknown authority)" if "unknown authority" in one["lastError"] else "")
    return found

def soon(wanted):
    """Waits until the targets are as wanted, and says how they are."""
    for _ in range(60):
        time.sleep(0.3)
        try:
            if health() == wanted:
                break
        except (OSError, IndexError, ValueError):
            pass
    return health()

both = {"prometheus": "up", "victoria-metrics": "up"}
one = both | {"victoria-metrics": "down (unknown authority)"}
replace("ca", "old.ca")
replace("token", text="first\n")
configure("1s")
addresses = {"prometheus": free(), "victoria-metrics": free()}
programs = {
    "prometheus": ["--config.file=config.yml", "--storage.tsdb.path=p", f"--web.listen-address={addresses['prometheus']}"],
    "victoria-metrics": ["-promscrape.config=config.yml", "-storageDataPath=v", f"-httpListenAddr={addresses['victoria-metrics']}"],
}
began = {}
try:
    for name, flags in programs.items():
        log = open(f"{name}.log", "w")
        began[name] = subprocess.Popen([f"root/usr/bin/{name}", *flags], stdout=log, stderr=log)
    assert soon(both) == both
    token = "second"
    replace("token", text="second\n")
    time.sleep(8)
    seen = {"a renewed token": health()}
    replace("ca", "new.ca")
    time.sleep(4)
    served = "new"
    seen["a renewed authority"] = soon(one)
    time.sleep(10)
    seen["10 s later"] = health()
    for program in began.values():
        program.send_signal(signal.SIGHUP)
    time.sleep(5)
    seen["after SIGHUP"] = health()
    with opener.open(f"http://{addresses['victoria-metrics']}/-/reload") as answer:
        status = answer.status
    time.sleep(5)
    seen[f"after /-/reload ({status})"] = health()
    configure("900ms")
    for program in began.values():
        program.send_signal(signal.SIGHUP)
    seen["after a change of the job and SIGHUP"] = soon(both)
finally:
    for program in began.values():
        program.kill()
        program.wait()
for when, how in seen.items():
    print(f"{when}: " + ", ".join(f"{name} {word}" for name, word in how.items()))
print("its log:", sum("nothing changed in" in line for line in open("victoria-metrics.log")), "times nothing changed")
assert list(seen.values()) == [both, one, one, one, one, both] and status == 204, "the behaviour changed"
PY
