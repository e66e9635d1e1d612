import os
import random
import tempfile


def write_catalog(path, count, seed):
    rng = random.Random(seed)
    vendors = [f"Northern Components and Supplies ({n:03d}) GmbH" for n in range(140)]
    with open(path, "w") as out:
        for number in range(count):
            note = "-".join(rng.choices(("zinc", "brass", "steel", "nylon"), k=6))
            out.write(f"{number * 13:08d}\t{rng.choice(vendors)}\t{rng.randrange(5, 9000)}\t{note}\n")


class Catalog:
    def __init__(self):
        self.vendor_of = {}
        self.cents = 0
        self.notes = {}

    def load(self, path):
        with open(path) as source:
            for row in source:
                self.insert(row.rstrip("\n"))

    def insert(self, row):
        number, vendor, cents, note = row.split("\t")
        self.vendor_of[int(number)] = vendor
        self.cents += int(cents)
        first = note.partition("-")[0]
        self.notes[first] = self.notes.get(first, 0) + 1

    def share(self, numbers):
        counts = {}
        for number in numbers:
            vendor = self.vendor_of.get(number)
            if vendor is not None:
                counts[vendor] = counts.get(vendor, 0) + 1
        return counts


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "catalog.tsv")
        write_catalog(path, 120_000, 28)
        catalog = Catalog()
        catalog.load(path)
    rng = random.Random(30)
    counts = catalog.share(rng.randrange(120_000 * 13) for _ in range(300_000))
    top = max(counts, key=lambda vendor: (counts[vendor], vendor))
    print(len(catalog.vendor_of), catalog.cents, sorted(catalog.notes.items()))
    print(len(counts), sum(counts.values()), top, counts[top])


if __name__ == "__main__":
    main()
