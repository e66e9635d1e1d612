"""Limits for parts of a test: `with memscope.limit(peak="1 MB") as part: …`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Figures, Limit
from memscope.pytest_plugin.limits import parse_limits
from memscope.pytest_plugin.phases import Phase

# Records a part of a test, and holds it against limits. None where no part can be recorded.
Recorder = Callable[[pytest.Item, tuple[Limit, ...]], AbstractContextManager[Phase | None]]


class Part:
    """The part of a test within `memscope.limit()`; its figures are there when it is over."""

    def __init__(self) -> None:
        self._figures: Figures | None = None

    def _known(self) -> Figures:
        if self._figures is None:
            raise MemscopeError("the part that is measured is not over yet")
        return self._figures

    @property
    def peak_bytes(self) -> int:
        return self._known().peak_bytes

    @property
    def allocated_bytes(self) -> int:
        return self._known().allocated_bytes

    @property
    def allocations(self) -> int:
        return self._known().allocations

    @property
    def live_bytes(self) -> int:
        """Bytes that were allocated in the part and not released by its end."""
        return self._known().live_bytes


class Limiter:
    """The `memscope` fixture."""

    def __init__(self, record: Recorder, item: pytest.Item) -> None:
        self._record = record
        self._item = item

    @contextmanager
    def limit(
        self,
        *,
        peak: str | None = None,
        allocated: str | None = None,
        allocations: int | None = None,
    ) -> Iterator[Part]:
        """Measure a part of a test, and fail it if it takes more than it may."""
        given = {"peak": peak, "allocated": allocated, "allocations": allocations}
        wanted = {name: value for name, value in given.items() if value is not None}
        limits = parse_limits((), wanted) if wanted else ()
        part = Part()
        with self._record(self._item, limits) as phase:
            yield part
        if phase is not None:
            part._figures = phase.figures
            if phase.broken:
                pytest.fail(phase.broken, pytrace=False)
