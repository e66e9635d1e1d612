"""Which shops can be reached within a time budget? Many small queries on one big street grid."""
import heapq
import random

FAR = float("inf")


def street_grid(width, height, rng):
    """Minutes to cross each cell, row by row."""
    row = bytes(rng.choices(range(1, 10), k=width))
    out = bytearray()
    for _ in range(height):
        turn = rng.randrange(width)
        out += row[turn:] + row[:turn]
    return bytes(out)


def reachable(cost, width, start, budget):
    size = len(cost)
    best = [FAR] * size
    best[start] = 0
    heap = [(0, start)]
    reached = []
    while heap:
        spent, here = heapq.heappop(heap)
        if spent > best[here]:
            continue
        reached.append(here)
        for there in (here - 1, here + 1, here - width, here + width):
            if 0 <= there < size:
                total = spent + cost[there]
                if total <= budget and total < best[there]:
                    best[there] = total
                    heapq.heappush(heap, (total, there))
    return reached


def main():
    rng = random.Random(33)
    width = height = 1100
    cost = street_grid(width, height, rng)
    shops = set(rng.sample(range(width * height), 40_000))
    tally = 0
    widest = (0, None)
    for _ in range(800):
        start = rng.randrange(width * height)
        area = reachable(cost, width, start, budget=32)
        tally += len(shops.intersection(area))
        widest = max(widest, (len(area), start))
    print("shops within reach:", tally, "widest:", widest)


if __name__ == "__main__":
    main()
