from collections import Counter

from parcels import manifest
from pricing import price


def main():
    revenue = Counter()
    numbers = Counter()
    for parcel in manifest(260_000):
        kind = "express" if parcel.express else "standard"
        revenue[kind] += price(parcel)
        numbers[kind] += 1
    for kind in sorted(revenue):
        print(kind, numbers[kind], revenue[kind] / 100)


if __name__ == "__main__":
    main()
