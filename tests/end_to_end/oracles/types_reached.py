"""types_reached.py CAPTURE WORKLOAD ANSWER: the types of all objects that a workload leaves.

Objects are found by the collector: all that it follows, and what these refer to. Those that were
there before do not count, and not what a recording of nothing leaves.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from collections.abc import Callable
from types import MethodType

from workloads import WORKLOADS

import memscope

capture, workload, answer = sys.argv[1:]


def reached(*passed_over: object) -> list[object]:
    """Each once; but for what is passed over, and what this function itself makes."""
    found = [one for one in gc.get_objects() if not any(one is other for other in passed_over)]
    seen = {id(one) for one in [*found, *passed_over, found, sys._getframe()]}
    seen.add(id(seen))
    for one in found:
        referents = gc.get_referents(one)
        if isinstance(one, dict):
            referents.extend(dict.keys(one))  # the collector does not follow those that are texts
        for referent in referents:
            if id(referent) not in seen:
                seen.add(id(referent))
                found.append(referent)
    return found


def is_of_its_thread(one: object) -> bool:
    """What the thread that finishes a capture runs: it may be there a moment longer."""
    return isinstance(one, MethodType) and one.__name__ == "_finish_once"


def types_left_by(work: Callable[[], object], path: str) -> Counter[str]:
    before = reached()
    known = {id(one) for one in before}
    with memscope.record(path, objects=True):
        kept = work()
    after = reached(before, known)
    types = (type(one) for one in after if id(one) not in known and not is_of_its_thread(one))
    left = Counter(f"{of.__module__}.{of.__qualname__}" for of in types)
    del kept
    return left


WORKLOADS[workload]()
types_left_by(int, f"{capture}.first")  # caches are filled, and modules imported
gc.collect()
nothing = types_left_by(int, f"{capture}.nothing")
told = types_left_by(WORKLOADS[workload], capture)
told.subtract(nothing)
with open(answer, "w") as file:
    json.dump(told, file)
