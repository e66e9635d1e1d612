import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from outbox_mill.messages import Message
from outbox_mill.transport import MemoryTransport, Outbox


def letters(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        parts = [f"part {rng.randrange(10_000)}" for _ in range(5)]
        context = {"parts": parts, "code": number, "days": rng.randrange(40), "note": "Terms apply to all deliveries. " * 300}
        yield number, Message(rng.choice(("welcome", "overdue", "overdue")), f"client {number % 400}", context)


def main():
    transport = MemoryTransport()
    Outbox(transport).flush(letters(2_000, seed=83))
    print(transport.delivered, transport.digest)


if __name__ == "__main__":
    main()
