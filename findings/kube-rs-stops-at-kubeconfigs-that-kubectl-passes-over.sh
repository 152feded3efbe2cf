#!/usr/bin/env bash
# kube-client 5.0.0 (crates.io), kubectl 1.20.2 (Debian's kubernetes-client) and kubernetes 37.0.2 (PyPI): several files in KUBECONFIG.
#
# Expected: the three merge the files of KUBECONFIG alike: a file that is not there is passed over, and the current context is
# the first that is named.
# Seen on 2026-11-30: kube-client fails if one of the files is missing, whichever place it has. And it takes an empty
# `current-context: ""` for a context, so the one of a later file is lost; `kubectl config set-cluster` writes just that line into a
# new file. kubectl and the Python client find the cluster in both cases. In return the Python client fails at an
# empty file, which the other two pass over.
# Why it matters: dashboards that are built on kube-rs do not start where kubectl works, with "failed to load current context: " and
# nothing behind it, as soon as somebody puts a file made by kubectl before the usual one, or a share with one of them is not mounted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download 'kubernetes-client=1.20.5+really1.20.2-1.1+deb12u1' > /dev/null 2>&1
dpkg -x kubernetes-client_*.deb root
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install kubernetes==37.0.2
mkdir src home
cat > Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"
[dependencies]
kube-client = { version = "=5.0.0", default-features = false, features = ["config"] }
k8s-openapi = { version = "=0.29.0", features = ["latest"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat > src/main.rs <<'RUST'
use kube_client::config::{Config, KubeConfigOptions, Kubeconfig};

/// Where calls would go, according to KUBECONFIG.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let read = match Kubeconfig::read() {
        Ok(read) => read,
        Err(error) => return println!("fails: {error}"),
    };
    match Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await {
        Ok(config) => println!("{}", config.cluster_url.to_string().trim_end_matches('/')),
        Err(error) => println!("fails: {error}"),
    }
}
RUST
cat > where.py <<'PY'
from kubernetes import client, config
found = client.Configuration()
try:
    config.load_kube_config(client_configuration=found)
    print(found.host)
except config.ConfigException as error:
    print("fails:", error)
PY
cargo build --quiet
export HOME=$folder/home
kubectl=root/usr/bin/kubectl
"$kubectl" --kubeconfig=usual config set-cluster c --server=https://usual:6443 > /dev/null
"$kubectl" --kubeconfig=usual config set-context c --cluster=c > /dev/null
"$kubectl" --kubeconfig=usual config use-context c > /dev/null
"$kubectl" --kubeconfig=new config set-cluster other --server=https://other:6443 > /dev/null
echo "what kubectl wrote into a new file: $(grep current-context new)"
: > empty
try() { # KUBECONFIG, and who finds the cluster
    export KUBECONFIG=$1
    local told=() finds=()
    told=("$("$kubectl" config view --minify -o 'jsonpath={.clusters[0].cluster.server}' 2>&1)"
        "$(target/debug/probe)" "$(venv/bin/python where.py)")
    printf '%s\n    kubectl: %s\n    kube-client: %s\n    Python: %s\n' "$1" "${told[@]}"
    for one in "${told[@]}"; do
        [[ $one == https://usual:6443 ]] && finds+=(yes) || finds+=(no)
    done
    [[ ${finds[*]} == "$2" ]]
}
try usual 'yes yes yes'
try usual:missing 'yes no yes'
try missing:usual 'yes no yes'
try new:usual 'yes no yes'
try empty:usual 'yes yes no'
