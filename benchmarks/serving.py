"""What `memscope run --serve` costs a web service under load: with and without, in turn.

    python benchmarks/serving.py                 # five rounds of two minutes each way: half an hour
    python benchmarks/serving.py --seconds 30 --rounds 8 --no-control

All are recorded. The one that is served is scraped each second and, with --profile-every, asked for
profiles. Without --serve the program runs twice a round: how far these two are apart is what the
machine does by itself, and no ratio below that says anything. Prints the latencies that the clients
saw, what the supervisor took, and whether what was recorded is what the program and its clients
counted; then the medians of the rounds' ratios, and the ratio of the lowest. The status is 0 if
all was exact.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
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


def tell(way: str, done: Round) -> None:
    print(
        f"{way:9} p50 {done.p50_ms:6.2f} ms  p99 {done.p99_ms:6.2f} ms"
        f"  supervisor {done.supervisor_cpu_s:5.1f} s CPU,"
        f" {done.first_mib:.1f} to {done.last_mib:.1f} MiB  scrapes {done.scrapes}"
        f"  waits {done.waits}  {'exact' if done.exact else 'NOT EXACT'}",
        flush=True,
    )


def compared(name: str, rounds: list[Round], base: list[Round]) -> str:
    """Each round against the same round of the base: both saw the same minutes of the machine."""
    pairs = list(zip(rounds, base, strict=True))
    p99 = sorted(one.p99_ms / other.p99_ms for one, other in pairs)
    p50 = statistics.median(one.p50_ms / other.p50_ms for one, other in pairs)
    lowest = min(one.p99_ms for one in rounds) / min(other.p99_ms for other in base)
    return (
        f"{name}: p99 x{statistics.median(p99):.3f} ({p99[0]:.2f} to {p99[-1]:.2f}),"
        f" p50 x{p50:.3f}, lowest p99 of each x{lowest:.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests-per-second", type=float, default=100.0)
    parser.add_argument("--profile-every", type=float, default=0.0, help="seconds; 0: none")
    parser.add_argument("--no-control", action="store_true", help="unserved once a round")
    asked = parser.parse_args()
    ways = ["unserved", "served", *([] if asked.no_control else ["control"])]
    done: dict[str, list[Round]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as place:
        for number in range(asked.rounds):
            first = number % len(ways)  # each way is first, and last, in turn
            for way in ways[first:] + ways[:first]:
                done[way].append(run(way == "served", asked, Path(place)))
                tell(way, done[way][-1])
    print(compared("served / unserved", done["served"], done["unserved"]))
    if not asked.no_control:
        print(compared("unserved / unserved", done["control"], done["unserved"]))
    return 0 if all(each.exact for rounds in done.values() for each in rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
