"""Allocates one known block after another and tells each to a file that outlives the process.

    witnessed.py WITNESS HOW

The witness holds how many blocks there are, written after each; HOW says what happens on the way.
"""

import ctypes
import mmap
import os
import sys
import threading

BLOCK_BYTES = 3000
KEPT = 50_000
kept = [None] * KEPT


def fill(witness, blocks):
    for count in range(1, blocks + 1):
        kept[count % KEPT] = bytes(BLOCK_BYTES)  # the line
        witness[:8] = count.to_bytes(8, "little")


def overflow():
    nested = []
    for _ in range(5000):
        nested = [nested]
    sys.setrecursionlimit(10**6)
    threading.stack_size(32 << 10)
    thread = threading.Thread(target=repr, args=(nested,))
    thread.start()
    thread.join()
    os.abort()  # where the interpreter watches its C stack


def later(act):
    """From another thread, while this one goes on allocating."""

    def wait():
        while kept[20_000] is None:
            pass
        act()

    threading.Thread(target=wait).start()


with open(sys.argv[1], "r+b") as file:
    witness = mmap.mmap(file.fileno(), 8)
how = sys.argv[2]
if how == "exits in a thread":
    later(lambda: os._exit(3))
elif how == "crashes in a thread":
    later(lambda: ctypes.string_at(0))
elif how == "without end":
    print("ready", flush=True)
    fill(witness, 10**9)
fill(witness, KEPT)
if how == "crashes":
    ctypes.string_at(0)
elif how == "aborts":
    os.abort()
elif how == "overflows its stack":
    overflow()
