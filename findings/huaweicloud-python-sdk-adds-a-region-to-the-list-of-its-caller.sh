#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI): a list of endpoints that serves the clients of two regions.
#
# Expected: with_endpoints and regions.yaml take a list and leave it alone: the client of the south knows the endpoints it was
# given and its own region's.
# Seen on 2026-11-30: build() appends the endpoints of the region to the very list that was handed over. The client that is built
# next from that list, for another region, has the first region's endpoint before its own, and the list grows with each client.
# regions.yaml has the same: where an entry takes the endpoints of another with a YAML alias, it also gets the other's
# `endpoint`, if that stands further up.
# Why it matters: as soon as the shared endpoint fails, the calls for the south go to the north, with the project of the south, and
# what comes back is "not found" or a refusal, after which no other endpoint is tried. Hand each builder a list of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
cat > "$folder/call.py" <<'PY'
import http.server, logging, os, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest
from huaweicloudsdkhss.v5.region.hss_region import HssRegion

logging.disable()
seen = []

def start(name):
    # The service of a region: it knows the project of its own name only.
    class Service(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(name)
            self.send_response(200 if f"/{name}/" in self.path else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"

north, south = start("north"), start("south")
shared = start("shared").replace("http:", "https:")  # it fails, as it speaks no TLS; then the SDK tries the next one
names = {shared: "shared", north: "north", south: "south"}
ours = [shared]
clients = [HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", names[url])).with_endpoints(ours)
           .with_region(Region(names[url], url)).build() for url in (north, south)]
print("our list:", [names[url] for url in ours])
assert ours == [shared, north, south]
try:
    told = clients[1].list_k8s_pods(ListK8sPodsRequest(limit=10)).status_code
except SdkException as error:
    told = error.status_code
print(f"a call of the client of the south reaches {seen} and gives {told}")
assert (seen, told) == (["north"], 404)
with open(os.environ["HUAWEICLOUD_SDK_REGIONS_FILE"], "w") as file:
    file.write(f"HSS:\n- id: north\n  endpoints: &shared [{shared}]\n  endpoint: {north}\n"
               f"- id: south\n  endpoints: *shared\n  endpoint: {south}\n")
found = [names[url] for url in HssRegion.value_of("south").endpoints]
print("the south of regions.yaml:", found)
assert found == ["shared", "north", "south"]
PY
env -u HTTP_PROXY -u http_proxy -u HTTPS_PROXY -u https_proxy -u ALL_PROXY -u all_proxy HOME="$folder" \
    HUAWEICLOUD_SDK_REGIONS_FILE="$folder/regions.yaml" "$folder/sdk/bin/python" -W ignore "$folder/call.py"
