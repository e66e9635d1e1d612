"""Trams as tasks."""
import asyncio


class Network:
    def __init__(self, stops, trams):
        self.stops = stops
        self.trams = trams
        self.events = []

    async def tram(self, ident, minutes):
        at, late = ident % self.stops, 0
        for minute in range(minutes):
            late = (late * 5 + ident + minute * 3) % 11
            self.events.append((minute, ident, at, late))
            at = (at + 1 + (late > 8)) % self.stops
            if minute % 4 == 0:
                await asyncio.sleep(0)

    async def run(self, minutes):
        async with asyncio.TaskGroup() as group:
            for ident in range(self.trams):
                group.create_task(self.tram(ident, minutes))
