"""Signs in with Huawei's own SDK as the environment says, asks for one page, and prints ok or the kind of the error.

usage: sdk_sign_in.py URL chain|pod        (pod: only by pod identity; the chain would ask the metadata service first)
"""

import sys
import warnings

from huaweicloudsdkcore.auth.provider import (
    CredentialProviderChain,
    PodIdentityCredentialProvider,
)
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest


def main(url: str, way: str) -> str:
    warnings.simplefilter("ignore")
    try:
        if way == "pod":
            credentials = PodIdentityCredentialProvider.get_basic().get_credentials()
            credentials.with_project_id("p-1")
        else:
            credentials = CredentialProviderChain.get_basic().get_credentials()
        client = (
            HssClient.new_builder()
            .with_credentials(credentials)
            .with_region(Region("cn-north-4", url))
            .build()
        )
        client.list_k8s_pods(ListK8sPodsRequest(limit=10))
    except Exception as error:  # whatever it fails with is what is asked for
        return type(error).__name__
    return "ok"


if __name__ == "__main__":
    print(main(*sys.argv[1:3]))
