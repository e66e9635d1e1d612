"""Makes survivors, copies and cycles while recorded, and says what the interpreter counts itself.

The last line of standard output is JSON; what sys._debugmallocstats() prints before, after and once
the survivors are gone stands on standard error, each under a line of its own.
"""

from __future__ import annotations

import gc
import json
import sys
import time

import memscope

OUTPUT, BLOCKS, STEP = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def say(when: str) -> None:
    print(f"== {when}", file=sys.stderr, flush=True)
    sys._debugmallocstats()


def fill() -> list[bytes]:
    return [bytes(400) for _ in range(BLOCKS)]  # survivors


class Text:
    value = ""


def grow(told: dict[str, int]) -> None:
    text = Text()
    for _ in range(400):
        size = sys.getsizeof(text.value)
        if size > 512:
            told["links"] += 1
            told["copied_bytes"] += size
        text.value += "x" * 40  # constant
    numbers: dict[int, None] = {}
    for number in range(200_000):
        numbers[number] = None  # ratio


def idle() -> None:
    """Time for the recorder to see that what is live falls no more; a little must happen in it."""
    for _ in range(25):
        _ = [bytes(100) for _ in range(300)]
        time.sleep(0.02)


def tie() -> None:
    for _ in range(300):
        knot: list[object] = []
        knot.append(knot)
    del knot
    gc.collect()


def collector() -> list[dict[str, int]]:
    return gc.get_stats()


gc.disable()
with memscope.record(OUTPUT + ".first"):  # so that what recording needs is imported
    pass
say("before")
told = {"links": 0, "copied_bytes": 0}
first = collector()
with memscope.record(OUTPUT):
    blocks = fill()
    keepers = blocks[::STEP]
    del blocks
    idle()
    grow(told)
    tie()
last = collector()
say("after")
keepers = []
say("dropped")
counts = ("collections", "collected", "uncollectable")
told["gc"] = [
    [now[name] - then[name] for name in counts] for then, now in zip(first, last, strict=True)
]
print(json.dumps(told))
