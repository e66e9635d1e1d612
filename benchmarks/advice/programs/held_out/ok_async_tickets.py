"""Producers and consumers over a bounded asyncio queue; each ticket lives for a moment only."""

# forbid: leak pool over-pooled compact gc-pressure

import asyncio
import contextlib
import random
import struct
from itertools import accumulate

TICKET = struct.Struct("!IHHd")


class Ticket:
    __slots__ = ("number", "row", "seat", "price")

    def __init__(self, number, row, seat, price):
        self.number = number
        self.row = row
        self.seat = seat
        self.price = price

    @classmethod
    def unpack(cls, frame):
        return cls(*TICKET.unpack(frame))


async def seller(queue, first, count, seed):
    rng = random.Random(seed)
    for number in range(first, first + count):
        await queue.put(TICKET.pack(number, rng.randrange(60), rng.randrange(90), rng.randrange(10, 200)))


async def gate(queue, hall):
    while True:
        ticket = Ticket.unpack(await queue.get())
        hall[ticket.row] += ticket.price
        queue.task_done()


async def evening():
    queue = asyncio.Queue(maxsize=64)
    hall = [0.0] * 60
    gates = [asyncio.create_task(gate(queue, hall)) for _ in range(4)]
    await asyncio.gather(*(seller(queue, n * 40_000, 40_000, n) for n in range(6)))
    await queue.join()
    for task in gates:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return hall


def main():
    hall = asyncio.run(evening())
    steps = list(accumulate(hall))
    print(steps[0], steps[29], steps[-1])


if __name__ == "__main__":
    main()
