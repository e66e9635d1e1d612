"""When does a pool pay? Times for making, pooling by hand and memscope.Pool.

    python benchmarks/pool.py

Each figure is the time for one object that is gotten, used and given back: the median of rounds in
which all ways take turns.
"""

from __future__ import annotations

import platform
import random
import statistics
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import click

from memscope import Pool

ROUND_S = 0.02


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y


@dataclass(frozen=True)
class Case:
    """An object, how it is made, and how one that is reused is made ready and used."""

    name: str
    make: str
    ready: str  # of `item`, by whoever reuses it
    use: str  # of `item`, by everybody


CASES = (
    Case("object with two slots", "Point(1, 2)", "item.x = 1; item.y = 2", "pass"),
    Case("dict of 3 keys", "{'a': 1, 'b': 2, 'c': 3}", "item['a'] = 1", "pass"),
    Case("list, 8 appends", "[]", "item.clear()", "for n in range(8): item.append(n)"),
    Case("zlib.compressobj", "zlib.compressobj()", "pass", "pass"),
    Case("random.Random", "random.Random(7)", "pass", "pass"),
    *(
        Case(
            f"bytearray of {name}, filled",
            f"bytearray({size})",
            "pass",
            f"memoryview(item)[:] = data[:{size}]",
        )
        for name, size in (
            ("4 KiB", 4 << 10),
            ("64 KiB", 64 << 10),
            ("1 MiB", 1 << 20),
            ("16 MiB", 16 << 20),
            ("40 MiB", 40 << 20),
        )
    ),
)
WAYS = {
    "made each time": "item = {make}\n    {use}\n    del item",
    "list.pop/append": """try:
        item = idle.pop()
        {ready}
    except IndexError:
        item = {make}
    {use}
    idle.append(item)""",
    "Pool.get/put": "item = pool.get()\n    {ready}\n    {use}\n    pool.put(item)",
    "Pool.borrow": "with pool.borrow() as item:\n        {ready}\n        {use}",
}


def timers(case: Case) -> dict[str, Callable[[int], float]]:
    """For each way a function that does it so many times and says how long that took."""
    found: dict[str, Callable[[int], float]] = {}
    for way, template in WAYS.items():
        body = template.format(make=case.make, ready=case.ready, use=case.use)
        names: dict[str, object] = {
            "Point": Point, "zlib": zlib, "random": random, "clock": time.perf_counter,
            "idle": [], "data": memoryview(bytes(40 << 20)),
        }  # fmt: skip
        names["pool"] = Pool(eval(f"lambda: {case.make}", names))
        source = "def timer(times):\n  started = clock()\n  for _ in range(times):\n    "
        exec(f"{source}{body}\n  return clock() - started", names)
        found[way] = names["timer"]  # type: ignore[assignment]
    return found


def measure(case: Case, rounds: int) -> dict[str, float]:
    """Seconds per object, each way."""
    ways = timers(case)
    times = 1
    while (took := ways["made each time"](times)) < ROUND_S:
        times = max(times * 2, int(times * ROUND_S / max(took, 1e-9)))
    results: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, timer in ways.items():
            results[way].append(timer(times) / times)
    return {way: statistics.median(taken) for way, taken in results.items()}


def text(seconds: float) -> str:
    if seconds < 1e-6:
        return f"{seconds * 1e9:.0f} ns"
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms"


@click.command()
@click.option("--rounds", default=15, show_default=True, help="Rounds; the median counts.")
def main(rounds: int) -> None:
    """Prints a table for docs/pool.md."""
    print(f"CPython {platform.python_version()}\n")
    print("|", " | ".join(["", *WAYS, "Pool.get/put is"]), "|")
    print("|---|" + "---:|" * (len(WAYS) + 1))
    for case in CASES:
        found = measure(case, rounds)
        factor = found["made each time"] / found["Pool.get/put"]
        verdict = (
            f"{factor:.1f} times as fast" if factor >= 1 else f"{1 / factor:.1f} times as slow"
        )
        print("|", " | ".join([case.name, *map(text, found.values()), verdict]), "|", flush=True)


if __name__ == "__main__":
    main()
