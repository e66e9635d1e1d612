"""Asynchronous dispatch of ferries; notices are sent in the background."""
import asyncio
import random


class Dispatcher:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.background = set()
        self.moved = 0
        self.sent = 0

    async def notice(self, ferry, load):
        await asyncio.sleep(0)
        manifest = [f"{ferry:04d}/{seat}/{load * 7 % 13}" for seat in range(load)]
        self.sent += 1
        return manifest

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.background.add(task)
        return task

    async def trip(self, ferry, quay):
        async with quay:
            load = self.rng.randint(20, 60)
            await asyncio.sleep(0)
            self.moved += load
        self.spawn(self.notice(ferry, load))


async def day(dispatcher, quay, ferries):
    for hour in range(16):
        await asyncio.gather(*(dispatcher.trip(f, quay) for f in range(ferries)))


async def settle(dispatcher, expected):
    while dispatcher.sent < expected:
        await asyncio.sleep(0)


async def main():
    dispatcher = Dispatcher(5)
    quay = asyncio.Semaphore(4)
    days, ferries = 24, 30
    for _ in range(days):
        await day(dispatcher, quay, ferries)
    await settle(dispatcher, days * ferries * 16)
    print("passengers", dispatcher.moved, "notices", dispatcher.sent)


if __name__ == "__main__":
    asyncio.run(main())
