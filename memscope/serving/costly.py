"""Costly answers: interim captures, and what is made of them in a process of its own.

All files are without a name and lie beside the capture, where there is room for one as large.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from memscope.recording.waiting import has_ended
from memscope.serving.messages import RefusedError, Response
from memscope.serving.server import GivenUp, Job

LEAST_APART_S = 0.5  # between two interim captures: each takes a moment of the drain's
WORKER_LIMIT_S = 300.0

Form = Literal["pprof", "text", "page", "data"]
_PLAIN = "text/plain; charset=utf-8"
TYPES: dict[Form, str] = {
    "pprof": "application/octet-stream",
    "text": _PLAIN,
    "page": "text/html; charset=utf-8",
    "data": _PLAIN,
}
# The page's own policy says what may run in it; here that it is nobody's and in nobody's frame.
_OF_PAGES = {"Content-Security-Policy": "sandbox allow-scripts; frame-ancestors 'none'"}


class TakesInterims(Protocol):
    """What is asked of a recording here."""

    @property
    def capture(self) -> Path: ...
    def write_interim(self, fd: int, given_up: GivenUp = ..., limit_s: float = ...) -> None: ...


class Captures:
    """Takes interim captures of a recording, one at a time."""

    def __init__(self, recording: TakesInterims) -> None:
        self._recording = recording
        self._began = -LEAST_APART_S
        self._last: BinaryIO | None = None  # that a delta was told up to

    def snapshot(self) -> Job:
        """A whole capture."""

        def job(given_up: GivenUp) -> Response:
            name = f"memscope-{int(time.time())}.mscope"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return _from(self._take(given_up), TYPES["pprof"], headers)

        return job

    def whole(self, kind: str, form: Form) -> Job:
        """A profile or a report of all that was recorded by now."""

        def job(given_up: GivenUp) -> Response:
            with self._take(given_up) as capture:
                return _made(kind, form, given_up, capture)

        return job

    def difference(self, kind: str, seconds: int) -> Job:
        """A profile of what comes in the next seconds."""

        def job(given_up: GivenUp) -> Response:
            with self._take(given_up) as before:
                _rest(seconds, given_up)
                with self._take(given_up) as after:
                    return _made(kind, "pprof", given_up, after, before)

        return job

    def since_last(self, kind: str) -> Job:
        """A profile of what came since this was asked for the last time, or since the start."""

        def job(given_up: GivenUp) -> Response:
            after = self._take(given_up)
            before = self._last
            try:
                captures = (after,) if before is None else (after, before)
                response = _made(kind, "pprof", given_up, *captures)
            except BaseException:
                after.close()
                raise
            self._last = after
            if before is not None:
                before.close()
            return response

        return job

    def close(self) -> None:
        if self._last is not None:
            self._last.close()

    def _take(self, given_up: GivenUp) -> BinaryIO:
        _rest(self._began + LEAST_APART_S - time.monotonic(), given_up)
        self._began = time.monotonic()
        file = _file_beside(self._recording.capture)
        try:
            self._recording.write_interim(file.fileno(), given_up)
        except BaseException:
            file.close()
            raise
        return file


def _rest(seconds: float, given_up: GivenUp) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        threading.Event().wait(min(left, 0.1))
        if given_up():
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "nobody waits for it any more")


def _file_beside(capture: Path) -> BinaryIO:
    """A file without a name; beside the capture if that can be."""
    try:
        return tempfile.TemporaryFile(dir=capture.absolute().parent)
    except OSError:
        return tempfile.TemporaryFile()


def _from(file: BinaryIO, kind: str, headers: dict[str, str] | None = None) -> Response:
    size = os.fstat(file.fileno()).st_size
    return Response(type=kind, headers=headers or {}, file=file, file_bytes=size)


def _made(kind: str, form: Form, given_up: GivenUp, *captures: BinaryIO) -> Response:
    """What the worker makes of captures: of the last, less the one before it."""
    output = _file_beside(Path(f"/proc/self/fd/{captures[0].fileno()}").resolve())
    try:
        files = [output, *captures]
        numbers = [file.fileno() for file in files]
        words = [kind, form, *map(str, numbers)]
        _run_worker(words, numbers, given_up)
    except BaseException:
        output.close()
        raise
    return _from(output, TYPES[form], _OF_PAGES if form == "page" else None)


def _run_worker(words: list[str], fds: list[int], given_up: GivenUp) -> None:
    """Raises RefusedError where it fails, takes too long, or nobody waits for it any more."""
    # Without the working directory among the places of modules, and in a group of its own: a key
    # on the terminal is for the program.
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "memscope.serving.worker", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=fds,
        process_group=0,
    )
    in_time = has_ended(worker.pid, given_up, WORKER_LIMIT_S)
    if not in_time:
        worker.kill()
    worker.wait()
    if not in_time:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "it took too long")
    if worker.returncode != 0:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        raise RefusedError(status, f"it could not be made (status {worker.returncode})")
