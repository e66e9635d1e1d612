"""asyncio: tasks, a cancelled one, a queue, a thread, and an exception group."""

import asyncio
import contextlib


async def producer(queue, count):
    for i in range(count):
        await queue.put(list(range(i % 50)))
        if i % 100 == 0:
            await asyncio.sleep(0)
    await queue.put(None)


async def consumer(queue):
    total = 0
    while (item := await queue.get()) is not None:
        total += sum(item)
    return total


async def agen(n):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    finally:
        print("closed")


async def fail(text):
    raise ValueError(text)


async def main():
    queue = asyncio.Queue(10)
    _, total = await asyncio.gather(producer(queue, 2000), consumer(queue))
    print(total)
    sleeper = asyncio.create_task(asyncio.sleep(100))
    await asyncio.sleep(0)
    sleeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sleeper
    print(sleeper.cancelled())
    print(await asyncio.to_thread(sum, range(1000)))
    async for i in agen(10):
        if i == 3:
            break
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail("one"))
            group.create_task(fail("two"))
    except* ValueError as errors:
        print([str(error) for error in errors.exceptions])


asyncio.run(main())
