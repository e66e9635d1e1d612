"""Dictionaries that are filled one after another, to the end, and keep nearly nothing."""

import time


class Link:
    def __init__(self, peer):
        self.peer = peer
        self.pending = {}  # advise: over-allocated
        self.sent = 0

    def send(self, payload):
        self.pending[self.sent] = payload
        self.sent += 1

    def acknowledge(self, numbers):
        for number in numbers:
            self.pending.pop(number, None)


class Hub:
    def __init__(self, peers):
        self.links = [Link(peer) for peer in range(peers)]

    def replay(self, burst):
        for link in self.links:
            for _ in range(burst):
                link.send(link.peer % 200)
            link.acknowledge(number for number in range(burst) if number % 500)
            time.sleep(0.002)  # so that memscope comes to ask

    def overdue(self):
        return sum(len(link.pending) for link in self.links)


def main():
    hub = Hub(420)
    hub.replay(3_000)
    print(hub.overdue())


if __name__ == "__main__":
    main()
