"""Discrete-event simulation of a small router network with drop-tail queues."""
import heapq
import random
import threading
from collections import deque


class Packet:
    __slots__ = ("serial", "source", "target", "size", "born", "hops")

    def __init__(self):
        self.serial = self.source = self.target = self.size = self.hops = 0
        self.born = 0.0


class PacketFactory:
    """Hands out packets; finished ones come back through recycle()."""

    def __init__(self, limit=4096):
        self._lock = threading.Lock()
        self._spare = deque(maxlen=limit)
        self._serial = 0

    def obtain(self, source, target, size, now):
        with self._lock:
            if self._spare:
                packet = self._spare.pop()
            else:
                packet = Packet()  # advise: over-pooled
            self._serial += 1
            packet.serial = self._serial
        packet.source = source
        packet.target = target
        packet.size = size
        packet.born = now
        packet.hops = 0
        return packet

    def recycle(self, packet):
        with self._lock:
            packet.serial = 0
            packet.source = packet.target = None
            packet.size = packet.hops = 0
            packet.born = 0.0
            self._spare.append(packet)


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
        self.factory = PacketFactory()
        self.agenda = []
        self.tick = 0
        self.delivered = self.delay = 0

    def at(self, when, action, arg):
        self.tick += 1
        heapq.heappush(self.agenda, (when, self.tick, action, arg))

    def inject(self, now, source):
        rand = self.rng.random
        target = int(rand() * len(self.routers))
        self.arrive(now, (source, self.factory.obtain(source, target, 40 + int(rand() * 1400), now)))
        self.at(now + 0.2 + rand() * 5.2, self.inject, source)

    def arrive(self, now, where):
        index, packet = where
        router = self.routers[index]
        if packet.target == index:
            self.delivered += 1
            self.delay += now - packet.born
            self.factory.recycle(packet)
        elif len(router.queue) >= router.capacity:
            router.dropped += 1
            self.factory.recycle(packet)
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
