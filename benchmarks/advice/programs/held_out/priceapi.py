"""Quote service: asyncio server with a bounded cache and one computation per key at a time."""
# forbid: leak pool compact reuse-buffer
import asyncio
import json
import math
import random
from collections import OrderedDict


class LruCache:
    def __init__(self, limit):
        self.limit = limit
        self.items = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key):
        try:
            self.items.move_to_end(key)
        except KeyError:
            self.misses += 1
            return None
        self.hits += 1
        return self.items[key]

    def put(self, key, value):
        self.items[key] = value
        if len(self.items) > self.limit:
            self.items.popitem(last=False)


def binomial_curve(spot, strike, vol, steps):
    """American put on a binomial lattice; returns the values at the first few nodes."""
    dt = 1.0 / steps
    up = math.exp(vol * math.sqrt(dt))
    p = (math.exp(0.03 * dt) - 1 / up) / (up - 1 / up)
    disc = math.exp(-0.03 * dt)
    prices = [spot * up ** (2 * i - steps) for i in range(steps + 1)]
    values = [max(0.0, strike - s) for s in prices]
    for step in range(steps - 1, -1, -1):
        values = [
            max(disc * (p * values[i + 1] + (1 - p) * values[i]), strike - spot * up ** (2 * i - step))
            for i in range(step + 1)
        ]
        if step == 8:
            early = [round(v, 5) for v in values]
    return {"value": round(values[0], 5), "early": early}


class QuoteService:
    def __init__(self):
        self.cache = LruCache(60)
        self.under_way = {}
        self.computed = 0

    async def quote(self, key):
        found = self.cache.get(key)
        if found is not None:
            return found
        waiting = self.under_way.get(key)
        if waiting is None:
            waiting = self.under_way[key] = asyncio.ensure_future(self.compute(key))
            waiting.add_done_callback(lambda _: self.under_way.pop(key, None))
        return await waiting

    async def compute(self, key):
        await asyncio.sleep(0)
        spot, strike, vol = key
        self.computed += 1
        result = binomial_curve(spot, strike, vol / 100, 40)
        self.cache.put(key, result)
        return result

    async def serve(self, reader, writer):
        while line := await reader.readline():
            request = json.loads(line)
            try:
                result = await self.quote((request["spot"], request["strike"], request["vol"]))
                reply = {"ok": True, **result}
            except (KeyError, ZeroDivisionError) as exc:
                reply = {"ok": False, "error": type(exc).__name__}
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()


async def client(port, seed, count):
    rng = random.Random(seed)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    total, refused = 0.0, 0
    for n in range(count):
        request = {"spot": 90 + int(rng.gauss(10, 4)), "strike": rng.choice([95, 100, 105]), "vol": rng.choice([20, 30])}
        if n % 97 == 50:
            del request["strike"]
        writer.write(json.dumps(request).encode() + b"\n")
        reply = json.loads(await reader.readline())
        if reply["ok"]:
            total += reply["value"] + sum(reply["early"])
        else:
            refused += 1
    writer.close()
    return total, refused


async def main():
    service = QuoteService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for total, refused in await asyncio.gather(*(client(port, seed, 1500) for seed in range(4))):
        print(f"total {total:.3f} refused {refused}")
    print("within limit:", len(service.cache.items) <= 60, "under way:", len(service.under_way))
    server.close()


asyncio.run(main())
