"""Drives hss-top and a minimal program in a pseudo-terminal and compares them: see whole-process.sh."""

import fcntl
import os
import pty
import random
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

SLACK = 1.3  # the machine is shared
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILT = os.path.join(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"), "dist")
HSS_TOP = os.path.join(BUILT, "hss-top")
MINIMAL = os.path.join(BUILT, "examples/minimal")
ENVIRONMENT = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "HSS_TOP_METADATA_ENDPOINT": "off", "PATH": os.environ["PATH"]}


class Program:
    """A program in a pseudo-terminal of 200x60."""

    def __init__(self, arguments, **variables):
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
            os.execve(arguments[0], arguments, {**ENVIRONMENT, **variables})
        self.seen = b""

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.seen = (self.seen + data)[-(1 << 20):]
        return data

    def until(self, pattern, seconds):
        """Reads until what was written since the last call shows the pattern; answers when, in seconds since the start."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(0.05)
            if re.search(pattern, self.seen):
                self.seen = b""
                return time.perf_counter() - self.began
        raise SystemExit(f"{pattern!r} did not show")

    def settle(self, seconds=0.5):
        """Reads for a while: a screen whose ages tick is never quiet."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(0.05)

    def key(self, key):
        """Milliseconds from a key to the first byte of a changed screen."""
        while self.read(0):
            pass
        began = time.perf_counter()
        os.write(self.fd, key)
        self.read(5)
        return (time.perf_counter() - began) * 1000

    def memory(self, name="VmRSS"):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(rf"{name}:\s+(\d+)", status.read())[1]) / 1024

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        while self.read(1):
            pass
        os.waitpid(self.pid, 0)
        os.close(self.fd)


failed = False


def row(what, measured, unit, limit, of=None):
    """A line of the table; of: what a ratio is taken of."""
    global failed
    value = measured / of if of else measured
    holds = value <= limit * (SLACK if of else 1)
    failed |= not holds
    sign = "×" if of else f" {unit}"
    print(f"| {what} | {value:.2f}{sign} | {limit}{sign} | {'' if holds else 'missed'} |", flush=True)


def first_frames():
    times = {MINIMAL: [], HSS_TOP: []}
    for _ in range(15):
        for program in times:
            arguments = [program] + (["--demo", "--no-state"] if program == HSS_TOP else [])
            run = Program(arguments)
            # The first byte of hss-top is the switch to the other screen; its first frame ends with this.
            times[program].append(run.until(rb"FRESH|LOADING", 10))
            run.end()
    row("exec to first frame, of a minimal program", min(times[HSS_TOP]), "", 2, of=min(times[MINIMAL]))


def keys(pods):
    run = Program([HSS_TOP, "--demo", "--no-state", "--pods", "1000"])
    run.until(rb"FRESH", 30)
    run.settle()
    times = []
    for at in range(200):
        time.sleep(0.03)  # faster than any key repeats
        times.append(run.key(b"j" if at % 2 else b"k"))
    row("key to changed screen, 1,000 pods: median", statistics.median(times), "ms", 5)
    row("the same: p99", sorted(times)[197], "ms", 16)
    run.end()
    run = Program([HSS_TOP, "--demo", "--no-state", "--pods", str(pods), "--calls-per-minute", "1000000"])
    run.until(rb"LOADING [0-9]", 30)
    times = []
    for at in range(100):
        times.append(run.key(b"j" if at % 2 else b"k"))
        time.sleep(0.03)
    row(f"key to changed screen while {pods:,} pods are loaded: median", statistics.median(times), "ms", 5)
    row("the same: p99", sorted(times)[98], "ms", 16)
    run.end()
    before = os.environ.get("HSS_TOP_BEFORE")
    if before:
        keys_in_turns(before)


def keys_in_turns(before):
    """Both builds at once: whatever else the machine does meets both. Each key of one is compared with the next of the other."""
    runs = [Program([program, "--demo", "--no-state", "--pods", "1000"]) for program in (HSS_TOP, before)]
    for run in runs:
        run.until(rb"FRESH", 60)
        run.settle()
    cpu = [run.cpu() for run in runs]
    times = [[], []]
    for at in range(600):
        for which in random.sample((0, 1), 2):
            time.sleep(0.015)
            for run in runs:
                while run.read(0):
                    pass
            times[which].append(runs[which].key(b"j" if at % 2 else b"k"))
    of_both = [statistics.median(of_one) for of_one in times]
    ratio = statistics.median(here / there for here, there in zip(*times))
    print(f"(in turns: {of_both[0]:.2f} ms, and {of_both[1]:.2f} ms of the build before)", file=sys.stderr)
    row("key to changed screen, 1,000 pods, of the build before, in turns", ratio, "", 1.1, of=1)
    cpu = [run.cpu() - begun for run, begun in zip(runs, cpu)]
    row("the same: processor time", cpu[0], "", 1.1, of=cpu[1])
    for run in runs:
        run.end()


def memory(pods):
    for count, limit in [(1_000, 20), (100_000, 40), (pods, 330)]:
        run = Program([HSS_TOP, "--demo", "--no-state", "--pods", str(count), "--calls-per-minute", "1000000"])
        run.until(rb"FRESH", 600)
        run.settle(1)
        for keys in [b"/pay\r", b"\x1b", b"C", b"N", b"R"]:
            os.write(run.fd, keys)
            run.settle(1.5)
        run.settle(4)  # until the last sort is over
        row(f"memory with {count:,} pods shown, filtered and sorted", run.memory(), "MiB", limit)
        run.end()


def idle():
    run = Program([HSS_TOP, "--demo", "--no-state", "--pods", "10000"])
    run.until(rb"FRESH", 30)
    run.settle(1)
    cpu, written, began = run.cpu(), 0, time.perf_counter()
    while time.perf_counter() - began < 30:
        written += len(run.read(0.5))
    seconds = time.perf_counter() - began
    row("idle with 10,000 pods: of a core", (run.cpu() - cpu) / seconds * 100, "%", 0.3)
    row("idle: bytes a second to the terminal", written / seconds, "bytes", 200)
    run.end()


class Saved:
    """The state that a build saved of so many pods of a server that is gone."""

    def __init__(self, program, pods, state):
        self.program = program
        self.variables = {"HSS_TOP_TOKEN": "t", "XDG_STATE_HOME": state, "XDG_RUNTIME_DIR": state}
        hss = subprocess.Popen(
            [program, "simulate", "--pods", str(pods), "--serverless", "0"],
            stdout=subprocess.PIPE, env=ENVIRONMENT, text=True)
        url = hss.stdout.readline().split()[-1]
        self.flags = ["--endpoint", url, "--project-id", "p", "--calls-per-minute"]
        run = Program([program] + self.flags + ["1000000"], **self.variables)
        run.until(rb"FRESH", 60)
        run.settle(2)
        run.end()
        hss.kill()
        hss.wait()

    def restart(self):
        """Milliseconds from exec to the frame that shows the pods."""
        run = Program([self.program] + self.flags + ["1"], **self.variables)
        shown = run.until(rb"100,000", 10) * 1000
        run.end()
        return shown

    def command(self, *arguments):
        """Milliseconds from exec to the end of a command that uses the saved list."""
        return exec_to_exit([self.program, *arguments, "--max-age", "1h"] + self.flags + ["1"], self.variables)


def exec_to_exit(arguments, variables):
    began = time.perf_counter()
    ended = subprocess.run(arguments, env={**ENVIRONMENT, **variables}, stdout=subprocess.DEVNULL)
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{arguments} ended with {ended.returncode}")
    return (time.perf_counter() - began) * 1000


def restart():
    before = os.environ.get("HSS_TOP_BEFORE")
    with tempfile.TemporaryDirectory() as folder:
        builds = [HSS_TOP] + ([before] if before else [])
        states = [tempfile.mkdtemp(dir=folder) for _ in builds]
        saved = [Saved(build, 100_000, state) for build, state in zip(builds, states)]
        restarts, lists = [[] for _ in saved], []
        for _ in range(7):
            for times, of_build in zip(restarts, saved):
                times.append(of_build.restart())
            lists.append(saved[0].command("list", "--output", "jsonl", "--quiet"))
        row("started again: 100,000 known pods on the screen, nobody asked", min(restarts[0]), "ms", 300)
        if before:
            row("the same, of the build before", min(restarts[0]), "", 0.6, of=min(restarts[1]))
        row("list --max-age of 100,000 saved pods, of that start", min(lists), "", 1.5, of=min(restarts[0]))
        small = Saved(HSS_TOP, 1_000, tempfile.mkdtemp(dir=folder))
        versions, checks = [], []
        for _ in range(25):
            versions.append(exec_to_exit([HSS_TOP, "--version"], {}))
            checks.append(small.command("check", "--fail-on", "status:Failed"))
        row("check --max-age of 1,000 saved pods, of --version", min(checks), "", 1.5, of=min(versions))


def main():
    pods = int(sys.argv[1])
    print("| the whole program, in a pseudo-terminal of 200x60 | measured | limit | |\n|---|---|---|---|", flush=True)
    parts = {
        "first_frames": first_frames,
        "keys": lambda: keys(pods),
        "idle": idle,
        "restart": restart,
        "memory": lambda: memory(pods),
    }
    for name in filter(None, os.environ.get("PARTS", ",".join(parts)).split(",")):
        parts[name]()
    sys.exit(failed)


main()
