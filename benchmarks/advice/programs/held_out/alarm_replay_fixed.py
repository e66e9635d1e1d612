"""Reads a plant's event stream, raises alarms and then works out a shift plan for them."""
import collections
import dataclasses
import itertools

READINGS = 200_000


@dataclasses.dataclass(slots=True)
class Reading:
    valve: str
    level: int
    note: str


def readings():
    level = 500
    for n in range(READINGS):
        level = (level * 1103 + 12345 + n) % 4096
        yield Reading(f"V{n % 64:02d}", level, f"reading {n} of run {n // 9000}")


class Plant:
    def __init__(self):
        self.history = collections.defaultdict(list)
        self.alarms = []

    def feed(self, stream):
        for n, reading in enumerate(stream):
            valve = self.history[reading.valve]
            valve.append(reading)
            if len(valve) > 2 and reading.level + valve[-2].level + valve[-3].level > 11_600:
                self.alarms.append(f"{n:07d} {reading.valve} at {reading.level} after {valve[-2].note}")

    def worst_valves(self):
        sums = {name: sum(r.level for r in rows) for name, rows in self.history.items()}
        return sorted(sums, key=lambda name: (-sums[name], name))[:3]

    def close(self):
        self.history.clear()
        # fresh copies, now that the readings around the old ones are gone
        self.alarms = "\n".join(self.alarms).split("\n")


def travel(one, other):
    """Cost of going from one alarm to the next: distance of the valves and the delay."""
    return abs(int(one[9:11]) - int(other[9:11])) * 5 + abs(int(one[:7]) - int(other[:7])) // 900


def plan(alarms, passes):
    """Improves the order of visits by swapping pairs of stops."""
    count = len(alarms)
    cost = [[travel(one, other) for other in alarms] for one in alarms]
    order = list(range(count))
    for _ in range(passes):
        for i, j in itertools.combinations(range(1, count - 1), 2):
            a, b, c, d = order[i - 1], order[i], order[j], order[j + 1]
            if cost[a][c] + cost[b][d] < cost[a][b] + cost[c][d]:
                order[i : j + 1] = order[i : j + 1][::-1]
    return order, sum(cost[a][b] for a, b in itertools.pairwise(order))


plant = Plant()
plant.feed(readings())
worst = plant.worst_valves()
plant.close()
alarms = plant.alarms[:260]
order, cost = plan(alarms, passes=70)
print(len(plant.alarms), "alarms; worst valves", *worst)
print("cost", cost, "first", alarms[order[1]])
