"""Total freight by carrier from a large CSV export."""
import os
import random
import tempfile

import pandas as pd


def export(path, rows):
    rng = random.Random(12)
    carriers = ["Rail North", "Lorry AG", "Barge & Co", "Air Quick"]
    with open(path, "w") as out:
        out.write("carrier,origin,km,tons,price\n")
        for n in range(rows):
            out.write(f"{carriers[n * 7 % 4]},PL-{n % 5000:05d},{rng.randrange(20, 900)},{rng.randrange(1, 30)},{rng.randrange(50, 9000)}\n")


def totals(path):
    rows = 0
    sums = None
    for frame in pd.read_csv(path, chunksize=20_000):
        part = frame.groupby("carrier")[["km", "tons", "price"]].sum()
        sums = part if sums is None else sums.add(part, fill_value=0)
        rows += len(frame)
    return sums, rows


def main():
    fd, path = tempfile.mkstemp(suffix=".csv")
    os.close(fd)
    try:
        export(path, 350_000)
        by_carrier, rows = totals(path)
    finally:
        os.remove(path)
    print(rows)
    for carrier, row in by_carrier.sort_index().iterrows():
        print(carrier, *(int(v) for v in row))


if __name__ == "__main__":
    main()
