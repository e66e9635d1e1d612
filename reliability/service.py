"""Record a web service under load, and watch what memscope itself takes.

    python reliability/service.py            # an hour, as fast as it goes
    python reliability/service.py --minutes 5 --requests-per-second 300

Prints each tenth of the run: memory of memscope's process, bytes of capture. In the end it holds
the recording against what the program and its clients counted, the number of windows against what
the format promises, the memory against what it was at the first tenth, and says how long the
program ever waited. The status is 0 if all of that is as promised.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from memscope.capture import load

PROGRAM = Path(__file__).parents[1] / "tests" / "end_to_end" / "programs" / "service.py"
BLOCK_BYTES = sys.getsizeof(bytes(5000))  # what a response takes, as the interpreter says
WINDOW_SECONDS = 0.020  # the shortest; then a sixteenth of the run so far
RSS_MAY_GROW_BYTES = 1 << 20  # from the first tenth to the last: the stacks are known by then


def known(capture: Path, line: int) -> tuple[int, int, int]:
    """Blocks and bytes that the known line allocated, and the windows of the capture."""
    with load(capture) as opened:
        rows, nodes, codes = opened.tables.rows, opened.tables.nodes, opened.tables.codes
        ours = [
            row
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == line
            and codes.file[nodes.code[node]] == str(PROGRAM)
            and rows.size_class[row] > 40
        ]
        totals = opened.totals
        return (
            sum(int(totals.allocations[row]) for row in ours),
            sum(int(totals.allocated_bytes[row]) for row in ours),
            sum(1 for _ in opened.windows()),
        )


def most_windows(seconds: float) -> int:
    """Windows that docs/capture-format.md allows a recording of this length."""
    steady = 16 * WINDOW_SECONDS  # until then a sixteenth of the run is shorter than the shortest
    if seconds <= steady:
        return math.ceil(seconds / WINDOW_SECONDS) + 1
    return 16 + math.ceil(math.log(seconds / steady) / math.log(17 / 16)) + 1


def watch(memscope: psutil.Process, capture: Path, seconds: float) -> list[int]:
    """Resident bytes of memscope's process at each tenth of the run but the last."""
    resident = []
    for tenth in range(1, 10):
        time.sleep(seconds / 10)
        resident.append(memscope.memory_info().rss)
        print(
            f"{tenth * seconds / 10:7.0f} s  memscope's process {resident[-1] / 2**20:6.1f} MiB"
            f"  capture {capture.stat().st_size / 1024:7.0f} KiB",
            flush=True,
        )
    return resident


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--requests-per-second", type=float, default=0.0, help="0: no limit")
    asked = parser.parse_args()
    seconds = 60 * asked.minutes
    source = PROGRAM.read_text().splitlines()
    line = next(at for at, text in enumerate(source, 1) if text.endswith("# the line"))
    with tempfile.TemporaryDirectory() as place:
        capture = Path(place, "service.mscope")
        ours = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(capture), str(PROGRAM)]
        with subprocess.Popen(
            [*ours, str(seconds), str(asked.requests_per_second)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            resident = watch(psutil.Process(process.pid), capture, seconds)
            assert process.stdout is not None
            counted = int(process.stdout.read())
        told = subprocess.run(
            [sys.executable, "-m", "memscope", "info", "--json", str(capture)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        about = json.loads(told.stdout)
        blocks, size_bytes, windows = known(capture, line)
        size_kib = capture.stat().st_size / 1024
    recorder = about["recorder"]
    print(f"counted by program and clients {counted}; recorded {blocks}, {size_bytes} bytes")
    allowed = most_windows(about["duration_s"])
    print(f"capture {size_kib:.0f} KiB when packed; windows {windows}, allowed {allowed}")
    print(f"waits {recorder['waits']}, together {recorder['wait_ns'] / 1e6:.1f} ms")
    print(json.dumps({"complete": about["complete"], **recorder}))
    promised = {
        "exact": (blocks, size_bytes) == (counted, counted * BLOCK_BYTES),
        "complete": about["complete"] and recorder["reason"] == "exited",
        "windows": windows <= allowed,
        "memory": resident[-1] - resident[0] <= RSS_MAY_GROW_BYTES,
    }
    print(*(f"{name}: {'as promised' if kept else 'BROKEN'}" for name, kept in promised.items()))
    return 0 if all(promised.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
