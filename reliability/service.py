"""Record a web service under load, and watch what memscope itself takes.

    python reliability/service.py            # an hour
    python reliability/service.py --minutes 5

Prints each tenth of the run: memory of memscope's process, bytes of capture; and in the end whether
the known line was recorded as often as the program says, and how long the program ever waited.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from memscope.capture import load

PROGRAM = Path(__file__).parents[1] / "tests" / "end_to_end" / "programs" / "service.py"


def blocks_of(capture: Path, line: int) -> int:
    with load(capture) as opened:
        rows, nodes, codes = opened.tables.rows, opened.tables.nodes, opened.tables.codes
        return sum(
            int(opened.totals.allocations[row])
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == line
            and codes.file[nodes.code[node]] == str(PROGRAM)
            and rows.size_class[row] > 40
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    seconds = 60 * parser.parse_args().minutes
    source = PROGRAM.read_text().splitlines()
    line = next(at for at, text in enumerate(source, 1) if text.endswith("# the line"))
    with tempfile.TemporaryDirectory() as place:
        capture = Path(place, "service.mscope")
        ours = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(capture)]
        with subprocess.Popen(
            [*ours, str(PROGRAM), str(seconds)], stdout=subprocess.PIPE, text=True
        ) as process:
            memscope = psutil.Process(process.pid)
            for tenth in range(1, 10):
                time.sleep(seconds / 10)
                print(
                    f"{tenth * seconds / 10:7.0f} s  memscope's process"
                    f" {memscope.memory_info().rss / 2**20:6.1f} MiB"
                    f"  capture {capture.stat().st_size / 1024:7.0f} KiB",
                    flush=True,
                )
            assert process.stdout is not None
            counted = int(process.stdout.read())
        told = subprocess.run(
            [sys.executable, "-m", "memscope", "info", "--json", str(capture)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        about = json.loads(told.stdout)
        recorded = blocks_of(capture, line)
        size_kib = capture.stat().st_size / 1024
    print(f"the program counted {counted}, the capture holds {recorded}; {size_kib:.0f} KiB")
    print(json.dumps({name: about.get(name) for name in ("complete", "end")}))
    return 0 if counted == recorded else 1


if __name__ == "__main__":
    sys.exit(main())
