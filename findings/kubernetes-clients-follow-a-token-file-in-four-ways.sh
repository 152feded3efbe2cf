#!/usr/bin/env bash
# kubectl 1.20.2 (Debian), kube-client 5.0.0 (crates.io), kubernetes 37.0.2, kubernetes_asyncio 36.1.0, lightkube 1.0.1, kr8s 0.20.15
# (PyPI) and @kubernetes/client-node 1.4.0 (npm): `tokenFile` of a kubeconfig, whose token is rotated.
#
# Expected: all read the token from the file that the kubeconfig names, and a while after it was rotated they send the new one.
# Seen on 2026-11-30: kubectl (here its proxy) and kube-client read the file again each minute; lightkube does when the server says
# 401. kubernetes and kubernetes_asyncio read it once: every call fails once the first token has expired, for good. kr8s and
# client-node do not know `tokenFile` at all: their calls are anonymous, and nothing says so.
# Why it matters: a tool outside of the cluster that keeps its token in a file (for an agent that renews it) works with `kubectl` and in
# the tests of the first hour, and is locked out after it: the monitor has to load its configuration anew.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download 'kubernetes-client=1.20.5+really1.20.2-1.1+deb12u1' > /dev/null 2>&1
dpkg -x kubernetes-client_*.deb root
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install kubernetes==37.0.2 kubernetes_asyncio==36.1.0 lightkube==1.0.1 kr8s==0.20.15 trustme==1.2.1
npm install --silent --no-audit --no-fund --prefix "$folder" @kubernetes/client-node@1.4.0 > /dev/null
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
kube-client = { version = "=5.0.0", default-features = false, features = ["client", "config"] }
k8s-openapi = { version = "=0.29.0", features = ["latest"] }
http = "1"
tokio = { version = "1", features = ["macros", "rt", "time"] }
TOML
cat > src/main.rs <<'RUST'
use kube_client::config::{Config, KubeConfigOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = Config::from_kubeconfig(&KubeConfigOptions::default()).await.unwrap();
    let client = kube_client::Client::try_from(config).unwrap();
    for seconds in [0, 75] {
        tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
        let pods = http::Request::get("/api/v1/namespaces/default/pods").body(Vec::new()).unwrap();
        drop(client.request_text(pods).await);
    }
}
RUST
cat > server.py <<'PY'
# Takes the token that is in the file, and notes what each client sent: its kubeconfig has a path of its own.
import http.server, json, ssl, threading, trustme
about = {
    "/version": {"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["list"]}]},
    "/api/v1/namespaces/default/pods": {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []},
}
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        who, path = self.path.split("?")[0].rstrip("/")[1:].split("/", 1)
        status, body = 200, about["/" + path]
        if path.endswith("pods"):
            sent = self.headers.get("Authorization", "nothing").removeprefix("Bearer ")
            with open("token") as token:
                if sent != token.read():
                    status, body = 401, {"kind": "Status", "apiVersion": "v1", "code": 401, "reason": "Unauthorized"}
            with open("seen-" + who, "a") as seen:
                print(sent, status, file=seen)
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
plain, secure = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) for _ in range(2))
authority = trustme.CA()
authority.cert_pem.write_to_path("ca.pem")
identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("127.0.0.1").configure_cert(identity)
secure.socket = identity.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=secure.serve_forever).start()
with open("ports", "w") as ports:
    print(plain.server_port, secure.server_port, file=ports)
plain.serve_forever()
PY
cat > python.py <<'PY'
import asyncio, contextlib, sys, time
who = sys.argv[1]
if who == "kubernetes":
    from kubernetes import client, config
    config.load_kube_config()
    api = client.CoreV1Api()
    def call():
        api.list_namespaced_pod("default")
elif who == "lightkube":
    from lightkube import Client
    from lightkube.resources.core_v1 import Pod
    lightkube = Client()
    def call():
        list(lightkube.list(Pod, namespace="default"))
elif who == "kr8s":
    import kr8s
    def call():
        list(kr8s.get("pods", namespace="default"))
else:
    from kubernetes_asyncio import client, config
    loop = asyncio.new_event_loop()
    async def start():
        await config.load_kube_config()
        return client.CoreV1Api(client.ApiClient())
    api = loop.run_until_complete(start())
    def call():
        loop.run_until_complete(api.list_namespaced_pod("default"))
for seconds in 0, 75:
    time.sleep(seconds)
    with contextlib.suppress(Exception):
        call()
PY
cat > node.mjs <<'JS'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CoreV1Api);
for (const seconds of [0, 75]) {
  await new Promise(slept => setTimeout(slept, 1000 * seconds));
  await api.listNamespacedPod({ namespace: 'default' }).catch(() => {});
}
JS
cargo build --quiet
export HOME=$folder
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
printf first > token
venv/bin/python -W ignore server.py &
until [[ -s ports ]]; do sleep 0.1; done
read -r plain secure < ports
clients=(kubectl kube-client lightkube kubernetes kubernetes_asyncio kr8s client-node)
for who in "${clients[@]}"; do
    cluster="server: http://127.0.0.1:$plain/$who, insecure-skip-tls-verify: true"
    [[ $who != kubectl ]] || cluster="server: https://127.0.0.1:$secure, certificate-authority: $folder/ca.pem"
    cat > "config-$who" <<YAML
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {$cluster}}]
contexts: [{name: c, context: {cluster: c, user: u, namespace: default}}]
users: [{name: u, user: {tokenFile: $folder/token}}]
YAML
done
proxied() {
    root/usr/bin/kubectl proxy --port=0 > proxy &
    until [[ -s proxy ]]; do sleep 0.1; done
    for seconds in 0 75; do
        sleep "$seconds"
        # kubectl sends a token by TLS only, and its proxy leaves out the path of the cluster's address.
        curl -s -o /dev/null "http://$(grep -o '127.*' proxy)/kubectl/api/v1/namespaces/default/pods"
    done
    kill $!
    wait $! 2> /dev/null || true
}
KUBECONFIG=config-kubectl proxied &
running=$!
KUBECONFIG=config-kube-client target/debug/probe &
running+=" $!"
KUBECONFIG=config-client-node node node.mjs &
running+=" $!"
for who in lightkube kubernetes kubernetes_asyncio kr8s; do
    KUBECONFIG=config-$who venv/bin/python -W ignore python.py "$who" 2> "log-$who" &
    running+=" $!"
done
for who in "${clients[@]}"; do
    until [[ -s seen-$who ]]; do sleep 0.1; done
done
sleep 3
printf second > token
wait $running
for who in "${clients[@]}"; do
    echo "$who sends: $(sort -u "seen-$who" | paste -sd, | sed 's/,/, /g'); the last call: $(tail -1 "seen-$who")"
done
for who in kubectl kube-client lightkube; do
    [[ $(head -1 "seen-$who") == 'first 200' && $(tail -1 "seen-$who") == 'second 200' ]]
done
[[ $(grep -c 401 seen-kubectl seen-kube-client seen-lightkube) == $'seen-kubectl:0\nseen-kube-client:0\nseen-lightkube:1' ]]
for who in kubernetes kubernetes_asyncio; do
    [[ $(< "seen-$who") == $'first 200\nfirst 401' ]]
done
for who in kr8s client-node; do
    [[ $(sort -u "seen-$who") == 'nothing 401' ]]
done
