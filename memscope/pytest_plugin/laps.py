"""One recording for a whole run of tests, in laps: each phase is as if it were recorded alone.

To begin and end a recording for every phase took 2 to 5 ms each; an empty lap takes 2 us, because
the hooks, the stacks and their numbers stay from one to the next.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from memscope import _recorder
from memscope.capture.description import Meta
from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures
from memscope.pytest_plugin.roles import Role, Roles
from memscope.recording import Recording, describe, open_output

# As the recorder calls them (cext/choice.h).
_KINDS = {Role.RUNNER: 0, Role.STDLIB: 1, Role.TEST: 2, Role.WATCHER: 3}


class Laps:
    """The recording of this process, paused but for while a lap is on."""

    def __init__(self) -> None:
        self._drain: _recorder.Drain | None = None
        self._pid = 0
        self._meta = b""
        self._roles = Roles(Meta())
        self._kinds = bytearray()
        self._sink = -1

    def begin(self) -> None:
        """Begin a lap. Raises MemscopeError if recording cannot start, as in a recorded block."""
        if self._drain is None or self._pid != os.getpid() or not self._go_on(self._drain):
            self._open()

    def _go_on(self, drain: _recorder.Drain) -> bool:
        drain.begin_lap()
        if _recorder.resume():
            return True
        self.close()
        return False

    def _open(self) -> None:
        if _recorder.is_recording():
            raise MemscopeError(
                "a recording is already on in this process", None, "end it before the next one"
            )
        self._drain = None
        self._pid = os.getpid()
        how = Recording(None, False, 0, False, True)
        self._meta = describe(sys.argv, sys.argv[0] if sys.argv else "", self._pid, how)
        self._roles = Roles(Meta.from_json(json.loads(self._meta)))
        self._kinds = bytearray(1)
        segment_fd = -1
        try:
            if self._sink < 0:
                self._sink = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            segment_fd = _recorder.segment_create()
            _recorder.attach(segment_fd)
            drain = _recorder.Drain(segment_fd, self._sink, self._meta, laps=True)
            drain.start()
            _recorder.start()
            _recorder.pause()
            self._drain = drain
            drain.begin_lap()
            if not _recorder.resume():
                raise MemscopeError("recording could not start: something else hooks allocators")
        except (OSError, RuntimeError, MemoryError) as error:
            self.close()
            raise MemscopeError(f"recording could not start: {error}") from error
        finally:
            if segment_fd >= 0:
                os.close(segment_fd)

    @property
    def is_here(self) -> bool:
        """False in a forked child, whose parent's recording it was."""
        return self._pid == os.getpid()

    def end(self) -> Figures | None:
        """What the lap came to. None in a forked child, and where something of it is missing."""
        drain = self._drain
        if drain is None or self._pid != os.getpid():
            return None
        whole = _recorder.pause()
        if not (drain.end_lap() and whole):
            self.close()
            return None
        for file in drain.files(len(self._kinds)):
            self._kinds.append(_KINDS[self._roles[file]])
        peak, allocated, allocations, released = drain.lap_sums(self._kinds)
        return Figures(peak, allocated, allocations, allocated - released)

    def write(self, path: Path) -> None:
        """Write the lap that has ended, and that no other has followed, as a capture."""
        if self._drain is None:
            return
        fd, _ = open_output(path, False)
        try:
            self._drain.write_lap(fd, self._meta)
        except OSError as error:
            raise MemscopeError(
                f"the capture could not be written in full: {error.strerror}", path
            ) from error
        finally:
            os.close(fd)

    def close(self) -> None:
        """End the recording; another lap begins a new one."""
        drain, self._drain = self._drain, None
        if drain is None or self._pid != os.getpid():
            return
        _recorder.stop()  # the drain goes with its last reference, and writes nothing
