"""Job shop with a few solver engines, which take long to set up."""
import asyncio
import random


class Engine:
    def __init__(self, size=240):
        self.size = size
        self.table = [bytes((i * i + 3 * j) % 97 for j in range(size)) for i in range(size)]

    def solve(self, seed):
        size, table = self.size, self.table
        x = seed % size
        total = 0
        for _ in range(900):
            x = (x * 5 + table[x][seed % size] + 1) % size
            total += table[x][(x + seed) % size]
        if total % 13 == 0:
            raise ArithmeticError(f"no convergence for {seed}")
        return total


class Stable:
    """At most `limit` engines; callers wait for one to come free."""

    def __init__(self, limit):
        self.limit = limit
        self.made = 0
        self.idle = []
        self.gate = asyncio.Semaphore(limit)

    async def run(self, seed):
        async with self.gate:
            if self.idle:
                engine = self.idle.pop()
            else:
                engine = Engine()
                self.made += 1
            try:
                await asyncio.sleep(0)
                return engine.solve(seed)
            finally:
                self.idle.append(engine)


async def client(stable, rng, jobs):
    good = bad = 0
    for _ in range(jobs):
        try:
            good += await stable.run(rng.randrange(10**6))
        except ArithmeticError:
            bad += 1
    return good, bad


async def main():
    stable = Stable(limit=3)
    outcomes = await asyncio.gather(*(client(stable, random.Random(i), 400) for i in range(12)))
    print("sum", sum(g for g, _ in outcomes), "failed", sum(b for _, b in outcomes), "engines", stable.made)


if __name__ == "__main__":
    asyncio.run(main())
