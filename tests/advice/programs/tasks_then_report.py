"""Tasks note what happens; when all have ended, a report goes through it: a result, and no leak."""

import asyncio


class Yard:
    def __init__(self):
        self.moves = []

    async def crane(self, number):
        for turn in range(1_200):
            self.moves.append((number, turn, f"crane {number} lifts {turn * 7 % 1000}"))
            if turn % 8 == 0:
                await asyncio.sleep(0)

    async def work(self, cranes):
        await asyncio.gather(*(self.crane(number) for number in range(cranes)))


def longest(told):
    return max(len(text) for _, _, text in told)


async def main():
    yard = Yard()
    await yard.work(40)
    print(len(yard.moves), longest(yard.moves))


asyncio.run(main())
