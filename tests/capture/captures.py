"""Ready-made captures that several tests look at."""

from __future__ import annotations

from pathlib import Path

from capture.writer import PYTHON, CaptureWriter, StackFrame

import memscope
from memscope.capture import Capture

HOME = "/home/me/app"
APP = f"{HOME}/app.py"
SHOP = f"{HOME}/shop/cart.py"
DECODER = f"{PYTHON}/json/decoder.py"
LIBRARY = f"{PYTHON}/site-packages/yaml/loader.py"
IMPORTLIB = "<frozen importlib._bootstrap>"

MAIN: StackFrame = ("<module>", APP, 3)
LOAD: StackFrame = ("load", APP, 10)
FILL: StackFrame = ("Cart.fill", SHOP, 20)
DECODE: StackFrame = ("JSONDecoder.decode", DECODER, 337)
RAW_DECODE: StackFrame = ("JSONDecoder.raw_decode", DECODER, 353)
PARSE: StackFrame = ("parse", LIBRARY, 7)
FIND_AND_LOAD: StackFrame = ("_find_and_load", IMPORTLIB, 1360)


# Of END, beyond what the first captures had.
HEAP_AND_COLLECTOR: dict[str, object] = {
    "arenas_made": 3, "arenas_returned": 1, "arenas_most": 3,
    "collected": [100, 20, 3], "uncollectable": [0, 0, 0],
    "gc_thresholds": [700, 10, 10], "gc_enabled": True, "polled_ns": 2_000_000_000,
    "collecting_ns": 10_000_000, "longest_collecting_ns": 4_000_000,
}  # fmt: skip


def shop(**meta: object) -> CaptureWriter:
    """A program that loads JSON into a cart, imports a library and loses a little everywhere."""
    made = CaptureWriter(**meta)
    lives = {(0, 1): 500, (0, 9): 300}
    made.site([MAIN, LOAD, DECODE, RAW_DECODE], size=60, count=1000, live=200, lifetimes=lives)
    made.site([MAIN, LOAD], size=4000, count=10, live=0, peak=8, lifetimes={(0, 3): 10})
    made.site([MAIN, FILL], size=100, count=300, live=300, domain="mem")
    made.site([MAIN, FILL, PARSE], size=33, count=50, live=0, peak=50, lifetimes={(0, 4): 50})
    made.site([MAIN, FIND_AND_LOAD, PARSE], size=513, count=20, live=20)
    made.site([], size=24, count=5, live=1, domain="raw", lifetimes={(1, 0): 4})
    made.end.update(HEAP_AND_COLLECTOR)
    made.grows([MAIN, FILL], links=40, steep=3, copied=60_000, largest=3_000)
    mib = 1 << 20
    arenas = [(0x7F0000003000, mib, 1), (0x7F0000103000, mib, 0)]
    made.survey(arenas, [(0, 1, 1, 4, 150), (0, 5, 0, 2, 7), (1, 62, 1, 4, 50)])
    made.born = [(1, 0, 10**9, 150, 9000), (1, 10**9, 2 * 10**9, 50, 3000), (3, 0, 0, 300, 30000)]
    for step in range(21):
        made.sample(
            step * 100_000_000,
            (24, 100 * 15 * step, 60 * 50 * step),
            resident=(20 << 20) + step * 10_000,
            own=2 << 20,
            collecting=step == 7,
        )
    return made


SCRATCH = [("<module>", APP, 3)]
KEPT = [("<module>", APP, 5)]
DICT = ("builtins", "dict", "object")
KEYS = ("builtins", "dict", "keys")
ORDER = ("shop.models", "Shop.Order", "object")
PARKED = ("", "", "parked")


def loop(**meta: object) -> CaptureWriter:
    """Line 3 makes dictionaries that die, line 5 makes others in their blocks and keeps them."""
    made = CaptureWriter(format=2, objects=True, **meta)
    made.site(
        SCRATCH,
        size=64,
        count=10,
        live=10,
        peak=0,
        type=DICT,
        handed_over=10,
        handed_over_bytes=640,
    )
    made.site(KEPT, size=64, count=0, peak=9, type=DICT, reused=9, taken_in=9, taken_in_bytes=576)
    made.site([], size=64, count=0, peak=1, type=PARKED, taken_in=1, taken_in_bytes=64)
    made.site(KEPT, size=96, count=9, live=9, domain="mem", type=KEYS)
    made.site(KEPT, size=48, count=4, live=2, type=ORDER)
    made.site(KEPT, size=32, count=3, live=3)
    made.end["objects"] = {"creations_told": True, "types_of_live": "asked"}
    return made


def load(made: CaptureWriter, tmp_path: Path, name: str = "app.mscope") -> Capture:
    path = tmp_path / name
    path.write_bytes(made.build())
    return memscope.load(path)
