import csv
import io
import random


def exported(rows, seed):
    rng = random.Random(seed)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["customer", "age", "visits", "spend", "score"])
    yield buffer.getvalue()
    for n in range(rows):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([100_000 + n, rng.randint(18, 90), rng.randrange(400), rng.randrange(90_000), rng.randrange(10_000)])
        yield buffer.getvalue()


class Row:
    __slots__ = ("customer", "age", "visits", "spend", "score", "rank")

    def __getitem__(self, name):
        return getattr(self, name)

    def __setitem__(self, name, value):
        setattr(self, name, value)


class CustomerBook:
    numeric = ("customer", "age", "visits", "spend", "score")

    def __init__(self):
        self.rows = []

    def read(self, lines):
        for record in csv.DictReader(lines):
            row = Row()
            for name in self.numeric:
                row[name] = int(record[name])
            self.rows.append(row)

    def rank(self):
        self.rows.sort(key=lambda row: (-row["spend"], row["customer"]))
        for position, row in enumerate(self.rows):
            row["rank"] = position

    def segment(self, low, high):
        return [row for row in self.rows if low <= row["age"] < high]

    def median_score(self, low, high):
        scores = sorted(row["score"] for row in self.segment(low, high))
        return scores[len(scores) // 2] if scores else None


def main():
    book = CustomerBook()
    book.read(exported(80_000, seed=47))
    book.rank()
    print([row["customer"] for row in book.rows[:5]])
    for low in range(20, 90, 20):
        print(low, len(book.segment(low, low + 20)), book.median_score(low, low + 20))


if __name__ == "__main__":
    main()
