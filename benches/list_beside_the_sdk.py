"""Measures hss-top list beside three programs that use Huawei's own Python SDK.

usage: list_beside_the_sdk.py PODS HSS_TOP PYTHON_WITH_SDK [HSS_TOP_BEFORE]

Two servers answer all alike: `hss-top simulate`, and one of prepared pages, whose answers cost next to nothing. Each program
reads every pod three times, in turns; the table has the medians. The goals are shares of the program that does the same as
hss-top: it keeps all pods, and prints each as a line of JSON. The two others do less, and are shown beside it: one prints each
page and keeps nothing, and one prints no pod and counts ids. What they print is compared: the same pods, each once.
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
# Of the CPU time, peak memory, and wall time on either server, of the SDK's program that keeps and prints all pods.
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


def identities(out: bytes) -> set[tuple[str, ...]]:
    """What tells the pods of these JSON lines apart; each must be there once."""
    names = ["id", "cluster_name", "namespace_name", "pod_name"]
    lines = out.splitlines()
    found = {tuple(pod.get(name) or "" for name in names) for pod in map(json.loads, lines)}
    if len(found) != len(lines):
        sys.exit(f"{len(lines)} lines have {len(found)} pods")
    return found


def compare(url: str, pods: int, builds: dict[str, str], python: str) -> dict[str, list[float]]:
    """The medians of each program on one server: CPU, memory, wall."""
    keys = {"HUAWEICLOUD_SDK_AK": ACCESS, "HUAWEICLOUD_SDK_SK": SECRET}
    ours = ["list", "--endpoint", url, "--project-id", "p-1", "--no-state"]
    ours += ["--calls-per-minute", "100000", "--output", "jsonl", "--quiet"]
    programs = {name: [build, *ours] for name, build in builds.items()}
    for how in ["keep", "stream"]:
        programs[how] = [python, str(HERE / "benches" / "sdk_list.py"), how, url, ACCESS, SECRET]
    programs["count"] = [python, str(HERE / "tests" / "sdk_pods.py"), url, ACCESS, SECRET]
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in programs}
    printed: set[tuple[str, ...]] = set()
    with tempfile.TemporaryDirectory() as runtime:
        for number in range(ROUNDS):
            for name, command in programs.items():
                own = {"XDG_RUNTIME_DIR": runtime, "HSS_TOP_METADATA_ENDPOINT": "off"} if name in builds else {}
                *figures, out = measured(command, {**keys, **own})
                runs[name].append(tuple(figures))
                if number > 0:
                    continue
                if name == "count":
                    told = json.loads(out)
                    if told.get("nodes", 0) + told.get("serverless", 0) != pods:
                        sys.exit(f"the SDK read {told}")
                    continue
                found = identities(out)
                printed = printed or found
                if found != printed or len(found) != pods:
                    sys.exit(f"{name} printed {len(found)} pods, {len(found & printed)} of them those of hss-top")
    return {name: [statistics.median(column) for column in zip(*all_runs)] for name, all_runs in runs.items()}


def main(pods: int, hss_top: str, python: str, before: str | None = None) -> int:
    simulator = subprocess.Popen(
        [hss_top, "simulate", "--pods", str(pods - 40)],
        env={**os.environ, "HUAWEICLOUD_SDK_AK": ACCESS, "HUAWEICLOUD_SDK_SK": SECRET, "HSS_TOP_TOKEN": "bench-token"},
        stdout=subprocess.PIPE,
        text=True,
    )
    missed = []
    builds = {"hss-top": hss_top, **({"before": before} if before else {})}
    try:
        url = simulator.stdout.readline().strip().removeprefix("listening on ")
        more = [" before |", "---|"] if before else ["", ""]
        print(f"| server | | hss-top |{more[0]} SDK: keeps, prints | prints pages | counts ids | of the first | goal | |")
        print(f"|---|---|---|{more[1]}---|---|---|---|---|---|")
        for server, address in [("simulate", url), ("prepared", serve(pages_of(url, pods)))]:
            found = compare(address, pods, builds, python)
            for at, (what, unit, goal) in enumerate(
                [("CPU", "s", GOALS["cpu"]), ("peak memory", "MiB", GOALS["memory"]), ("wall", "s", GOALS[server])]
            ):
                ratio = found["hss-top"][at] / found["keep"][at]
                verdict = "" if ratio <= goal else "missed"
                missed += [f"{server} {what}"] if verdict else []
                cells = " | ".join(f"{figures[at]:.2f}" for figures in found.values())
                print(f"| {server} | {what}, {unit} | {cells} | {ratio:.3f} | ≤ {goal:.3f} | {verdict} |", flush=True)
    finally:
        simulator.terminate()
        simulator.wait()
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:5]))
