"""Two pools of large buffers: of one no more than two are ever out, of the other all at once."""

import threading
from collections import deque

SIZE = 200_000


class Trays:
    def __init__(self, count):
        self.idle = deque(bytearray(SIZE) for _ in range(count))  # advise: over-pooled

    def fetch(self):
        return self.idle.popleft()

    def bring_back(self, tray):
        self.idle.append(tray)


class Crates:
    def __init__(self, count):
        self.empty = [bytearray(SIZE) for _ in range(count)]

    def pick(self):
        return self.empty.pop()

    def put_down(self, crate):
        self.empty.append(crate)


def bake(trays, numbers):
    total = 0
    for number in numbers:
        tray = trays.fetch()
        tray[number] = 1
        total += len(str(tray.find(1)))
        trays.bring_back(tray)
    return total


def harvest(crates, rows):
    found = 0
    for row in range(rows):
        out = [crates.pick() for _ in range(40)]
        for place, crate in enumerate(out):
            crate[row + place] = 2
        found += sum(crate.find(2) for crate in out)
        for crate in out:
            crates.put_down(crate)
    return found


def main():
    trays = Trays(48)
    bakers = [threading.Thread(target=bake, args=(trays, range(k, 4000, 2))) for k in range(2)]
    for baker in bakers:
        baker.start()
    for baker in bakers:
        baker.join()
    print(len(trays.idle), harvest(Crates(40), 200))


main()
