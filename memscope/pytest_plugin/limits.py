"""What a test may take, as its markers say: `@pytest.mark.memscope(peak="24 MB")`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from memscope.analysis.limits import parse_size
from memscope.errors import MemscopeError
from memscope.pytest_plugin.figures import Limit

_SIZES = ("peak", "allocated", "leaked", "growth")
_NAMES = (*_SIZES, "allocations", "ignore", "native")


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
    known = isinstance(ignore, (list, tuple, set, frozenset))
    ignored = (ignore,) if isinstance(ignore, str) else tuple(ignore) if known else (None,)
    if not all(isinstance(part, str) for part in ignored):
        raise MemscopeError("ignore= takes names of functions or files", None, None)
    native = limits.get("native", False)
    if not isinstance(native, bool):
        raise MemscopeError(f"native={native!r} is neither True nor False")
    found = []
    for name, value in limits.items():
        if name in ("ignore", "native") or value is None:
            continue
        if name == "allocations":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise MemscopeError(f"allocations={value!r} is not a whole number")
            found.append(Limit(name, value))
        else:
            found.append(Limit(name, _size(name, value), ignored))
    if not found and not native:
        raise MemscopeError("a memscope marker needs a limit", None, 'memscope(peak="24 MB")')
    return tuple(found)


def _size(name: str, value: object) -> int:
    try:
        return parse_size(value)
    except ValueError as error:
        raise MemscopeError(f"{name}: {error}") from None


def limits_of(item: pytest.Item) -> tuple[Limit, ...]:
    """All limits of a test: its own and those of its class and module, all of which must hold."""
    found: list[Limit] = []
    for marker in item.iter_markers("memscope"):
        found += parse_limits(marker.args, marker.kwargs)
    return tuple(found)


def is_native(item: pytest.Item) -> bool:
    """Whether one of its markers has all its figures with native memory."""
    return any(marker.kwargs.get("native") is True for marker in item.iter_markers("memscope"))
