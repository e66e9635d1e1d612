import random
import zlib


class Link:
    def __init__(self, peer):
        self.peer = peer
        self.pending = {}
        self.next_number = 0
        self.resent = 0
        self.check = 0

    def send(self, payload):
        self.pending[self.next_number] = payload
        self.next_number += 1

    def acknowledge(self, numbers):
        for number in numbers:
            payload = self.pending.pop(number, None)
            if payload is not None:
                self.check = (self.check * 33 + payload) & 0xFFFFFFFF

    def overdue(self, horizon):
        return [n for n in self.pending if n < horizon]


class Hub:
    def __init__(self, peers):
        self.links = [Link(peer) for peer in range(peers)]

    def replay(self, rng, burst):
        for link in self.links:
            for _ in range(burst):
                link.send(link.peer * 31 & 0xFF)
            lost = set(rng.sample(range(link.next_number), 6))
            link.acknowledge(n for n in range(link.next_number) if n not in lost)

    def resend(self):
        total = 0
        for link in self.links:
            for number in link.overdue(link.next_number):
                link.resent += 1
                total += link.pending[number]
        return total


def main():
    hub = Hub(420)
    rng = random.Random(33)
    hub.replay(rng, 3000)
    print(sum(len(link.pending) for link in hub.links), hub.resend())
    for link in hub.links:
        for _ in range(4):
            link.send(link.resent)
        link.acknowledge(range(0, link.next_number, 2))
    digest = 0
    for link in hub.links:
        digest = zlib.crc32(repr((link.peer, link.check, sorted(link.pending))).encode(), digest)
    print(sum(len(link.pending) for link in hub.links), f"{digest:08x}")


if __name__ == "__main__":
    main()
