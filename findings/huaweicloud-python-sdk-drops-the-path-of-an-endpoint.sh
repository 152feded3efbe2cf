#!/usr/bin/env bash
# huaweicloudsdkcore and huaweicloudsdkhss 3.1.219 (PyPI): the path of an endpoint is dropped without a word.
#
# Expected: `with_endpoints(["http://gateway/team-a/hss"])` puts the path before that of the call, as an HTTP client's
# base URL does, or is refused.
# Seen on 2026-11-29: the path is dropped. The call goes, signed, to /v5/… of the bare host. A query behind the
# endpoint is dropped in the same way.
# Why it matters: an endpoint that a user copies from a working SDK set-up may have a path that was never used; a
# dashboard that keeps the path calls (and signs) another address than the SDK does, and one that drops it cannot
# be put behind a gateway that tells services by their path. Say so when an endpoint has one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219
mkdir "$folder/home"
cat > "$folder/call.py" <<'PY'
import http.server, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path)
        body = b'{"total_num":0}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
for behind in ["", "/team-a/hss", "/?team=a"]:
    client = (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "project"))
              .with_endpoints([f"http://127.0.0.1:{server.server_port}{behind}"]).build())
    print(f"endpoint {behind or '/'}: ", end="", flush=True)
    client.list_k8s_pods(ListK8sPodsRequest(limit=10))
PY
seen=$(env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy HOME="$folder/home" \
    "$folder/venv/bin/python" "$folder/call.py")
echo "$seen"
[[ $seen == "endpoint /: /v5/project/kubernetes/pods?limit=10
endpoint /team-a/hss: /v5/project/kubernetes/pods?limit=10
endpoint /?team=a: /v5/project/kubernetes/pods?limit=10" ]]
