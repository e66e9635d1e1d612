"""Record a part of this process: `with memscope.record() as recording: …`, or as a decorator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TypeVar, cast

from memscope.labels import parse_labels
from memscope.recording.native import check_native
from memscope.recording.sampling import check_budget, check_distance, distance_of
from memscope.recording.session import ProcessRecording
from memscope.recording.sharing import Sharing
from memscope.recording.wrapping import wrapped
from memscope.usercode import is_path

F = TypeVar("F", bound=Callable[..., object])


class Recording(ProcessRecording):
    """One recording, or a maker of recordings when used as a decorator.

    `path` is the capture's file, absolute, and `capture` its contents, both once the recording is
    over. `problem` says in one line why the capture is missing or not whole, else it is None.

    As a decorator it keeps these of the last recording that ended, and `calls` says how many calls
    of decorated functions share that, `calls_at_once` how many of them ran at the same time. A call
    that a function makes of itself counts as well.
    """

    _sharing: Sharing | None = None

    def __call__(self, function: F) -> F:
        """Record the calls of a function: those that overlap share one recording.

        The recording is on from the first call's begin to the last one's end. Of coroutine
        functions, generators and asynchronous generators it is the body that is recorded. While
        another recording is on, calls are part of that one. Whatever fails, the function runs, and
        a line on stderr says once that it is not recorded.
        Raises MemscopeError for what cannot be recorded by calls, as a class or a property.
        """
        if self._sharing is None:
            self._sharing = Sharing(self)
        return cast(F, wrapped(function, self._sharing))


def record(
    output: str | os.PathLike[str] | None = None,
    *,
    sample_bytes: int = 0,
    budget: float = 0.0,
    events: bool = False,
    imports: bool = True,
    objects: bool = True,
    force: bool = False,
    user_code: Iterable[str | os.PathLike[str]] = (),
    native: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Recording:
    """Record this process while the block runs, or while calls of the decorated function run.

    Args:
        output: The capture's path, which is made absolute when the recording starts. By default
            `memscope-<script>-<pid>.mscope` in the working directory.
        sample_bytes: 0 records every allocation; otherwise the mean distance in bytes between two
            samples.
        budget: A share of the process' CPU time, as 0.02. Only while recording costs more, it
            samples, each `sample_bytes` or 128 KiB, and reports say when. It tells of no objects.
        events: Keep every single event as well: a large capture.
        imports: False leaves out what is allocated while modules are imported.
        objects: Tell of the objects in blocks: their types, and the lines that made them.
        force: Replace a file that exists.
        user_code: The packages, files and directories whose lines are the user's. By default all
            that lies outside of the standard library and the installed packages.
        native: Record what libraries request from malloc and map, too. Where the process was not
            started by `memscope run --native`, some of that is not seen, and reports say what.
        labels: What the capture is told apart by, beside the host, the git commit, the pod, the
            container, and what MEMSCOPE_LABELS has.

    Raises:
        MemscopeError: A block begins while another recording is on, or its file cannot be written.
            At its end it raises nothing: `Recording.problem` says what went wrong. A decorated
            function raises nothing of memscope's at all.

    Under `memscope run` and `pytest --memscope` both are part of that recording.
    """
    check_budget(budget)
    sample_bytes = distance_of(sample_bytes, budget)
    check_distance(sample_bytes)
    check_native(native, sample_bytes)
    words = [user_code] if isinstance(user_code, str | os.PathLike) else user_code
    named = tuple(_named(os.fspath(word)) for word in words)
    given = parse_labels(f"{key}={value}" for key, value in (labels or {}).items())
    objects = objects and not budget
    how = (output, force, sample_bytes, events, imports, named, objects, given, native)
    return Recording(*how, budget=budget)


def _named(word: str) -> str:
    with suppress(OSError):  # no working directory
        return os.path.abspath(word) if is_path(word) else word
    return word
