#!/usr/bin/env bash
# huaweicloudsdkcore and huaweicloudsdkhss 3.1.219 (PyPI): with OIDC the SDK signs in at sts.cn-north-4 for every region.
#
# Expected: a client of ap-southeast-3 asks the STS of ap-southeast-3, which is in the SDK's own table of STS endpoints,
# as it asks the HSS of that region.
# Seen on 2026-11-29: the identity token goes to sts.cn-north-4.myhuaweicloud.com, whatever the client's region is. The
# table is used for another call (the caller's identity), but the sign-in asks for its default without a region.
# Why it matters: a network that lets a program reach its own region only cannot sign in, with an error that names a host
# on another continent; HUAWEICLOUD_SDK_STS_ENDPOINT must be set. Who must keep credentials in a region does not.
#
# A proxy on loopback takes down which host the SDK wants to reach; nothing leaves this machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install \
    huaweicloudsdkcore==3.1.219 huaweicloudsdkhss==3.1.219 requests==2.34.2
mkdir "$folder/home"
cat > "$folder/call.py" <<'PY'
import socket, sys, threading, warnings
from huaweicloudsdkcore.auth.endpoint import get_sts_endpoint_by_id
from huaweicloudsdkcore.auth.provider import CredentialProviderChain
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest
from huaweicloudsdkhss.v5.region.hss_region import HssRegion

warnings.simplefilter("ignore")
region, wanted = sys.argv[1], []
proxy = socket.create_server(("127.0.0.1", 0))

def serve():
    while True:
        caller, _ = proxy.accept()
        wanted.append(caller.recv(4096).split()[1].decode())
        caller.close()

threading.Thread(target=serve, daemon=True).start()
config = HttpConfig.get_default_config()
config.proxy_protocol, config.proxy_host, config.proxy_port = "http", "127.0.0.1", proxy.getsockname()[1]
config.retry_times = 0
credentials = CredentialProviderChain.get_basic().get_credentials()
client = (HssClient.new_builder().with_http_config(config).with_credentials(credentials)
          .with_region(HssRegion.value_of(region)).build())
try:
    client.list_k8s_pods(ListK8sPodsRequest(limit=10))
except Exception:  # the proxy leads nowhere
    pass
print(wanted[0], get_sts_endpoint_by_id(region))
PY
call() {
    env -i PATH="$PATH" HOME="$folder/home" HUAWEICLOUD_SDK_PROJECT_ID=project HUAWEICLOUD_OIDC_PROVIDER_URN=p \
        HUAWEICLOUD_OIDC_AGENCY_URN=a HUAWEICLOUD_OIDC_ID_TOKEN=token \
        "$folder/venv/bin/python" "$folder/call.py" "$1" 2> /dev/null
}
for region in ap-southeast-3 af-south-1; do
    read -r wanted table <<< "$(call "$region")"
    echo "$region: wanted $wanted; the SDK's table says $table"
    [[ $wanted == sts.cn-north-4.myhuaweicloud.com:443 && $table == "https://sts.$region.myhuaweicloud.com" ]]
done
