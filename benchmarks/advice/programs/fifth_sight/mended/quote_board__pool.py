"""Price boards refreshed in rounds from several venues."""
import random
import statistics
from array import array
from concurrent.futures import ThreadPoolExecutor

VENUES = ["north", "south", "east", "west", "dark", "retail"]


class Venue:
    def __init__(self, name, seed):
        self.name = name
        self._rng = random.Random(f"{name}:{seed}")
        self.book = array("d", (100.0 + self._rng.gauss(0, 2) for _ in range(40_000)))
        self.position = 0

    def quote(self, step):
        self.position = (self.position + step) % (len(self.book) - 20)
        window = self.book[self.position:self.position + 20]
        return self.name, min(window), max(window)


class Board:
    def __init__(self, venues):
        self.venues = venues
        self.best = {}
        self.spreads = array("d")
        self.pool = ThreadPoolExecutor(max_workers=len(venues))

    def refresh(self, step):
        quotes = list(self.pool.map(lambda v: v.quote(step), self.venues))
        bid = max(q[1] for q in quotes)
        ask = min(q[2] for q in quotes)
        for name, low, high in quotes:
            seen = self.best.get(name)
            if seen is None or high - low < seen:
                self.best[name] = high - low
        self.spreads.append(ask - bid)

    def summary(self):
        return statistics.fmean(self.spreads), statistics.pstdev(self.spreads)


def run(rounds):
    board = Board([Venue(name, 3) for name in VENUES])
    for number in range(rounds):
        board.refresh(1 + number % 13)
    return board


def main():
    board = run(1600)
    mean, dev = board.summary()
    print("mean spread %.5f deviation %.5f" % (mean, dev))
    for name in sorted(board.best):
        print(name, "%.4f" % board.best[name])


if __name__ == "__main__":
    main()
