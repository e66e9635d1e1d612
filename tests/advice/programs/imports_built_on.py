"""Classes are made with one import, and a task is run by another; what is first brings the other."""

import asyncio
import unittest


class Meters(unittest.TestCase):
    def runTest(self):
        self.assertEqual(len(asyncio.run(readings(40_000))), 40_000)


async def readings(count):
    found = set()
    for number in range(count):
        found.add(str(number))
        if number % 1000 == 0:
            await asyncio.sleep(0)
    return found


Meters().debug()
