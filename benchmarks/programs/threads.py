"""Four threads in a ring: each allocates blocks and hands them on; the next one frees them."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import stopwatch

THREADS, BATCH = 4, 64


def worker(
    inbox: SimpleQueue[list[object]], outbox: SimpleQueue[list[object]], batches: int
) -> None:
    """Every block is freed on another thread than the one that allocated it."""
    for number in range(batches):
        base = number * 1000
        outbox.put([[base + step, (base, step), f"{step}:{base}"] for step in range(BATCH)])
        received = inbox.get()
        received.reverse()
        del received


def work(scale: int) -> None:
    queues: list[SimpleQueue[list[object]]] = [SimpleQueue() for _ in range(THREADS)]
    crew = [
        threading.Thread(target=worker, args=(queues[n], queues[(n + 1) % THREADS], 6000 * scale))
        for n in range(THREADS)
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


if __name__ == "__main__":
    stopwatch.main(work)
