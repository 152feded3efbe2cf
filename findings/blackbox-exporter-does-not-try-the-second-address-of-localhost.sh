#!/usr/bin/env bash
# prometheus-blackbox-exporter 0.23.0, prometheus 2.42.0, monitoring-plugins 2.3.3 (Debian 12): a server on 127.0.0.1 that is called
# "localhost".
#
# Expected: where /etc/hosts names ::1 and 127.0.0.1 for localhost, as Debian's does, a prober goes on to the second address if nobody
# listens on the first, as curl, check_http and Prometheus do; "preferred_ip_protocol" with its fallback says as much.
# Seen on 2026-11-30: the module http_2xx as it is shipped takes ::1, is refused, and reports probe_success 0, while Prometheus scrapes
# the same target with up 1. The fallback is for names that have no IPv6 address; it is not for addresses where nobody listens.
# Why it matters: a dashboard's collector that listens on 127.0.0.1 only is reported as dead by one half of a monitoring that
# reads its metrics with the other half. Examples of probes have to say 127.0.0.1, or "preferred_ip_protocol: ip4".
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root, for an /etc/hosts of its own"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq prometheus-blackbox-exporter=0.23.0-4+b4 prometheus=2.42.0+ds-5+deb12u1 monitoring-plugins-basic=2.3.3-5+deb12u2 \
    2> /dev/null
for deb in *.deb; do dpkg-deb -x "$deb" root; done
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > hosts
cat > server.py <<'PY'
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"hss_pods 3\n")
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", 9464), Page).serve_forever()
PY
cat > inside <<'INSIDE'
set -euo pipefail
mount --bind hosts /etc/hosts
ip link set lo up
python3 server.py &
root/usr/bin/prometheus-blackbox-exporter --config.file=root/etc/prometheus/blackbox.yml --web.listen-address=127.0.0.1:9115 2> probe.log &
cat > p.yml <<'YML'
global: {scrape_interval: 1s}
scrape_configs: [{job_name: collector, static_configs: [{targets: ['localhost:9464']}]}]
YML
root/usr/bin/prometheus --config.file=p.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:9090 2> prometheus.log &
ask() { curl -s --noproxy '*' "$@"; }
up() { ask 'http://127.0.0.1:9090/api/v1/query?query=up' | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["result"][0]["value"][1])'; }
for _ in $(seq 100); do [ "$(up 2> /dev/null)" = 1 ] && break; sleep 0.2; done
probe() { ask "http://127.0.0.1:9115/probe?module=$1&target=$2:9464" | sed -n 's/^probe_success //p'; }
echo "curl: $(ask http://localhost:9464/)"
echo "check_http: $(root/usr/lib/nagios/plugins/check_http -H localhost -p 9464 | cut -d: -f1)"
echo "prometheus: up $(up)"
echo "blackbox exporter, localhost: $(probe http_2xx localhost)"
echo "blackbox exporter, 127.0.0.1: $(probe http_2xx 127.0.0.1)"
INSIDE
seen=$(unshare --mount --net --pid --fork --kill-child bash inside)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
curl: hss_pods 3
check_http: HTTP OK
prometheus: up 1
blackbox exporter, localhost: 0
blackbox exporter, 127.0.0.1: 1
SEEN
