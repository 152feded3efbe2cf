#!/usr/bin/env bash
# huaweicloudsdkcore and huaweicloudsdkhss 3.1.219 (PyPI): OIDC sends the identity token of the start for ever, and with a
# session of less than 40 minutes it signs in for every call.
#
# Expected: HUAWEICLOUD_OIDC_TOKEN_FILE names a file that its platform rotates (Kubernetes does about each hour), so a
# renewal sends what the file holds then, as the same SDK does for HUAWEICLOUD_SDK_ID_TOKEN_FILE. And a key pair that is
# valid for 30 minutes is used for about that long.
# Seen on 2026-11-29: the file is read once, when the provider chain is asked; each renewal sends that first token again,
# which the platform has ended meanwhile, so a program that runs longer than its token is locked out. A key pair is
# renewed when less than 40 minutes of it are left, so with HUAWEICLOUD_OIDC_DURATION_SECONDS=1800 every call of the API
# is two.
# Why it matters: a long-running program must read the file itself and build new credentials; a short session, meant to be
# careful, doubles the calls and meets the rate limit of STS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install \
    huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219 requests==2.34.2
mkdir "$folder/home"
cat > "$folder/call.py" <<'PY'
import datetime, http.server, json, os, sys, threading, warnings
from huaweicloudsdkcore.auth.provider import CredentialProviderChain
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

warnings.simplefilter("ignore")
tokens = []

class Cloud(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        said = {"total_num": 0, "data_list": []}
        if body:
            # IAM has one answer for the identity token, and the next for the token that it issued.
            token = body.get("id_token") or body["auth"].get("id_token", {}).get("id")
            tokens.extend([token] if token else [])
            life = datetime.timedelta(seconds=body.get("duration_seconds") or 1800)
            end = (datetime.datetime.utcnow() + life).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
            said = {"credential": {"access": "AK", "secret": "SK", "securitytoken": "T", "expires_at": end}}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("X-Subject-Token", "unscoped")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
os.environ["HUAWEICLOUD_SDK_STS_ENDPOINT"] = os.environ["HUAWEICLOUD_SDK_IAM_ENDPOINT"] = url
credentials = CredentialProviderChain.get_basic().get_credentials()
client = HssClient.new_builder().with_credentials(credentials).with_endpoints([url]).build()
for content in ["first", "second", "third"]:
    with open(sys.argv[1], "w") as file:
        file.write(content)
    client.list_k8s_pods(ListK8sPodsRequest(limit=10))
print(",".join(tokens))
PY
call() {
    printf first > "$folder/token"
    env -i PATH="$PATH" HOME="$folder/home" HUAWEICLOUD_SDK_PROJECT_ID=project "$@" \
        "$folder/venv/bin/python" "$folder/call.py" "$folder/token"
}
agency=(HUAWEICLOUD_OIDC_PROVIDER_URN=p HUAWEICLOUD_OIDC_AGENCY_URN=a HUAWEICLOUD_OIDC_TOKEN_FILE="$folder/token")
short=$(call "${agency[@]}" HUAWEICLOUD_OIDC_DURATION_SECONDS=1800)
hour=$(call "${agency[@]}")
provider=$(call HUAWEICLOUD_SDK_IDP_ID=corp HUAWEICLOUD_SDK_ID_TOKEN_FILE="$folder/token")
echo "tokens sent for three calls, the file rewritten before each:"
echo "  OIDC, sessions of 30 minutes: $short"
echo "  OIDC, sessions of an hour: $hour"
echo "  an identity provider, pairs of 30 minutes: $provider"
[[ $short == first,first,first && $hour == first && $provider == first,second,third ]]
