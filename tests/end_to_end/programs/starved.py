"""Records itself again and again; memscope's own n-th request for memory fails, for every n.

    starved.py CAPTURE STEP ONCE NATIVE

ONCE is 1 if no later request fails, NATIVE if native memory is recorded, too. Prints a line for
each n: what became of the recording. Ends at the first n that was not reached.
"""

import sys
import threading
import zlib

import memscope
from memscope import _recorder
from memscope.errors import MemscopeError


def deep(level):
    return [level, deep(level - 1)] if level else []


def grown():
    """Many stacks, code objects, rows and reallocations."""
    total = 0
    for number in range(40):
        scope = {}
        exec(f"def made_{number}(n):\n" + "    pass\n" * number + "    return [n, bytes(n)]", scope)
        total += sum(len(scope[f"made_{number}"](size)[1]) for size in range(0, 600, 40))
    text = bytearray()
    for _ in range(300):
        text += b"0123456789" * 7
    return total + len(text)


def in_threads():
    done = []

    def work():
        done.append(len(zlib.compress(bytes(70_000))) > 0)  # without the GIL
        done.append(grown() > 0)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return all(done)


def work():
    deep(400)
    return grown(), in_threads()


def known(capture):
    """Blocks of more than 80 bytes that the functions made by exec allocated."""
    rows, nodes, codes = capture.tables.rows, capture.tables.nodes, capture.tables.codes
    return sum(
        int(capture.totals.allocations[row])
        for row, node in enumerate(rows.stack)
        if rows.size_class[row] > 5 and codes.function[nodes.code[node]].startswith("made_")
    )


EXPECTED = work()
capture, step, once = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
native = sys.argv[4] == "1"
n = 1
while True:
    recording = memscope.record(capture, force=True, events=n % 2 == 1, native=native)
    _recorder.fail_memory(n, once)
    try:
        recording.start()
        began = True
    except MemscopeError:
        began = False
    assert work() == EXPECTED, n
    ended = "refused"
    if began:
        try:
            recording.stop()
            ended = "written"
        except MemscopeError:
            ended = "failed"
    reached = _recorder.fail_memory(0)
    if ended == "written":
        with recording.capture as opened:
            # Nothing may be missing from what says that it is whole.
            ended = "incomplete"
            if opened.complete:
                ended = "complete" if known(opened) == 4 * 40 * 13 else "wrong"
    print(n, ended, flush=True)
    if not reached:
        break
    n += step
