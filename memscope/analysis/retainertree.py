"""What holders retain, as one tree to draw: each holder, and below it groups of objects of a type.

    all ─┬─ shop.cache._entries ─── 5,000 of Order ─┬─ 5,000 of str
         └─ shop.log                                └─ 5,000 of list

A group is the objects of one type that objects of the group above dominate. So the groups below one
never retain more than it does. Small groups, and further links of a chain, are left out: they are
in what a group has by itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from heapq import nlargest

from memscope.analysis.objectgraph import ObjectGraph
from memscope.analysis.origins import Origin
from memscope.analysis.retainers import Holdings
from memscope.analysis.ways import Root, RootPath
from memscope.capture.columns import chosen, gathered, numbered, sums_by, zeros
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

HOLDERS = 60
_LEAST_SHARE = 1 / 2000  # of all bytes: what retains less is no group of its own
_DEEPEST = 12
_MOST_GROUPS = 240  # of one depth
_LINKS = 3  # of a chain that are shown
_MOST_LINES = 3000  # pairs of a group and a line


@dataclass(frozen=True, slots=True)
class RetainerGroup:
    """A holder, or objects of one type that one group retains; place 0 is the root of all.

    `parent` is the place of the group above, -1: none. `number` is its first object. `way` leads to
    the holder; of other groups it is how their first object is reached, without indices and keys.
    """

    parent: int
    number: int
    type: str
    way: RootPath
    objects: int
    retained_bytes: int
    retained_objects: int


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What objects that one line made have themselves, of a group and of what is in no other."""

    group: int
    line: CodeFrame
    origin: Origin
    bytes: int


@dataclass(frozen=True, slots=True)
class RetainerTree:
    """The groups, each after its parent, and the lines that made what they retain.

    `untold_bytes` are of pairs of group and line that are too many to tell, and `unknown_bytes` of
    objects of which no line is known.
    """

    groups: tuple[RetainerGroup, ...]
    lines: tuple[MadeBy, ...]
    untold_bytes: int
    unknown_bytes: int
    holders: int  # there are, shown or not


def retainer_tree(holdings: Holdings) -> RetainerTree:
    """The tree of one snapshot."""
    graph, count = holdings.graph, holdings.graph.count
    least = graph.retained_bytes[0] * _LEAST_SHARE
    retained = graph.retained_bytes
    shown = [
        number
        for number in nlargest(HOLDERS, holdings.tops, key=lambda at: (retained[at], -at))
        if retained[number] >= least
    ]
    groups = [_all(holdings)]
    level = zeros("I", count)
    for number in shown:
        level[number] = len(groups)
        groups.append(_holder(holdings, number))
    group_of = array("I", level)
    for _ in range(_DEEPEST):
        level, found = _further(holdings, level, groups, least)
        if not found:
            break
        groups += found
        group_of = chosen(level, level, group_of)
    pairs = _lines(holdings, group_of)
    told = nlargest(_MOST_LINES, pairs, key=lambda pair: pair[2])
    known = [pair for pair in told if pair[1]]
    stacks = holdings.measures.stacks
    return RetainerTree(
        groups=tuple(groups),
        lines=tuple(
            MadeBy(group, stacks.frame(node), stacks.origin(node), size)
            for group, node, size in known
        ),
        untold_bytes=sum(size for *_, size in pairs) - sum(size for *_, size in told),
        unknown_bytes=sum(size for _, node, size in told if not node),
        holders=len(holdings.tops),
    )


def _all(holdings: Holdings) -> RetainerGroup:
    graph = holdings.graph
    nowhere = RootPath("", Root("none", ""))
    return RetainerGroup(-1, 0, "", nowhere, 0, graph.retained_bytes[0], graph.retained_objects[0])


def _holder(holdings: Holdings, number: int) -> RetainerGroup:
    graph, namer = holdings.graph, holdings.namer
    return RetainerGroup(
        parent=0,
        number=number,
        type=namer.type_of(number),
        way=namer.way_to(number),
        objects=1,
        retained_bytes=graph.retained_bytes[number],
        retained_objects=graph.retained_objects[number],
    )


def _further(
    holdings: Holdings, level: Sequence[int], groups: Sequence[RetainerGroup], least: float
) -> tuple[array[int], list[RetainerGroup]]:
    """The groups one step below those of a level, and for each object its group there, or 0."""
    graph, namer = holdings.graph, holdings.namer
    above = gathered(level, graph.dominators)
    above[0] = 0
    keys, first = numbered(above, holdings.snapshot.type)
    retained = sums_by(keys, graph.retained_bytes, len(first))
    of_all = sums_by(keys, graph.retained_objects, len(first))
    objects = sums_by(keys, b"\1" * graph.count, len(first))
    large = [key for key, at in enumerate(first) if above[at] and retained[key] >= least]
    places = zeros("I", len(first))
    found: list[RetainerGroup] = []
    for key in nlargest(_MOST_GROUPS, large, key=lambda key: retained[key]):
        number = first[key]
        if _is_chain(groups, above[number], namer.type_of(number)):
            continue
        places[key] = len(groups) + len(found)
        found.append(
            RetainerGroup(
                parent=above[number],
                number=number,
                type=namer.type_of(number),
                way=namer.pattern_of(number),
                objects=objects[key],
                retained_bytes=retained[key],
                retained_objects=of_all[key],
            )
        )
    return gathered(places, keys), found


def _is_chain(groups: Sequence[RetainerGroup], above: int, type_name: str) -> bool:
    """Whether it goes on as it did before, link by link."""
    links = 0
    while above > 0 and groups[above].type == type_name:
        links += 1
        above = groups[above].parent
    return links >= _LINKS


def _lines(holdings: Holdings, group_of: Sequence[int]) -> list[tuple[int, int, int]]:
    """Group, line as a node (0: unknown) and bytes, of what each group has and no group below."""
    graph: ObjectGraph = holdings.graph
    nearest = gathered(group_of, graph.below(bytes(map(bool, group_of))))
    keys, first = numbered(nearest, holdings.line_nodes)
    sums = sums_by(keys, holdings.snapshot.size_bytes, len(first))
    return list(_pairs(first, sums, nearest, holdings.line_nodes))


def _pairs(
    first: Sequence[int], sums: Sequence[int], group: Sequence[int], node: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    for key, at in enumerate(first):
        if sums[key] > 0:
            yield group[at], node[at], sums[key]
