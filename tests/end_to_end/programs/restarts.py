"""Starts and stops recording again and again while other threads allocate, with GIL and without.

    restarts.py CAPTURE TIMES

Prints how many recordings held exactly what this thread allocated in them.
"""

import sys
import threading
import zlib

import memscope

BLOCKS = 50
over = False


def churn(number):
    kept = []
    while not over:
        kept = [bytes(number * 10 + size) for size in range(200)] + kept[:50]


def compress():
    text = bytes(100_000)
    while not over:
        zlib.compress(text, 1)


def known():
    return [bytes(7000) for _ in range(BLOCKS)]


def blocks_of_known(capture):
    rows, nodes, codes = capture.tables.rows, capture.tables.nodes, capture.tables.codes
    return sum(
        int(capture.totals.allocations[row])
        for row, node in enumerate(rows.stack)
        if rows.size_class[row] > 40 and codes.function[nodes.code[node]].startswith("known")
    )


sys.setswitchinterval(1e-4)
threads = [threading.Thread(target=churn, args=(number,)) for number in range(3)]
threads.append(threading.Thread(target=compress))
for thread in threads:
    thread.start()
exact = 0
for _ in range(int(sys.argv[2])):
    with memscope.record(sys.argv[1], force=True) as recording:
        made = known()
    with recording.capture as opened:
        exact += opened.complete and blocks_of_known(opened) == BLOCKS
over = True
for thread in threads:
    thread.join()
print(exact)
