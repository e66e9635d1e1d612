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


class CustomerBook:
    numeric = ("customer", "age", "visits", "spend", "score")

    def __init__(self):
        self.rows = []

    def read(self, lines):
        for record in csv.DictReader(lines):
            self.rows.append({name: int(record[name]) for name in self.numeric})

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
