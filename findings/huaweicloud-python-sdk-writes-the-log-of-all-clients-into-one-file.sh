#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI): two clients of one service, each with a log file.
#
# Expected: with_file_log is a setting of the client that is built: the calls of the north stand in the file of the north, and
# those of the south in the file of the south.
# Seen on 2026-11-30: the logger belongs to the class. Building the second client closes the file of the first; from then on
# the calls of both are in the second file, and nothing more comes into the first. A line has no name of a client; only its
# URL tells them apart.
# Why it matters: who watches two regions or two accounts with one program finds that the log of the first ends, just as if it made
# no more calls, and looks there in vain for the call that was refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
cat > "$folder/call.py" <<'PY'
import http.server, re, sys, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass

service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()

def client(name):
    return (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", name))
            .with_endpoints([f"http://127.0.0.1:{service.server_port}"]).with_file_log(f"{sys.argv[1]}/{name}.log").build())

def logged(name):
    with open(f"{sys.argv[1]}/{name}.log") as log:
        return re.findall(r'"GET \S+/v5/(\w+)/', log.read())

north = client("north")
north.list_k8s_pods(ListK8sPodsRequest(limit=10))
south = client("south")
for each in (north, south):
    each.list_k8s_pods(ListK8sPodsRequest(limit=10))
print("north.log has the calls of", logged("north"))
print("south.log has the calls of", logged("south"))
assert (logged("north"), logged("south")) == (["north"], ["north", "south"])
PY
env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy HOME="$folder" "$folder/sdk/bin/python" -W ignore "$folder/call.py" "$folder"
