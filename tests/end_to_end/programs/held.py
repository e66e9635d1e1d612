"""Structures, and what each retains, by an oracle that knows no dominators.

Of a structure what is reachable is looked at. An object stays if all references to it come from
objects that stay; what is left is retained. References are those of `gc.get_referents` and of the
texts that are keys of dictionaries; how many there are says `sys.getrefcount`.
"""

import gc
import json
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from functools import lru_cache, partial


class Plain:
    def __init__(self, n):
        self.number = n + 10**6
        self.text = "plain %d" % n


class Slotted:
    __slots__ = ("left", "right", "other")

    def __init__(self, n):
        self.left = [n + 10**6]
        self.right = (str(n), float(n))


class Both(Plain):
    __slots__ = ("more",)


class Items(list):
    pass


class Table(dict):
    pass


class Link:
    def __init__(self, before):
        self.before = before
        self.after = None
        if before is not None:
            before.after = self


def counting(start):
    state = {"start": start + 10**6}

    def count(by=[start + 10**7], *, name="count %d" % start):
        return state, by, name

    return count


def waiting(n):
    held = [n + 10**6, "waits %d" % n]
    yield held
    yield None


def failing(n):
    try:
        raise ValueError("failed %d" % n)
    except ValueError as error:
        error.add_note("note %d" % n)
        return error.with_traceback(None)


def materialized(n):
    made = Plain(n)
    made.__dict__[n] = n + 10**6  # no text: the class keeps no such keys
    return made


def chain(n):
    link = None
    for _ in range(n):
        link = Link(link)
    return link


@lru_cache(maxsize=None)
def remembered(n):
    return ["remembered %d" % n]


shared = [["shared %d" % n] for n in range(10)]

s_list = [[n + 10**6, "item %d" % n] for n in range(50)]
s_dict_of_texts = {"key %d" % n: "value %d" % n for n in range(50)}
s_dict_of_numbers = {n + 10**6: (n + 10**7, [str(n)]) for n in range(50)}
s_dict_mixed = {("a", n): {n: "mixed %d" % n} for n in range(20)}
s_plain = [Plain(n) for n in range(50)]
s_materialized = [materialized(n) for n in range(20)]
s_slotted = [Slotted(n) for n in range(50)]
s_both = [Both(n) for n in range(20)]
s_sets = [{n + 10**6, "member %d" % n} for n in range(20)] + [frozenset(map(str, range(100)))]
s_deque = deque(["entry %d" % n] for n in range(200))
s_chain = chain(100)
s_closures = [counting(n) for n in range(20)]
s_generators = [waiting(n) for n in range(20)]
for generator in s_generators:
    next(generator)
del generator
s_errors = [failing(n) for n in range(20)]
s_default = defaultdict(list, {"bucket %d" % n: ["in %d" % n] for n in range(20)})
s_counter = Counter("count %d" % (n % 7) for n in range(50))
s_subclasses = [Items([n + 10**6, "of %d" % n]) for n in range(20)]
s_tables = [Table({"row %d" % n: [n + 10**6]}) for n in range(20)]
s_bytes = [bytes(n) + b"%d" % n for n in range(2, 40)] + [bytearray(b"%d" % n) for n in range(40)]
s_numbers = [10**n for n in range(20, 60)] + [n * 1.5 for n in range(40)] + [complex(1, 2.5)]
s_texts = (
    ["é%d" % n for n in range(20)] + ["\u20ac%d" % n for n in range(20)] + [chr(0x1F40D) + "!"]
)
s_partials = [partial(print, "partial %d" % n, sep=["%d" % n]) for n in range(20)]
s_methods = [Plain(n).__init__ for n in range(20)]
s_of_shared = [shared[0], ["own %d" % 1], shared[1:5]]
s_diamond = {10: [["below %d" % 1]], 11: None}  # no texts of the source: its code holds them
s_diamond[11] = [s_diamond[10][0], ["alone %d" % 1]]
s_tuples = (("a%d" % n, (n + 10**6,)) for n in range(20))
s_tuples = tuple(s_tuples)
s_ordered = OrderedDict(("ordered %d" % n, [n + 10**6]) for n in range(20))


def referents(op):
    found = gc.get_referents(op)
    if isinstance(op, dict):
        keys = list(dict.keys(op))
        if all(type(key) is str for key in keys):  # else they are told
            found = found + keys
    return found


def retained(top):
    """The objects that go when the top does."""
    reached, order, references = {id(top): top}, [top], {}
    for op in order:
        to = referents(op)
        references[id(op)] = list(map(id, to))
        for target in to:
            if id(target) not in reached:
                reached[id(target)] = target
                order.append(target)
        target = None
        del to
    op = None
    alive = set(reached)
    while True:
        counted = Counter()
        for source in alive:
            counted.update(references[source])
        # Ours: `reached`, `order`, and the argument.
        gone = {
            at for at in alive if at != id(top) and sys.getrefcount(reached[at]) - 3 > counted[at]
        }
        if not gone:
            break
        pending = list(gone)
        while pending:  # what these refer to is held from outside as well
            for target in references[pending.pop()]:
                if target not in gone and target != id(top):
                    gone.add(target)
                    pending.append(target)
        alive -= gone
    sizes = Counter()
    for at in alive:
        sizes[type(reached[at]).__name__] += sys.getsizeof(reached[at])
    return {"objects": len(alive), "types": dict(sizes)}


def main():
    gc.collect()
    found = {}
    for name in sorted(globals()):
        if name.startswith("s_"):
            found[name] = retained(globals()[name])
    print(json.dumps(found))


main()
