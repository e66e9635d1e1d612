"""The holder to name where a report of something else finds nothing: what grew, or keeps much."""

from __future__ import annotations

from memscope.analysis.measures import Measures
from memscope.analysis.retainergrowth import growth
from memscope.analysis.retainers import Holdings
from memscope.analysis.ways import RootPath
from memscope.plain import dataclass

_LARGE_SHARE = 0.1  # of all objects' memory
# Of a suspect's growth in all objects' memory. Caches that a library fills on the way grow in each
# snapshot, too: 191 KiB of sympy's 60 MB.
_LEAST_GROWTH = 0.02


@dataclass(frozen=True, slots=True)
class MainHolder:
    """What one holder gained over these snapshots; without them, what it keeps alive."""

    way: RootPath
    bytes: int
    total_bytes: int  # of all objects, at the last snapshot
    snapshots: tuple[int, ...] = ()


def main_holder(measures: Measures) -> MainHolder | None:
    """The first leak suspect if it gained much, else the heaviest holder if it keeps a large share.

    Raises MemscopeError for a damaged snapshot.
    """
    if not measures.capture.has_snapshot:
        return None
    holdings = Holdings(measures)
    total = holdings.graph.retained_bytes[0]
    grown = growth(measures, holdings, [])
    suspect = None if grown is None else next(iter(grown.suspects), None)
    if suspect is not None and suspect.growth_bytes >= _LEAST_GROWTH * total:
        numbers = tuple(held.moment.number for held in suspect.held)
        return MainHolder(suspect.way, suspect.growth_bytes, total, numbers)
    heaviest = next(iter(holdings.retainers(1).rows), None)
    if heaviest is None or heaviest.share < _LARGE_SHARE:
        return None
    return MainHolder(heaviest.way, heaviest.retained_bytes, total)
