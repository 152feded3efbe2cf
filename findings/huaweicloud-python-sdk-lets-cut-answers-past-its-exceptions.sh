#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI; requests 2.34.2, urllib3 2.8.0): which exception a caller gets for an answer that is cut
# or that does not come.
#
# Expected: as its guide has it, each failure is one of the SDK's exceptions, a timeout is a CallTimeoutException, and the
# SDK's own with_retry makes the call again if it is told to do so for every exception.
# Seen on 2026-11-30: an answer that ends too early, with a length or in chunks, is an exception of requests that is no
# SdkException, and with_retry does not make the call again. A POST that is not answered in time is a ReadTimeout of requests,
# also made once only. A GET that is not answered in time is a ConnectionException, and is made again. Nothing is a
# CallTimeoutException.
# Why it matters: a job that catches SdkException and retries is ended by the one failure that a busy gateway causes most, the
# connection that closes in the middle of a page; and "was it a timeout" cannot be asked by the class of the exception.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
cat > "$folder/call.py" <<'PY'
import logging, socket, threading, time
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import RequestTimeoutException, SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.retry.backoff_strategy import BackoffStrategies
from huaweicloudsdkhss.v5 import CreateClustersInfoRequest, HssClient, ListK8sPodsRequest

logging.disable()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWERS = {
    "none in time": None,
    "closed before the answer": b"",
    "cut, with a length": HEAD + b"Content-Length: 30\r\n\r\n{",
    "cut, in chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
}
calls, answer = 0, None

def serve(connection):
    global calls
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    calls += 1
    if answer is None:
        time.sleep(3)
    else:
        connection.sendall(answer)
    connection.close()

def accept():
    while True:
        threading.Thread(target=serve, args=(gateway.accept()[0],), daemon=True).start()

gateway = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, daemon=True).start()
url = f"http://127.0.0.1:{gateway.getsockname()[1]}"
table = {}
for what, answer in ANSWERS.items():
    for method in ("GET", "POST"):
        calls = 0
        client = (HssClient.new_builder().with_http_config(HttpConfig(timeout=1))
                  .with_credentials(BasicCredentials("AK", "SK", "p")).with_endpoints([url]).build())
        call = (client.list_k8s_pods_invoker(ListK8sPodsRequest(limit=10)) if method == "GET"
                else client.create_clusters_info_invoker(CreateClustersInfoRequest()))
        try:
            call.with_retry(lambda _, error: error is not None, 2, BackoffStrategies.NONE).invoke()
        except Exception as error:
            kind = type(error)
            table[what, method] = kind.__name__, isinstance(error, SdkException), calls
            assert not isinstance(error, RequestTimeoutException)
        name, is_of_the_sdk, made = table[what, method]
        print(f"{method}, answer {what}: {name}, {'of the SDK' if is_of_the_sdk else 'not of the SDK'}, {made} of 3 calls made")
of_the_sdk, cut = ("ConnectionException", True, 3), ("ChunkedEncodingError", False, 1)
assert table == {
    ("none in time", "GET"): of_the_sdk, ("none in time", "POST"): ("ReadTimeout", False, 1),
    ("closed before the answer", "GET"): of_the_sdk, ("closed before the answer", "POST"): of_the_sdk,
    ("cut, with a length", "GET"): cut, ("cut, with a length", "POST"): cut,
    ("cut, in chunks", "GET"): cut, ("cut, in chunks", "POST"): cut,
}, table
PY
env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy HOME="$folder" "$folder/sdk/bin/python" -W ignore "$folder/call.py"
