"""What a test may take, as its markers say: `@pytest.mark.memscope(peak="24 MB")`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from memscope.errors import MemscopeError

if TYPE_CHECKING:
    from memscope.pytest_plugin.figures import Figures
    from memscope.pytest_plugin.session import Session

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMG])i?)?B", re.IGNORECASE)
_FACTORS = {None: 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SIZES = ("peak", "allocated", "leaked", "growth")
_NAMES = (*_SIZES, "allocations", "ignore")


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure of a test that must not be above `most` (bytes, or calls for allocations)."""

    name: str
    most: int
    ignore: tuple[str, ...] = ()


def parse_size(text: object, name: str) -> int:
    """`24 MB`, `64 KiB`, `100 B`, in bytes; K is 1024 in both spellings."""
    match = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise MemscopeError(
            f"{name}={text!r} is no size", None, 'write a number and a unit, such as "24 MB"'
        )
    unit = match[2]
    return round(float(match[1]) * _FACTORS[unit.upper() if unit else None])


def parse_limits(arguments: Sequence[object], limits: Mapping[str, Any]) -> tuple[Limit, ...]:
    """The limits of one marker. Raises MemscopeError in one line."""
    if arguments:
        raise MemscopeError("limits are given by name", None, 'memscope(peak="24 MB")')
    if unknown := set(limits) - set(_NAMES):
        raise MemscopeError(
            f"there is no limit called {', '.join(sorted(unknown))}",
            None,
            f"there are {', '.join(_NAMES)}",
        )
    ignore = limits.get("ignore", ())
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    if not all(isinstance(part, str) for part in ignored):
        raise MemscopeError("ignore= takes names of functions or files", None, None)
    found = []
    for name, value in limits.items():
        if name == "ignore" or value is None:
            continue
        if name == "allocations":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise MemscopeError(f"allocations={value!r} is no whole number")
            found.append(Limit(name, value))
        else:
            found.append(Limit(name, parse_size(value, name), ignored))
    if not found:
        raise MemscopeError("a memscope marker needs a limit", None, 'memscope(peak="24 MB")')
    return tuple(found)


def limits_of(item: pytest.Item) -> tuple[Limit, ...]:
    """All limits of a test: its own and those of its class and module, all of which must hold."""
    found: list[Limit] = []
    for marker in item.iter_markers("memscope"):
        found += parse_limits(marker.args, marker.kwargs)
    return tuple(found)


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

    def __init__(self, session: Session, item: pytest.Item) -> None:
        self._session = session
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
        with self._session.part(self._item, limits) as phase:
            yield part
        if phase is not None:
            part._figures = phase.figures
            if phase.broken:
                pytest.fail(phase.broken, pytrace=False)
