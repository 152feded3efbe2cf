#!/usr/bin/env bash
# huaweicloudsdkcore and huaweicloudsdkhss 3.1.219 (PyPI), requests 2.34.2: ~/.netrc replaces the SDK's signature.
#
# Expected: a client that was given an access key pair signs its calls with it (Authorization: SDK-HMAC-SHA256 …),
# whatever else is configured on the machine.
# Seen on 2026-11-29: where ~/.netrc has an entry for the endpoint's host, or a `default` entry, the call goes out
# with `Authorization: Basic …` made from that entry. The signature is computed and then lost: the SDK passes it as
# a header, and requests lets .netrc win over headers. X-Sdk-Date is still there, so the call looks half signed.
# Why it matters: "it works in hss-top and not in the SDK" (or the other way round) on a machine with a .netrc has
# this reason; and a dashboard that signs like the SDK must not read .netrc.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install \
    huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219 requests==2.34.2
mkdir "$folder/home"
cat > "$folder/call.py" <<'PY'
import http.server, sys, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

seen = []

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.headers["Authorization"].split()[0])
        body = b'{"total_num":0,"data_list":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "project"))
          .with_endpoints([f"http://127.0.0.1:{server.server_port}"]).build())
client.list_k8s_pods(ListK8sPodsRequest(limit=10))
print(seen[0])
PY
call() { env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy -u NETRC HOME="$folder/home" \
    "$folder/venv/bin/python" "$folder/call.py"; }
without=$(call)
printf 'machine 127.0.0.1 login ada password example\n' > "$folder/home/.netrc"
chmod 600 "$folder/home/.netrc"
with_entry=$(call)
printf 'default login ada password example\n' > "$folder/home/.netrc"
with_default=$(call)
echo "no .netrc: $without; an entry for the host: $with_entry; a default entry: $with_default"
[[ $without == SDK-HMAC-SHA256 && $with_entry == Basic && $with_default == Basic ]]
