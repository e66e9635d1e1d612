"""Loads a synthetic road network and answers a few shortest-path questions."""
import gc
import heapq
import random

SIDE = 260


def road_network(side, seed):
    rng = random.Random(seed)
    graph = {}
    for y in range(side):
        for x in range(side):
            roads = []
            for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
                if 0 <= x + dx < side and 0 <= y + dy < side:
                    roads.append([(y + dy) * side + x + dx, 1 + int(rng.random() * 9), []])
            graph[y * side + x] = roads
    return graph


def close_roads(graph, seed, count):
    """Notes closures on roads, by hour."""
    rng = random.Random(seed)
    for _ in range(count):
        road = rng.choice(graph[rng.randrange(len(graph))])
        road[2].append(rng.randrange(24))


def shortest(graph, start, goal, hour):
    best = {start: 0}
    heap = [(0, start)]
    while heap:
        cost, place = heapq.heappop(heap)
        if place == goal:
            return cost
        if cost > best[place]:
            continue
        for neighbour, length, closed in graph[place]:
            if hour in closed:
                continue
            total = cost + length
            if total < best.get(neighbour, 1 << 60):
                best[neighbour] = total
                heapq.heappush(heap, (total, neighbour))
    return None


def main():
    gc.disable()
    graph = road_network(SIDE, seed=21)
    gc.freeze()
    gc.enable()
    close_roads(graph, seed=4, count=20_000)
    for hour, goal in ((3, 9_041), (8, 15_300), (17, 7_777)):
        print(hour, goal, shortest(graph, 0, goal, hour))


if __name__ == "__main__":
    main()
