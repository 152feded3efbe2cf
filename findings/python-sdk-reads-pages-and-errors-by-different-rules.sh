#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (simplejson 4.3.0, requests 2.34.2): pages and errors are read by two parsers that differ.
#
# Expected: the same bytes are JSON, or not, whether the status is 200 or 404; and what is not JSON in a 200 is an error.
# Seen on 2026-11-29: pages go through simplejson, errors through Python's json. simplejson takes a byte order mark and, since
# it became strict, no NaN; json takes NaN and no byte order mark. So
#   * a page with one NaN in a field that nobody looks at is an empty page, without an exception: data_list is None. An error
#     body with a NaN is read;
#   * an error body behind a byte order mark loses code and message (the code becomes the status, the message the raw body). A
#     page behind one is read;
#   * a page sent as text/plain without a charset is read as Latin-1, so names that are not ASCII come out garbled.
# Why it matters: a script that pages "until data_list is empty" ends early and believes it, at whichever page has the bad
# value; and "the SDK reads it" is true of an answer only together with its status and its Content-Type.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
"$folder/sdk/bin/python" - <<'PY'
import http.server, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

answer = None

class Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, kind, body = answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=gateway.serve_forever, daemon=True).start()
client = (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "p"))
          .with_endpoint(f"http://127.0.0.1:{gateway.server_port}").build())

def read(status, body, kind="application/json; charset=utf-8"):
    global answer
    answer = status, kind, body
    try:
        pods = client.list_k8s_pods(ListK8sPodsRequest()).data_list
        return pods and [pod.pod_name for pod in pods]
    except ServiceResponseException as error:
        return error.error_code

mark = b"\xef\xbb\xbf"
page, error = b'{"total_num":1,"odd":%s,"data_list":[{"pod_name":"web-0"}]}', b'{"odd":%s,"error_code":"X.1","error_msg":"no"}'
assert read(200, page % b"0") == ["web-0"] and read(404, error % b"0") == "X.1"
seen = read(200, page % b"NaN"), read(404, error % b"NaN"), read(200, mark + page % b"0"), read(404, mark + error % b"0")
print("NaN in a page, NaN in an error, a mark before a page, a mark before an error:", *map(repr, seen))
assert seen == (None, "X.1", ["web-0"], "404"), seen
name = '{"data_list":[{"pod_name":"支付"}]}'.encode()
assert read(200, name) == ["支付"]
garbled = read(200, name, "text/plain")
print("a Chinese name in text/plain:", garbled)
assert garbled == ["支付".encode().decode("latin-1")], garbled
print("two parsers, as described")
PY
