"""A history that is rebuilt with each entry, in an async program."""

import asyncio


class Session:
    def __init__(self):
        self.history = ()

    async def step(self, number):
        await asyncio.sleep(0)
        self.history = (*self.history, number)  # advise: grow-copy


async def main():
    session = Session()
    for number in range(6000):
        await session.step(number)
    print(len(session.history))


asyncio.run(main())
