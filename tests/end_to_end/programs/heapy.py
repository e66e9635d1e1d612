"""Structures, and what guppy's heapy says that each dominates: in a forked copy, as it keeps objects."""

import gc
import json
import os
import sys
from collections import defaultdict, deque


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, n):
        self.left = [n + 10**6]
        self.right = (str(n), float(n))


def counting(start):
    state = {"start": start + 10**6}

    def count(by=[start + 10**7]):
        return state, by

    return count


shared = [["shared %d" % n] for n in range(10)]
s_list = [[n + 10**6, "item %d" % n] for n in range(50)]
s_numbers = {n + 10**6: (n + 10**7, [str(n)]) for n in range(50)}
s_mixed = {("a", n): {n: "mixed %d" % n} for n in range(20)}
s_slotted = [Slotted(n) for n in range(50)]
s_sets = [{n + 10**6, "member %d" % n} for n in range(20)] + [frozenset(map(str, range(100)))]
s_deque = deque(["entry %d" % n] for n in range(200))
s_closures = [counting(n) for n in range(20)]
s_default = defaultdict(list, {n + 10**6: ["in %d" % n] for n in range(20)})
s_bytes = [bytes(n) + b"%d" % n for n in range(2, 40)] + [bytearray(b"%d" % n) for n in range(40)]
s_tuples = tuple([("a%d" % n, (n + 10**6,)) for n in range(20)])
s_of_shared = [shared[0], ["own %d" % 1], shared[1:5]]
s_diamond = {10: [["below %d" % 1]], 11: None}
s_diamond[11] = [s_diamond[10][0], ["alone %d" % 1]]
link = None
for n in range(100):
    link = [link, "link %d" % n]
s_chain = link
del link, n

gc.collect()
pid = os.fork()
if pid == 0:
    from guppy import hpy

    heap, told = hpy(), {}
    for name in sorted(globals()):
        if name.startswith("s_"):
            dominated = heap.iso(globals()[name]).dominos
            told[name] = [dominated.count, dominated.size]
    print(json.dumps(told), flush=True)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
