import asyncio
import hashlib
import json
import random


async def produce(out, count):
    rng = random.Random(101)
    for n in range(count):
        body = {"n": n, "who": rng.choice(["ada", "lin", "kit"]), "marks": [rng.randrange(100) for _ in range(20)]}
        await out.put(json.dumps(body))
    await out.put(None)


async def parse(source, out):
    while (text := await source.get()) is not None:
        await out.put(json.loads(text))
    await out.put(None)


async def enrich(source, out):
    while (body := await source.get()) is not None:
        body["best"] = max(body["marks"])
        body["digest"] = hashlib.md5(json.dumps(body, sort_keys=True).encode()).hexdigest()
        await out.put(body)
    await out.put(None)


async def collect(source):
    sums = {}
    mix = 0
    while (body := await source.get()) is not None:
        row = sums.setdefault(body["who"], [0, 0])
        row[0] += 1
        row[1] += body["best"]
        mix ^= int(body["digest"][:12], 16)
    return sums, mix


async def main():
    a, b, c = (asyncio.Queue(maxsize=32) for _ in range(3))
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(a, 22000))
        group.create_task(parse(a, b))
        group.create_task(enrich(b, c))
        last = group.create_task(collect(c))
    sums, mix = last.result()
    for who in sorted(sums):
        count, best = sums[who]
        print(who, count, f"{best / count:.3f}")
    print(f"{mix:012x}")


asyncio.run(main())
