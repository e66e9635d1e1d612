"""Web-shop session report: decode event batches, keep a digest of every visit, then plot a heat map."""
import json
import random
import zlib
from array import array
from dataclasses import dataclass

PAGES = ["home", "search", "product", "basket", "checkout", "help", "account"]
GRID = 2600


@dataclass(slots=True, frozen=True)
class Visit:
    visitor: str
    seconds: float
    value: float


class Visits:
    """Visits by column; a Visit is made when somebody asks for it."""

    def __init__(self):
        self.numbers = array("L")
        self.seconds = array("d")
        self.values = array("d")

    def add(self, visitor, seconds, value):
        self.numbers.append(int(visitor[1:]))
        self.seconds.append(seconds)
        self.values.append(value)

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, i):
        return Visit(f"v{self.numbers[i]:06d}", self.seconds[i], self.values[i])


def produce(visits, seed):
    """The event collector's export: one JSON document per visit."""
    rng = random.Random(seed)
    for n in range(visits):
        clock = 0.0
        length = rng.randint(10, 28)
        times = []
        for _ in range(length):
            clock += rng.random() * 12
            times.append(round(clock, 2))
        yield json.dumps({
            "visitor": f"v{n:06d}", "pages": ">".join(rng.choices(PAGES, k=length)), "at": times,
            "basket": rng.randrange(9000) / 100,
        })


class Report:
    def __init__(self):
        self.visits = Visits()
        self.paths = 0

    def load(self, lines):
        """Decode the whole export: the ranking of entry pages needs all of it at hand."""
        documents = []
        for line in lines:
            doc = json.loads(line)
            times = doc["at"]
            documents.append(doc)
            self.visits.add(doc["visitor"], times[-1] - times[0], doc["basket"] * 1.19)
        return documents

    def entry_pages(self, documents):
        tally = dict.fromkeys(PAGES, 0)
        for doc in documents:
            tally[doc["pages"].partition(">")[0]] += 1
        busiest = max(tally, key=tally.get)
        for doc in documents:
            if doc["pages"].partition(">")[0] == busiest:
                self.paths += doc["pages"].count(">") + 1
        return busiest, tally[busiest]

    def long_visits(self, limit):
        return sum(1 for v in self.visits if v.seconds > limit)

    def heat_map(self):
        """Seconds against value, GRID x GRID cells with a float each."""
        cells = array("d", [0.0]) * (GRID * GRID)
        for v in self.visits:
            x = min(GRID - 1, int(v.seconds * 10))
            y = min(GRID - 1, int(v.value * 20))
            cells[y * GRID + x] += 1.0
        return cells


def main():
    report = Report()
    documents = report.load(produce(42_000, seed=8))
    busiest, count = report.entry_pages(documents)
    del documents
    print(f"{len(report.visits)} visits, most enter at {busiest} ({count}), {report.paths} events there")
    print("longer than two minutes:", report.long_visits(120))
    cells = report.heat_map()
    print(f"hottest cell {max(cells):.0f}, map {zlib.crc32(cells):08x}")
    last = report.visits[-1]
    print(f"last visit {last.visitor} {last.seconds:.2f}s {last.value:.2f}")


if __name__ == "__main__":
    main()
