"""What makes many of everything: `extremes.py WHAT NUMBER` prints how many known blocks it made."""

import sys
import threading

BLOCK_BYTES = 5000


def known():
    return bytes(BLOCK_BYTES)


def threads(number):
    """Short ones, one after another, a few at a time."""
    for _ in range(number // 10):
        batch = [threading.Thread(target=known) for _ in range(10)]
        for thread in batch:
            thread.start()
        for thread in batch:
            thread.join()
    return number // 10 * 10


def codes(number):
    """Functions that are made, called and dropped: code objects take each other's addresses."""
    for n in range(number):
        scope = {"known": known}
        exec(f"def made_{n % 50}():\n" + "\n" * (n % 7) + "    return known()", scope)
        scope[f"made_{n % 50}"]()
    return number


def deep(number):
    sys.setrecursionlimit(number + 1000)

    def down(level):
        block = known()
        return down(level - 1) if level > 1 else block

    down(number)
    return number


def stacks(number):
    """Each block from a stack of its own: left and right are different lines."""

    def down(level):
        if level == 0:
            known()
            return 1
        left = down(level - 1)
        right = down(level - 1)
        return left + right

    return down(number.bit_length() - 1)


what, number = sys.argv[1], int(sys.argv[2])
work = {"threads": threads, "codes": codes, "deep": deep, "stacks": stacks}[what]
threading.stack_size(512 << 20 if what == "deep" else 0)
made = []
thread = threading.Thread(target=lambda: made.append(work(number)))
thread.start()
thread.join()
print(*made)
