"""What a program asks of memscope for itself: `memscope.snapshot()`, `start()`, `stop()`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from memscope.errors import MemscopeError
from memscope.recording.control import ask_for_capture
from memscope.recording.outputs import absolute, open_output, place_output
from memscope.recording.record import Recording, record
from memscope.recording.session import ProcessRecording
from memscope.recording.switch import is_recorded


def snapshot(output: str | os.PathLike[str] | None = None, *, force: bool = False) -> Path:
    """Write all that `memscope run` has recorded of this process so far; where the capture is.

    output: its path; by default `memscope-snapshot-<pid>.mscope` in the working directory. force:
    overwrite an existing file. The process goes on, and so does the recording: its capture at the
    end is as if nobody had asked. Other threads run meanwhile; this one waits until it is written.

    Raises MemscopeError where `memscope run` does not record this process, or the file cannot be
    written. Under `memscope.record()` the counters are in this process, and there is one capture,
    at its end.
    """
    if ProcessRecording.current is not None and ProcessRecording.current.is_on:
        raise MemscopeError(
            "a capture of now takes `memscope run`: record() writes its own at its end"
        )
    if not is_recorded():
        raise MemscopeError("this process is not being recorded", None, "see memscope run")
    given = None if output is None else absolute(Path(output))
    fd, path = open_output(given, force, "force=True overwrites it")
    try:
        ask_for_capture(os.getpid(), fd)
    except MemscopeError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
    return path if given is not None else place_output(path, "snapshot", os.getpid())


def start(output: str | os.PathLike[str] | None = None, **options: Any) -> Recording:
    """Begin to record this process, until `memscope.stop()` or its end; the recording.

    The same as `memscope.record(output, **options)` and its `start()`: under `memscope run` it is
    part of that. Raises MemscopeError if a recording is on, or the capture cannot be written.
    """
    recording = record(output, **options)
    recording.start()
    return recording


def stop() -> Path | None:
    """End the recording that is on in this process; where its capture is.

    None where it is the part of another one that goes on, as under `memscope run`. Raises
    MemscopeError if no recording is on, or its capture cannot be written in full.
    """
    recording = ProcessRecording.current
    if recording is None:
        if is_recorded():
            return None
        raise MemscopeError("no recording is on in this process")
    recording.stop()
    return recording.path
