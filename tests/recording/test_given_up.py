"""A recording that nobody listens to any more harms nothing when it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
from memscope import _recorder
kept = [bytes(400) for _ in range(50_000)]
_recorder.attach(_recorder.segment_create())
_recorder.start(0, {objects})
more = [bytes(400) for _ in range(50_000)]
for number in range(300_000):
    [number]  # nobody takes what is told: the ring fills, and after two seconds it is given up
    bytes(100)
del kept, more  # whole arenas go back to the system, which is told to nobody
_recorder.stop()
print("well")
"""


def test_arenas_that_are_gone_are_not_looked_at(tmp_path: Path) -> None:
    for objects in (False, True):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(objects=objects)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr
