import math
import random
from array import array


def shuffled(count, seed):
    rand = random.Random(seed).random
    order = array("I", range(count))
    for place in range(count - 1, 0, -1):
        other = int(rand() * (place + 1))
        order[place], order[other] = order[other], order[place]
    return order


def cycles(order):
    visited = bytearray(len(order))
    start = 0
    while start >= 0:
        length = 0
        place = start
        while not visited[place]:
            visited[place] = 1
            length += 1
            place = order[place]
        yield start, length
        start = visited.find(0, start)


class CycleReport:
    def __init__(self):
        self.count = self.fixed = self.points = 0
        self.longest = (0, 0)
        self.log_order = 0.0

    def add(self, start, length):
        self.count += 1
        self.points += length
        self.fixed += length == 1
        self.log_order += math.log(length)
        self.longest = max(self.longest, (length, start))


def orbit(order, start, steps):
    place = start
    for _ in range(steps):
        place = order[place]
    return place


def main():
    order = shuffled(1_300_000, 25)
    report = CycleReport()
    for start, length in cycles(order):
        report.add(start, length)
    print(report.count, report.points, report.fixed, report.longest, f"{report.log_order:.4f}")
    print([orbit(order, start, 50_000) for start in (0, 17, 1_299_999)])


if __name__ == "__main__":
    main()
