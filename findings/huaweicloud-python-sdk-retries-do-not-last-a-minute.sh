#!/usr/bin/env bash
# huaweicloudsdkcore 3.1.219 (PyPI; urllib3 2.8.0): the two retries of the SDK at a gateway that allows 5 calls a minute.
#
# Expected: with the most retries, 10, and a strategy that backs off, a call that was throttled succeeds in the next minute, as
# the longest pause of the SDK is a minute. Each attempt is signed anew.
# Seen on 2026-11-30: the pauses begin with 20 ms, so the ten of EQUAL_JITTER are 20 s together at most, those of RANDOM_JITTER
# too, and those of DECOR_RELATED_JITTER, which do not grow, 0.3 s. Retry-After is not looked at. The other retry, retry_times
# of HttpConfig, makes its first attempts within a tenth of a second; it does wait for Retry-After, as long as that
# is and past the timeout of the call, and then sends the first request again: same date, same signature, which a gateway refuses
# after 15 minutes.
# Why it matters: at a limit per minute, as HSS has one for each call, no retry of the SDK helps, and each of them spends up to ten more
# calls of the same limit. The caller has to wait by itself, and to build a new request.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/../tests/install-sdk.sh" "$folder/sdk"
cat > "$folder/call.py" <<'PY'
import http.server, logging, threading, time
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.retry.backoff_strategy import BackoffStrategies
from huaweicloudsdkhss.v5 import HssClient, ListK8sPodsRequest

logging.disable()
seen, retry_after, allows_after = [], None, float("inf")

class Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append((time.monotonic() - start, self.headers["X-Sdk-Date"]))
        self.send_response(200 if seen[-1][0] > allows_after else 429)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *_):
        pass

gateway = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=gateway.serve_forever, daemon=True).start()

def call(what, retry_times=0, strategy=None):
    global start
    config = HttpConfig(timeout=1, retry_times=retry_times)
    client = (HssClient.new_builder().with_http_config(config).with_credentials(BasicCredentials("AK", "SK", "p"))
              .with_endpoints([f"http://127.0.0.1:{gateway.server_port}"]).build())
    call = client.list_k8s_pods_invoker(ListK8sPodsRequest(limit=10))
    if strategy:
        call.with_retry(lambda _, error: isinstance(error, ClientRequestException) and error.status_code == 429, 10, strategy)
    seen.clear()
    start = time.monotonic()
    try:
        call.invoke()
        told = "answer"
    except ClientRequestException as error:
        told = str(error.status_code)
    dates = len({date for _, date in seen})
    print(f"{what}: {told}; {len(seen)} calls in {seen[-1][0]:.1f} s, {dates} dates of signatures")
    return told, len(seen), seen[-1][0], dates

for name in ("EQUAL_JITTER", "RANDOM_JITTER", "DECOR_RELATED_JITTER"):
    strategy = getattr(BackoffStrategies, name)
    longest = max(sum(strategy.calculate_retry_delay_millis(attempt) for attempt in range(1, 11)) for _ in range(1000)) / 1000
    print(f"{name}: the ten pauses are {longest:.1f} s at most, in 1000 tries")
    assert longest < 20.5
allows_after = 60
retry_after = "60"
told, calls, last, _ = call("with_retry, 10 times, EQUAL_JITTER", strategy=BackoffStrategies.EQUAL_JITTER)
assert (told, calls) == ("429", 11) and 8 < last < 25
told, calls, last, _ = call("with_retry, 10 times, DECOR_RELATED_JITTER", strategy=BackoffStrategies.DECOR_RELATED_JITTER)
assert (told, calls) == ("429", 11) and last < 3
retry_after = None
told, calls, last, dates = call("retry_times=3", retry_times=3)
assert (told, calls) == ("429", 4) and last < 1
allows_after, retry_after = 5, "6"
told, calls, last, dates = call("retry_times=3, Retry-After: 6, timeout of 1 s", retry_times=3)
assert (told, calls, dates) == ("answer", 2, 1) and last > 5.9
PY
env -u HTTP_PROXY -u http_proxy -u ALL_PROXY -u all_proxy HOME="$folder" "$folder/sdk/bin/python" -W ignore "$folder/call.py"
