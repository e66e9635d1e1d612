"""interim.py CAPTURE INTERIM READY GO PROGRAM: records a program, with a capture of in between.

Once the program has made READY an interim capture is written, and then GO is made. Without INTERIM
(it is empty) only GO is.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from memscope.recording.supervisor import RunOptions, run
from memscope.recording.target import Target
from memscope.recording.watched import Watched


class InBetween:
    """Takes one interim capture while the program waits."""

    def __init__(self, interim: str, ready: Path, go: Path) -> None:
        self.thread = threading.Thread(target=self._take, args=(interim, ready, go))
        self.recording: Watched | None = None

    def start(self, recording: Watched) -> None:
        self.recording = recording
        self.thread.start()

    def stop(self) -> None:
        self.thread.join()

    def _take(self, interim: str, ready: Path, go: Path) -> None:
        assert self.recording is not None
        while not ready.exists():
            time.sleep(0.01)
        try:
            if interim:
                fd = os.open(interim, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self.recording.write_interim(fd)
                os.close(fd)
        finally:
            go.touch()


if __name__ == "__main__":
    capture, interim, ready, go, program = sys.argv[1:6]
    outcome = run(
        Target("file", program, ()),
        RunOptions(output=Path(capture), objects="--no-objects" not in sys.argv),
        [InBetween(interim, Path(ready), Path(go))],
    )
    assert outcome.problem is None, outcome.problem
    sys.exit(outcome.status)
