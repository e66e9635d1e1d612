"""Which line of one version of a program is which line of another.

A capture holds no source text, only names and numbers, so lines are known by their file (relative
to the program or its library), their function and how far into the function they are. Where a
function itself was changed, its lines are paired in their order, those with alike allocations
first. Functions and files that were renamed are told as removed and added.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from memscope.plain import dataclass

# Beyond this many pairs of lines in one function (of generated code) order is not looked at.
_MOST_PAIRS = 250_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A site of one side: where it is, and what its blocks are like.

    `offset` is the line counted from the function's first one; `count` and `mean_bytes` are how
    many blocks it allocates and how large they are.
    """

    scope: Hashable  # file and function
    line: int
    offset: int
    count: float
    mean_bytes: float


Pair = tuple[Hashable | None, Hashable | None]
_Keyed = Sequence[tuple[Hashable, Spot]]


def match(old: Mapping[Hashable, Spot], new: Mapping[Hashable, Spot]) -> list[Pair]:
    """Pairs of keys, each key in one pair; None stands for a site the other side does not have."""
    old_scopes, new_scopes = _by_scope(old), _by_scope(new)
    pairs: list[Pair] = []
    for scope in dict.fromkeys([*old_scopes, *new_scopes]):
        before, after = old_scopes.get(scope, []), new_scopes.get(scope, [])
        pairs += _match_function([(key, old[key]) for key in before], [(k, new[k]) for k in after])
    return pairs


def _by_scope(spots: Mapping[Hashable, Spot]) -> dict[Hashable, list[Hashable]]:
    scopes: dict[Hashable, list[Hashable]] = {}
    for key in sorted(spots, key=lambda key: spots[key].line):
        scopes.setdefault(spots[key].scope, []).append(key)
    return scopes


def _match_function(old: _Keyed, new: _Keyed) -> list[Pair]:
    if [spot.offset for _, spot in old] == [spot.offset for _, spot in new]:
        return [(before, after) for (before, _), (after, _) in zip(old, new, strict=True)]
    if len(old) * len(new) > _MOST_PAIRS:
        return _by_offset(old, new)
    return _in_order(old, new)


def _by_offset(old: _Keyed, new: _Keyed) -> list[Pair]:
    # Several lambdas of one function may begin at their own line each: offset 0, more than once.
    waiting: dict[int, list[Hashable]] = {}
    for key, spot in reversed(new):
        waiting.setdefault(spot.offset, []).append(key)
    pairs: list[Pair] = []
    for key, spot in old:
        same = waiting.get(spot.offset)
        pairs.append((key, same.pop() if same else None))
    return [*pairs, *((None, key) for keys in waiting.values() for key in keys)]


def _in_order(old: _Keyed, new: _Keyed) -> list[Pair]:
    """The pairing that crosses nowhere and whose pairs are most alike in sum."""
    # best[i][j]: of the lines from i and from j on. As for the longest common subsequence.
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_alikeness(before, after) for _, after in new] for _, before in old]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            paired = alike[i][j] + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: list[Pair] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((old[i][0], new[j][0]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((old[i][0], None))
            i += 1
        else:
            pairs.append((None, new[j][0]))
            j += 1
    pairs += [(key, None) for key, _ in old[i:]]
    pairs += [(None, key) for key, _ in new[j:]]
    return pairs


def _alikeness(old: Spot, new: Spot) -> float:
    """Above 0, so that pairs are sought; the size of the blocks says most about what they are."""
    same_place = 0.5 if old.offset == new.offset else 0.0
    size, other_size = old.mean_bytes, new.mean_bytes
    count, other_count = old.count, new.count
    # Written out, without a call: in a large program there are a million pairs.
    sizes = 1.0
    if size != other_size and max(size, other_size) > 0:
        sizes = size / other_size if size < other_size else other_size / size
    counts = 1.0
    if count != other_count and max(count, other_count) > 0:
        counts = count / other_count if count < other_count else other_count / count
    return 0.1 + same_place + 2 * sizes + counts
