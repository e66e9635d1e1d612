"""Answers questions about weather stations: python station_desk_fixed"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from stations import StationBook, sample_csv


def main():
    book = StationBook()
    book.load(sample_csv(85_000))
    print("stations", len(book))
    for region in ("north", "south", "coast"):
        print(region, book.highest(region), book.mean_temperature(region))
    print("within", book.count_within(10.0, 50.0, 20.0, 60.0))


if __name__ == "__main__":
    main()
