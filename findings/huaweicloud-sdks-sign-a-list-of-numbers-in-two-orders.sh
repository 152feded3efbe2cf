#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI) and @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm): a query parameter with several numbers.
#
# Expected: the signature covers the query in one order, so that a gateway can compute it again: both SDKs send and sign the
# alarms of three types in the same order.
# Seen on 2026-11-30: the Python SDK sorts the numbers by value (1016, 3015, 13001), the Node.js SDK sorts them as texts (1016, 13001,
# 3015). Each signs what it sends. Whoever sorts the texts of a request before the check, as the Node.js SDK does, finds that the
# signature of the Python SDK is wrong. The signing rules name an order of names only, not of the values of one name.
# Why it matters: HSS has alarm types of four and of five digits, so that this depends on which ones are asked for. A simulator or a
# proxy that checks signatures must try the order as it was sent, too, and a "signature mismatch" that comes and goes with a
# filter is no fault of the key.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
install=$(cd "$(dirname "$0")/../tests" && pwd)/install-sdk.sh
cd "$folder"
"$install" "$folder/sdk"
npm install --silent --no-audit --no-fund --prefix "$folder" @huaweicloud/huaweicloud-sdk-core@3.1.211 uuid@9.0.1 > /dev/null
cat > server.py <<'PY'
# Prints the query of each request, and whether its signature fits the query as it came, and with its parameters sorted as texts.
import hashlib, hmac, http.server, sys
def fits(request, query):
    header = request.headers["Authorization"]
    names = header.split("SignedHeaders=")[1].split(",")[0].split(";")
    lines = "".join(f"{name}:{request.headers[name]}\n" for name in names)
    path = request.path.split("?")[0] + "/"
    canonical = "\n".join(["GET", path, query, lines, ";".join(names), hashlib.sha256(b"").hexdigest()])
    text = "\n".join(["SDK-HMAC-SHA256", request.headers["X-Sdk-Date"], hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(b"SK", text.encode(), hashlib.sha256).hexdigest() == header.split("Signature=")[1]
class Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = self.path.split("?")[1]
        types = ",".join(part.split("=")[1] for part in query.split("&") if part.startswith("event_types"))
        with open("seen", "a") as seen:
            print(types, fits(self, query), fits(self, "&".join(sorted(query.split("&")))), file=seen)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
with open("port", "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PY
cat > call.py <<'PY'
import sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListSecurityEventsRequest
client = HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "p")).with_endpoints([sys.argv[1]]).build()
client.list_security_events(ListSecurityEventsRequest(category="container", event_types=[3015, 13001, 1016]))
PY
cat > call.js <<'JS'
const core = './node_modules/@huaweicloud/huaweicloud-sdk-core/';
const {BasicCredentials} = require(core + 'auth/BasicCredentials');
const {ClientBuilder} = require(core + 'ClientBuilder');
const key = new BasicCredentials().withAk('AK').withSk('SK').withProjectId('p');
new ClientBuilder(client => client).withCredential(key).withEndpoint(process.argv[2]).build().sendRequest({
  method: 'GET', url: '/v5/{project_id}/event/events', contentType: 'application/json', headers: {}, pathParams: {},
  queryParams: {category: 'container', event_types: [3015, 13001, 1016]}});
JS
export HOME=$folder
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
python3 server.py &
until [[ -s port ]]; do sleep 0.1; done
sdk/bin/python -W ignore call.py "http://127.0.0.1:$(< port)"
node call.js "http://127.0.0.1:$(< port)"
paste -d' ' <(printf 'Python:\nNode.js:\n') seen | while read -r who types sent sorted; do
    echo "$who sends $types; its signature fits that: $sent, fits the sorted texts: $sorted"
done
[[ $(< seen) == $'1016,3015,13001 True False\n1016,13001,3015 True True' ]]
