#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI): where the metadata service cannot be reached, the provider chain never gets as far as
# pod identity.
#
# Expected: CredentialProviderChain tries one provider after the other, the last of them pod identity, and says why each of
# them has no credential if all have none.
# Seen on 2026-11-29: the provider before it asks 169.254.169.254. If that address cannot be reached, as in a pod whose
# network keeps pods from the metadata service of their server, requests raises its own ConnectionError, which the chain
# does not catch: it ends there, with HC_CONTAINER_CREDENTIALS_FULL_URI set and its service running. Where the metadata
# service answers, the pod gets the rights of the server instead of its own.
# Why it matters: in a pod, use PodIdentityCredentialProvider and not the chain; a tool that follows the chain's order to
# the letter works in no pod that is locked down well.
#
# Needs unshare (util-linux) and iproute2: the script runs in a network namespace that has only loopback.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install huaweicloudsdkcore==3.1.219 requests==2.34.2
mkdir "$folder/home"
printf token > "$folder/token"
cat > "$folder/call.py" <<'PY'
import http.server, json, os, sys, threading, warnings
from huaweicloudsdkcore.auth.provider import CredentialProviderChain, PodIdentityCredentialProvider

warnings.simplefilter("ignore")

class Service(http.server.BaseHTTPRequestHandler):
    """Pod identity, and where it is asked for it, the metadata service."""
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        who = "POD" if self.path == "/pod" else "SERVER"
        said = {"credential": {"access": who, "secret": "SK", "securitytoken": "T",
                               "expires_at": "2100-01-01T00:00:00.000000Z"}}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_PUT = do_POST = answer
    def log_message(self, *_):
        pass

def serve(host, port):
    server = http.server.ThreadingHTTPServer((host, port), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port

os.environ["HC_CONTAINER_CREDENTIALS_FULL_URI"] = f"http://127.0.0.1:{serve('127.0.0.1', 0)}/pod"
if "metadata" in sys.argv:
    serve("169.254.169.254", 80)
provider = PodIdentityCredentialProvider.get_basic() if "alone" in sys.argv else CredentialProviderChain.get_basic()
try:
    print(provider.get_credentials().ak)
except Exception as error:
    print(type(error).__module__ + "." + type(error).__name__)
PY
call() {
    env -i PATH="$PATH" HOME="$folder/home" HC_CONTAINER_AUTHORIZATION_TOKEN_FILE="$folder/token" \
        unshare --map-root-user --net sh -c '
            ip link set lo up
            case " $* " in *" metadata "*) ip addr add 169.254.169.254/32 dev lo ;; esac
            exec "$@"' sh "$folder/venv/bin/python" "$folder/call.py" "$@"
}
alone=$(call alone)
without=$(call)
with=$(call metadata)
echo "pod identity alone: $alone; the chain without a metadata service: $without; with one: $with"
[[ $alone == POD && $without == requests.exceptions.ConnectionError && $with == SERVER ]]
