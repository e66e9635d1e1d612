"""Quote ticker: sessions come and go, each following a few symbols."""
import asyncio
import random
from collections import defaultdict

SYMBOLS = ["AAX", "BRR", "CZZ", "DOQ", "EMM"]


class Session:
    def __init__(self, ident, wants):
        self.ident = ident
        self.wants = wants
        self.inbox = asyncio.Queue()
        self.closed = False

    async def follow(self, turns):
        total = 0.0
        for _ in range(turns):
            symbol, price, _depth = await self.inbox.get()
            total += price
        self.closed = True
        return round(total, 2)


class Exchange:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.listeners = defaultdict(list)
        self.quotes = 0

    def join(self, session):
        for symbol in session.wants:
            self.listeners[symbol].append(session.inbox.put_nowait)

    def quit(self, session):
        for symbol in session.wants:
            self.listeners[symbol].remove(session.inbox.put_nowait)
        session.wants = ()

    def tick(self):
        for symbol in SYMBOLS:
            depth = [self.rng.random() for _ in range(30)]
            quote = (symbol, self.rng.randrange(100, 900) / 4, depth)
            self.quotes += 1
            for deliver in self.listeners[symbol]:
                deliver(quote)


async def visitor(exchange, ident, rng):
    session = Session(ident, rng.sample(SYMBOLS, 2))
    exchange.join(session)
    try:
        return await session.follow(turns=6)
    finally:
        exchange.quit(session)


async def main():
    exchange = Exchange(5)
    rng = random.Random(6)
    running, sums = set(), []
    for step in range(2000):
        running.add(asyncio.create_task(visitor(exchange, step, rng)))
        await asyncio.sleep(0)
        exchange.tick()
        await asyncio.sleep(0)
        done = {t for t in running if t.done()}
        sums.extend(t.result() for t in done)
        running -= done
    while running:
        exchange.tick()
        await asyncio.sleep(0)
        done = {t for t in running if t.done()}
        sums.extend(t.result() for t in done)
        running -= done
    print(len(sums), round(sum(sums)), exchange.quotes)


asyncio.run(main())
