"""Each job keeps what went wrong under a name of its own: its frame then holds itself."""

import asyncio


async def load(number):
    await asyncio.sleep(0)
    if number % 3:
        raise LookupError(number)
    return number


async def job(number):
    page = bytearray(150_000)  # advise: cycles
    failure = None
    try:
        page[0] = await load(number) & 255
    except LookupError as error:
        failure = error
    return page[0] if failure is None else -1


async def work():
    total = 0
    for number in range(2400):
        total += await job(number)
    return total


print(asyncio.run(work()))
