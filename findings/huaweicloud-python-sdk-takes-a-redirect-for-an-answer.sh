#!/usr/bin/env bash
# huaweicloudsdkcore and huaweicloudsdkhss 3.1.219 (PyPI): what is no answer of the service is an empty success.
#
# Expected: a call that is answered with a redirect or with a sign-in page (200, text/html)
# raises an exception of the SDK, as 4xx and 5xx do.
# Seen on 2026-11-29: neither raises. Each returns a ListK8sPodsResponse whose fields are all None, with
# status_code 302 and 200. Only a look at status_code and at every field tells it from a project without pods.
# Why it matters: the SDK cannot be the judge of what a page of pods is. A dashboard that reads as leniently shows an
# empty fleet behind a captive portal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219
mkdir "$folder/home"
cat > "$folder/call.py" <<'PY'
import http.server, threading
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

answers = {
    "redirect": (302, "text/html", b""),
    "page": (200, "text/html", b"<html>Please sign in</html>"),
    "refusal": (403, "application/json", b'{"error_code":"APIG.0301","error_msg":"no"}'),
}

class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, kind, body = answers[self.path.rpartition("=")[2]]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = (HssClient.new_builder().with_credentials(BasicCredentials("AK", "SK", "project"))
          .with_endpoints([f"http://127.0.0.1:{server.server_port}"]).build())
for name in answers:
    try:
        answer = client.list_k8s_pods(ListK8sPodsRequest(pod_name=name))
        print(name, answer.status_code, answer.total_num, answer.data_list)
    except SdkException as error:
        print(name, type(error).__name__)
PY
seen=$(env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy HOME="$folder/home" \
    "$folder/venv/bin/python" "$folder/call.py")
echo "$seen"
[[ $seen == "redirect 302 None None
page 200 None None
refusal ClientRequestException" ]]
