"""Keeps a day of JSON events in memory and answers ad-hoc breakdowns of them."""
import io
import json
import random
from sys import intern
from collections import defaultdict

AGENTS = [f"Mozilla/5.0 (device {n}; rv:{90 + n}) Browser/{n}.{n * 3 % 7}" for n in range(9)]
LANDS = ["Norway", "Portugal", "Kenya", "Uruguay", "Vietnam", "Canada"]


def lines(n, seed):
    rng = random.Random(seed)
    for i in range(n):
        yield json.dumps({
            "moment": i * 3,
            "agent": rng.choice(AGENTS),
            "country": rng.choice(LANDS),
            "page": f"/section/{rng.randrange(70)}/index.html",
            "millis": rng.randrange(20, 250),
        })


class Event:
    __slots__ = ("moment", "agent", "country", "page", "millis")

    def __init__(self, moment, agent, country, page, millis):
        self.moment = moment
        self.agent = agent
        self.country = country
        self.page = page
        self.millis = millis

    def __getitem__(self, field):
        return getattr(self, field)


class Cube:
    def __init__(self):
        self.events = []

    def load(self, stream):
        for line in stream:
            record = {intern(k): intern(v) if isinstance(v, str) else v for k, v in json.loads(line).items()}
            self.events.append(Event(**record))

    def slice(self, by, where=None):
        field, value = where or (None, None)
        sums = defaultdict(lambda: [0, 0])
        for event in self.events:
            if field is None or event[field] == value:
                cell = sums[event[by]]
                cell[0] += 1
                cell[1] += event["millis"]
        return {k: (n, total // n) for k, (n, total) in sums.items()}


def main():
    cube = Cube()
    cube.load(lines(110_000, 15))
    by_land = cube.slice("country")
    print("by country", sorted(by_land.items())[:2])
    by_agent = cube.slice("agent", where=("country", "Kenya"))
    print("in Kenya", len(by_agent), max(by_agent.values()))
    by_page = cube.slice("page", where=("agent", AGENTS[4]))
    slow = max(by_page, key=lambda p: (by_page[p][1], p))
    print("slowest page", slow, by_page[slow])


if __name__ == "__main__":
    main()
