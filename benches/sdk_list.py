"""Prints all pods as JSON lines with Huawei's own SDK, signed: what an operator would write who has no hss-top.

usage: sdk_list.py keep|stream URL AK SK

`keep` reads all pages, keeps all pods, and then prints each as the SDK itself writes an object: `print(pod)`. `stream` prints
each page when it is there and keeps nothing; it takes the dictionaries of `to_json_object()`, which is what the SDK recommends
in the place of `to_dict()`, and writes them with Python's own `json`. That is the cheapest way that the SDK has.

Neither brings together the two entries of a pod that is in both lists, checks that the list is complete, or makes texts safe.
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest


def pages(url: str, access: str, secret: str):
    client = (
        HssClient.new_builder()
        .with_credentials(BasicCredentials(access, secret, "p-1"))
        .with_endpoint(url)
        .build()
    )
    offset = 0
    while True:
        request = ListK8sPodsRequest(enterprise_project_id="all_granted_eps", offset=offset, limit=200)
        page = client.list_k8s_pods(request)
        found = len(page.data_list or []) + len(page.pod_info_list or [])
        yield page
        offset += found
        if not found or offset >= page.total_num:
            return


def keep(*server: str) -> None:
    pods = []
    for page in pages(*server):
        pods.extend(page.data_list or [])
        pods.extend(page.pod_info_list or [])
    for pod in pods:
        print(pod)


def stream(*server: str) -> None:
    for page in pages(*server):
        answer = page.to_json_object()
        for pod in (answer.get("data_list") or []) + (answer.get("pod_info_list") or []):
            print(json.dumps(pod, ensure_ascii=False))


if __name__ == "__main__":
    {"keep": keep, "stream": stream}[sys.argv[1]](*sys.argv[2:5])
