import queue
import random
import threading
import zlib

TILE = 1 << 20


class Depot:
    def __init__(self, count):
        self.shelf = queue.LifoQueue()
        for _ in range(count):
            self.shelf.put(bytearray(TILE))

    def take(self):
        return self.shelf.get()

    def give(self, tile):
        self.shelf.put(tile)


def shade(tile, seed):
    pattern = random.Random(seed).randbytes(8192)
    for at in range(0, TILE, 8192):
        tile[at:at + 8192] = pattern
    tile[seed % TILE] = 0
    return zlib.crc32(tile)


class Worker(threading.Thread):
    def __init__(self, depot, jobs, answers):
        super().__init__()
        self.depot = depot
        self.jobs = jobs
        self.answers = answers

    def run(self):
        while (seed := self.jobs.get()) is not None:
            tile = self.depot.take()
            try:
                self.answers[seed] = shade(tile, seed)
            finally:
                self.depot.give(tile)


def main():
    depot = Depot(96)
    jobs = queue.SimpleQueue()
    answers = {}
    crew = [Worker(depot, jobs, answers) for _ in range(3)]
    for seed in range(900):
        jobs.put(seed)
    for _ in crew:
        jobs.put(None)
    for w in crew:
        w.start()
    for w in crew:
        w.join()
    mix = 0
    for seed in sorted(answers):
        mix = (mix * 131 + answers[seed]) & 0xFFFFFFFF
    print("tiles", len(answers), f"mix {mix:08x}")


if __name__ == "__main__":
    main()
