"""Discrete-event simulation of a small router network with drop-tail queues."""
import heapq
import random
from collections import deque


class Packet:
    __slots__ = ("serial", "source", "target", "size", "born", "hops")

    def __init__(self, serial, source, target, size, born):
        self.serial = serial
        self.source = source
        self.target = target
        self.size = size
        self.born = born
        self.hops = 0


class Router:
    def __init__(self, name, capacity, rate):
        self.name = name
        self.queue = deque()
        self.capacity = capacity
        self.rate = rate
        self.forwarded = self.dropped = 0


class Network:
    def __init__(self, size, seed):
        self.rng = random.Random(seed)
        self.routers = [Router(f"r{n}", 3, 900 + 130 * (n % 4)) for n in range(size)]
        self.serial = 0
        self.agenda = []
        self.tick = 0
        self.delivered = self.delay = 0

    def at(self, when, action, arg):
        self.tick += 1
        heapq.heappush(self.agenda, (when, self.tick, action, arg))

    def inject(self, now, source):
        rand = self.rng.random
        target = int(rand() * len(self.routers))
        self.serial += 1
        self.arrive(now, (source, Packet(self.serial, source, target, 40 + int(rand() * 1400), now)))
        self.at(now + 0.2 + rand() * 5.2, self.inject, source)

    def arrive(self, now, where):
        index, packet = where
        router = self.routers[index]
        if packet.target == index:
            self.delivered += 1
            self.delay += now - packet.born
        elif len(router.queue) >= router.capacity:
            router.dropped += 1
        else:
            router.queue.append(packet)
            if len(router.queue) == 1:
                self.at(now + packet.size / router.rate, self.leave, index)

    def leave(self, now, index):
        router = self.routers[index]
        packet = router.queue.popleft()
        packet.hops += 1
        router.forwarded += 1
        step = 1 if (packet.target - index) % len(self.routers) <= len(self.routers) // 2 else -1
        self.arrive(now, ((index + step) % len(self.routers), packet))
        if router.queue:
            self.at(now + router.queue[0].size / router.rate, self.leave, index)

    def run(self, until):
        for index in range(len(self.routers)):
            self.at(index / 100, self.inject, index)
        while self.agenda and self.agenda[0][0] < until:
            now, _, action, arg = heapq.heappop(self.agenda)
            action(now, arg)


def main():
    for size, seed in ((4, 1), (6, 2)):
        net = Network(size, seed)
        net.run(55_000)
        dropped = sum(r.dropped for r in net.routers)
        print(f"{size} routers: {net.delivered} delivered, {dropped} dropped, mean delay {net.delay / net.delivered:.4f}")
        busiest = max(net.routers, key=lambda r: r.forwarded)
        print(f"  busiest {busiest.name} with {busiest.forwarded}")


if __name__ == "__main__":
    main()
