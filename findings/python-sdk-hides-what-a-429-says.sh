#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (urllib3 2.8.0, requests 2.34.2): of a 429 nothing reaches the caller but the status.
#
# Expected: the gateway's answer to too many calls, {"error_code":"APIG.0308","error_msg":"… limit:5,time:1 minute",
# "request_id":"…"}, becomes an exception with that code, that message and that request id, as any other error does.
# Seen on 2026-11-29: the SDK mounts an adapter with Retry(total=0, status_forcelist=[429]), so urllib3 gives up before the
# answer is looked at. The exception has the code "429", no request id, and for a message the text of urllib3: "Max retries
# exceeded … too many 429 error responses". The limit, its window and Retry-After are lost. A 400 or a 503 with the same body
# comes through whole.
# Why it matters: whoever learns the gateway's limits from what SDK users report will find neither code nor limit, and a
# client that waits as the message says cannot be built on the SDK.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
"$folder/sdk/bin/python" - <<'PY'
import http.server, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

body = b'{"error_code":"APIG.0308","error_msg":"over ratelimit,limit:5,time:1 minute","request_id":"r-1"}'
status = 429

class Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), ("X-Request-Id", "r-1"), ("Retry-After", "7")]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=gateway.serve_forever, daemon=True).start()
client = (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "p"))
          .with_endpoint(f"http://127.0.0.1:{gateway.server_port}").build())

def told():
    try:
        client.list_k8s_pods(ListK8sPodsRequest())
    except ServiceResponseException as error:
        return error.error_code, error.error_msg, error.request_id

for status in (400, 503):
    assert told() == ("APIG.0308", "over ratelimit,limit:5,time:1 minute", "r-1"), told()
status = 429
code, message, request_id = told()
print(f"429: code {code!r}, request id {request_id!r}, message {message!r}")
assert code == "429" and not request_id and "APIG.0308" not in message and "too many 429" in message
print("the answer to too many calls is lost, as described")
PY
