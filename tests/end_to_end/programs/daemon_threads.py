"""Daemon threads that are still allocating while the interpreter shuts down."""

import threading
import time

started = threading.Barrier(4)


def spin():
    kept = []
    started.wait()
    while True:
        kept.append(bytearray(len(kept) % 5000))
        if len(kept) > 500:
            kept.clear()
            time.sleep(0.0001)


for _ in range(3):
    threading.Thread(target=spin, daemon=True).start()
started.wait()
time.sleep(0.05)
print("leaving")
