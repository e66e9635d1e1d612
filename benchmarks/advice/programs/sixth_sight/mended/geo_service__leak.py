"""Answer geocoding requests with a simulated provider behind a small facade."""
import asyncio
import math
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    ident: str
    lat: float
    lon: float


@dataclass
class Place:
    name: str
    distance: float
    box: tuple


class Provider:
    CITIES = {"Ulm": (48.4, 9.99), "Jena": (50.93, 11.59), "Kiel": (54.32, 10.13), "Trier": (49.75, 6.64)}

    async def nearest(self, request):
        await asyncio.sleep(0)
        name, (lat, lon) = min(self.CITIES.items(),
                               key=lambda c: math.hypot(c[1][0] - request.lat, c[1][1] - request.lon))
        gap = math.hypot(lat - request.lat, lon - request.lon)
        return Place(name, gap, (lat - gap, lon - gap, lat + gap, lon + gap))


class Facade:
    def __init__(self, provider):
        self.provider = provider
        self._answers = {}
        self.served = 0

    async def answer(self, request):
        place = await self.provider.nearest(request)
        self.served += 1
        return place


async def client(facade, number, requests, tally):
    rng = random.Random(number)
    for n in range(requests):
        request = Request(f"{number}-{n}", rng.uniform(47, 55), rng.uniform(6, 14))
        place = await facade.answer(request)
        tally[place.name] = tally.get(place.name, 0) + 1


async def main():
    facade = Facade(Provider())
    tally = {}
    await asyncio.gather(*(client(facade, n, 4_000, tally) for n in range(16)))
    print(facade.served, sorted(tally.items()))
    return facade


if __name__ == "__main__":
    service = asyncio.run(main())
