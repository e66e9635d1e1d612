"""counted.py CAPTURE WORK: records some work while a plain counting hook counts its calls."""

from __future__ import annotations

import gc
import itertools
import json
import sys
import threading
import warnings

import memscope
from memscope import _testing

CALLS = 1_000_000


def nothing() -> None:
    pass


def empty_calls() -> None:
    for _ in itertools.repeat(None, CALLS):
        nothing()


def lookups() -> None:
    table = {"key": 1}
    for _ in itertools.repeat(None, CALLS):
        table.get("key")


def method_calls() -> None:
    items: list[int] = []
    for _ in itertools.repeat(None, CALLS):
        items.copy


def json_round_trip() -> None:
    text = json.dumps({str(n): [n, n / 3, "x" * n] for n in range(500)})
    for _ in range(5):
        json.loads(text)


def exceptions() -> None:
    for n in range(20_000):
        try:
            int("x" if n % 2 else "7")
        except ValueError as error:
            error.add_note("note")


def growth() -> None:
    items, buffer, text = [], bytearray(), ""
    for n in range(50_000):
        items.append(n)
        buffer.append(n & 255)
        text += "x"


def threads() -> None:
    shelf: list[object] = [None] * 64

    def work(seed: int) -> None:
        for n in range(20_000):
            shelf[(n * seed) % 64] = [n, bytes(n % 600)]

    workers = [threading.Thread(target=work, args=(seed,)) for seed in (3, 5, 7, 11)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


# Made beforehand, so that the calls make only what they are told to. The first handle is 0.
PLAN = [
    ((domain, 50, size), (0, size * 3 + 1), (0,))
    for domain in ("raw", "mem", "obj")
    for size in (0, 1, 16, 512, 513, 100_000)
]


def known_domains() -> None:
    for allocate, reallocate, release in PLAN:
        _testing.allocate(*allocate)
        _testing.reallocate(*reallocate)
        _testing.release(*release)


WORK = {
    function.__name__: function
    for function in (
        empty_calls,
        lookups,
        method_calls,
        json_round_trip,
        exceptions,
        growth,
        threads,
        known_domains,
    )
}


def counted(work) -> dict[str, dict[str, int]]:
    """What is counted here is also what memscope records below a stack with this function in it."""
    _testing.count_calls_start()
    work()
    return _testing.count_calls_stop()


if __name__ == "__main__":
    capture, name, *options = sys.argv[1:]
    # The hook would count the frees of older garbage, which are not below counted() in the capture.
    # So would it those of names that only the cache of attributes holds and another name replaces.
    gc.disable()
    warnings.simplefilter("ignore", DeprecationWarning)
    with memscope.record(capture, objects="objects" in options):
        sys._clear_type_cache()
        counts = counted(WORK[name])
    print(json.dumps(counts))
