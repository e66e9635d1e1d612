# forbid: leak chunk gc-pressure pool
"""Asyncio job board: producers post jobs, workers claim, failed jobs are retried."""
import asyncio
import enum
import random
import zlib
from dataclasses import dataclass


class State(enum.Enum):
    DONE = "done"
    DEAD = "dead"


@dataclass(slots=True)
class Job:
    ident: int
    kind: str
    arg: int
    attempts: int = 0


class Transient(Exception):
    pass


HANDLERS = {}


def handles(kind):
    def deco(fn):
        HANDLERS[kind] = fn
        return fn
    return deco


@handles("checksum")
async def checksum(job):
    return zlib.crc32(job.arg.to_bytes(4, "big") * 40)


@handles("collatz")
async def collatz(job):
    n, steps = job.arg + 1, 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@handles("flaky")
async def flaky(job):
    await asyncio.sleep(0)
    if (job.arg + job.attempts) % 4 == 0:
        raise Transient(job.ident)
    return job.arg & 0xFF


class Board:
    RETRIES = 2

    def __init__(self, size):
        self.queue = asyncio.Queue(size)
        self.inflight = {}
        self.tally = {s: 0 for s in State}
        self.retried = 0
        self.peak = 0
        self.result = 0

    async def post(self, job):
        await self.queue.put(job)

    async def claim(self):
        job = await self.queue.get()
        self.inflight[job.ident] = job
        self.peak = max(self.peak, len(self.inflight))
        return job

    def settle(self, job, state, value=0):
        del self.inflight[job.ident]
        self.tally[state] += 1
        self.result = (self.result + value * 2654435761) & 0xFFFFFFFF
        self.queue.task_done()


async def worker(board):
    while True:
        job = await board.claim()
        while True:
            job.attempts += 1
            try:
                value = await HANDLERS[job.kind](job)
            except Transient:
                if job.attempts > board.RETRIES:
                    board.settle(job, State.DEAD)
                    break
                board.retried += 1
            else:
                board.settle(job, State.DONE, value)
                break


async def producer(board, number, count):
    rng = random.Random(number)
    kinds = sorted(HANDLERS)
    for i in range(count):
        await board.post(Job(number * count + i, kinds[int(rng.random() * 3)], int(rng.random() * 50_000)))


async def main():
    board = Board(32)
    workers = [asyncio.create_task(worker(board)) for _ in range(6)]
    await asyncio.gather(*(producer(board, p, 25_000) for p in range(4)))
    await board.queue.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print({s.value: n for s, n in board.tally.items()}, "retried", board.retried, "left", len(board.inflight))
    print(f"{board.result:08x}", board.peak <= 6)


if __name__ == "__main__":
    asyncio.run(main())
