"""Objects of unusual classes, made at known lines; says of each line how many of which type."""

import array
import collections
import decimal
import gc
import json
import threading

KEPT = {}


def keep(name, objects):
    KEPT[name] = list(objects)


def twin():
    class Twin:
        pass

    return Twin


class Number(int):
    pass


class Text(str):
    __slots__ = ()


class Slotted:
    __slots__ = ("x",)


class Meta(type):
    pass


class Before:
    __slots__ = ("x",)


class After:
    __slots__ = ("x",)


class Never:
    __slots__ = ("x",)


def make():
    first, second = twin(), twin()
    keep("first twin", [first() for _ in range(10)])  # first twin
    keep("second twin", [second() for _ in range(20)])  # second twin
    After()
    changed = [Before() for _ in range(30)]  # changed class
    for one in changed:
        one.__class__ = After
    keep("changed class", changed)
    some = [Before() for _ in range(30)]  # some changed
    for one in some[::3]:
        one.__class__ = Never
    keep("some changed", some)
    names = {"__name__": "made.at.run.time"}
    exec("class Made:\n    __slots__ = ()", names)
    keep("executed", [names["Made"]() for _ in range(10)])  # executed
    bare = eval("type('Bare', (), {'__slots__': ()})", {})
    keep("without a module", [bare() for _ in range(10)])  # without a module
    keep("deque", [collections.deque() for _ in range(10)])  # deque
    keep("array", [array.array("d") for _ in range(10)])  # array
    keep("lock", [threading.Lock() for _ in range(10)])  # lock
    keep("decimal", [decimal.Decimal(n) for n in range(10)])  # decimal
    keep("number", [Number(n) for n in range(10)])  # number
    keep("text", [Text(n) for n in range(10)])  # text
    keep("slots", [Slotted() for _ in range(10)])  # slots
    keep("metaclass", [Meta("Class", (), {"__slots__": ()}) for _ in range(10)])  # metaclass
    of_classes_that_die()


def of_classes_that_die():
    """Later classes may be given the addresses of earlier ones."""
    addresses = set()
    for n in range(50):
        dying = type(f"Dying{n}", (), {"__slots__": ("x",)})
        addresses.add(id(dying))
        for _ in range(3):
            dying()
        del dying
        gc.collect()
    later = [type(f"Later{n}", (), {"__slots__": ("x",)}) for n in range(50)]
    assert addresses & set(map(id, later))
    keep("later classes", [of() for of in later for _ in range(2)])  # later classes


def module_of(of):
    try:
        return of.__module__
    except AttributeError:
        return ""


def types_of(objects):
    """Names and counts; classes of one name each for itself."""
    counts = collections.Counter(map(type, objects))
    return sorted([f"{module_of(of)}.{of.__qualname__}", count] for of, count in counts.items())


make()
print(json.dumps({name: types_of(objects) for name, objects in KEPT.items()}))
