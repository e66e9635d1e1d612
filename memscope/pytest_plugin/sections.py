"""One recording for a whole run of tests, in sections: each phase is as if it were recorded alone.

To begin and end a recording for every phase took 2 to 5 ms each; an empty section takes 2 us,
because the hooks, the stacks and their numbers stay from one to the next.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import starmap

# Bound before any test runs: tests patch os.open, os.getpid, json.dumps and the like.
from os import O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY, close, devnull, getpid, makedirs
from os import open as open_file

from memscope import _recorder
from memscope.analysis.origins import Origin
from memscope.capture.description import Meta
from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures, Line
from memscope.pytest_plugin.functions import Sums, summed
from memscope.pytest_plugin.roles import Role, Roles
from memscope.recording.meta import describe
from memscope.recording.native import attach
from memscope.recording.record import Recording
from memscope.recording.takingsnapshots import make_place_for_snapshots

# As the recorder calls them (cext/ledger/attribution.h).
_KINDS = {Role.RUNNER: 0, Role.STDLIB: 1, Role.TEST: 2, Role.WATCHER: 3}
_OWN = 4
_MOST_CAPTURES = 10_000  # of one phase of one test
_encode = json.JSONEncoder().encode


class Sections:
    """The recording of this process, paused but for while a section is on."""

    def __init__(self, user_code: tuple[str, ...] = (), objects: bool = True) -> None:
        self._user_code = user_code
        self._objects = objects
        self._drain: _recorder.Drain | None = None
        self._pid = 0
        self._takes_snapshots = False
        self._native = False
        how = Recording(None, False, 0, False, True, self._user_code, objects)
        described = describe(sys.argv, sys.argv[0] if sys.argv else "", getpid(), how)
        self._description: dict[str, object] = json.loads(described)
        self._meta = described
        self._roles = Roles(Meta.from_json(self._description))
        self._kinds = bytearray()
        self._codes: list[tuple[str, str]] = []  # file and function, by id
        self._sink = -1
        # Of the section that ended: functions of the test's that no section before it had called.
        self.first_calls = 0

    def prepare(self, native: bool = False) -> None:
        """Open the recording if it is not. Raises MemscopeError if it cannot be.

        Before free lists are emptied for a section: what opening leaves in them would serve the
        first test of a run, and no other. With native memory it is another recording.
        """
        if native != self._native:
            self.close()
            self._native = native
        if self._drain is None or self._pid != getpid():
            self._open()

    def begin(self, may_be_written: bool = True) -> None:
        """Begin a section. Raises MemscopeError if recording cannot start, as in a recorded block.

        may_be_written: as a capture, which also says what the process held before.
        """
        self.prepare(self._native)
        if not self._go_on(may_be_written):
            self.close()
            self._open()
            if not self._go_on(may_be_written):
                self.close()
                raise MemscopeError("recording could not start: something else hooks allocators")

    def _go_on(self, may_be_written: bool) -> bool:
        if self._drain is None:
            return False
        self._drain.begin_section(may_be_written)
        return _recorder.resume()

    def _open(self) -> None:
        if _recorder.is_recording():
            raise MemscopeError(
                "a recording is already on in this process", None, "end it before the next one"
            )
        self._drain = None
        self._pid = getpid()
        self._takes_snapshots = False
        domains = _recorder.DOMAINS if self._native else _recorder.PYTHON_DOMAINS
        described = {**self._description, "pid": self._pid, "domains": domains}
        self._meta = _encode(described).encode()
        self._kinds, self._codes = bytearray(1), [("", "")]
        segment_fd = -1
        try:
            if self._sink < 0:
                self._sink = open_file(devnull, O_WRONLY | O_CLOEXEC)
            if self._native:
                attach()
            segment_fd = _recorder.segment_create()
            _recorder.attach(segment_fd)
            drain = _recorder.Drain(
                segment_fd, self._sink, self._meta, sections=True, native=self._native
            )
            drain.start()
            _recorder.start(0, self._objects, int(self._native))
            _recorder.pause()
            self._drain = drain
        except (OSError, RuntimeError, MemoryError) as error:
            self.close()
            raise MemscopeError(f"recording could not start: {error}") from error
        finally:
            if segment_fd >= 0:
                close(segment_fd)

    @property
    def is_here(self) -> bool:
        """False in a forked child, whose parent's recording it was."""
        return self._pid == getpid()

    def end(self) -> Figures | None:
        """What the section came to. None in a forked child, and where some of it is missing."""
        drain = self._drain
        if drain is None or self._pid != getpid():
            return None
        whole = _recorder.pause()
        if not (drain.end_section() and whole):
            self.close()
            return None
        self._meet_codes(drain)
        sums = drain.section_counters(self._kinds)
        peak, allocated, allocations, live, self.first_calls = sums
        return Figures(peak, allocated, allocations, live)

    def _meet_codes(self, drain: _recorder.Drain) -> None:
        for file, function in drain.codes(len(self._codes)):
            own = _OWN if self._roles.origin(file) is Origin.OWN else 0
            self._kinds.append(_KINDS[self._roles.of(file, function)] | own)
            self._codes.append((file, function))

    def lines_so_far(self, ignored: Callable[[str, str], bool] | None = None) -> list[Line]:
        """The lines of the section that is on; none in a forked child."""
        drain = self._drain
        if drain is None or self._pid != getpid():
            return []
        drain.end_section()
        self._meet_codes(drain)
        return self.lines(ignored)

    def take_snapshot(self) -> str:
        """Take down all objects; the section is written with them. Why not; empty: see there."""
        if self._drain is None:
            return "the recording has ended"
        if not self._takes_snapshots:
            if why := make_place_for_snapshots(self._drain):
                return why
            self._takes_snapshots = True
        return _recorder.snapshot_take() or ""

    def functions(self) -> Sums:
        """Of the section that has ended, and that no other has followed: each function's part."""
        if self._drain is None:
            return {}
        rows = self._drain.section_lines(self._kinds, True)
        codes = self._codes
        return summed((codes[row[0]], row[2:5]) for row in rows)

    def lines(self, ignored: Callable[[str, str], bool] | None = None) -> list[Line]:
        """The same by line.

        ignored: of a file and a function, whether stacks that it is on do not count.
        """
        if self._drain is None:
            return []
        # By file and name, as codes that were made anew are the same function.
        sums: dict[tuple[str, str, int], Line] = {}
        skipped = b"" if ignored is None else bytes(starmap(ignored, self._codes))
        found = self._drain.section_lines(self._kinds, False, skipped)
        for code, line, peak, allocated, allocations, live in found:
            figures = Figures(peak, allocated, allocations, live)
            key = (*self._codes[code], line)
            if key in sums:
                figures = figures.plus(sums[key].figures)
            sums[key] = Line(*key, figures)
        return list(sums.values())

    def write(self, stem: str) -> str:
        """Write that section as a capture, stem.mscope or stem-1.mscope …; the path that is new."""
        if self._drain is None:
            raise MemscopeError("the recording has ended")
        path, fd = _create(stem)
        try:
            self._drain.write_section(fd, self._meta)
        except OSError as error:
            raise MemscopeError(
                f"the capture could not be written in full: {error.strerror}", path
            ) from error
        finally:
            close(fd)
        return path

    def close(self) -> None:
        """End the recording; another section begins a new one."""
        drain, self._drain = self._drain, None
        if drain is None or self._pid != getpid():
            return
        _recorder.stop()  # the drain goes with its last reference, and writes nothing


def _create(stem: str) -> tuple[str, int]:
    for again in range(_MOST_CAPTURES):
        path = f"{stem}-{again}.mscope" if again else f"{stem}.mscope"
        try:
            return path, _open_new(path)
        except FileExistsError:
            continue
        except OSError as error:
            raise MemscopeError(f"the capture cannot be written: {error.strerror}", path) from error
    raise MemscopeError("there are too many captures of one test", stem)


def _open_new(path: str) -> int:
    flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    try:
        return open_file(path, flags, 0o600)
    except FileNotFoundError:  # another run, or a test, has cleared the cache
        makedirs(path.rpartition("/")[0], exist_ok=True)
        return open_file(path, flags, 0o600)
