#!/usr/bin/env bash
# kube-client 5.0.0 (crates.io, feature http-proxy) and kubernetes 37.0.2 (PyPI): which clusters NO_PROXY exempts.
#
# Expected: behind HTTP_PROXY and HTTPS_PROXY, a cluster that NO_PROXY names is called directly, and any other through the proxy.
# Seen on 2026-11-30: kube-client compares NO_PROXY with the address of the proxy, not with that of the cluster. A cluster that is
# named there is still called through the proxy; a proxy that is named there (or lies in a range that is) is not used for any
# cluster. And a comma at the end of NO_PROXY, which the Python client passes over, stops the program at its start.
# Why it matters: `NO_PROXY=10.0.0.0/8` is the usual line of a company with private clusters and a proxy in the same range: there kube-rs
# never uses the proxy, and cannot reach a cluster outside. With the proxy elsewhere it sends the calls to private clusters
# to the proxy, which refuses them. kubectl works in both places.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install kubernetes==37.0.2
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
kube-client = { version = "=5.0.0", default-features = false, features = ["client", "config", "http-proxy"] }
k8s-openapi = { version = "=0.29.0", features = ["latest"] }
http = "1"
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use kube_client::config::{Config, KubeConfigOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    match Config::from_kubeconfig(&KubeConfigOptions::default()).await {
        Ok(config) => {
            let client = kube_client::Client::try_from(config).unwrap();
            let pods = http::Request::get("/api/v1/namespaces/default/pods").body(Vec::new()).unwrap();
            drop(client.request_text(pods).await);
        }
        Err(error) => println!("{error}"),
    }
}
RUST
cat > call.py <<'PY'
import contextlib
from kubernetes import client, config
config.load_kube_config()
with contextlib.suppress(client.ApiException):
    client.CoreV1Api().list_namespaced_pod("default", _request_timeout=5)
PY
cat > servers.py <<'PY'
# The cluster and the proxy; each notes that it was called, and the proxy refuses.
import http.server, threading
pods = b'{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}'
def serve(name, status):
    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with open("called", "a") as called:
                print(name, file=called)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(pods)))
            self.end_headers()
            self.wfile.write(pods)
        do_CONNECT = do_GET
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever).start()
    return server.server_port
ports = serve("cluster", 200), serve("proxy", 403)
with open("ports", "w") as file:
    print(*ports, file=file)
PY
cargo build --quiet
python3 servers.py &
until [[ -s ports ]]; do sleep 0.1; done
read -r cluster proxy < ports
cat > config <<YAML
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "http://localhost:$cluster"}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: a-token}}]
YAML
unset ALL_PROXY http_proxy https_proxy all_proxy no_proxy NO_PROXY
export HOME=$folder KUBECONFIG=config HTTP_PROXY=http://127.0.0.1:$proxy HTTPS_PROXY=http://127.0.0.1:$proxy
where() { # what a client calls, or why it does not
    : > called
    local told
    told=$(timeout 30 "$@")
    echo "${told:-$(sort -u called | xargs)}"
}
try() { # NO_PROXY, and what the two clients do
    local seen
    seen="Python: $(NO_PROXY=$1 where venv/bin/python -W ignore call.py); kube-client: $(NO_PROXY=$1 where target/debug/probe)"
    echo "NO_PROXY=$1 -> $seen"
    [[ $seen == "$2" ]]
}
echo "cluster: localhost, proxy: 127.0.0.1"
try '' 'Python: proxy; kube-client: proxy'
try localhost 'Python: cluster; kube-client: proxy'
try 127.0.0.1 'Python: proxy; kube-client: cluster'
try 127.0.0.0/8 'Python: proxy; kube-client: cluster'
try 'localhost,' 'Python: cluster; kube-client: failed to parse NO_PROXY/no_proxy env var'
