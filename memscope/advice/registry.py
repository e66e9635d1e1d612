"""The kinds of advice: those here, and those that other packages add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points

from memscope.advice.context import Context
from memscope.advice.kinds import (
    arena_pinning,
    chunk,
    duplicates,
    grow_copy,
    import_cost,
    native,
    native_chunk,
    native_copy,
    over_allocated,
)
from memscope.advice.kinds.collector import cycles, gc_pressure
from memscope.advice.kinds.compact import compact
from memscope.advice.kinds.declaration import AdviceKind, Finder
from memscope.advice.kinds.pools import over_pooled, pool_leak
from memscope.advice.kinds.retention import leak, release_early
from memscope.advice.kinds.reuse import pool, reuse_buffer
from memscope.advice.model import Findings

ENTRY_POINTS = "memscope.advice"

# In the order in which they are asked, and named in help.
_MODULES = (
    grow_copy, chunk, leak, compact, release_early, reuse_buffer, pool, gc_pressure, cycles,
    arena_pinning, pool_leak, over_pooled, import_cost, duplicates, over_allocated,
    native, native_chunk, native_copy,
)  # fmt: skip
BUILT_IN: Mapping[str, AdviceKind] = {module.KIND.name: module.KIND for module in _MODULES}


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
            found[kind] = BUILT_IN[kind].find
        elif kind in added:
            found[kind] = added[kind]
    return found


def title_of(kind: str) -> str:
    """What is to be done, in a few words; "" of a kind that another package adds."""
    return BUILT_IN[kind].title if kind in BUILT_IN else ""


def precedence_of(kind: str) -> float:
    """The kind of the lowest says it best; the last are those that other packages add."""
    return BUILT_IN[kind].precedence if kind in BUILT_IN else float("inf")


def is_independent(kind: str) -> bool:
    """Whether a kind says something else about a line than all others."""
    return kind in BUILT_IN and BUILT_IN[kind].independent


def settles(kind: str, other: str) -> bool:
    """Whether advice of a kind takes care of what another kind says of the same line."""
    return other in BUILT_IN and kind in BUILT_IN[other].settled_by


def _added() -> dict[str, Finder]:
    """Kinds that installed packages declare: `kind = "package.module:function"`."""
    return {point.name: _Late(point) for point in entry_points(group=ENTRY_POINTS)}


class _Late:
    """Loads what an entry point names when it is first asked."""

    def __init__(self, point: object) -> None:
        self._point = point

    def __call__(self, context: Context, /) -> Findings:
        found = self._point.load()(context)  # type: ignore[attr-defined]
        if not isinstance(found, Findings):
            raise TypeError("it gave no Findings")
        return found
