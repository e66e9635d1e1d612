"""Which formats there are: memscope's own, and those that other packages add."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points

from memscope.errors import MemscopeError, one_line
from memscope.exports.exporter import Exporter

ENTRY_POINTS = "memscope.exports"

# Each is a module of this package, imported when it is used.
BUILT_IN = (
    "pprof",
    "speedscope",
    "collapsed",
    "svg",
    "chrome",
    "perfetto",
    "pstats",
    "csv",
    "json",
)

# What makes an exporter, and of which kind it must be.
_PARTS: dict[str, type] = {
    "name": str,
    "suffix": str,
    "is_text": bool,
    "description": str,
    "bys": Sequence,
    "write": Callable,  # type: ignore[dict-item]
}


def format_names() -> tuple[str, ...]:
    """Every name that `find_exporter` knows; memscope's own come first."""
    return *BUILT_IN, *sorted(_added())


def find_exporter(name: str) -> Exporter:
    """The format of that name; `MemscopeError` if the package that adds it is broken."""
    if name in BUILT_IN:
        exporter: Exporter = importlib.import_module(f"memscope.exports.{name}").exporter
        return exporter
    point = _added()[name]
    try:
        found = point.load()
        # A class will do: all that it needs is in the capture.
        found = found() if isinstance(found, type) else found
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}")
        raise MemscopeError(
            f"the format {name!r} cannot be loaded: {reason}", _origin(point)
        ) from None
    for part, kind in _PARTS.items():
        if not isinstance(getattr(found, part, None), kind):
            raise MemscopeError(
                f"the format {name!r} cannot be used: its {part} is missing or wrong",
                _origin(point),
            )
    accepted: Exporter = found
    return accepted


def is_built_in(name: str) -> bool:
    return name in BUILT_IN


def _added() -> dict[str, EntryPoint]:
    return {
        point.name: point
        for point in entry_points(group=ENTRY_POINTS)
        if point.name not in BUILT_IN
    }


def _origin(point: EntryPoint) -> str:
    """The package that adds a format, as far as it says."""
    return point.dist.name if point.dist is not None else point.value
