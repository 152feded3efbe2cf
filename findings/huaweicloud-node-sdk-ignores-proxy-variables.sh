#!/usr/bin/env bash
# @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm) and huaweicloudsdkcore 3.1.219 (PyPI): proxies and redirects differ.
#
# Expected: two SDKs of one vendor, of one design, take the same way to the service: both obey HTTP_PROXY (the
# libraries beneath, axios and requests, do), and neither follows a redirect.
# Seen on 2026-11-29: the Python SDK obeys HTTP_PROXY; the Node.js SDK goes direct. The Python SDK returns a 302 as it
# is; the Node.js SDK follows it, with the Authorization that was signed for the first path.
# Why it matters: "another tool with the SDK works here" says nothing about the proxy until one knows which SDK. A
# doctor command has to tell which way it took.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
mkdir home
npm install --silent --no-audit --no-fund --prefix "$folder" @huaweicloud/huaweicloud-sdk-core@3.1.211 > /dev/null
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219
cat > server.py <<'PY'
import http.server, sys
name = sys.argv[1]

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = "/" + self.path.split("/", 3)[3] if self.path.startswith("http") else self.path
        with open("seen", "a") as seen:
            seen.write(f"{name} {path.split('?')[0]} {(self.headers['Authorization'] or 'none').split()[0]}\n")
        body = b'{"total_num":0}'
        self.send_response(302 if "limit=20" in path else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
with open(name + ".port", "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PY
for name in service proxy; do python3 server.py $name & done
for name in service proxy; do until [[ -s $name.port ]]; do sleep 0.1; done; done
cat > call.js <<'JS'
const core = './node_modules/@huaweicloud/huaweicloud-sdk-core/';
const {BasicCredentials} = require(core + 'auth/BasicCredentials');
const {DefaultHttpClient} = require(core + 'http/DefaultHttpClient');
const {HcClient} = require(core + 'HcClient');
const [endpoint, limit] = process.argv.slice(2);
const key = new BasicCredentials().withAk('AK').withSk('SK').withProjectId('p');
new HcClient(new DefaultHttpClient({}, [endpoint]), {}).withCredential(key).withEndpoints([endpoint]).sendRequest({
  method: 'GET', url: '/v5/{project_id}/pods', contentType: 'application/json', headers: {},
  pathParams: {project_id: 'p'}, queryParams: {limit}});
JS
cat > call.py <<'PY'
import sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest
HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "p")).with_endpoints(
    [sys.argv[1]]).build().list_k8s_pods(ListK8sPodsRequest(limit=int(sys.argv[2])))
PY
for variable in HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy; do unset $variable; done
export HOME=$folder/home HTTP_PROXY="http://127.0.0.1:$(< proxy.port)" http_proxy="http://127.0.0.1:$(< proxy.port)"
for limit in 10 20; do
    for call in "node call.js" "venv/bin/python call.py"; do
        echo "= $call limit=$limit" >> seen
        $call "http://127.0.0.1:$(< service.port)" $limit
    done
done
cat seen
[[ $(< seen) == "= node call.js limit=10
service /v5/p/pods SDK-HMAC-SHA256
= venv/bin/python call.py limit=10
proxy /v5/p/kubernetes/pods SDK-HMAC-SHA256
= node call.js limit=20
service /v5/p/pods SDK-HMAC-SHA256
service /elsewhere SDK-HMAC-SHA256
= venv/bin/python call.py limit=20
proxy /v5/p/kubernetes/pods SDK-HMAC-SHA256" ]]
