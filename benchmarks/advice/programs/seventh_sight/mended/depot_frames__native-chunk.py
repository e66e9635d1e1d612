import os
import tempfile

import numpy as np
import pandas as pd


class MovementFile:
    columns = ["depot", "article", "pieces", "cents"]

    def __init__(self, directory):
        self.path = os.path.join(directory, "movements.csv")

    def write(self, rows, seed):
        rng = np.random.default_rng(seed)
        with open(self.path, "w") as fh:
            fh.write(",".join(self.columns) + "\n")
            for _ in range(0, rows, 20_000):
                block = np.column_stack([
                    rng.integers(0, 40, 20_000),
                    rng.integers(0, 5_000, 20_000),
                    rng.integers(1, 90, 20_000),
                    rng.integers(100, 99_999, 20_000),
                ])
                np.savetxt(fh, block, fmt="%d", delimiter=",")

    def load(self):
        return pd.read_csv(self.path, chunksize=50_000)


class StockReport:
    def __init__(self, source):
        self.source = source

    def per_depot(self):
        totals = None
        for frame in self.source.load():
            part = frame.groupby("depot")[["pieces", "cents"]].sum()
            totals = part if totals is None else totals.add(part, fill_value=0).astype("int64")
        return totals

    def lines(self, top):
        totals = self.per_depot()
        ranked = totals.sort_values(["cents", "pieces"], ascending=False).head(top)
        for depot, row in ranked.iterrows():
            yield f"{depot:3d} {row['pieces']:10d} {row['cents']:14d}"


def main():
    with tempfile.TemporaryDirectory() as directory:
        source = MovementFile(directory)
        source.write(640_000, seed=8)
        for line in StockReport(source).lines(5):
            print(line)


if __name__ == "__main__":
    main()
