"""Reads pages of pods with Huawei's own SDK, signed, one after the other: prints the seconds that it took.

usage: sdk_pages.py URL PAGES
"""

import sys
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

url, pages = sys.argv[1], int(sys.argv[2])
credentials = BasicCredentials("AKBENCH0001", "bench-secret-key", "p")
client = HssClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def read(page: int) -> None:
    request = ListK8sPodsRequest(enterprise_project_id="all_granted_eps", offset=page * 200, limit=200)
    assert len(client.list_k8s_pods(request).data_list) == 200, page


read(0)
begun = time.monotonic()
for number in range(pages):
    read(number)
print(time.monotonic() - begun)
