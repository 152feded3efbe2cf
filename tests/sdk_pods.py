"""Lists pods with Huawei's own SDK, signed: prints what it got as one line of JSON.

usage: sdk_pods.py URL AK SK
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest


def main(url: str, access: str, secret: str) -> dict:
    client = (
        HssClient.new_builder()
        .with_credentials(BasicCredentials(access, secret, "p-1"))
        .with_endpoint(url)
        .build()
    )
    nodes, serverless, offset = set(), set(), 0
    while True:
        request = ListK8sPodsRequest(
            enterprise_project_id="all_granted_eps", offset=offset, limit=200
        )
        try:
            page = client.list_k8s_pods(request)
        except exceptions.ClientRequestException as error:
            return {"status": error.status_code, "code": error.error_code}
        rows = [page.data_list or [], page.pod_info_list or []]
        nodes.update(pod.id for pod in rows[0])
        serverless.update(
            (pod.cluster_name, pod.namespace_name, pod.pod_name) for pod in rows[1]
        )
        offset += len(rows[0]) + len(rows[1])
        if not any(rows) or offset >= page.total_num:
            return {
                "total": page.total_num,
                "nodes": len(nodes),
                "serverless": len(serverless),
            }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4]), sort_keys=True))
