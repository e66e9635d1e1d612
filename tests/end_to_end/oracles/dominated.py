"""What each object of a structure keeps alive, by a simple algorithm.

References are those of `gc.get_referents` and of the texts that are keys of dictionaries; how many
there are says `sys.getrefcount`. What has more than were found is held from outside. Dominators by
the algorithm of Cooper, Harvey and Kennedy: in rounds until nothing changes.

Functions, frames, classes and modules are not followed: nearly everything can be reached by them,
and the collector does not tell all that they hold. Of an object that leads to one of them, other
than to classes, nothing is told.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import Counter

BEYOND = (
    *("function", "builtin_function_or_method", "module", "code", "frame", "method_descriptor"),
    *("wrapper_descriptor", "getset_descriptor", "member_descriptor", "classmethod_descriptor"),
)
# Attributes of their instances are in the object, or in a block of their own, or in a dictionary.
HAS_ATTRIBUTES = 1 << 4
# Their own `__sizeof__` tells of what lies outside the object.
UNKNOWN = ("OrderedDict",)


def is_beyond(op: object) -> bool:
    return isinstance(op, type) or type(op).__name__ in BEYOND


def is_split(table: dict[object, object]) -> bool:
    """Whether its keys are a class's, which holds them: then the last word is no null."""
    return ctypes.c_void_p.from_address(id(table) + 40).value is not None


def has_unknown_size(op: object) -> bool:
    if type(op) is dict:
        return not op or is_split(op)
    return bool(type(op).__flags__ & HAS_ATTRIBUTES) or type(op).__name__ in UNKNOWN


def referents(op: object) -> list[object]:
    if is_beyond(op):
        return []
    found = gc.get_referents(op)
    if isinstance(op, dict) and not is_split(op):
        keys = list(dict.keys(op))
        # The collector is told of keys only where one of them is no text.
        if all(type(key) is str for key in keys) and not are_told(keys, op, found):
            found += keys
    return found


def are_told(keys: list[object], table: dict[object, object], found: list[object]) -> bool:
    """Whether the keys are among what was found, beside the values.

    A class that derives from `dict` has its own class and attributes there, too.
    """
    rest = Counter(map(id, found))
    rest.subtract(map(id, dict.values(table)))
    return all(rest[key] >= times for key, times in Counter(map(id, keys)).items())


def dominated(top: object) -> dict[str, object]:
    """How many objects the structure has, and of each its type and what it retains.

    That is objects, bytes (None where the size of one is not known) and references. Types whose
    objects have a size that is not known are `unknown`.
    """
    order, references = reached(top)
    counted = Counter(target for to in references for target in to)
    # Of ours there are `order` and the argument.
    held = [
        number
        for number in range(len(order))
        if number == 0 or sys.getrefcount(order[number]) - 2 > counted[number]
    ]
    names = [type(op).__name__ for op in order]
    with_attributes = [bool(type(op).__flags__ & HAS_ATTRIBUTES) for op in order]
    left_out = leading_to(references, [is_beyond(op) and not isinstance(op, type) for op in order])
    told: Counter[tuple[object, ...]] = Counter()
    sums = retained(
        dominators(references, held),
        [1] * len(order),
        [sys.getsizeof(op) for op in order],
        [len(to) for to in references],
        [has_unknown_size(op) for op in order],
    )
    for number, (objects, size, edges, unknown) in enumerate(zip(*sums, strict=True)):
        if not left_out[number] and not is_beyond(order[number]):
            told[names[number], objects, None if unknown else size, edges] += 1
    return {
        "objects": len(order),
        "unknown": sorted({name for name, has in zip(names, with_attributes, strict=True) if has}),
        "told": [[*key, times] for key, times in told.items()],
    }


def reached(top: object) -> tuple[list[object], list[list[int]]]:
    """All objects, and for each the places of those it refers to."""
    places, order, references = {id(top): 0}, [top], []
    for op in order:
        to = referents(op)
        for target in to:
            if id(target) not in places:
                places[id(target)] = len(order)
                order.append(target)
        references.append([places[id(target)] for target in to])
    return order, references


def retained(
    above: tuple[list[int | None], list[int]], *values: list[int]
) -> tuple[list[int], ...]:
    """Each with the sums of what is below it."""
    parents, order = above
    for number in order:
        parent = parents[number]
        if parent is not None:
            for of in values:
                of[parent] += of[number]
    return values


def leading_to(references: list[list[int]], wanted: list[bool]) -> list[bool]:
    """For each whether one of the wanted can be reached from it."""
    before = [[] for _ in references]
    for source, to in enumerate(references):
        for target in to:
            before[target].append(source)
    found, left = list(wanted), [n for n, is_wanted in enumerate(wanted) if is_wanted]
    while left:
        for source in before[left.pop()]:
            if not found[source]:
                found[source] = True
                left.append(source)
    return found


def dominators(references: list[list[int]], held: list[int]) -> tuple[list[int | None], list[int]]:
    """For each the one right above it, None: nothing is; and all, each before what is above it."""
    root = len(references)
    successors = [*references, held]
    before: list[list[int]] = [[] for _ in successors]
    for source, to in enumerate(successors):
        for target in to:
            before[target].append(source)
    after = in_post_order(successors, root)
    place = {number: at for at, number in enumerate(after)}
    above = {root: root}
    changed = True
    while changed:
        changed = False
        for number in reversed(after[:-1]):
            new = root
            known = [source for source in before[number] if source in above]
            for at, source in enumerate(known):
                new = nearest(above, place, source, new) if at else source
            changed |= above.get(number) != new
            above[number] = new
    return [None if above[n] == root else above[n] for n in range(root)], after[:-1]


def in_post_order(successors: list[list[int]], root: int) -> list[int]:
    after, pending, seen = [], [(root, iter(successors[root]))], {root}
    while pending:
        number, left = pending[-1]
        target = next((each for each in left if each not in seen), None)
        if target is None:
            pending.pop()
            after.append(number)
        else:
            seen.add(target)
            pending.append((target, iter(successors[target])))
    return after


def nearest(above: dict[int, int], place: dict[int, int], one: int, other: int) -> int:
    while one != other:
        while place[one] < place[other]:
            one = above[one]
        while place[other] < place[one]:
            other = above[other]
    return one
