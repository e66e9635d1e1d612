"""Record a part of this process: `with memscope.record() as recording: …`, or as a decorator."""

from __future__ import annotations

import atexit
import functools
import json
import os
import platform
import site
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, ParamSpec, Protocol, TypeVar

from memscope.errors import MemscopeError

if TYPE_CHECKING:
    from types import TracebackType

    from memscope._recorder import Drain
    from memscope.capture import Capture

P = ParamSpec("P")
T = TypeVar("T")

# Weights of sampled blocks are kept in 64 bits together with 256ths of a byte.
SAMPLE_BYTES_MAX = 16 << 20


class HowToRecord(Protocol):
    """Where a capture goes and what it holds."""

    @property
    def output(self) -> Path | None: ...
    @property
    def force(self) -> bool: ...
    @property
    def sample_bytes(self) -> int: ...
    @property
    def events(self) -> bool: ...
    @property
    def imports(self) -> bool: ...


class Recording:
    """One recording, or a maker of recordings when used as a decorator.

    `path` is the capture's file and `capture` its contents, both once the recording is over.
    """

    current: ClassVar[Recording | None] = None  # the one that is on in this process

    def __init__(
        self,
        output: str | os.PathLike[str] | None,
        force: bool,
        sample_bytes: int,
        events: bool,
        imports: bool,
    ) -> None:
        self.output = None if output is None else Path(output)
        self.force = force
        self.sample_bytes = sample_bytes
        self.events = events
        self.imports = imports
        self.path: Path | None = None
        self._drain: Drain | None = None
        self._output_fd = -1
        self._pid = 0

    @property
    def capture(self) -> Capture:
        """The capture, read when first asked for."""
        if self.path is None:
            raise MemscopeError("the recording is not over yet")
        from memscope.capture import load

        return load(self.path)

    def start(self) -> None:
        """Begin to record this process. Raises MemscopeError if a recording is already on."""
        from memscope import _recorder

        if _recorder.is_recording():
            raise MemscopeError(
                "a recording is already on in this process", None, "end it before the next one"
            )
        self._output_fd, self.path = open_output(self.output, self.force)
        self._pid = os.getpid()
        segment_fd = -1
        try:
            segment_fd = _recorder.segment_create()
            _recorder.attach(segment_fd)
            drain = _recorder.Drain(
                segment_fd,
                self._output_fd,
                describe(sys.argv, sys.argv[0] if sys.argv else "", os.getpid(), self),
                sample_bytes=self.sample_bytes,
                keep_events=self.events,
                keep_imports=self.imports,
            )
            drain.start()
            self._drain = drain
            _recorder.start(self.sample_bytes)
            Recording.current = self
            atexit.register(self.stop)
        except (OSError, RuntimeError, MemoryError) as error:
            drain_at_work, self._drain = self._drain, None
            if drain_at_work is not None:  # it writes into the file that is closed next
                with suppress(OSError):
                    drain_at_work.finish("stopped")
            os.close(self._output_fd)
            self.path.unlink(missing_ok=True)
            self.path = None
            raise MemscopeError(f"recording could not start: {error}") from error
        finally:
            if segment_fd >= 0:
                os.close(segment_fd)

    def stop(self) -> None:
        """End the recording and finish the capture."""
        from memscope import _recorder

        drain, self._drain = self._drain, None
        if drain is None:
            return
        Recording.current = None
        atexit.unregister(self.stop)
        if os.getpid() != self._pid:  # a forked child: recording and capture are its parent's
            os.close(self._output_fd)
            self.path = None
            return
        _recorder.stop()
        try:
            drain.finish("stopped")
        except OSError as error:
            raise MemscopeError(
                f"the capture could not be written in full: {error.strerror}", self.path
            ) from error
        finally:
            os.close(self._output_fd)
        if self.path is not None:
            from memscope.capture.packing import pack

            pack(self.path)
        if self.output is None and self.path is not None:
            self.path = place_output(self.path, _own_name(), os.getpid())

    def tallies(self) -> dict[str, int] | None:
        """Counts and bytes so far, up to the drain's last poll; None when this is not recording."""
        from memscope import _recorder

        if self._drain is None or not _recorder.is_recording():  # in a forked child it is not
            return None
        return tallies_of(self._drain, self.sample_bytes)

    def __enter__(self) -> Recording:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Record every call of a function, each into its own capture if no output was named."""

        @functools.wraps(function)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> T:
            self.start()
            try:
                return function(*args, **kwargs)
            finally:
                self.stop()

        return recorded


def record(
    output: str | os.PathLike[str] | None = None,
    *,
    sample_bytes: int = 0,
    events: bool = False,
    imports: bool = True,
    force: bool = False,
) -> Recording:
    """Record this process while the block runs.

    output: the capture's path; by default `memscope-<script>-<pid>.mscope` in the working
    directory. sample_bytes: 0 records every allocation; otherwise the mean distance in bytes
    between two samples. events: keep every single event as well. imports: False leaves out what
    is allocated while modules are imported. force: overwrite an existing file.
    Raises MemscopeError if a recording is already on or the file cannot be written.
    """
    if not 0 <= sample_bytes <= SAMPLE_BYTES_MAX:
        raise MemscopeError(f"the mean sampling distance must be 0 to {SAMPLE_BYTES_MAX} bytes")
    return Recording(output, force, sample_bytes, events, imports)


def tallies_of(drain: Drain, sample_bytes: int) -> dict[str, int]:
    """A drain's counts and bytes, up to its last poll; estimates where it samples."""
    from memscope.capture.format import SAMPLED_UNIT

    unit = SAMPLED_UNIT if sample_bytes else 1
    return {name: value // unit for name, value in drain.stats().items()}


def open_output(output: Path | None, force: bool) -> tuple[int, Path]:
    """Open the file a capture goes to; without a name, a draft for `place_output` to name."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    try:
        if output is None:
            fd, name = tempfile.mkstemp(".mscope", "memscope-", ".")
            return fd, Path(name)
        fd = os.open(output, flags | (os.O_TRUNC if force else os.O_EXCL), 0o600)
    except FileExistsError as error:
        raise MemscopeError("the file exists already", output, "-f overwrites it") from error
    except OSError as error:
        where = output if output is not None else Path.cwd()
        raise MemscopeError(f"the capture cannot be written: {error.strerror}", where) from error
    return fd, output


def place_output(draft: Path, name: str, pid: int) -> Path:
    """Give a draft its name, `memscope-<name>-<pid>.mscope`; never over another file."""
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:80]
    for again in range(100):
        suffix = f"-{again}" if again else ""
        path = draft.with_name(f"memscope-{safe}-{pid}{suffix}.mscope")
        try:
            os.link(draft, path)
        except FileExistsError:
            continue
        except OSError:  # no hard links here
            if path.exists():
                continue
            with suppress(OSError):
                draft.rename(path)
                return path
            return draft
        draft.unlink()
        return path
    return draft


def _own_name() -> str:
    return Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "python"


def describe(command: list[str], main: str, pid: int, how: HowToRecord) -> bytes:
    """A capture's META object."""
    from memscope import __version__

    meta = {
        "format": 1,
        "memscope": __version__,
        "command": command,
        "main": main,
        "cwd": _cwd(),
        "pid": pid,
        "started": time.time(),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": f"{sys.platform}-{platform.machine()}",
        "allocator": allocator_name(),
        "mode": "sampled" if how.sample_bytes else "exact",
        "sample_bytes": how.sample_bytes,
        "events": how.events,
        "imports": how.imports,
        "prefixes": _prefixes(),
    }
    return json.dumps(meta).encode()


def _cwd() -> str:
    with suppress(OSError):
        return os.getcwd()
    return ""


@functools.cache
def _prefixes() -> dict[str, list[str]]:
    """Directories that tell frames apart: the standard library's and installed packages'."""
    paths = sysconfig.get_paths()
    packages = {paths["purelib"], paths["platlib"]}
    with suppress(AttributeError):  # site may be absent or replaced
        packages.update(site.getsitepackages())
        packages.add(site.getusersitepackages())
    return {
        "stdlib": sorted({paths["stdlib"], paths["platstdlib"]}),
        "site": sorted(packages),
    }


def allocator_name() -> str:
    """The allocator under the MEM and OBJ domains, as PYTHONMALLOC names it."""
    asked = "" if sys.flags.ignore_environment else os.environ.get("PYTHONMALLOC", "")
    if not asked and sys.flags.dev_mode:
        asked = "debug"
    if asked in ("", "default", "debug"):
        base = "pymalloc" if sysconfig.get_config_var("WITH_PYMALLOC") else "malloc"
        debug = asked == "debug" or bool(sysconfig.get_config_var("Py_DEBUG"))
        return f"{base}_debug" if debug else base
    return asked
