#!/usr/bin/env bash
# @huaweicloud/huaweicloud-sdk-core 3.1.211 (npm) and huaweicloudsdkcore 3.1.219 (PyPI): the project of a call, when none is named.
#
# Expected: a client with a key and a region looks up the project that has the name of the region. If there is none, the call
# fails, and says so: a call that lists pods changes nothing. One key object may serve the clients of two regions: each asks for its own
# project.
# Seen on 2026-11-30: the Python SDK fails with "Failed to get project id". The Node.js SDK then lists the regions, looks up the
# account, and creates a project of that name (POST /v3/projects), and sends the GET into it. With two regions and one key object
# the second client of either SDK sends its calls to the project of the first, with no look-up; the
# project of a credential is kept in the object.
# Why it matters: a wrong or new region in a script that only reads leaves a new project in the account, if its key may do that, and
# an empty list that looks like a healthy one. A dashboard must only look projects up, and look them up for each region.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
install=$(cd "$(dirname "$0")/../tests" && pwd)/install-sdk.sh
cd "$folder"
"$install" "$folder/sdk"
npm install --silent --no-audit --no-fund --prefix "$folder" @huaweicloud/huaweicloud-sdk-core@3.1.211 uuid@9.0.1 > /dev/null # (it needs uuid and does not say so)
cat > server.py <<'PY'
# IAM and a service in one: two regions, of which only north has a project until somebody creates another.
import http.server, json, urllib.parse
projects = {"north": "project-of-north"}
class Cloud(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body):
        with open("seen", "a") as seen:
            print(self.command, self.path.split("&")[0], file=seen)
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        name = urllib.parse.parse_qs(url.query).get("name", [""])[0]
        known = [{"id": projects[name], "name": name}] if name in projects else []
        self.answer(200, {"/v3/projects": {"projects": known},
                          "/v3/regions": {"regions": [{"id": region, "type": "public"} for region in ("north", "south")]},
                          "/v3/auth/domains": {"domains": [{"id": "account"}]}}.get(url.path, {"total_num": 0}))
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = body["project"]["name"]
        projects[name] = "created-" + name
        self.answer(201, {"project": {"id": projects[name], "name": name}})
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
with open("port", "w") as port:
    port.write(str(server.server_port))
server.serve_forever()
PY
cat > call.js <<'JS'
const core = './node_modules/@huaweicloud/huaweicloud-sdk-core/';
const {BasicCredentials} = require(core + 'auth/BasicCredentials');
const {ClientBuilder} = require(core + 'ClientBuilder');
const {Region} = require(core + 'region/region');
const [url, ...regions] = process.argv.slice(2);
const key = new BasicCredentials().withAk('AK').withSk('SK').withIamEndpoint(url);
(async () => {
  for (const region of regions) {
    const client = new ClientBuilder(client => client).withCredential(key).withRegion(new Region(region, url)).build();
    await client.sendRequest({method: 'GET', url: '/v5/{project_id}/kubernetes/pods', contentType: 'application/json',
      headers: {}, pathParams: {}, queryParams: {limit: 1}}).then(() => console.log('answer'), error => console.log(error.message));
  }
})();
JS
cat > call.py <<'PY'
import logging, sys
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest
logging.disable()
url, *regions = sys.argv[1:]
key = BasicCredentials("AK", "SK").with_iam_endpoint(url)
for region in regions:
    try:
        client = HssClient.new_builder().with_credentials(key).with_region(Region(region, url)).build()
        client.list_k8s_pods(ListK8sPodsRequest(limit=1))
        print("answer")
    except SdkException as error:
        print(str(error).split("\n")[0])
PY
export HOME=$folder
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
try() { # what, program, script, regions
    local what=$1
    shift
    python3 server.py &
    until [[ -s port ]]; do sleep 0.1; done
    told=$("$1" "$2" "http://127.0.0.1:$(< port)" "${@:3}" 2> /dev/null | paste -sd '|')
    kill $!
    wait $! 2> /dev/null || true
    seen=$(sed 's/?limit.*//' seen | paste -sd ',')
    rm seen port
    printf '%s: %s\n    %s\n' "$what" "$told" "$seen"
}
try 'Python, no project in the region' sdk/bin/python call.py south
[[ $seen != *POST* && $told != *answer* ]]
try 'Node.js, no project in the region' node call.js south
[[ $told == answer && $seen == *'POST /v3/projects,GET /v5/created-south/kubernetes/pods' ]]
try 'Python, one key for two regions' sdk/bin/python call.py north south
[[ $told == 'answer|answer' && $seen == *'GET /v5/project-of-north/kubernetes/pods,GET /v5/project-of-north/kubernetes/pods' ]]
try 'Node.js, one key for two regions' node call.js north south
[[ $told == 'answer|answer' && $seen == *'GET /v5/project-of-north/kubernetes/pods,GET /v5/project-of-north/kubernetes/pods' ]]
