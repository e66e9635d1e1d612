"""Classes are made with one import; a task is run by another, which the first brings as well."""

import asyncio
from unittest import IsolatedAsyncioTestCase


class Meters(IsolatedAsyncioTestCase):
    async def test_readings(self):
        found = await readings(40_000)
        assert "39999" in found


async def readings(count):
    found = set()
    for number in range(count):
        found.add(str(number))
        if number % 1000 == 0:
            await asyncio.sleep(0)
    return found


Meters("test_readings").debug()
