"""Interim captures beside the output: each so and so long, the newest of them kept."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from memscope.errors import MemscopeError
from memscope.recording.waiting import has_ended

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path

    from memscope.recording.watched import Watched

# Packs a capture in a process that gives way to the program. Where memory is scarce it is the first
# to be killed, and not the supervisor.
PACK = """
import contextlib, os, pathlib, sys
os.nice(5)
with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
    file.write("1000")
from memscope.capture.packing import pack
pack(pathlib.Path(sys.argv[1]))
"""


class Interims:
    """Writes captures NAME.LABEL.mscope beside the recording's own; never over another file."""

    def __init__(self, recording: Watched, keep: int) -> None:
        self._recording = recording
        self._written: deque[Path] = deque()
        self._keep = keep

    def write(
        self, label: str, given_up: Callable[[], bool], begun: Callable[[], None] = lambda: None
    ) -> Path:
        """Write one more; the oldest goes where there are too many. Raises MemscopeError.

        `begun` is called once it is settled what is in it.
        """
        path = self._recording.name.with_name(f"{self._recording.name.name}.{label}.mscope")
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise MemscopeError(f"cannot be written: {error.strerror}", path) from error
        try:
            self._recording.write_interim(fd, given_up, begun=begun)
        except MemscopeError:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(fd)
        self._written.append(path)
        while len(self._written) > self._keep:
            with suppress(OSError):
                self._written.popleft().unlink()
        _pack(path, given_up)
        return path


def _pack(path: Path, given_up: Callable[[], bool]) -> None:
    """As well as it goes: what cannot be packed is a capture all the same."""
    with suppress(OSError):
        import subprocess

        packing = subprocess.Popen(
            [sys.executable, "-P", "-c", PACK, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        whole = has_ended(packing.pid, given_up)
        if not whole:
            packing.kill()
        packing.wait()
        if not whole:
            path.with_name(f".{path.name}.packing").unlink(missing_ok=True)


class Every:
    """A watcher who writes a capture each so many seconds, and keeps the newest."""

    def __init__(self, seconds: float, keep: int) -> None:
        self._seconds = seconds
        self._keep = keep
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.problem = ""  # why one could not be written, if so

    def start(self, recording: Watched) -> None:
        interims = Interims(recording, self._keep)
        self._thread = threading.Thread(target=self._write_all, args=(interims,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _write_all(self, interims: Interims) -> None:
        number = 0
        while not self._over.wait(self._seconds):
            number += 1
            try:
                interims.write(f"{number:04}", self._over.is_set)
            except MemscopeError as error:
                if not self._over.is_set():
                    self.problem = str(error)
