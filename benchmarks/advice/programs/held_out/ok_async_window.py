# at most 100 jobs wait at any time
# forbid: leak pool pool-leak
import asyncio


async def job(n, slots, done):
    async with slots:
        body = b"z" * 3000
        await asyncio.sleep(0)
        done[n % 10] = len(body) + n


async def main():
    slots, done = asyncio.Semaphore(100), {}
    for start in range(0, 12_000, 200):
        await asyncio.gather(*(job(start + k, slots, done) for k in range(200)))
    print(sum(done.values()))


asyncio.run(main())
