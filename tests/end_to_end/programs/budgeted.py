"""Keeps known blocks while all is recorded, while it is sampled, and when all is recorded again.

python budgeted.py CAPTURE: prints, for each line that ends with a comment, what it asked for.
"""

import json
import sys
import zlib

import memscope
from memscope import _testing
from memscope.recording.session import ProcessRecording

short = passing = 0  # here, so that the module's table of names does not grow later
DATA = bytes(1 << 20)
BUDGET = 0.05


def changes() -> int:
    """How often the recording has gone over to the other way by now."""
    current = ProcessRecording.current
    assert current is not None
    assert current._run is not None
    counted = json.loads(current._run.drain.summary())["budget"]["changes"]
    assert isinstance(counted, int)
    return counted


def churn() -> None:
    for _ in range(50):
        [bytes(64) for _ in range(100)]


def compute() -> None:
    for _ in range(20):
        zlib.crc32(DATA)


# Before: pymalloc's tables of arenas are raw blocks of whichever line needs one more arena.
_testing.release(_testing.allocate("obj", 300_000, 128))
with memscope.record(sys.argv[1], force=True, budget=BUDGET, sample_bytes=4096):
    _testing.allocate("obj", 3000, 80)  # exact
    short = _testing.allocate("obj", 3000, 96)  # freed later
    while changes() < 1:
        churn()
    _testing.allocate("obj", 100_000, 112)  # sampled
    _testing.allocate("raw", 100, 5000)  # large
    passing = _testing.allocate("obj", 100_000, 128)  # freed at last
    _testing.release(short)
    while changes() < 2:
        compute()
    _testing.allocate("obj", 3000, 144)  # again
    _testing.release(passing)
