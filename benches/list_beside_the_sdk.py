"""Measures hss-top list beside Huawei's own Python SDK.

usage: list_beside_the_sdk.py PODS HSS_TOP PYTHON_WITH_SDK

Two servers answer both alike: `hss-top simulate`, and one of prepared pages, whose answers cost next to nothing. Each program
reads every pod three times, in turns; the table has the medians.
"""

import asyncio
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ACCESS, SECRET = "AKBENCH0001", "bench-secret-key"
ROUNDS = 3
# Of the SDK's CPU time, peak memory, and wall time on either server.
GOALS = {"cpu": 1 / 10, "memory": 1 / 8, "simulate": 1 / 5, "prepared": 1 / 20}
HERE = pathlib.Path(__file__).resolve().parent.parent


class Peak:
    """The most resident memory of a process, looked at until it is gone. `ru_maxrss` would tell that of this program, too: it
    is what the process was before it began the other program."""

    def __init__(self, pid: int) -> None:
        self.kib, self.path = 0, f"/proc/{pid}/status"
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self) -> None:
        while True:
            try:
                found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(self.path).read_text())
            except OSError:
                return
            if not found:
                return
            self.kib = int(found.group(1))
            time.sleep(0.01)

    def mib(self) -> float:
        self.thread.join()
        return self.kib / 1024


def measured(command: list[str], variables: dict[str, str]) -> tuple[float, float, float, bytes]:
    """CPU seconds, peak MiB, wall seconds and the output of a program that must succeed."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **variables}
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        child = subprocess.Popen(command, env=environment, stdout=out, stdin=subprocess.DEVNULL)
        peak = Peak(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{command[0]} ended with {child.returncode}")
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, peak.mib(), wall, out.read()


def pages_of(url: str, pods: int) -> dict[int, bytes]:
    """Every page of the server, whole answers ready to be sent."""
    pages = {}
    for offset in range(0, pods + 200, 200):
        query = f"{url}/v5/p-1/kubernetes/pods?enterprise_project_id=all_granted_eps&offset={offset}&limit=200"
        request = urllib.request.Request(query, headers={"X-Auth-Token": "bench-token"})
        with urllib.request.urlopen(request) as answer:
            body = answer.read()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        pages[offset] = head.encode() + body
    return pages


def serve(pages: dict[int, bytes]) -> str:
    """Serves the pages from a thread; returns the address."""
    ready, address = threading.Event(), []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"[?&]offset=(\d+)", head)
                writer.write(pages[int(found.group(1)) if found else 0])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, KeyError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        address.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return f"http://127.0.0.1:{address[0]}"


def compare(url: str, pods: int, hss_top: str, python: str) -> dict[str, list[float]]:
    """The medians of both programs on one server: CPU, memory, wall."""
    keys = {"HUAWEICLOUD_SDK_AK": ACCESS, "HUAWEICLOUD_SDK_SK": SECRET}
    ours = [hss_top, "list", "--endpoint", url, "--project-id", "p-1", "--no-state"]
    ours += ["--calls-per-minute", "100000", "--output", "jsonl", "--quiet"]
    theirs = [python, str(HERE / "tests" / "sdk_pods.py"), url, ACCESS, SECRET]
    runs: dict[str, list[tuple[float, float, float]]] = {"hss-top": [], "sdk": []}
    with tempfile.TemporaryDirectory() as runtime:
        for _ in range(ROUNDS):
            own = {**keys, "XDG_RUNTIME_DIR": runtime, "HSS_TOP_METADATA_ENDPOINT": "off"}
            *figures, out = measured(ours, own)
            lines = out.count(b"\n")
            if lines != pods:
                sys.exit(f"hss-top printed {lines} pods")
            runs["hss-top"].append(tuple(figures))
            *figures, out = measured(theirs, keys)
            told = json.loads(out)
            if told.get("nodes", 0) + told.get("serverless", 0) != pods:
                sys.exit(f"the SDK read {told}")
            runs["sdk"].append(tuple(figures))
    return {name: [statistics.median(column) for column in zip(*all_runs)] for name, all_runs in runs.items()}


def main(pods: int, hss_top: str, python: str) -> int:
    simulator = subprocess.Popen(
        [hss_top, "simulate", "--pods", str(pods - 40)],
        env={**os.environ, "HUAWEICLOUD_SDK_AK": ACCESS, "HUAWEICLOUD_SDK_SK": SECRET, "HSS_TOP_TOKEN": "bench-token"},
        stdout=subprocess.PIPE,
        text=True,
    )
    missed = []
    try:
        url = simulator.stdout.readline().strip().removeprefix("listening on ")
        print("| server | | hss-top | SDK | of the SDK | goal | |\n|---|---|---|---|---|---|---|")
        for server, address in [("simulate", url), ("prepared", serve(pages_of(url, pods)))]:
            found = compare(address, pods, hss_top, python)
            for at, (what, unit, goal) in enumerate(
                [("CPU", "s", GOALS["cpu"]), ("peak memory", "MiB", GOALS["memory"]), ("wall", "s", GOALS[server])]
            ):
                ours, theirs = found["hss-top"][at], found["sdk"][at]
                ratio = ours / theirs
                verdict = "" if ratio <= goal else "missed"
                missed += [f"{server} {what}"] if verdict else []
                print(
                    f"| {server} | {what}, {unit} | {ours:.2f} | {theirs:.2f} | {ratio:.3f} | ≤ {goal:.3f} | {verdict} |"
                )
    finally:
        simulator.terminate()
        simulator.wait()
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
