"""What `memscope run --serve` costs a web service under load: with and without, in turn.

    python benchmarks/serving.py                          # three rounds of a minute each
    python benchmarks/serving.py --seconds 300 --rounds 1 --requests-per-second 200

Both are recorded. The one that is served is scraped each second and, with --profile-every, asked
for profiles. Prints the latencies that the clients saw, of each round and the lowest of all, what
the supervisor took, and whether what was recorded is what the program and its clients counted. The
status is 0 if that is exact in each round.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from memscope.capture import load

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "tests" / "end_to_end" / "programs" / "service.py"
BLOCK_BYTES = sys.getsizeof(bytes(5000))
SCRAPE_S = 1.0


@dataclass(frozen=True, slots=True)
class Round:
    """One run: seconds of latencies, of the supervisor's CPU; its memory at a tenth and the end."""

    p50_ms: float
    p99_ms: float
    supervisor_cpu_s: float
    first_mib: float
    last_mib: float
    scrapes: int
    waits: int
    exact: bool


class Asking:
    """Asks for a path each so many seconds, while the block runs."""

    def __init__(self, url: str, every_s: float) -> None:
        self._url = url
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answered = 0

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while self._every_s and not self._over.wait(self._every_s):
            with suppress(OSError), opener.open(self._url, timeout=30) as answer:
                self.answered += bool(answer.read())


def percentile(latencies: dict[str, int], share: float) -> float:
    """In milliseconds, from counts by hundredths of one."""
    left = share * sum(latencies.values())
    for took, count in sorted((int(took), count) for took, count in latencies.items()):
        left -= count
        if left <= 0:
            return took / 100
    return float("inf")


def run(served: bool, asked: argparse.Namespace, place: Path) -> Round:
    seconds, rate = asked.seconds, asked.requests_per_second
    capture = place / "service.mscope"
    options = ["-q", "-f", "-o", str(capture), *(["--serve", ":0"] if served else [])]
    program = [str(PROGRAM), str(seconds), str(rate), "latencies"]
    process = subprocess.Popen(
        [sys.executable, "-m", "memscope", "run", *options, *program],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    supervisor = psutil.Process(process.pid)
    if served:
        said = re.fullmatch(r"memscope: serving (\S+)\n", process.stderr.readline())
        assert said is not None
        profiles = f"{said[1]}/debug/pprof/heap"
        with (
            Asking(profiles, asked.profile_every),
            Asking(f"{said[1]}/metrics", SCRAPE_S) as scrape,
        ):
            memory = watch(supervisor, seconds)
        scrapes = scrape.answered
    else:
        memory, scrapes = watch(supervisor, seconds), 0
    cpu = supervisor.cpu_times()
    latencies = json.loads(process.stderr.readline())
    counted = int(process.stdout.read())
    assert process.wait() == 0
    recorded, waits = known(capture)
    return Round(
        percentile(latencies, 0.5),
        percentile(latencies, 0.99),
        cpu.user + cpu.system,
        *memory,
        scrapes,
        waits,
        recorded == (counted, counted * BLOCK_BYTES),
    )


def watch(supervisor: psutil.Process, seconds: float) -> tuple[float, float]:
    """Its resident memory in MiB after a tenth of the time, and shortly before the end."""
    time.sleep(seconds / 10)
    first = supervisor.memory_info().rss
    time.sleep(seconds * 0.85)
    return first / 2**20, supervisor.memory_info().rss / 2**20


def known(path: Path) -> tuple[tuple[int, int], int]:
    """Blocks and bytes of the line that was counted, and how often the program waited."""
    source = PROGRAM.read_text().splitlines()
    line = next(at for at, text in enumerate(source, 1) if text.endswith("# the line"))
    with load(path) as capture:
        rows, nodes, codes = capture.tables.rows, capture.tables.nodes, capture.tables.codes
        ours = [
            row
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == line
            and codes.file[nodes.code[node]] == str(PROGRAM)
            and rows.size_class[row] > 40
        ]
        assert capture.end is not None
        totals = capture.totals
        blocks = sum(int(totals.allocations[row]) for row in ours)
        size_bytes = sum(int(totals.allocated_bytes[row]) for row in ours)
        return (blocks, size_bytes), capture.end.waits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests-per-second", type=float, default=200.0)
    parser.add_argument("--profile-every", type=float, default=0.0, help="seconds; 0: none")
    asked = parser.parse_args()
    lowest: dict[bool, float] = {}
    exact = True
    with tempfile.TemporaryDirectory() as place:
        for number in range(asked.rounds):
            for served in (False, True) if number % 2 == 0 else (True, False):
                done = run(served, asked, Path(place))
                lowest[served] = min(lowest.get(served, done.p99_ms), done.p99_ms)
                exact = exact and done.exact
                print(
                    f"{'served  ' if served else 'unserved'}  p50 {done.p50_ms:6.2f} ms"
                    f"  p99 {done.p99_ms:6.2f} ms  supervisor {done.supervisor_cpu_s:5.1f} s CPU,"
                    f" {done.first_mib:.1f} to {done.last_mib:.1f} MiB  scrapes {done.scrapes}"
                    f"  waits {done.waits}  {'exact' if done.exact else 'NOT EXACT'}",
                    flush=True,
                )
    print(f"p99 served / unserved, lowest of each: x{lowest[True] / lowest[False]:.3f}")
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
