#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI) and @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm): when a client that was given two endpoints
# tries the second one.
#
# Expected: both SDKs take a list of endpoints, and try the next one if the first cannot be reached, whatever the reason: its
# name is unknown, nobody listens, a bad gateway in front. Requests that run at once do so each for itself.
# Seen on 2026-11-30: the Python SDK goes on for an unknown name and for a failed TLS handshake, and gives up at a refused
# connection. The Node.js SDK goes on at a refused connection and at a 504, and gives up at an unknown name and at TLS. No reason
# works with both. Of three pages that the Node.js SDK asks for at once, two fail although the second endpoint works: the client counts
# one retry for all of them. The third is sent there with the signature of another page, the last one that was built; a
# gateway refuses that.
# Why it matters: a second endpoint is what one gives to a job for the night when the first one is away. With either SDK it has to
# be tried by hand what it helps against, and a dashboard that is compared with such a job must not copy either rule.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root, for names that are looked up on this machine only"; exit 1; }
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
install=$(cd "$(dirname "$0")/../tests" && pwd)/install-sdk.sh
cd "$folder"
"$install" "$folder/sdk"
npm install --silent --no-audit --no-fund --prefix "$folder" @huaweicloud/huaweicloud-sdk-core@3.1.211 uuid@9.0.1 > /dev/null
cat > server.py <<'PY'
# Endpoints: "works" answers, "504" has a bad gateway in front. Each request is noted.
import http.server, json, sys
name = sys.argv[1]
class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        headers = {key.lower(): value for key, value in self.headers.items()}
        with open("seen." + name, "a") as seen:
            print(json.dumps([self.path, headers]), file=seen)
        body = json.dumps({"total_num": 3}).encode()
        self.send_response(504 if name == "504" else 200)
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
cat > call.js <<'JS'
const core = './node_modules/@huaweicloud/huaweicloud-sdk-core/';
const {BasicCredentials} = require(core + 'auth/BasicCredentials');
const {ClientBuilder} = require(core + 'ClientBuilder');
const [first, second, ...offsets] = process.argv.slice(2);
const key = new BasicCredentials().withAk('AK').withSk('SK').withProjectId('p');
const client = new ClientBuilder(client => client).withCredential(key).withEndpoint([first, second]).build();
const page = offset => client.sendRequest({method: 'GET', url: '/v5/{project_id}/pods', contentType: 'application/json',
  headers: {}, pathParams: {project_id: 'p'}, queryParams: {offset}}).then(() => 'answer', () => 'error');
Promise.all(offsets.map(page)).then(all => console.log(all.join(' ')));
JS
cat > call.py <<'PY'
import logging, sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest
logging.disable()
client = HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "p")).with_endpoints(sys.argv[1:3]).build()
try:
    client.list_k8s_pods(ListK8sPodsRequest(offset=0))
    print("answer")
except SdkException:
    print("error")
PY
cat > signed.py <<'PY'
# For which page the request that arrived was signed: its signature is computed again, for each.
import hashlib, hmac, json
path, headers = json.loads(open("seen.works").read())
names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
found = headers["authorization"].split("Signature=")[1]
def signature(query):
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    request = "\n".join(["GET", path.split("?")[0] + "/", query, lines, ";".join(names), hashlib.sha256(b"").hexdigest()])
    text = "\n".join(["SDK-HMAC-SHA256", headers["x-sdk-date"], hashlib.sha256(request.encode()).hexdigest()])
    return hmac.new(b"SK", text.encode(), hashlib.sha256).hexdigest()
fits = [offset for offset in (0, 200, 400) if signature(f"offset={offset}") == found]
print(f"sent: {path.split('?')[1]}; signed: {', '.join(f'offset={offset}' for offset in fits) or 'nothing of these'}")
PY
for name in works 504; do python3 server.py $name & done
for name in works 504; do until [[ -s $name.port ]]; do sleep 0.1; done; done
works=$(< works.port)
echo 'hosts: files' > nsswitch.conf
call() {
    unshare --mount bash -c 'mount --bind nsswitch.conf /etc/nsswitch.conf; exec "$@"' - \
        env -u HTTP_PROXY -u HTTPS_PROXY -u http_proxy -u https_proxy -u ALL_PROXY -u all_proxy "$@" 2> /dev/null
}
while read -r reason first python node; do
    told="$(call sdk/bin/python call.py "$first" "http://127.0.0.1:$works") $(call node call.js "$first" "http://127.0.0.1:$works" 0 | tail -1)"
    echo "$reason: Python and Node.js: $told"
    [ "$told" = "$python $node" ]
done <<CASES
unknown-name http://nobody.invalid answer error
TLS-fails https://127.0.0.1:$works answer error
refused http://127.0.0.1:1 error answer
504 http://127.0.0.1:$(< 504.port) error answer
CASES
rm seen.works
three=$(call node call.js http://127.0.0.1:1 "http://127.0.0.1:$works" 0 200 400 | tail -1) # the SDK writes its errors to standard output, before that line
echo "three at once with Node.js: $three; of the one that arrived: $(python3 signed.py)"
[ "$three" = 'answer error error' ]
[ "$(python3 signed.py)" = 'sent: offset=0; signed: offset=400' ]
