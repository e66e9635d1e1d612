"""Print the monthly report of a fleet of weather stations."""

import tempfile
from pathlib import Path

from readings import load, write_sample
from report import monthly, stations


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        write_sample(path, 90_000)
        rows = load(path)
    for line in monthly(rows, stations(rows)[:4]):
        print(line)


if __name__ == "__main__":
    main()
