"""Tasks by the ten thousand: they are no dictionaries, though of their sizes."""

import asyncio


async def answer(number):
    return number % 7


async def main():
    tasks = [asyncio.create_task(answer(number)) for number in range(30_000)]
    print(sum(await asyncio.gather(*tasks)))


asyncio.run(main())
