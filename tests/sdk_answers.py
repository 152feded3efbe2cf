"""Asks for a page as often as told with Huawei's own SDK, and prints what it read each time as a JSON list of lines.

usage: sdk_answers.py URL TIMES        (the lines are described in tests/support/answers.rs)
"""

import json
import sys
import warnings

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest


def cell(value) -> str:
    if value is None:
        return "–"
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    # Half a surrogate pair cannot be printed.
    units = str(value).encode("utf-16", "surrogatepass")
    return units.decode("utf-16", "replace")


def entry(pod) -> str:
    return "|".join(
        cell(value) for value in (pod.pod_name, pod.status, pod.cpu, pod.create_time)
    )


def line(client: HssClient) -> str:
    request = ListK8sPodsRequest(enterprise_project_id="all_granted_eps", limit=200)
    try:
        page = client.list_k8s_pods(request)
    except exceptions.ServiceResponseException as error:
        return f"error {error.status_code} {error.error_code}: {cell(error.error_msg)}"
    except Exception as error:  # whatever it fails with is what is asked for
        return f"failed: {type(error).__name__}: {error}"
    lists = [rows for rows in (page.data_list, page.pod_info_list) if rows is not None]
    if not lists:
        return f"no list of {cell(page.total_num)}"
    rows = [entry(pod) for rows in lists for pod in rows]
    cells = ",".join(f" {row}" for row in rows)
    return f"{len(rows)} of {cell(page.total_num)}:{cells}"


def main(url: str, times: int) -> list:
    warnings.simplefilter("ignore")
    client = (
        HssClient.new_builder()
        .with_credentials(BasicCredentials("AKEXAMPLE0001", "sk-example", "p-1"))
        .with_endpoint(url)
        .build()
    )
    return [line(client) for _ in range(times)]


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
