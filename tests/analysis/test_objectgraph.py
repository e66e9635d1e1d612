"""Dominators and ways of graphs at random, against walks that leave one object out."""

from __future__ import annotations

import random
from array import array

import pytest

from memscope.capture import _columns
from memscope.capture.columns import zeros

Graph = tuple[list[list[int]], bytearray]


def columns(graph: Graph) -> tuple[array[int], array[int], bytearray]:
    references, entries = graph
    starts = array("I", [0])
    targets = array("I")
    for of in references:
        targets.extend(of)
        starts.append(len(targets))
    return starts, targets, bytearray(entries)


def reached(graph: Graph, without: int) -> set[int]:
    """What entries lead to when one object is left out."""
    references, entries = graph
    found = {at for at, entry in enumerate(entries) if entry and at != without}
    pending = list(found)
    while pending:
        for target in references[pending.pop()]:
            if target not in found and target not in (without, 0):
                found.add(target)
                pending.append(target)
    return found


def dominated(graph: Graph) -> dict[int, set[int]]:
    """For each object those that nothing leads to without it."""
    everything = reached(graph, -1)
    return {at: everything - reached(graph, at) for at in everything}


def at_random(seed: int) -> Graph:
    chance = random.Random(seed)
    count = chance.randint(2, 40)
    references: list[list[int]] = [[]]
    references += [
        [chance.randrange(1, count) for _ in range(chance.choice((0, 1, 1, 2, 5)))]
        for _ in range(count - 1)
    ]
    entries = bytearray(chance.choice((0, 0, 0, 1, 2)) for _ in range(count))
    entries[0] = 0
    return references, entries


@pytest.mark.parametrize("seed", range(200))
def test_dominators(seed: int) -> None:
    graph = at_random(seed)
    starts, targets, entries = columns(graph)
    count = len(entries)
    order, dominator = zeros("I", count), zeros("I", count)
    _columns.dominators(order, dominator, entries, starts, targets)
    assert sorted(order) == list(range(count))
    found: dict[int, set[int]] = {at: {at} for at in range(count)}
    for place in range(count - 1, 0, -1):
        assert dominator[place] < place
        found[order[dominator[place]]] |= found[order[place]]
    # What was not reached is an entry of garbage by now.
    expected = dominated((graph[0], entries))
    assert {at: found[at] for at in expected} == expected
    assert set(expected) == set(range(1, count))


@pytest.mark.parametrize("seed", range(100))
def test_cheapest_ways(seed: int) -> None:
    references, entries = graph = at_random(seed)
    chance = random.Random(seed)
    starts, targets, entries = columns(graph)
    costs = bytearray(chance.choice((0, 1, 2, 40)) for _ in targets)
    count = len(entries)
    by, source = zeros("I", count), zeros("I", count)
    _columns.routes(by, source, starts, targets, entries, costs)
    # Bellman and Ford, of the first kind of entries alone.
    far = 1 << 40
    cost = [0 if entry == 1 else far for entry in entries]
    for _ in range(count):
        for at in range(1, count):
            for place in range(starts[at], starts[at + 1]):
                if costs[place] and cost[at] < far:
                    target = targets[place]
                    cost[target] = min(cost[target], cost[at] + costs[place])
    for at in range(1, count):
        if cost[at] == far or entries[at] == 1:
            continue
        total, here = 0, at
        while by[here]:
            place = by[here] - 1
            assert targets[place] == here
            assert starts[source[here]] <= place < starts[source[here] + 1]
            total += costs[place]
            here = source[here]
        assert (entries[here], total) == (1, cost[at])
    del references


def test_columns_that_do_not_go_together() -> None:
    out = zeros("I", 3)
    for starts, targets in (
        ([0, 0, 1, 2], [1, 3]),  # a target that does not exist
        ([0, 0, 2, 1], [1]),  # starts that fall
        ([0, 1, 1, 1], [1]),  # the root of all refers to something
        ([0, 0, 1, 3], [1, 2]),  # more than there are
        ([0, 0, 1], [1]),  # too few
    ):
        with pytest.raises(ValueError, match="do not go together"):
            _columns.dominators(
                out, zeros("I", 3), bytearray(3), array("I", starts), array("I", targets)
            )


def test_a_chain_of_a_million_is_no_recursion() -> None:
    count = 1_000_000
    starts = array("I", [0, 0, *range(1, count)])
    targets = array("I", range(2, count))
    starts[-1] = len(targets)
    entries = bytearray(count)
    entries[1] = 1
    order, dominator = zeros("I", count), zeros("I", count)
    _columns.dominators(order, dominator, entries, starts, targets)
    assert order == array("I", range(count))
    assert dominator == array("I", [0, *range(count - 1)])
