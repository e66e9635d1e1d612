"""The kinds of advice: those here, and those that other packages add."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from memscope.advice.evidence import Case
from memscope.advice.model import Findings

ENTRY_POINTS = "memscope.advice"

# Each is a module of kinds/ with a function `find`.
BUILT_IN = {
    "grow-copy": "grow_copy",
    "chunk": "chunk",
    "leak": "leak",
    "compact": "compact",
    "release-early": "release_early",
    "reuse-buffer": "reuse_buffer",
    "pool": "pool",
    "gc-pressure": "gc_pressure",
    "arena-pinning": "arena_pinning",
    "pool-leak": "pool_leak",
    "over-pooled": "over_pooled",
}


class Finder(Protocol):
    """Judges a case by one kind; changes nothing, prints nothing."""

    def __call__(self, case: Case, /) -> Findings: ...


def kinds() -> list[str]:
    """The names of all kinds, ours first."""
    return [*BUILT_IN, *(name for name in sorted(_added()) if name not in BUILT_IN)]


def finders(wanted: Sequence[str] = ()) -> dict[str, Finder]:
    """What finds each kind; all kinds where none is named."""
    added = _added()
    chosen = wanted or kinds()
    found: dict[str, Finder] = {}
    for kind in chosen:
        if kind in BUILT_IN:
            found[kind] = import_module(f"memscope.advice.kinds.{BUILT_IN[kind]}").find
        elif kind in added:
            found[kind] = added[kind]
    return found


def _added() -> dict[str, Finder]:
    """Kinds that installed packages declare: `kind = "package.module:function"`."""
    return {point.name: _Late(point) for point in entry_points(group=ENTRY_POINTS)}


class _Late:
    """Loads what an entry point names when it is first asked."""

    def __init__(self, point: object) -> None:
        self._point = point

    def __call__(self, case: Case, /) -> Findings:
        found = self._point.load()(case)  # type: ignore[attr-defined]
        if not isinstance(found, Findings):
            raise TypeError("it gave no Findings")
        return found
