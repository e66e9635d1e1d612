"""A few hundred asyncio tasks that pass messages through queues and gather short-lived subtasks."""

from __future__ import annotations

import asyncio

import stopwatch


async def add(left: int, right: int) -> dict[str, int]:
    await asyncio.sleep(0)
    return {"left": left, "right": right, "sum": left + right}


async def producer(queue: asyncio.Queue[dict[str, int]], count: int) -> None:
    for number in range(count):
        pair = await asyncio.gather(add(number, 1000), add(number, 2000))
        for message in pair:
            await queue.put(message)


async def consumer(queue: asyncio.Queue[dict[str, int]], count: int) -> int:
    return sum([(await queue.get())["sum"] for _ in range(count)])


async def pipelines(pairs: int, messages: int) -> int:
    jobs = []
    for _ in range(pairs):
        queue: asyncio.Queue[dict[str, int]] = asyncio.Queue(maxsize=8)
        jobs += [producer(queue, messages), consumer(queue, 2 * messages)]
    return sum(total or 0 for total in await asyncio.gather(*jobs))


def work(scale: int) -> int:
    return sum(asyncio.run(pipelines(100, 20)) for _ in range(16 * scale))


if __name__ == "__main__":
    stopwatch.main(work)
