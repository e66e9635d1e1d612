import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from fx_guard.feed import ticks
from fx_guard.guard import Guard


def main():
    guard = Guard("2023-03-17")
    guard.consume(ticks(200_000, seed=4))
    print("day", guard.day)
    for pair in sorted(guard.bands):
        band = guard.bands[pair]
        print(pair, round(band.low, 6), round(band.high, 6), band.kept, band.dropped)


if __name__ == "__main__":
    main()
