"""The page's part on holders: a tree of what is retained, and which lines made it."""

from __future__ import annotations

from typing import Any

from memscope.analysis.measures import Measures
from memscope.analysis.retainergrowth import growth
from memscope.analysis.retainers import Holdings, root_text
from memscope.analysis.retainertree import RetainerTree, retainer_tree
from memscope.errors import MemscopeError
from memscope.plain import dataclass

_LONGEST = 240  # characters of a path
_ORIGINS = ("own", "library", "stdlib")


@dataclass(frozen=True, slots=True)
class RetainersPart:
    """What the page is given, None without a snapshot; and what is said where one is missing."""

    document: dict[str, Any] | None
    notes: tuple[str, ...] = ()


NO_RETAINERS = RetainersPart(None)


def retainers_part(measures: Measures) -> RetainersPart:
    """The holders of the last snapshot that was taken.

    Groups come each before those below it, the heaviest of one parent first: parent, name, way,
    root, objects, bytes and objects retained, bytes gained since the first snapshot (null: not
    known). A pair is a group, a line and the bytes of what that line made of the group.
    """
    moments = measures.capture.moments
    if not moments:
        return NO_RETAINERS
    try:
        holdings = Holdings(measures)
    except MemscopeError as error:
        return RetainersPart(None, (f"Holders are not shown: the capture {error.what}.",))
    tree = retainer_tree(holdings)
    order, places = _in_preorder(tree)
    holders = [tree.groups[at].number for at in order if tree.groups[at].parent == 0]
    grown = growth(measures, holdings, holders)
    lines: dict[tuple[str, int], int] = {}
    sites: list[tuple[str, int, str, str, int]] = []
    pairs: list[tuple[int, int, int]] = []
    for made in tree.lines:
        frame = made.line
        if (frame.file, frame.line) not in lines:
            short = measures.stacks.origins.short(frame.file)
            origin = _ORIGINS.index(made.origin)
            lines[frame.file, frame.line] = len(sites)
            sites.append((frame.file, frame.line, frame.function, short, origin))
        pairs.append((places[made.group], lines[frame.file, frame.line], made.bytes))
    moment = holdings.moment
    document = {
        "time_s": moment.time_ns / 1e9,
        "cause": moment.cause,
        "pause_s": moment.pause_ns / 1e9,
        "snapshots": sum(not of.why for of in moments),
        "since_s": None if grown is None else grown.since.time_ns / 1e9,
        "holders": tree.holders,
        "groups": [
            (
                places.get(group.parent, -1),
                _name(group.way.path if group.parent == 0 else group.type),
                _name(group.way.path),
                root_text(group.way.root) if group.parent == 0 else "",
                group.objects,
                group.retained_bytes,
                group.retained_objects,
                None if grown is None else grown.of.get(group.number),
            )
            for group in (tree.groups[at] for at in order)
        ],
        "lines": sites,
        "pairs": pairs,
        "untold_bytes": tree.untold_bytes,
    }
    return RetainersPart(document)


def _in_preorder(tree: RetainerTree) -> tuple[list[int], dict[int, int]]:
    """The places of groups, each before those below it; and for each its new place."""
    below: dict[int, list[int]] = {}
    for at, group in enumerate(tree.groups):
        below.setdefault(group.parent, []).append(at)
    order: list[int] = []
    waiting = [0]
    while waiting:
        at = waiting.pop()
        order.append(at)
        waiting += sorted(below.get(at, []), key=lambda of: tree.groups[of].retained_bytes)
    return order, {at: place for place, at in enumerate(order)}


def _name(text: str) -> str:
    """A path of a page's width: what is in the middle of a long one says least."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
