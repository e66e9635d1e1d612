import heapq
import random
from collections import deque


class Terminal:
    def __init__(self, demand, berths, capacity):
        self.demand = demand
        self.capacity = capacity
        self.lane = deque(maxlen=400)
        self.events = []
        self.clock = 0
        self.sequence = 0
        self.turned_away = self.carried = self.waited = 0
        for berth in range(berths):
            self.schedule(berth * 7, "sail", berth)

    def schedule(self, delay, action, subject):
        self.sequence += 1
        heapq.heappush(self.events, (self.clock + delay, self.sequence, action, subject))

    def noise(self, salt):
        return self.demand[(self.clock * 7919 + salt * 104729) % len(self.demand)]

    def arrive(self, group):
        if len(self.lane) == self.lane.maxlen:
            self.turned_away += 1
        else:
            self.lane.append(self.clock)
        self.schedule(1 + self.noise(group) % 4, "arrive", (group * 5 + 1) % 1009)

    def sail(self, berth):
        room = self.capacity - self.noise(berth) % 6
        while room and self.lane:
            self.waited += self.clock - self.lane.popleft()
            self.carried += 1
            room -= 1
        self.schedule(30 + self.noise(berth + 50) % 25, "sail", berth)

    def run(self, until):
        self.schedule(1, "arrive", 3)
        self.schedule(2, "arrive", 77)
        while self.clock < until:
            self.clock, _, action, subject = heapq.heappop(self.events)
            getattr(self, action)(subject)


def main():
    demand = random.Random(12).randbytes(6_000_000)
    for berths, capacity in ((1, 30), (2, 20), (2, 24), (3, 16)):
        terminal = Terminal(demand, berths, capacity)
        terminal.run(130_000)
        print(berths, capacity, terminal.carried, terminal.turned_away, terminal.waited, len(terminal.lane))


if __name__ == "__main__":
    main()
